"""Worm midlines in HDF5, as WormPose and Tierpsy Tracker export them.

Formats: Hebert et al. 2021, doi:10.1371/journal.pcbi.1008914; Tierpsy Tracker's docs/OUTPUTS.md.
"""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import xarray as xr

from neuromech._lib.errors import InputError, unknown
from neuromech.tracking.io import tables
from neuromech.tracking.io.base import Points, ReaderOptions, need_fps, reader, scale, spine_names

_WORM: dict[str, str | float] = {"animal": "worm", "tracker": "undulation"}
_TIERPSY = ("coordinates/skeletons", "skeleton")


@reader(
    (".h5", ".hdf5"), lambda path: tables.has(path, "skeletons"),
    ("fps", "spine", "max_gap_s", "frames", "y_down"),
)  # fmt: skip
def wormpose(path: Path, given: ReaderOptions) -> xr.Dataset:
    """Read `skeletons` (frame, point, x y) in pixels; the attribute `framerate` is the file's rate.

    Each frame is a crop of its own around the worm, so the dataset says posture only (attribute `frame` =
    "crop"); y is turned upwards, so that counter-clockwise is positive. Frames without a skeleton, or with a
    hole in it, are NaN.
    """
    with tables.hdf5(path) as file:
        found = tables.member(file, "skeletons", path)
        spine = _skeletons(found, slice(0, 0), path)
        rate = need_fps(given, path, _number(file.attrs.get("framerate")))
        frames = given.stretch(len(found), spine.shape[1] * 2, path)
        spine = _skeletons(found, frames, path)
    numbers = np.arange(frames.start, frames.start + len(spine))
    names = spine_names(spine.shape[1])
    found = Points(path, numbers / rate, spine, names, None, "crop", True, dict(_WORM), numbers)
    return found.dataset(given)


@reader(
    (".hdf5", ".h5"), lambda path: tables.has(path, "trajectories_data"),
    ("fps", "unit", "mm_per_px", "spine", "individual", "max_gap_s", "frames", "y_down"),
)  # fmt: skip
def tierpsy(path: Path, given: ReaderOptions) -> xr.Dataset:
    """Read one worm of a features or skeletons file; `individual` is its worm_index_joined.

    `coordinates/skeletons` is in the file's units (microns where it says so), `skeleton` in pixels; the
    attributes fps and microns_per_pixel of `trajectories_data` are used where they say more than 1.
    """
    with tables.hdf5(path) as file:
        table = tables.member(file, "trajectories_data", path)
        columns = table.dtype.names or ()
        index = next((name for name in ("worm_index_joined", "worm_index") if name in columns), None)
        if index is None or not {"frame_number", "skeleton_id"} <= set(columns):
            raise InputError(f"{path}: trajectories_data lacks worm_index_joined, frame_number, skeleton_id")
        name = next((name for name in _TIERPSY if name in file), None)
        if name is None:
            raise InputError(f"{path} has neither {' nor '.join(_TIERPSY)}")
        found = tables.member(file, name, path)
        worms, frames, rows = (np.asarray(table[column]) for column in (index, "frame_number", "skeleton_id"))
        mine = worms == int(_worm(worms, given, path))
        good = mine & (rows >= 0) & (rows < len(found))
        first, last = int(frames[mine].min()), int(frames[mine].max())
        wanted = given.stretch(last - first + 1, 2 * found.shape[1], path)
        spine = np.full((wanted.stop - wanted.start, int(found.shape[1]), 2), np.nan)
        kept = good & (frames - first >= wanted.start) & (frames - first < wanted.stop)
        # Read in one piece: rows of one worm follow each other.
        if kept.any():
            low, high = int(rows[kept].min()), int(rows[kept].max())
            block = _skeletons(found, slice(low, high + 1), path)
            spine[frames[kept] - first - wanted.start] = block[rows[kept] - low]
        rate = need_fps(given, path, _told(table, "fps"))
        micron = _told(table, "microns_per_pixel")
        in_pixels = name == "skeleton" or _text(table.attrs.get("xy_units")) == "pixels"
    mm = scale(given, path, "px" if in_pixels else "um", micron and micron * 1e-3)
    numbers = first + np.arange(wanted.start, wanted.stop)
    names = spine_names(spine.shape[1])
    return Points(path, numbers / rate, spine, names, mm, "", True, dict(_WORM), numbers).dataset(given)


def eigenworm_basis(path: Path) -> np.ndarray:
    """Read a basis of eigenworms from an HDF5 .mat file: `eigenWorms` (tangent angle, mode), orthonormal.

    Source: Stephens et al. 2008, doi:10.1371/journal.pcbi.1000028.

    Raises
    ------
    InputError: the file is missing or does not hold an orthonormal basis.
    """
    with tables.hdf5(path) as file:
        found = tables.member(file, "eigenWorms", path)
        basis = tables.floats(found, slice(None), path)
    if basis.ndim != 2 or not np.allclose(basis.T @ basis, np.eye(basis.shape[-1]), atol=1e-3):
        raise InputError(f"{path}: eigenWorms is not an orthonormal basis (angle, mode)")
    return basis


def _skeletons(found: h5py.Dataset, frames: slice, path: Path) -> np.ndarray:
    """Return midlines (frame, point, 2); one with a hole is missing, because it has no arc length."""
    if found.ndim != 3 or found.shape[1] < 4 or found.shape[2] != 2:
        raise InputError(f"{path}: skeletons should be (frame, point, 2), not {found.shape}")
    spine = tables.floats(found, frames, path)
    if np.isinf(spine).any():
        raise InputError(f"{path}: skeletons hold infinite coordinates")
    if len(spine) and not np.isfinite(spine).any():
        raise InputError(f"{path}: every skeleton is missing")
    spine[~np.isfinite(spine).all(axis=(1, 2))] = np.nan
    return spine


def _worm(worms: np.ndarray, given: ReaderOptions, path: Path) -> str:
    there_are = [str(int(worm)) for worm in np.unique(worms)]
    if given.individual is not None:
        if given.individual not in there_are:
            raise unknown(f"individual in {path}:", given.individual, there_are)
        return given.individual
    if len(there_are) != 1:
        few = ", ".join(there_are[:8])
        raise InputError(f"{path} holds {len(there_are)} worms; add individual=NUMBER, one of {few}")
    return there_are[0]


def _told(table: h5py.Dataset, name: str) -> float | None:
    """Return an attribute that the file really knows: 1 is the tracker's word for not known."""
    value = _number(table.attrs.get(name))
    return None if value == 1.0 else value


def _number(value: object) -> float | None:
    try:
        return None if value is None else float(np.asarray(value).item())
    except (TypeError, ValueError):
        return None


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
