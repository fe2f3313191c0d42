"""Three-dimensional keypoints in HDF5 as stac-mjx takes them: `tracks` (frame, track, keypoint, 3).

Such a file says neither its frame rate nor its unit, its keypoints' names or which way is up.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr

from neuromech._lib.errors import InputError
from neuromech.tracking.io import tables
from neuromech.tracking.io.base import KEYPOINTS, Points, ReaderOptions, need_fps, reader, scale


def _claims(path: Path) -> bool:
    return tables.has(path, "tracks") and not tables.has(path, "node_names")


@reader((".h5", ".hdf5"), _claims, (*KEYPOINTS, "keypoints"))
def stac(path: Path, given: ReaderOptions) -> xr.Dataset:
    """Read one animal's keypoints; `fps`, `unit`, `keypoints` and `up` come from the user."""
    with tables.hdf5(path) as file:
        found = tables.member(file, "tracks", path)
        if found.ndim != 4 or found.shape[3] != 3 or found.dtype.kind not in "iuf":
            raise InputError(f"{path}: tracks should be (frame, track, keypoint, 3), not {found.shape}")
        count, tracks, nodes, _ = found.shape
        if not given.keypoints:
            raise InputError(f"{path} does not name its {nodes} keypoints; add 'keypoints=[NAME,NAME,...]'")
        if len(given.keypoints) != nodes or len(set(given.keypoints)) != nodes:
            raise InputError(f"{path} has {nodes} keypoints; keypoints= names {len(set(given.keypoints))}")
        if tracks > 1 and given.individual is None:
            raise InputError(f"{path} holds {tracks} animals; add individual=NUMBER, 0 to {tracks - 1}")
        mine = given.individual or "0"
        if not mine.isdigit() or int(mine) >= tracks:
            raise InputError(f"{path} has no individual {mine}; there are 0 to {tracks - 1}")
        rate, mm = need_fps(given, path), scale(given, path)
        frames = given.stretch(count, 3 * nodes, path)
        xyz = np.asarray(found[frames, int(mine)], np.float64)
    numbers = frames.start + np.arange(len(xyz))
    return Points(path, numbers / rate, xyz, given.keypoints, mm, numbers=numbers).dataset(given)
