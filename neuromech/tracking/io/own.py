"""Recordings of this project: a simulated animal read as if it were a recorded one."""

from __future__ import annotations

from pathlib import Path

import xarray as xr

from neuromech import recording
from neuromech.tracking.io import tables
from neuromech.tracking.io.base import ReaderOptions, reader


@reader((".nc",), lambda path: tables.has(path, "landmarks", "time"))
def own(path: Path, given: ReaderOptions) -> xr.Dataset:
    """Read a recording as `neuromech run` leaves it; it says everything itself."""
    return recording.load(path)
