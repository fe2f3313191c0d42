"""Labelled arrays on disk: one episode, one netCDF file.

A recording holds, along an unlimited time axis, the landmarks of the body (mm), its joint positions, muscle
excitations (0 to 1), neural activity (mV or Hz), what each sense received and the stimulus. Times are
float64 seconds; everything else is float32.
"""

from __future__ import annotations

import io
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import h5netcdf
import h5py
import numpy as np
import xarray as xr

from neuromech import attributes, soundness
from neuromech.errors import InputError

FORMAT = "neuromech-recording-1"
KILLED = "killed before it could close the file"
# The index of a variable's chunks splits at 64 of them, and a kill in the middle of a split cannot be mended:
# long chunks put that off for ten minutes, which costs writing the last one over each second.
_CHUNK_SECONDS = 10
_CHUNK_BYTES = 1 << 19
# The time last: what a kill leaves of a spike without one is dropped. No fill value for the neuron, or xarray
# would make it a float, which cannot hold an identity of 18 digits.
_SPIKES = {"spike_neuron": ("i8", None), "spike_time": ("f8", np.nan)}
_SPIKE_CHUNK = 1 << 16  # 64 of them are four minutes of a whole brain
_SUPERBLOCK_END = slice(40, 48)  # where a version-0 superblock stores the end-of-file address


@dataclass(frozen=True)
class Layout:
    """The names along every axis of a recording; an empty axis is left out of the file.

    `senses` maps a sense to the names of its channels, `sense_units` a sense to its unit (dimensionless where
    absent). A stimulus channel carries its unit in its name, as in `peak_x_mm`. `spikes` says what a list of
    every spike names its neurons by; without it there is no such list.
    """

    landmarks: tuple[str, ...]
    qpos: tuple[str, ...] = ()
    muscles: tuple[str, ...] = ()
    neurons: tuple[str, ...] = ()
    senses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stimulus: tuple[str, ...] = ()
    activity_unit: str = "mV"
    sense_units: Mapping[str, str] = field(default_factory=dict)
    spikes: str = ""

    def variables(self) -> dict[str, tuple[tuple[str, ...], tuple[int, ...], str]]:
        """Return {variable: (dimensions after time, their sizes, unit)} of what will be written."""
        every = {
            "landmarks": (("landmark", "xyz"), (len(self.landmarks), 3), "mm"),
            "qpos": (("q",), (len(self.qpos),), "mm, rad or quaternion"),
            "muscle": (("muscle",), (len(self.muscles),), "1"),
            "activity": (("neuron",), (len(self.neurons),), self.activity_unit),
            "stimulus": (("stimulus_channel",), (len(self.stimulus),), "in the channel's name"),
        }
        for name, channels in self.senses.items():
            unit = self.sense_units.get(name, "1")
            every[f"sense_{name}"] = ((f"{name}_channel",), (len(channels),), unit)
        return {name: spec for name, spec in every.items() if all(spec[1])}

    def coordinates(self) -> dict[str, tuple[str, ...]]:
        """Return {dimension: names} of every axis but time."""
        every = {
            "landmark": self.landmarks,
            "xyz": ("x", "y", "z"),
            "q": self.qpos,
            "muscle": self.muscles,
            "neuron": self.neurons,
            "stimulus_channel": self.stimulus,
        }
        every |= {f"{name}_channel": tuple(channels) for name, channels in self.senses.items()}
        return {name: tuple(labels) for name, labels in every.items() if labels}


class Recorder:
    """Write one episode, a row at a time, so that whatever ends the run leaves a file that opens.

    Rows wait in memory and are flushed once per simulated second to `.<name>.part`, renamed to `<name>` on
    closing: a SIGKILL loses at most the last second. Use it as a context manager: an exception, Ctrl-C
    included, keeps the partial recording with `complete` = 0 and the reason in `ended`.

    Parameters
    ----------
    path: file to write, for example `episode_000.nc`; missing folders are made.
    layout: the names along every axis.
    record_s: time between rows, s.
    attrs: animal, seed, content_hash, units, body_length_mm, environment, tracker, groups ...; a mapping or a
        sequence is stored as JSON text, None is left out.

    Raises
    ------
    InputError: the file cannot be created.
    """

    ended: str
    """Why the episode ended; set it before closing, as in "time limit" or "peak reached"."""

    def __init__(self, path: Path, layout: Layout, record_s: float, attrs: Mapping[str, Any]) -> None:
        if not record_s > 0:
            raise InputError(f"record_s must be positive, not {record_s}")
        self.path = Path(path)
        self.part = self.path.with_name(f".{self.path.name}.part")
        self.ended = "time limit"
        variables = layout.variables()
        rows = max(1, round(1.0 / record_s))
        try:
            self.part.parent.mkdir(parents=True, exist_ok=True)
            self.part.write_bytes(_empty(layout, rows, {**attrs, "record_s": float(record_s)}))
            # h5netcdf lays the file out; appending through h5py alone is faster and has one level to flush.
            self._file: h5py.File | None = h5py.File(self.part, "r+")
            self._datasets: dict[str, Any] = {
                name: self._file[_stored(name)] for name in ("time", *variables, *_listed(layout))
            }
        except OSError as error:
            raise InputError(f"cannot write {self.path}: {error.strerror or error}") from None
        self._time = np.empty(rows, np.float64)
        self._buffers = {
            name: np.empty((rows, *size), np.float32) for name, (_, size, _) in variables.items()
        }
        self._senses = [(name, f"sense_{name}") for name in layout.senses if f"sense_{name}" in variables]
        self._direct = [name for name in variables if not name.startswith("sense_")]
        self._filled = 0
        self._written = 0
        self._spikes: list[tuple[np.ndarray, np.ndarray]] = []  # neurons, times

    def add_spikes(self, times_s: np.ndarray, neurons: np.ndarray) -> None:
        """Add spikes (spike,) to the list: their times, s, and whose they are, in the layout's terms."""
        if len(times_s):
            self._spikes.append((neurons, times_s))

    def append(
        self,
        t: float,
        landmarks: np.ndarray,
        qpos: np.ndarray,
        muscle: np.ndarray,
        activity: np.ndarray,
        senses: Mapping[str, np.ndarray],
        stimulus: np.ndarray,
    ) -> None:
        """Add the state at time `t` (s); arrays are copied, in the shapes and units of the layout.

        Raises
        ------
        ValueError: an array of the first row does not have the layout's shape.
        """
        row = self._filled
        given = {
            "landmarks": landmarks,
            "qpos": qpos,
            "muscle": muscle,
            "activity": activity,
            "stimulus": stimulus,
        }
        if self._written == 0 and row == 0:
            self._check(given, senses)
        self._time[row] = t
        buffers = self._buffers
        for name in self._direct:
            buffers[name][row] = given[name]
        for sense, name in self._senses:
            buffers[name][row] = senses[sense]
        self._filled = row + 1
        if self._filled == len(self._time):
            self.flush()

    def flush(self) -> None:
        """Write the waiting rows to disk."""
        if self._file is None or not (self._filled or self._spikes):
            return
        if self._spikes:
            for name, parts in zip(_SPIKES, zip(*self._spikes, strict=True), strict=True):
                dataset, values = self._datasets[name], np.concatenate(parts)
                dataset.resize(len(dataset) + len(values), axis=0)
                dataset[-len(values) :] = values
            self._spikes = []
        stop = self._written + self._filled
        for name, buffer in {**self._buffers, "time": self._time}.items():
            dataset = self._datasets[name]
            dataset.resize(stop, axis=0)
            dataset[self._written : stop] = buffer[: self._filled]
        self._file.flush()
        # Only now: a flush that Ctrl-C cuts short is repeated whole by `close`.
        self._written, self._filled = stop, 0

    def close(self, complete: bool = True) -> None:
        """Write what waits, say how the episode ended, and give the file its final name."""
        if self._file is None:
            return
        try:
            self.flush()
            self._file.attrs["complete"] = int(complete)
            self._file.attrs["ended"] = self.ended
        finally:
            self._file.close()
            self._file = None
        os.replace(self.part, self.path)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            interrupted = issubclass(kind, KeyboardInterrupt)
            self.ended = "interrupted" if interrupted else f"{kind.__name__}: {error}"
        self.close(complete=kind is None)

    def _check(self, given: Mapping[str, np.ndarray], senses: Mapping[str, np.ndarray]) -> None:
        """Compare the first row's shapes with the layout; numpy would broadcast a wrong one in silence."""
        every = {**given, **{f"sense_{name}": value for name, value in senses.items()}}
        for name, buffer in self._buffers.items():
            if name not in every:
                raise ValueError(f"the layout names {name}, which the first row lacks")
            if np.shape(every[name]) != buffer.shape[1:]:
                raise ValueError(
                    f"{name} has shape {np.shape(every[name])}, the layout says {buffer.shape[1:]}"
                )


def _empty(layout: Layout, rows: int, attrs: Mapping[str, Any]) -> bytes:
    """Return an empty recording: dimensions, labels, variables with units, attributes.

    Made in memory, so that a kill finds no half-made file on disk.
    """
    memory = io.BytesIO()
    variables = layout.variables()
    with h5py.File(memory, "w", track_order=True) as store:
        with h5netcdf.File(store, "w") as file:
            labels = layout.coordinates()
            file.dimensions = {"time": None, **{name: len(values) for name, values in labels.items()}}
            time = file.create_variable(
                "time", ("time",), "f8", chunks=(_CHUNK_SECONDS * rows,), fillvalue=np.nan
            )
            # Not "seconds": xarray would decode that as a time span.
            time.attrs["units"] = "s"
            for name, values in labels.items():
                # The variable `muscle` has the axis `muscle`, so the names along it need another name.
                label = "muscle_name" if name == "muscle" else name
                file.create_variable(label, (name,), h5py.string_dtype())[:] = np.array(values, object)
            for name, (dimensions, size, unit) in variables.items():
                deep = int(np.clip(_CHUNK_BYTES // (4 * math.prod(size)), 1, _CHUNK_SECONDS * rows))
                variable = file.create_variable(
                    name, ("time", *dimensions), "f4", chunks=(deep, *size), fillvalue=np.nan
                )
                variable.attrs["units"] = unit
            if layout.spikes:
                file.dimensions["spike"] = None
                for name, (kind, fill) in _SPIKES.items():
                    variable = file.create_variable(
                        name, ("spike",), kind, chunks=(_SPIKE_CHUNK,), fillvalue=fill
                    )
                    variable.attrs["units"] = "s" if name == "spike_time" else layout.spikes
            opening = {"format": FORMAT, "complete": 0, "ended": KILLED}
            for name, value in {**attrs, **opening}.items():
                if value is not None:
                    file.attrs[name] = _attribute(value)
        # A row written and taken away again makes every variable's index, so that the first flush has none to
        # make.
        for length in (1, 0):
            for name in ("time", *variables, *_listed(layout)):
                dataset: Any = store[_stored(name)]
                dataset.resize(length, axis=0)
                dataset[:] = 0.0
            store.flush()
    return memory.getvalue()


def _listed(layout: Layout) -> tuple[str, ...]:
    """Return the variables along the axis of spikes."""
    return tuple(_SPIKES) if layout.spikes else ()


def _stored(name: str) -> str:
    """Return the HDF5 name of a variable: netCDF-4 renames one that shares its name with one of its axes."""
    return f"_nc4_non_coord_{name}" if name == "muscle" else name


def _attribute(value: Any) -> str | int | float:
    """Return `value` as netCDF can hold it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_ | int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    return json.dumps(value, default=str)


def load(path: Path) -> xr.Dataset:
    """Read a recording into memory and check that it is one.

    Returns a dataset with `time` (s), `landmarks` (time, landmark, xyz) mm and whatever else was recorded. A
    recording that a kill cut short is repaired and loses the rows that were being written.

    Raises
    ------
    InputError: the file is missing, truncated, not a recording, or edited into one that cannot be: times that
        do not increase, attributes or axes that no recorder writes.
    """
    path = Path(path)
    if not path.is_file():
        found = "is a folder, not a recording" if path.is_dir() else ""
        raise InputError(f"{path} {found}" if found else f"no recording at {path}")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    dataset = _open(raw, path)
    if str(dataset.attrs.get("format")) != FORMAT or not {"time", "landmarks"} <= set(dataset.variables):
        raise InputError(f"{path} is not a neuromech recording")
    attributes.check(dataset, path)
    if not int(dataset.attrs["complete"]):
        dataset = _without_torn_rows(dataset)
    times = dataset["time"].values
    if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        raise InputError(f"{path} is damaged: its times do not increase")
    # xarray takes any variable named like an axis for a coordinate; this one is data.
    if "muscle" in dataset.variables:
        dataset = dataset.reset_coords("muscle").set_coords("muscle_name")
    return dataset


def _open(raw: bytes, path: Path) -> xr.Dataset:
    """Decode the bytes of a netCDF file, also those left by a kill in the middle of a flush.

    HDF5 moves the end-of-file mark in the superblock last, so such a file refers to data beyond its own end;
    the mark is then set to the size the file really has.
    """
    if not raw.startswith(b"\x89HDF\r\n\x1a\n"):
        raise InputError(f"{path} is not a neuromech recording (not an HDF5 file)")
    marked = bytearray(raw)
    marked[_SUPERBLOCK_END] = len(raw).to_bytes(8, "little")
    shorter = int.from_bytes(raw[_SUPERBLOCK_END], "little") <= len(raw)
    repairable = raw[8] == 0 and shorter
    for content in (raw, bytes(marked)) if repairable else (raw,):
        try:
            soundness.check(content)
            # Without names for its dimensions it is not ours, which the caller finds out.
            return xr.load_dataset(
                io.BytesIO(content), engine="h5netcdf", decode_times=False, phony_dims="access"
            )
        except Exception:  # of damaged bytes, h5py, h5netcdf and xarray raise whatever they meet
            continue
    raise InputError(f"{path} cannot be read as a recording: truncated, damaged or of another kind")


def _without_torn_rows(dataset: xr.Dataset) -> xr.Dataset:
    """Drop the rows at the end that a kill left without a time or without one of their variables."""
    whole = np.isfinite(dataset["time"].values)
    for name, variable in dataset.data_vars.items():
        if variable.dims[:1] == ("time",) and variable.size:
            present = np.isfinite(variable.values).reshape(len(whole), -1).any(axis=1)
            # A stimulus or sense that is empty throughout (no peak in this world) says nothing about tearing.
            may_lack = name == "stimulus" or str(name).startswith("sense_")
            whole &= present | (may_lack and not present.any())
    rows = int(np.flatnonzero(whole)[-1]) + 1 if whole.any() else 0
    dataset = dataset.isel(time=slice(0, rows))
    if "spike" in dataset.dims:
        dataset = dataset.isel(spike=np.isfinite(dataset["spike_time"].values))
    return dataset
