"""Markers of motion capture in npz: `xyz_mm` (frame, marker, 3), `labels` (marker,), `fps`, z up.

A recording on a treadmill says in `belt_speed_mm_s` how fast its belt ran towards -x. That is added back, so
that places are those over the belt, on which a standing foot stands still.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr

from neuromech._lib.errors import InputError
from neuromech.tracking.io import tables
from neuromech.tracking.io.base import Points, ReaderOptions, need_fps, reader

NEEDED = ("xyz_mm", "labels")


def _claims(path: Path) -> bool:
    return set(NEEDED) <= set(tables.npz_names(path))


@reader((".npz",), _claims, ("fps", "spine", "limbs", "joints", "max_gap_s", "frames", "up"))
def markers(path: Path, given: ReaderOptions) -> xr.Dataset:
    """Read the markers of one animal; `spine`, `limbs` and `joints` say what they are."""
    arrays = tables.npz(path)
    for name in NEEDED:
        if name not in arrays:
            raise InputError(f"{path} has no array {name}")
    places, labels = arrays["xyz_mm"], arrays["labels"]
    belt = _number(arrays, "belt_speed_mm_s", path) or 0.0
    rate = need_fps(given, path, _number(arrays, "fps", path))
    if places.ndim != 3 or places.shape[2] != 3 or places.dtype.kind not in "iuf":
        raise InputError(f"{path}: xyz_mm should be (frame, marker, 3), not {places.shape}")
    if labels.dtype.kind != "U" or labels.shape != places.shape[1:2]:
        raise InputError(f"{path}: labels should be {places.shape[1]} words, one for each marker")
    frames = given.stretch(len(places), 3 * places.shape[1], path)
    numbers = frames.start + np.arange(len(places[frames]))
    times = numbers / rate
    over_belt = places[frames].astype(np.float64)
    over_belt[..., 0] += (belt * times)[:, None]
    upright = replace(given, up=given.up or "+z")
    return Points(path, times, over_belt, labels.tolist(), 1.0, numbers=numbers).dataset(upright)


def _number(arrays: Mapping[str, np.ndarray], name: str, path: Path) -> float | None:
    """Return an array of one number, None where the file has none of this name."""
    found = arrays.get(name)
    if found is None:
        return None
    if found.size != 1 or found.dtype.kind not in "iuf" or not np.isfinite(found).all():
        raise InputError(f"{path}: {name} should be one number")
    return float(found.ravel()[0])
