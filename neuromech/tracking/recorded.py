"""Recorded animals in the shape of a recording, so that the trackers run on them unchanged.

A loader is a function from a path to a dataset with `time` (s) and `landmarks` (time, landmark, xyz),
registered under the name of its format. Gaps stay NaN: nothing is interpolated here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from zipfile import BadZipFile

import h5py
import numpy as np
import xarray as xr
from jaxtyping import Float

from neuromech.errors import InputError, unknown

Loader = Callable[[Path], xr.Dataset]
LOADERS: dict[str, Loader] = {}
"""Loader by the name of the format it reads."""

WORMPOSE_HZ = 15.0
"""Frame rate of the WormPose sample clip, which the file does not state."""


def loader(name: str) -> Callable[[Loader], Loader]:
    """Register the function below it as the loader of the format `name`."""

    def register(function: Loader) -> Loader:
        LOADERS[name] = function
        return function

    return register


def load(name: str, path: Path) -> xr.Dataset:
    """Read a recorded animal of the format `name`.

    Raises
    ------
    InputError: no such format, or the file is missing, damaged or of another kind.
    """
    if name not in LOADERS:
        raise unknown("recording format", name, LOADERS)
    return LOADERS[name](path)


@loader("wormpose")
def wormpose(path: Path) -> xr.Dataset:
    """Read worm skeletons as WormPose exports them: HDF5, `skeletons` (frame, point, x y) in pixels.

    Each frame is a crop of its own around the worm, so the dataset says posture only (attribute `frame` =
    "crop"); y is turned upwards, so that counter-clockwise is positive. Frames without a skeleton are NaN.
    Format: Hebert et al. 2021, doi:10.1371/journal.pcbi.1008914.
    """
    skeletons = _hdf5_array(path, "skeletons")
    if skeletons.ndim != 3 or skeletons.shape[1] < 4 or skeletons.shape[2] != 2:
        raise InputError(f"{path}: skeletons should be (frame, point, 2), not {skeletons.shape}")
    if np.isinf(skeletons).any():
        raise InputError(f"{path}: skeletons hold infinite coordinates")
    if not np.isfinite(skeletons).any():
        raise InputError(f"{path}: every skeleton is missing")
    frames, count, _ = skeletons.shape
    # A skeleton with a hole has no arc length; the whole frame counts as missing.
    holed = ~np.isfinite(skeletons).all(axis=(1, 2))
    flat = np.where(holed, np.nan, 0.0)[:, None, None] * np.ones((1, count, 1))
    landmarks = np.concatenate([skeletons * [1.0, -1.0], flat], axis=-1)
    landmarks[holed] = np.nan
    return xr.Dataset(
        {"landmarks": (("time", "landmark", "xyz"), landmarks, {"units": "px"})},
        {
            "time": ("time", np.arange(frames) / WORMPOSE_HZ, {"units": "s"}),
            "landmark": [f"spine_{index:02d}" for index in range(count)],
            "xyz": ["x", "y", "z"],
        },
        {
            "animal": "worm",
            "tracker": "undulation",
            "units": "px s",
            "frame": "crop",
            "record_s": 1.0 / WORMPOSE_HZ,
            "source": str(path),
        },
    )


@loader("tail_bouts")
def tail_bouts(path: Path) -> xr.Dataset:
    """Read excerpts around the bouts of a larva: NumPy .npz with `fps` and, for every bout NN,
    `tail_angle_NN` (frame, segment) rad and `head_NN` (frame, 3) mm, mm, rad, as in `tail.Tail`.

    The excerpts follow each other, in the order of their numbers, a second apart: the dataset has
    `tail_angle` and `head` along `time`, no landmarks, and says excerpts only (attribute `frame` =
    "excerpts"). Frames with a missing angle stay NaN. The coordinate `excerpt` (time) is the number.
    """
    arrays = _npz_arrays(path)
    fps = arrays.get("fps")
    if fps is None or fps.size != 1 or not 0 < fps.item() < np.inf:
        raise InputError(f"{path}: fps must be one number above 0")
    step = 1.0 / fps.item()
    numbers = sorted(name.removeprefix("tail_angle_") for name in arrays if name.startswith("tail_angle_"))
    if not numbers:
        raise InputError(f"{path}: no tail_angle_NN in it")
    angles, heads, times, excerpts = [], [], [], []
    for number in numbers:
        angle, head = arrays[f"tail_angle_{number}"], arrays.get(f"head_{number}")
        if not number.isdigit() or head is None:
            raise InputError(f"{path}: tail_angle_{number} has no head_{number}")
        if angle.ndim != 2 or head.shape != (len(angle), 3) or not angle.size:
            raise InputError(
                f"{path}: tail_angle_{number} should be (frame, segment) and head_{number} (frame, 3), "
                f"not {angle.shape} and {head.shape}"
            )
        if angles and angle.shape[1] != angles[0].shape[1]:
            raise InputError(f"{path}: tail_angle_{number} has another number of segments than the others")
        start = times[-1][-1] + 1.0 if times else 0.0
        angles.append(angle)
        heads.append(head)
        times.append(start + step * np.arange(len(angle)))
        excerpts.append(np.full(len(angle), int(number)))
    angle, head = np.concatenate(angles), np.concatenate(heads)
    if np.isinf(angle).any() or np.isinf(head).any():
        raise InputError(f"{path}: infinite values")
    return xr.Dataset(
        {
            "tail_angle": (("time", "segment"), angle, {"units": "rad"}),
            "head": (("time", "head_channel"), head, {"units": "mm, mm, rad"}),
        },
        {
            "time": ("time", np.concatenate(times), {"units": "s"}),
            "excerpt": ("time", np.concatenate(excerpts)),
            "head_channel": ["x", "y", "heading"],
        },
        {
            "animal": "larval_fish",
            "tracker": "bouts",
            "units": "mm s",
            "frame": "excerpts",
            "record_s": step,
            "source": str(path),
        },
    )


def eigenworm_basis(path: Path) -> Float[np.ndarray, "segment mode"]:
    """Read a basis of eigenworms from an HDF5 .mat file: `eigenWorms` (tangent angle, mode), orthonormal.

    Source: Stephens et al. 2008, doi:10.1371/journal.pcbi.1000028.

    Raises
    ------
    InputError: the file is missing or does not hold an orthonormal basis.
    """
    basis = _hdf5_array(path, "eigenWorms")
    if basis.ndim != 2 or not np.allclose(basis.T @ basis, np.eye(basis.shape[-1]), atol=1e-3):
        raise InputError(f"{path}: eigenWorms is not an orthonormal basis (angle, mode)")
    return basis


def _npz_arrays(path: Path) -> dict[str, np.ndarray]:
    """Return the numeric arrays of a NumPy .npz file as float64."""
    path = Path(path)
    if not path.is_file():
        raise InputError(f"no recording at {path}")
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: np.asarray(file[name], np.float64) for name in file.files}
    except (OSError, ValueError, EOFError, TypeError, AttributeError, BadZipFile) as error:
        raise InputError(f"{path} cannot be read: {str(error).splitlines()[0]}") from None


def _hdf5_array(path: Path, name: str) -> np.ndarray:
    """Return one numeric array of an HDF5 file as float64."""
    path = Path(path)
    if not path.is_file():
        raise InputError(f"no recording at {path}")
    try:
        with h5py.File(path, "r") as file:
            found = file.get(name)
            if not isinstance(found, h5py.Dataset):
                raise InputError(f"{path} has no array '{name}'; it holds {', '.join(file) or 'nothing'}")
            return np.asarray(found, dtype=np.float64)
    except (OSError, TypeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
