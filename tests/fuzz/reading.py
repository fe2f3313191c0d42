"""One file into one reader: what comes out of it, and whether that is a recording."""

from __future__ import annotations

import functools
import tempfile
import traceback
import warnings
from pathlib import Path

import numpy as np
import xarray as xr

from neuromech._lib.errors import InputError
from neuromech.tracking.io import recorded
from tests.fuzz import mutations, seeds

LONGEST_LINE = 1000
"""An error of more characters is no line to read."""


@functools.cache
def valid(name: str) -> tuple[str, bytes]:
    """Return the name and the content of a valid file of the format `name`."""
    file, write, _ = seeds.SEEDS[name]
    with tempfile.TemporaryDirectory() as folder:
        return file, write(Path(folder) / file).read_bytes()


def prepare(name: str) -> None:
    """Make the valid file, so that the time of the first input is its own."""
    valid(name)


def attempt(name: str, number: int, folder: Path) -> tuple[str, str]:
    """Give the mutated file `number` to the reader `name`; returns what came out, and more about it.

    "read", "refused" (an InputError), "traceback" (anything else that was raised, or an error of several
    lines), "wrong" (a dataset that is no recording). The file stays in `folder` unless it was read or
    refused.
    """
    rng = np.random.default_rng((number, sum(name.encode())))
    file, content = mutations.mutated(*valid(name), rng)
    path = folder / file
    path.write_bytes(content)
    said = seeds.said(name, rng)
    told = None if rng.random() < 0.3 else name
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = recorded.read(path, said, told, tracker="")
        problem = flaw(found)
        outcome, about = ("wrong", problem) if problem else ("read", "")
    except InputError as error:
        line = str(error)
        fine = line.isprintable() and len(line) <= LONGEST_LINE
        outcome, about = ("refused", line) if fine else ("traceback", f"not one line: {line[:200]!r}")
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        outcome, about = (
            "traceback",
            f"{type(error).__name__}: {str(error)[:120]} ({where.name}:{where.lineno})",
        )
    if outcome in ("read", "refused"):
        path.unlink()
    return outcome, about


def flaw(found: xr.Dataset) -> str:
    """Return what is wrong with a dataset as a recording, "" if nothing is."""
    if "time" in found:
        times = found["time"].values
        if len(times) < 10 and found.attrs.get("format") is None:
            return f"{len(times)} samples"
        if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
            return "times that do not increase"
    if "landmarks" in found:
        if found["landmarks"].dims != ("time", "landmark", "xyz"):
            return f"landmarks along {found['landmarks'].dims}"
        if np.isinf(found["landmarks"].values).any() and found.attrs.get("format") is None:
            return "infinite positions"
        names = [str(each) for each in found["landmark"].values]
        if len(set(names)) < len(names):
            return "landmarks of one name"
    if not all(isinstance(note, str) and note for note in recorded.notes(found)):
        return "notes that are no words"
    return ""
