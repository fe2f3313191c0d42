"""Read a recording back, also one that a kill cut short, and check everything in it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import xarray as xr

from neuromech._lib import hdf5_soundness
from neuromech._lib.errors import InputError
from neuromech.recording import attributes, variables
from neuromech.recording.layout import FORMAT

_SUPERBLOCK_END = slice(40, 48)  # where a version-0 superblock stores the end-of-file address


def load(path: Path) -> xr.Dataset:
    """Read a recording into memory and check that it is one.

    Returns a dataset with `time` (s), `landmarks` (time, landmark, xyz) mm and whatever else was recorded. A
    recording that a kill cut short is repaired and loses the rows that were being written.

    Raises
    ------
    InputError
        The file is missing, truncated, not a recording, or edited into one that cannot be: times that
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
    if not _is_recording(dataset):
        raise InputError(f"{path} is not a neuromech recording")
    dataset.attrs = attributes.checked(
        dataset.attrs, path, [str(each) for each in dataset["landmark"].values]
    )
    if not dataset.attrs["complete"]:
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
            hdf5_soundness.check(content)
            # Without names for its dimensions it is not ours, which the check finds out.
            with xr.open_dataset(
                io.BytesIO(content), engine="h5netcdf", decode_times=False, phony_dims="access"
            ) as opened:
                if _is_recording(opened):
                    variables.check(opened, path)  # before anything is read that may be enormous
                return opened.load()
        except variables.Damaged:
            raise
        except Exception:  # of damaged bytes, h5py, h5netcdf and xarray raise whatever they meet
            continue
    raise InputError(f"{path} cannot be read as a recording: truncated, damaged or of another kind")


def _is_recording(dataset: xr.Dataset) -> bool:
    return str(dataset.attrs.get("format")) == FORMAT and {"time", "landmarks"} <= set(dataset.variables)


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
