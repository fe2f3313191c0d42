"""The map in the corner: where on the stimulus field the animal has been, and where the peak is."""

from __future__ import annotations

import numpy as np

from neuromech.visuals.canvas import Stamps, Text, disc, rectangle, text_layer
from neuromech.visuals.ground import Ground
from neuromech.visuals.scale import nice

_PATH = (255, 255, 255)
_PEAK = (255, 70, 70)


class MiniMap:
    """A square picture of `size` pixels of the plate from above, with the path drawn as it grows.

    `path` (time, 2) mm at the times of the frames; `peak` (time, 2) mm or None. A field that moves is
    painted again for each frame, one that stands still once.
    """

    def __init__(
        self, size: int, ground: Ground, path: np.ndarray, peak: np.ndarray | None, times: np.ndarray
    ) -> None:
        self.size, self.ground, self.path, self.peak, self.times = size, ground, path, peak, times
        seen = path if peak is None else np.vstack([path, peak])
        low, high = np.nanmin(seen, axis=0), np.nanmax(seen, axis=0)
        self.side = 1.25 * float(max((high - low).max(), 1e-3))
        self.side = max(self.side, 1.0 if peak is not None else 0.5 * float(np.abs(high - low).sum()))
        self.centre = 0.5 * (low + high)
        axis = (np.arange(size) + 0.5) / size - 0.5
        self._x, self._y = np.meshgrid(self.centre[0] + axis * self.side, self.centre[1] - axis * self.side)
        first, last = self._field(float(times[0])), self._field(float(times[-1]))
        self._still = bool(np.array_equal(first, last))
        self._base = first
        self._drawn = 0
        self._trail = np.zeros((size, size), np.float32)
        self._label = self._scale_bar()

    def put(self, image: np.ndarray, x: int, y: int, frame: int) -> None:
        """Draw the map with its corner at column x, row y of a picture, as it is at a frame."""
        self._extend(frame)
        base = self._base if self._still else self._field(float(self.times[frame]))
        cover = self._trail[..., None]
        picture = (base * (1 - cover) + np.array(_PATH) * cover).astype(np.uint8)
        disc(picture, *self._pixel(self.path[0]), 3.5, _PATH, hollow=1.5)
        if self.peak is not None:
            px, py = self._pixel(self.peak[frame])
            disc(picture, px, py, 6.0, _PEAK, hollow=1.8)
            disc(picture, px, py, 1.8, _PEAK)
        here = self._pixel(self.path[frame])
        disc(picture, *here, 4.5, (20, 20, 20))
        disc(picture, *here, 3.3, (255, 170, 60))
        self._label.put(picture)
        rectangle(picture, 0, 0, self.size, self.size, (235, 235, 235))
        image[y : y + self.size, x : x + self.size] = picture

    def _field(self, t: float) -> np.ndarray:
        return self.ground.colours(self._x, self._y, t)

    def _pixel(self, point: np.ndarray) -> tuple[float, float]:
        off = (np.nan_to_num(point) - self.centre) / self.side
        return (0.5 + float(off[0])) * self.size, (0.5 - float(off[1])) * self.size

    def _extend(self, frame: int) -> None:
        """Add the path up to `frame` to what is drawn already."""
        if frame < self._drawn:
            self._trail[:], self._drawn = 0, 0
        for k in range(self._drawn, frame):
            start, stop = np.array(self._pixel(self.path[k])), np.array(self._pixel(self.path[k + 1]))
            for part in np.linspace(0, 1, 2 + int(np.abs(stop - start).max())):
                self._dot(*(start + part * (stop - start)))
        self._drawn = max(frame, 0)

    def _dot(self, x: float, y: float) -> None:
        i, j = int(x), int(y)
        if 1 <= i < self.size - 2 and 1 <= j < self.size - 2:
            gap = np.hypot(np.arange(i - 1, i + 3)[None, :] - x, np.arange(j - 1, j + 3)[:, None] - y)
            part = self._trail[j - 1 : j + 3, i - 1 : i + 3]
            np.maximum(part, np.clip(1.4 - gap, 0, 1) * 0.95, out=part)

    def _scale_bar(self) -> Stamps:
        length = nice(0.3 * self.side)
        pixels = int(round(length / self.side * self.size))
        layer = text_layer(
            self.size, self.size,
            [Text(10, self.size - 20, f"{length:g} mm", 11, "#ffffff")],
        )  # fmt: skip
        layer[self.size - 11 : self.size - 8, 10 : 10 + pixels] = 255
        return Stamps(layer)
