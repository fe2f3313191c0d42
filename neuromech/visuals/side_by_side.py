"""Two animals side by side on one time base: pictures, strip charts of the bodies, neurons of one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from matplotlib.colors import to_rgb

from neuromech._lib.errors import InputError
from neuromech._lib.types import Image
from neuromech.visuals.canvas import Stamps, Text, disc, put_text, text_layer
from neuromech.visuals.raster import BACKGROUND, lay_out, make_raster
from neuromech.visuals.scale import nice

GAP = (38, 42, 50)
"""Colour of a strip where nothing was seen."""
HUES = ("#e8a33d", "#5fb3e6", "#7ccf8a")
PICTURE, STRIP, LINES = 0.47, 0.12, 0.13
"""Shares of a frame's height; the rest belongs to the neurons."""


@dataclass(frozen=True)
class Neurons:
    """Activity (time, neuron) at `times` (s), and the places of the neurons of each named group."""

    times: np.ndarray
    activity: np.ndarray
    names: Sequence[str]
    groups: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Side:
    """One animal of the film.

    times (sample,) s from the start of the film; strip (sample, place along the body), NaN in gaps; lines
    (sample,) of every quantity in `Beside.lines`; picture: from frame number to (height, width, 3) uint8 of
    the size `Beside.picture_size`; caption: lines of text where there are no neurons.
    """

    title: str
    times: np.ndarray
    strip: np.ndarray
    lines: Sequence[np.ndarray]
    picture: Callable[[int], Image]
    caption: Sequence[str] = ()
    neurons: Neurons | None = None


@dataclass(frozen=True)
class Plan:
    """What both sides share: the size of a frame, the times of the frames (s), and what strip and lines show.

    `lines` are (name, unit); `window_s` is the time that a strip's width shows; `scale` is mm (or, with
    `unit` L, body lengths) per pixel of the pictures; `speed` is simulated seconds per second of film.
    """

    size: tuple[int, int]
    times: np.ndarray
    strip_name: str
    lines: Sequence[tuple[str, str]]
    window_s: float
    scale: float
    unit: str
    speed: float = 1.0

    @property
    def picture_size(self) -> tuple[int, int]:
        """Width and height of each side's picture, even numbers of pixels."""
        width, height = self.size
        if width < 320 or height < 180:
            raise InputError(
                f"a film of two animals must be at least 320 x 180 pixels, not {width} x {height}"
            )
        return width // 2 - 2, int(PICTURE * height) // 2 * 2


@dataclass(frozen=True)
class _Scroll:
    """A coloured strip chart as long as the film, of which the part up to the present frame is shown."""

    image: np.ndarray
    per_s: float
    x: int
    y: int
    width: int

    def put(self, frame: Image, t: float) -> None:
        stop = min(int(t * self.per_s) + 1, self.image.shape[1])
        first = max(0, stop - self.width)
        seen = self.image[:, first:stop]
        area = frame[self.y : self.y + self.image.shape[0], self.x : self.x + self.width]
        area[:, : seen.shape[1]] = seen
        area[:, seen.shape[1] :] = BACKGROUND


class Beside:
    """Draws the frames: `len`, and `frame(k)` -> (height, width, 3) uint8; k is asked for in order."""

    def __init__(self, plan: Plan, left: Side, right: Side) -> None:
        self.plan, self.sides = plan, (left, right)
        width, height = plan.size
        half, picture = plan.picture_size
        self._font = max(8, round(13 * width / 1280))
        self._words = width >= 960  # a preview has no room for them
        margin = int(0.19 * half) if self._words else 4
        chart = half - margin - 8
        per_s = chart / plan.window_s
        duration = float(plan.times[-1])
        top = picture + int(0.03 * height)
        strip, lines = int(STRIP * height), int(LINES * height)
        rest = height - top - strip - lines - int(0.06 * height)
        limit = max(
            float(np.nanpercentile(np.abs(np.concatenate([s.strip.ravel() for s in self.sides])), 99)), 1e-9
        )
        ranges = [_range([side.lines[k] for side in self.sides]) for k in range(len(plan.lines))]
        self._scrolls: list[_Scroll] = []
        texts: list[Text] = []
        for index, side in enumerate(self.sides):
            x = index * (width - half) + margin
            image = _strip(side, duration, per_s, strip, limit)
            self._scrolls.append(_Scroll(image, per_s, x, top, chart))
            below = top + strip + int(0.02 * height)
            image = _lines(side, duration, per_s, lines, ranges)
            self._scrolls.append(_Scroll(image, per_s, x, below, chart))
            texts += self._labels(x, top, strip, below, lines, ranges)
            low = below + lines + int(0.025 * height)
            if side.neurons is not None:
                texts += self._raster(side.neurons, (x, low, chart, rest), duration)
            else:
                texts += [
                    Text(x - margin + 14, low + 16 + 1.5 * self._font * k, line, self._font, "#aab2bd")
                    for k, line in enumerate(side.caption)
                ]
        self._still = np.full((height, width, 3), BACKGROUND, np.uint8)
        Stamps(text_layer(width, height, texts if self._words else [])).put(self._still)
        self._head = Stamps(self._titles())

    def __len__(self) -> int:
        return len(self.plan.times)

    def frame(self, k: int) -> Image:
        """Return the finished frame."""
        width, _ = self.plan.size
        half, picture = self.plan.picture_size
        image, t = self._still.copy(), float(self.plan.times[k])
        for index, side in enumerate(self.sides):
            x = index * (width - half)
            image[:picture, x : x + half] = side.picture(k)
        self._head.put(image)
        for scroll in self._scrolls:
            scroll.put(image, t)
        digits = 1 + max(0, round(-np.log10(self.plan.speed)))
        left = half - int((5.2 + digits) * self._font)
        put_text(image, left, 6, f"{t:{digits + 4}.{digits}f} s", self._font + 1, (235, 238, 242))
        return image

    def _raster(self, neurons: Neurons, box: tuple[int, int, int, int], duration: float) -> list[Text]:
        placed = lay_out(neurons.groups, neurons.names)
        raster, texts, _ = make_raster(neurons.times, neurons.activity, placed, box, self.plan.window_s)
        columns = int(np.ceil(duration * raster.per_s)) + 1
        image = raster.lut[raster.strip[:, :columns]]
        self._scrolls.append(_Scroll(image, raster.per_s, raster.x, raster.y, raster.width))
        return texts

    def _labels(
        self, x: int, top: int, strip: int, below: int, lines: int, ranges: Sequence[tuple[float, float]]
    ) -> list[Text]:
        size, grey = self._font, "#aab2bd"
        texts = [
            Text(x - 8, top + 0.25 * strip, self.plan.strip_name, size - 1, grey, "right"),
            Text(x - 8, top + 0.55 * strip, "front on top", size - 2, "#7b8290", "right"),
        ]
        each = lines / max(len(self.plan.lines), 1)
        for k, ((name, unit), (low, high)) in enumerate(zip(self.plan.lines, ranges, strict=True)):
            middle = below + (k + 0.5) * each
            texts.append(Text(x - 8, middle - 0.55 * size, name, size - 1, HUES[k % len(HUES)], "right"))
            span = " to ".join(f"{edge:.0f}" if abs(edge) >= 100 else f"{edge:.2g}" for edge in (low, high))
            span = f"{span} {unit}".rstrip()
            texts.append(Text(x - 8, middle + 0.7 * size, span, size - 3, "#7b8290", "right"))
        return texts

    def _titles(self) -> np.ndarray:
        width, height = self.plan.size
        half, picture = self.plan.picture_size
        size = self._font
        length = nice(0.22 * half * self.plan.scale)
        pixels = int(round(length / self.plan.scale))
        unit = "body lengths" if self.plan.unit == "L" else self.plan.unit
        texts, bars = [], []
        for index, side in enumerate(self.sides):
            x = index * (width - half)
            texts.append(Text(x + 12, 10 + size / 2, side.title, size + 2, "#ffffff", weight="bold"))
            texts.append(Text(x + 14, picture - 14 - size, f"{length:g} {unit}", size, "#ffffff"))
            bars.append(x + 14)
        if self.plan.speed != 1.0:
            texts.append(
                Text(width - 12, 10 + size / 2, f"\u00d7 {self.plan.speed:g}", size + 1, "#ffffff", "right")
            )
        layer = text_layer(width, height, texts)
        for x in bars:
            layer[picture - 13 : picture - 7, x - 1 : x + pixels + 1] = (0, 0, 0, 140)
            layer[picture - 12 : picture - 8, x : x + pixels] = 255
        return layer


def polyline(image: Image, points: np.ndarray, radius: float, colour: tuple[float, float, float]) -> None:
    """Draw a line through points (n, 2), columns and rows, as thick as two radii (pixels)."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    place = np.concatenate([[0.0], np.cumsum(steps)])
    if not np.isfinite(place[-1]) or place[-1] <= 0:
        return
    along = np.linspace(0, place[-1], max(int(place[-1] / max(0.6 * radius, 0.5)), 2))
    x, y = (np.interp(along, place, points[:, axis]) for axis in (0, 1))
    for column, row in zip(x, y, strict=True):
        disc(image, float(column), float(row), radius, colour)


def _columns(side: Side, duration: float, per_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest sample of every column, and whether it is near enough to be drawn."""
    t = np.arange(int(np.ceil(duration * per_s)) + 1) / per_s
    after = np.clip(np.searchsorted(side.times, t), 1, len(side.times) - 1)
    index = np.where(t - side.times[after - 1] <= side.times[after] - t, after - 1, after)
    step = float(np.median(np.diff(side.times)))
    return index, np.abs(side.times[index] - t) <= max(1.5 * step, 1.0 / per_s)


def _strip(side: Side, duration: float, per_s: float, height: int, limit: float) -> np.ndarray:
    index, near = _columns(side, duration, per_s)
    values = side.strip[index]
    good = near & np.isfinite(values).all(axis=1)
    rows = np.arange(height) * values.shape[1] // height
    shade = matplotlib.colormaps["RdBu_r"](np.nan_to_num(values[:, rows]) / (2 * limit) + 0.5)[..., :3]
    image = (255 * shade).astype(np.uint8).transpose(1, 0, 2)
    image[:, ~good] = GAP
    return image


def _lines(
    side: Side, duration: float, per_s: float, height: int, ranges: Sequence[tuple[float, float]]
) -> np.ndarray:
    index, near = _columns(side, duration, per_s)
    image = np.full((height, len(index), 3), BACKGROUND, np.uint8)
    each = height // max(len(ranges), 1)
    rows = np.arange(each)[:, None]
    for k, (low, high) in enumerate(ranges):
        # Lines are straight between samples and stop at gaps.
        t = np.arange(len(index)) / per_s
        values = np.where(near, np.interp(t, side.times, side.lines[k]), np.nan)
        row = 3 + (each - 7) * (1 - (values - low) / max(high - low, 1e-12))
        before = np.concatenate([row[:1], row[:-1]])
        before = np.where(np.isfinite(before), before, row)
        top, bottom = np.minimum(row, before) - 0.8, np.maximum(row, before) + 0.8
        with np.errstate(invalid="ignore"):
            cover = np.clip(np.minimum(rows + 0.5, bottom) - np.maximum(rows - 0.5, top), 0, 1)
        cover = np.nan_to_num(cover)[..., None]
        part = image[k * each : (k + 1) * each]
        hue = 255 * np.array(to_rgb(HUES[k % len(HUES)]))
        part[:] = (part * (1 - cover) + hue * cover).astype(np.uint8)
        part[:, ~np.isfinite(values)] = GAP
    return image


def _range(values: Sequence[np.ndarray]) -> tuple[float, float]:
    seen = np.concatenate([v[np.isfinite(v)] for v in values])
    if not len(seen):
        return 0.0, 1.0
    low, high = (float(cut) for cut in np.percentile(seen, [0.5, 99.5]))
    return low, max(high, low + 1e-9)
