"""Pose in Neurodata Without Borders files (the extra `nwb`): read and write.

Rübel et al. 2022, doi:10.7554/eLife.78362. Read are PoseEstimation containers of the ndx-pose extension,
whose definition such a file carries itself, and plain Position containers; written are Position containers.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neuromech._lib import hdf5_soundness
from neuromech._lib.errors import InputError, unknown
from neuromech.tracking.io import clocks as clock
from neuromech.tracking.io import tables
from neuromech.tracking.io.base import (
    KEYPOINTS,
    MILLIMETRES,
    MOST_VALUES,
    Points,
    ReaderOptions,
    need_fps,
    reader,
    scale,
)

_UNITS = {"meters": "m", "metres": "m", "meter": "m", "metre": "m", "millimeters": "mm", "millimetres": "mm",
          "pixels": "px", "pixel": "px", "centimeters": "cm", "micrometers": "um"}  # fmt: skip


def _pynwb() -> Any:
    try:
        return import_module("pynwb")
    except ImportError:
        raise InputError("NWB files need the extra: pip install 'neuromech[nwb]'") from None


@reader((".nwb",), lambda path: tables.has(path, "session_start_time"), KEYPOINTS)
def nwb(path: Path, given: ReaderOptions) -> xr.Dataset:
    """Read every keypoint of one container; `individual` names it where there are several."""
    pynwb = _pynwb()
    with tables.hdf5(path) as file:
        hdf5_soundness.check_stored(file)
    try:
        with pynwb.NWBHDF5IO(str(path), "r", load_namespaces=True) as io:
            return _read(io.read(), path, given)
    except InputError:
        raise
    except Exception as error:  # hdmf raises its own, of every kind
        raise InputError(f"{path} cannot be read: {' '.join(str(error).split())[:200]}") from None


def _read(file: Any, path: Path, given: ReaderOptions) -> xr.Dataset:
    chosen = _container(file, path, given)
    series = getattr(chosen, "pose_estimation_series", None) or chosen.spatial_series
    rows = {_plain(key): each for key, each in dict(series.items()).items()}
    if not rows or len(rows) < len(series):
        raise InputError(f"{path}: {chosen.name} holds no keypoints, or two of one name")
    clocks = {name: _times(each, name, given, path) for name, each in rows.items()}
    one = all(np.array_equal(times, next(iter(clocks.values()))) for times in clocks.values())
    frames = given.stretch(max(map(len, clocks.values())), 4 * len(rows), path)
    units = {_unit(each) for each in rows.values()}
    # Lengths of several units meet in mm; pixels meet nothing.
    if len(units) > 1 and not units <= set(MILLIMETRES):
        raise InputError(f"{path}: its keypoints are in {' and in '.join(sorted(units))}")
    unit = next(iter(units)) if len(units) == 1 else "mm"
    read = []
    for name, each in rows.items():
        part = frames if one else slice(0, len(clocks[name]))
        values = _positions(each, name, part, path)
        if len(units) > 1:
            values *= MILLIMETRES[_unit(each)]
        sure = np.full(len(values), np.nan)
        if getattr(each, "confidence", None) is not None:
            sure = np.asarray(each.confidence[part], np.float64)
        if sure.shape != (len(values),) or len(values) != len(clocks[name][part]):
            raise InputError(f"{path}: keypoint {name} has not as many times, positions and confidences")
        read.append(clock.Series(name, clocks[name][part], np.column_stack([values, sure])))
    if len({each.values.shape[1] for each in read}) > 1:
        raise InputError(f"{path}: some of its keypoints have two coordinates, and some three")
    times, values, notes = clock.together(read, path)
    numbers = np.arange(frames.start, frames.start + len(times))
    if not one:
        kept = given.stretch(len(times), 4 * len(rows), path)
        times, values, numbers = times[kept], values[kept], np.arange(kept.start, kept.stop)
    mm = scale(given, path, unit if unit in (*MILLIMETRES, "px") else None)
    if given.up is None and all("z up" in str(each.reference_frame) for each in rows.values()):
        given = replace(given, up="+z" if values.shape[-1] == 4 else None)
    found = Points(
        path, times, values[..., :-1], list(rows), mm, y_down=unit == "px", numbers=numbers,
        sure=values[..., -1], notes=notes,
    )  # fmt: skip
    return found.dataset(given)


def _container(file: Any, path: Path, given: ReaderOptions) -> Any:
    """Return the container of positions that is meant."""
    found = [
        (module.name, each)
        for module in file.processing.values()
        for each in module.data_interfaces.values()
        if type(each).__name__ in ("PoseEstimation", "Position")
    ]
    names = [each.name for _, each in found]
    # Two modules may each hold a container of one name.
    containers = {
        each.name if names.count(each.name) == 1 else f"{module}/{each.name}": each for module, each in found
    }
    if not containers:
        raise InputError(f"{path} holds no pose: no PoseEstimation and no Position container")
    name = given.individual
    if name is None and len(containers) > 1:
        raise InputError(f"{path} holds several poses; add individual=NAME, one of {', '.join(containers)}")
    if name is not None and name not in containers:
        raise unknown(f"individual in {path}:", name, containers)
    return containers[name] if name else next(iter(containers.values()))


def _times(each: Any, name: str, given: ReaderOptions, path: Path) -> np.ndarray:
    """Return the times of one keypoint, s: its own, or at its own rate."""
    if each.timestamps is not None:
        if given.fps is not None:
            raise InputError(f"{path} says when every frame was taken, so fps= means nothing")
        if len(each.timestamps) > MOST_VALUES:
            raise InputError(f"{path}: keypoint {name} has {len(each.timestamps)} times")
        return np.asarray(each.timestamps[:], np.float64)
    rate = need_fps(given, path, each.rate)
    if len(each.data) > MOST_VALUES:
        raise InputError(f"{path}: keypoint {name} has {len(each.data)} frames")
    return float(each.starting_time or 0.0) + np.arange(len(each.data)) / rate


def _unit(each: Any) -> str:
    return _UNITS.get(str(each.unit).lower(), str(each.unit))


def _positions(each: Any, name: str, part: slice, path: Path) -> np.ndarray:
    """Return the positions of one keypoint (time, 2 or 3) in its unit: data * conversion + offset."""
    if len(each.data.shape) != 2 or each.data.shape[1] not in (2, 3):
        raise InputError(f"{path}: keypoint {name} should be (time, 2 or 3), not {each.data.shape}")
    factor = 1.0 if each.conversion is None else float(each.conversion)
    return np.asarray(each.data[part], np.float64) * factor + float(each.offset or 0.0)


def _plain(name: str) -> str:
    return name.removeprefix("PoseEstimationSeries").strip("_") or name


def write(recording: xr.Dataset, path: Path) -> Path:
    """Write the landmarks of a recording (mm, z up) as a Position container and return the path.

    Raises
    ------
    InputError: the extra is not installed, or the file cannot be written.
    """
    pynwb = _pynwb()
    file = pynwb.NWBFile(
        session_description=str(recording.attrs.get("experiment", "a recording of neuromech")),
        identifier=str(recording.attrs.get("content_hash", path.stem)),
        session_start_time=datetime(1970, 1, 1, tzinfo=UTC),  # a simulated animal lives outside the calendar
    )
    module = file.create_processing_module("behavior", "landmarks of the body")
    position = pynwb.behavior.Position(name="Position")
    times = recording["time"].values.astype(float)
    landmarks = recording["landmarks"].values.astype(np.float64)
    for index, name in enumerate(recording["landmark"].values):
        position.create_spatial_series(
            name=str(name),
            data=landmarks[:, index],
            timestamps=times,
            unit="millimeters",
            reference_frame="world, z up",
        )
    module.add(position)
    try:
        with pynwb.NWBHDF5IO(str(path), "w") as io:
            io.write(file)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error}") from None
    return path
