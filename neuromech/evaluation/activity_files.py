"""Recorded activity of named neurons: NWB, or a table (npz, CSV) with a documented layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float

from neuromech._lib.errors import InputError
from neuromech.tracking.io.tables import BROKEN_ARCHIVE, first_line

TIME, SPEED, TURNING = "time_s", "speed_mm_s", "turning_deg_s"
"""Names of the columns that are no neurons: time, speed along the axis, left turns; the last two may lack."""
NAMES = ("neuron", "neuron_name", "label", "ID_labels", "name")
"""Columns of an NWB table of cells that may hold their names, the first of them that is there."""


@dataclass(frozen=True)
class Traces:
    """Activity of named neurons over time, with what the animal did.

    times_s: (time,). values: (time, neuron), NaN in gaps. behaviour: speed_mm_s and turning_deg_s (time,), as
    far as they are known.
    """

    neurons: tuple[str, ...]
    times_s: Float[np.ndarray, " time"]
    values: Float[np.ndarray, "time neuron"]
    behaviour: Mapping[str, Float[np.ndarray, " time"]] = field(default_factory=dict)


def read(path: Path) -> Traces:
    """Read a file of traces: .npz, .csv or .nwb.

    An npz file holds `time_s` (time,), `traces` (time, neuron), `neurons` (neuron,) and, if they are known,
    `speed_mm_s` and `turning_deg_s` (time,). A CSV file has a column for each of these and for each neuron.
    An NWB file holds a series of responses whose table of cells has a column of names.

    Raises
    ------
    InputError
        The file cannot be read, or is no such file.
    """
    readers = {".npz": _npz, ".csv": _csv, ".nwb": _nwb}
    if path.suffix not in readers:
        raise InputError(f"{path}: activity is read from {', '.join(readers)}, not {path.suffix}")
    try:
        found = readers[path.suffix](path)
    except InputError:
        raise
    except BROKEN_ARCHIVE as error:
        raise InputError(f"{path}: no traces of neurons: {first_line(error)}") from None
    return _checked(path, found)


def _checked(path: Path, found: Traces) -> Traces:
    count = len(found.times_s)
    if found.values.shape != (count, len(found.neurons)):
        shape = found.values.shape
        raise InputError(f"{path}: traces must be {count} times x {len(found.neurons)} neurons, not {shape}")
    if len(set(found.neurons)) < len(found.neurons):
        raise InputError(f"{path}: a neuron is named twice")
    if count < 3 or not np.isfinite(found.times_s).all() or (np.diff(found.times_s) <= 0).any():
        raise InputError(f"{path}: {TIME} must rise, with three times at least")
    for name, values in found.behaviour.items():
        if values.shape != (count,):
            raise InputError(f"{path}: {name} must have a value for each of {count} times")
    return found


def _npz(path: Path) -> Traces:
    with np.load(path, allow_pickle=False) as file:
        if missing := [name for name in (TIME, "traces", "neurons") if name not in file.files]:
            raise InputError(f"{path}: no traces of neurons, it lacks {', '.join(missing)}")
        behaviour = {name: np.asarray(file[name], float) for name in (SPEED, TURNING) if name in file.files}
        names = tuple(map(str, file["neurons"]))
        return Traces(names, np.asarray(file[TIME], float), np.asarray(file["traces"], float), behaviour)


def _csv(path: Path) -> Traces:
    table = pd.read_csv(path)
    table.columns = [str(name).strip() for name in table.columns]
    if TIME not in table:
        raise InputError(f"{path}: no traces of neurons, it lacks a column {TIME}")
    cells = [name for name in table.columns if name not in (TIME, SPEED, TURNING)]
    behaviour = {name: table[name].to_numpy(float) for name in (SPEED, TURNING) if name in table}
    return Traces(tuple(cells), table[TIME].to_numpy(float), table[cells].to_numpy(float), behaviour)


def _nwb(path: Path) -> Traces:
    try:
        from pynwb import NWBHDF5IO
    except ImportError:
        raise InputError(f"{path}: NWB files need the extra nwb: pip install 'neuromech[nwb]'") from None
    opened: Any = NWBHDF5IO
    with opened(str(path), "r", load_namespaces=True) as source:
        every = list(source.read().objects.values())
        for series in every:
            if type(series).__name__ == "RoiResponseSeries" and (names := _cells(series)):
                return Traces(names, _times(series), np.asarray(series.data[:], float), _behaviour(every))
    raise InputError(
        f"{path}: no series of responses whose cells are named, in a column {' or '.join(NAMES)}"
    )


def _cells(series: Any) -> tuple[str, ...]:
    """Return the names of the cells of a series; nothing if its table has none."""
    table = series.rois.to_dataframe()
    column = next((name for name in NAMES if name in table), None)
    return () if column is None else tuple(map(str, table[column]))


def _times(series: Any) -> np.ndarray:
    if series.timestamps is not None:
        return np.asarray(series.timestamps[:], float)
    return float(series.starting_time or 0.0) + np.arange(len(series.data)) / float(series.rate)


def _behaviour(every: list[Any]) -> dict[str, np.ndarray]:
    """Return the series of an NWB file that have the names of what an animal does."""
    return {
        each.name: np.asarray(each.data[:], float)
        for each in every
        if getattr(each, "name", "") in (SPEED, TURNING) and hasattr(each, "data")
    }
