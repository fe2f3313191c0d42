"""What the eyes see, as round pictures: one for each eye, the nasal sides facing each other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import xarray as xr

from neuromech.senses.eye.eye import Eye
from neuromech.senses.eye.lattice import SIDES
from neuromech.visuals.canvas import Stamps, Text, disc, text_layer

_RIM = (235, 235, 235)


class Retinae:
    """Round pictures of `size` pixels, side by side, of `eyes` by their names.

    Along a radius of a picture the angle from the optical axis grows evenly; up is up, and the nose lies
    towards the other eye. Each pixel shows the luminance of the ray that looks nearest to its direction.
    """

    def __init__(self, recording: xr.Dataset, eyes: Mapping[str, Eye], times: np.ndarray, size: int) -> None:
        self.size = size
        names = sorted(eyes, key=lambda name: SIDES[eyes[name].side])
        time = np.asarray(recording["time"], float)
        self._sample = np.clip(np.searchsorted(time, times), 0, len(time) - 1)
        self._seen = [np.asarray(recording[f"sense_{name}"], float) for name in names]
        self._nearest = [_nearest(eyes[name], size) for name in names]
        self.width = len(names) * (size + 10)
        words = [
            Text(k * (size + 10) + size / 2, 8, name.replace("_", " "), 12, "#ffffff", "center")
            for k, name in enumerate(names)
        ]
        self._words = Stamps(text_layer(self.width, 18, words))

    def put(self, image: np.ndarray, x: int, y: int, frame: int) -> None:
        """Draw the eyes with their upper left corner at column x, row y, as they are at a frame."""
        for k, (seen, nearest) in enumerate(zip(self._seen, self._nearest, strict=True)):
            left = x + k * (self.size + 10)
            part = image[y : y + self.size, left : left + self.size]
            inside = nearest >= 0
            luminance = np.clip(seen[self._sample[frame]], 0.0, 1.0)
            part[inside] = (255 * luminance[nearest[inside]])[:, None].astype(np.uint8)
            middle = (self.size - 1) / 2
            disc(image, left + middle, y + middle, middle, _RIM, hollow=1.5)
        self._words.put(image[y + self.size : y + self.size + 18, x : x + self.width])


def _nearest(eye: Eye, size: int) -> np.ndarray:
    """Index of the ray that each pixel shows, (size, size); -1 outside."""
    axis = (np.arange(size) - (size - 1) / 2) / (size / 2)
    across, down = np.meshgrid(axis, axis)
    far = np.hypot(across, down)
    angle = far * np.radians(eye.field_deg / 2)
    # SIDES says where the nose lies in the eye's frame; on the picture it is right of a left eye.
    nasal = -eye.lattice.nose * across
    share = np.divide(np.sin(angle), far, out=np.zeros_like(far), where=far > 0)
    looked = np.stack([np.cos(angle), nasal * share, -down * share], axis=-1)
    index = (looked.reshape(-1, 3) @ eye.lattice.retinal.T).argmax(axis=1).reshape(size, size)
    return np.where(far <= 1.0, index, -1)
