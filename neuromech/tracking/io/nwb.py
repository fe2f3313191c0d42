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

from neuromech._lib.errors import InputError, unknown
from neuromech.tracking.io import tables
from neuromech.tracking.io.base import MILLIMETRES, Given, Points, need_fps, reader, scale

_UNITS = {"meters": "m", "metres": "m", "meter": "m", "metre": "m", "millimeters": "mm", "millimetres": "mm",
          "pixels": "px", "pixel": "px", "centimeters": "cm", "micrometers": "um"}  # fmt: skip


def _pynwb() -> Any:
    try:
        return import_module("pynwb")
    except ImportError:
        raise InputError("NWB files need the extra: pip install 'neuromech[nwb]'") from None


@reader(
    "nwb", (".nwb",), lambda path: tables.has(path, "session_start_time"),
    ("fps", "unit", "mm_per_px", "spine", "limbs", "individual", "likelihood", "max_gap_s", "frames", "up",
     "y_down"),
)  # fmt: skip
def nwb(path: Path, given: Given) -> xr.Dataset:
    """Read every keypoint of one container; `individual` names it where there are several."""
    pynwb = _pynwb()
    try:
        with pynwb.NWBHDF5IO(str(path), "r", load_namespaces=True) as io:
            return _read(io.read(), path, given)
    except InputError:
        raise
    except Exception as error:  # hdmf raises its own, of every kind
        raise InputError(f"{path} cannot be read: {' '.join(str(error).split())[:200]}") from None


def _read(file: Any, path: Path, given: Given) -> xr.Dataset:
    containers = {
        each.name: each
        for module in file.processing.values()
        for each in module.data_interfaces.values()
        if type(each).__name__ in ("PoseEstimation", "Position")
    }
    if not containers:
        raise InputError(f"{path} holds no pose: no PoseEstimation and no Position container")
    name = given.individual
    if name is None and len(containers) > 1:
        raise InputError(f"{path} holds several poses; add individual=NAME, one of {', '.join(containers)}")
    if name is not None and name not in containers:
        raise unknown(f"individual in {path}:", name, containers)
    chosen = containers[name] if name else next(iter(containers.values()))
    series = getattr(chosen, "pose_estimation_series", None) or chosen.spatial_series
    rows = dict(series.items())
    first = next(iter(rows.values()))
    frames = given.stretch(len(first.data), 3 * len(rows), path)
    if first.timestamps is not None:
        times = np.asarray(first.timestamps[frames], np.float64)
    else:
        times = (first.starting_time or 0.0) + np.arange(frames.start, frames.stop) / need_fps(
            given, path, first.rate
        )
    parts = []
    for key, each in rows.items():
        if each.data.shape != first.data.shape or each.unit != first.unit:
            raise InputError(f"{path}: keypoint {key} has another length or unit than the others")
        values = np.asarray(each.data[frames], np.float64) * float(each.conversion or 1.0)
        sure = getattr(each, "confidence", None)
        if given.likelihood and sure is not None:
            values[~(np.asarray(sure[frames], float) >= given.likelihood)] = np.nan
        parts.append(values)
    unit = _UNITS.get(str(first.unit).lower(), str(first.unit))
    mm = scale(given, path, unit if unit in (*MILLIMETRES, "px") else None)
    xyz = np.stack(parts, axis=1)
    if given.up is None and "z up" in str(first.reference_frame):
        given = replace(given, up="+z")
    numbers = np.arange(frames.start, frames.stop)
    names = [_plain(key) for key in rows]
    return Points(path, times, xyz, names, mm, y_down=unit == "px", numbers=numbers).dataset(given)


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
