"""Recorded animals and their metrics from Python: `neuromech.read` and `neuromech.track`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from neuromech._lib.errors import InputError, unknown
from neuromech.specs import datasets
from neuromech.tracking import TRACKERS, units
from neuromech.tracking import track as metrics_of
from neuromech.tracking.io import recorded
from neuromech.tracking.io.base import ReaderOptions


def read(file: Path | str, format: str | None = None, tracker: str = "", **options: Any) -> xr.Dataset:
    """Read a recording of an animal, or one that a simulation left.

    Parameters
    ----------
    file : the file, or a name of `neuromech data list`.
    format : name of its reader, such as "deeplabcut" (`neuromech list readers`); found out if left out.
    tracker : what shall look at it ("undulation", "bouts", "gait" or one that was registered), where the file
        does not say.
    options : what the file does not say: `fps` (frames per second), `unit`, `mm_per_px`, `spine` (keypoints
        of the midline, nose to tail), `limbs` ({leg: keypoint of its foot}), `keypoints`, `individual`,
        `likelihood`, `max_gap_s` (s), `frames` ([first, last]), `up`, `y_down`, `body_length_mm`.

    Returns
    -------
    dataset with `time` (s) and, but for a few formats, `landmarks` (time, landmark, xyz) in mm; gaps are NaN.

    Raises
    ------
    InputError
        The file is missing, damaged or of another kind, or needs an option; says which.

    Examples
    --------
    >>> import neuromech as nm
    >>> nm.read("nowhere.csv")
    Traceback (most recent call last):
        ...
    neuromech._lib.errors.InputError: no file nowhere.csv
    """
    if tracker:
        check_tracker(tracker)
    return recorded.read(datasets.locate(str(file)), reader_options(options), format, tracker)


def track(recording: xr.Dataset | Path | str, tracker: str = "") -> pd.DataFrame:
    """Compute the metrics of a recording, simulated or of an animal, with the same code for both.

    Parameters
    ----------
    recording : what `read` or `Result.data` gives, or the file of a simulated episode.
    tracker : "undulation", "bouts", "gait" or one that was registered; if left out, the one
        that the recording names.

    Returns
    -------
    table with a row per metric and the columns value and unit; a metric that the recording does not determine
    is None, the name of a gait is a word.

    Raises
    ------
    InputError
        There is no such tracker, or the recording lacks what it needs.
    """
    dataset = read(recording) if isinstance(recording, Path | str) else recording
    if tracker:
        check_tracker(tracker)
        dataset = dataset.assign_attrs(tracker=tracker)
    found, unit = metrics_of(dataset), units(str(dataset.attrs["tracker"]))
    rows = {name: {"value": value, "unit": unit.get(name, "1")} for name, value in found.items()}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "unit"], dtype=object)
    return table.rename_axis("metric")


def check_tracker(name: str) -> None:
    """Refuse the name of a tracker that nobody has registered.

    Raises
    ------
    InputError
        There is no such tracker; names the nearest.
    """
    if name not in TRACKERS:
        raise unknown("tracker", name, TRACKERS)


def reader_options(options: Mapping[str, Any]) -> ReaderOptions:
    """Return keyword options of a reader, checked.

    Raises
    ------
    InputError
        There is no such option, or its value is of another kind than it takes.
    """
    known = {field.name for field in fields(ReaderOptions)}
    values: dict[str, Any] = {}
    for name, value in options.items():
        if name not in known:
            raise unknown("option", name, known)
        if value is None and name in ("spine", "keypoints"):
            continue
        if name in ("spine", "keypoints", "frames") and value is not None:
            if isinstance(value, str | Mapping) or not hasattr(value, "__iter__"):
                raise InputError(f"{name} must be a list, not {value!r}")
            value = tuple(each.item() if isinstance(each, np.generic) else each for each in value)
        elif name in ("limbs", "joints"):
            if not isinstance(value, Mapping):
                part = "leg" if name == "limbs" else "joint"
                raise InputError(f"{name} must be a dict from {part} to keypoint, not {value!r}")
            value = {str(ours): str(keypoint) for ours, keypoint in value.items()}
        values[name] = value
    return ReaderOptions(**values)
