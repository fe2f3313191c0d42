"""Walking clips of flies as the flygym packages ship them: joint angles, and keypoints about the fly.

Wang-Chen et al. 2024, doi:10.1038/s41592-024-02497-y.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import xarray as xr

from neuromech._lib.errors import InputError
from neuromech.tracking.io import tables
from neuromech.tracking.io.base import Points, ReaderOptions, check_times, need_fps, reader, spine_names


@reader(
    (".npz",), lambda path: {"joint_angles", "data_fps"} <= set(tables.npz_names(path)),
    ("fps", "spine", "limbs", "max_gap_s", "frames", "up"),
)  # fmt: skip
def clip(path: Path, given: ReaderOptions) -> xr.Dataset:
    """Read a clip with `fwdkin_egoxyz` (frame, keypoint, 3) mm and `joint_angles` (frame, leg, dof) rad.

    Positions are in the fly's frame (x forward, y left, z up; attribute `frame` = "egocentric"), so that no
    walking speed can be had. Landmarks are named leg_child, and leg_tip for the last of a leg, which is its
    foot, from `keypoints` (leg, parent, child); joints leg_parent_child_axis. There are no keypoints on the
    midline: spine_00 to spine_03 are added, midway between left and right coxae of the fore legs, of fore and
    middle legs, of the middle legs, and of the hind legs.
    """
    arrays = tables.npz(path)
    for name in ("fwdkin_egoxyz", "keypoints", "legs", "dofs_per_leg", "joint_angles", "data_fps"):
        if name not in arrays:
            raise InputError(f"{path} has no array {name}")
    xyz, angles = arrays["fwdkin_egoxyz"], arrays["joint_angles"]
    points, legs, dofs = arrays["keypoints"], arrays["legs"], arrays["dofs_per_leg"]
    for name, axes in (("keypoints", 2), ("legs", 1), ("dofs_per_leg", 2)):
        if arrays[name].ndim != axes or arrays[name].dtype.kind != "U":
            raise InputError(f"{path}: {name} should be words along {axes} axes")
    if points.shape[1:] != (3,):
        raise InputError(f"{path}: keypoints should be leg, parent and child, not {points.shape}")
    if xyz.ndim != 3 or xyz.shape[1:] != (len(points), 3) or xyz.dtype.kind not in "iuf":
        raise InputError(f"{path}: fwdkin_egoxyz {xyz.shape} does not fit {len(points)} keypoints")
    if angles.shape != (len(xyz), len(legs), len(dofs)) or angles.dtype.kind not in "iuf":
        raise InputError(f"{path}: joint_angles {angles.shape} do not fit legs and dofs_per_leg")
    frames = given.stretch(len(xyz), xyz[0].size, path)
    rate = need_fps(given, path, _one(arrays["data_fps"], "data_fps", path))
    times = (frames.start + np.arange(frames.stop - frames.start)) / rate
    # What hangs on the last joint of a leg is called None there: its tip.
    names = [f"{leg}_{'tip' if child == 'None' else child}" for leg, _, child in points.astype(str)]
    if len(set(names)) < len(names):
        names = ["_".join(row) for row in points.astype(str)]
    found = Points(path, times, xyz[frames], names, 1.0, "egocentric", attrs={"animal": "fly"}).dataset(given)
    found = _with_midline(found, [str(leg) for leg in legs])
    joints = [f"{leg}_{'_'.join(dof)}" for leg in legs.astype(str) for dof in dofs.astype(str)]
    return _with_joints(found, angles[frames].reshape(len(times), -1).astype(np.float64), joints)


@reader((".npz",), lambda path: "timestep_s" in tables.npz_names(path), ("fps", "frames"))
def joints(path: Path, given: ReaderOptions) -> xr.Dataset:
    """Read a tethered fly that has joint angles only: `timestep_s` and `joint_NAME` (frame,) rad."""
    arrays = tables.npz(path)
    step = _one(arrays.get("timestep_s", np.zeros(0)), "timestep_s", path)
    names = [name for name in arrays if name.startswith("joint_")]
    if not names or not 0 < step < np.inf:
        raise InputError(f"{path}: a clip needs joint_NAME arrays and a timestep_s above 0")
    columns = [arrays[name] for name in names]
    if any(c.ndim != 1 or len(c) != len(columns[0]) or c.dtype.kind not in "iuf" for c in columns):
        raise InputError(f"{path}: the joint_NAME arrays are not equally long rows of numbers")
    frames = given.stretch(len(columns[0]), len(columns), path)
    angles = np.stack([column[frames].astype(np.float64) for column in columns], axis=1)
    rate = need_fps(given, path, 1.0 / step)
    times = (frames.start + np.arange(len(angles))) / rate
    check_times(times, path)
    found = xr.Dataset(
        coords={"time": ("time", times, {"units": "s"})},
        attrs={"animal": "fly", "units": "mm s", "frame": "egocentric", "record_s": 1.0 / rate,
               "source": str(path), "notes": "[]"},
    )  # fmt: skip
    return _with_joints(found, angles, [name.removeprefix("joint_") for name in names])


def _with_midline(found: xr.Dataset, legs: list[str]) -> xr.Dataset:
    """Add a midline, and which landmarks are feet, where the user has not said it."""
    names = [str(name) for name in found["landmark"].values]
    coxae = [[f"{side}{row}_coxa" for side in "lr"] for row in "fmh"]
    if not found.attrs.get("limbs") and all(f"{leg}_tip" in names for leg in legs):
        found.attrs["limbs"] = json.dumps({leg: f"{leg}_tip" for leg in legs})
    if "spine_00" in names or not all(name in names for pair in coxae for name in pair):
        return found
    fore, middle, hind = (
        found["landmarks"].sel(landmark=pair).mean("landmark", skipna=False) for pair in coxae
    )
    points = xr.concat([fore, 0.5 * (fore + middle), middle, hind], "landmark")
    added = points.assign_coords(landmark=spine_names(4)).transpose("time", "landmark", "xyz")
    return xr.concat([added.to_dataset(name="landmarks"), found], "landmark").assign_attrs(found.attrs)


def _with_joints(found: xr.Dataset, angles: np.ndarray, names: list[str]) -> xr.Dataset:
    if np.isinf(angles).any() or not np.isfinite(angles).any():
        raise InputError(f"{found.attrs['source']}: joint angles that are infinite or all missing")
    return found.assign(joint_angle=(("time", "joint"), angles, {"units": "rad"})).assign_coords(joint=names)


def _one(value: np.ndarray, name: str, path: Path) -> float:
    if value.size != 1 or value.dtype.kind not in "iuf":
        raise InputError(f"{path}: {name} must be one number")
    return float(value.item())
