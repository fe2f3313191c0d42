"""Keypoints from DeepLabCut: its CSV, and its .h5, which is a table that pandas wrote.

Mathis et al. 2018, doi:10.1038/s41593-018-0209-y. Positions are pixels, y downwards.
"""

from __future__ import annotations

import pickletools
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

import h5py
import numpy as np
import xarray as xr

from neuromech.errors import InputError, unknown
from neuromech.tracking.readers import tables
from neuromech.tracking.readers.base import Given, Points, need_fps, reader, scale

Column = tuple[str, str, str]
"""Individual ("" in a file of one animal), keypoint, and x, y, z or likelihood."""
_HEADS = ("scorer", "bodyparts", "coords")
_TAKES = (
    "fps",
    "unit",
    "mm_per_px",
    "spine",
    "individual",
    "likelihood",
    "max_gap_s",
    "frames",
    "up",
    "y_down",
)


def _is_csv(path: Path) -> bool:
    head = [row[0] for row in tables.csv_head(path, 4) if row]
    return head[:1] == ["scorer"] and "bodyparts" in head


@reader("deeplabcut", (".csv",), _is_csv, _TAKES)
def from_csv(path: Path, given: Given) -> xr.Dataset:
    """Read a CSV whose three (with individuals, four) header rows name the columns."""
    table = tables.Csv.of(path, 4)
    head = table.head
    rows = {row[0]: row[1:] for row in head if row and row[0] in (*_HEADS, "individuals")}
    missing = [name for name in _HEADS[1:] if name not in rows]
    if missing:
        raise InputError(f"{path}: the header lacks the row {missing[0]}")
    individuals = rows.get("individuals", [""] * len(rows["bodyparts"]))
    columns = list(zip(individuals, rows["bodyparts"], rows["coords"], strict=False))
    chosen = _chosen(columns, given, path)
    where = [columns.index(column) + 1 for column in chosen]
    values = table.columns(where, len(rows), given)
    return _dataset(path, given, chosen, values)


@reader("deeplabcut_h5", (".h5", ".hdf5"), lambda path: _group(path) is not None, _TAKES)
def from_h5(path: Path, given: Given) -> xr.Dataset:
    """Read the .h5 beside that CSV, in either of the two layouts that pandas writes.

    The names of its columns are stored as a pickle. It is not unpickled: only its strings are taken out, and
    whatever is no plain list of names is refused.
    """
    name = _group(path)
    if name is None:
        raise InputError(f"{path} has no table of keypoints")
    with tables.hdf5(path) as file:
        columns = _columns(file, name, path)
        chosen = _chosen(columns, given, path)
        where = [columns.index(column) for column in chosen]
        if f"{name}/table" in file:
            table = tables.member(file, f"{name}/table", path)
            if "values_block_0" not in (table.dtype.names or ()):
                raise InputError(f"{path} has no values_block_0 in {name}/table")
            frames = given.stretch(len(table), len(columns), path)
            values = np.asarray(table[frames]["values_block_0"], np.float64)
        else:
            block = tables.member(file, f"{name}/block0_values", path)
            frames = given.stretch(len(block), len(columns), path)
            values = tables.floats(block, frames, path)
    if values.ndim != 2 or values.shape[1] != len(columns):
        raise InputError(f"{path}: {len(columns)} names for an array of {values.shape}")
    return _dataset(path, given, chosen, values[:, where], frames.start)


def _dataset(
    path: Path, given: Given, columns: Sequence[Column], values: np.ndarray, first: int | None = None
) -> xr.Dataset:
    axes = [axis for axis in "xyz" if any(column[2] == axis for column in columns)]
    parts = list(dict.fromkeys(column[1] for column in columns))
    index = {column[1:]: k for k, column in enumerate(columns)}
    missing = [f"{part} {axis}" for part, axis in product(parts, axes) if (part, axis) not in index]
    if missing or len(axes) < 2:
        raise InputError(f"{path} has no column {missing[0] if missing else 'y'}")
    xyz = np.stack([values[:, [index[part, axis] for part in parts]] for axis in axes], axis=-1)
    for k, part in enumerate(parts):
        if given.likelihood and (part, "likelihood") in index:
            unsure = ~(values[:, index[part, "likelihood"]] >= given.likelihood)
            xyz[unsure, k] = np.nan
    if first is None:
        first = given.frames[0] if given.frames else 0
    numbers = first + np.arange(len(xyz))
    times = numbers / need_fps(given, path)
    found = Points(path, times, xyz, parts, scale(given, path, "px"), y_down=True, numbers=numbers)
    return found.dataset(given)


def _chosen(columns: Sequence[Column], given: Given, path: Path) -> list[Column]:
    """Return the columns of the animal that is meant."""
    animals = list(dict.fromkeys(column[0] for column in columns if column[0] not in ("", "single")))
    animal = given.individual
    if animal is None and len(animals) > 1:
        few = ", ".join(animals[:8])
        raise InputError(f"{path} holds {len(animals)} animals; add individual=NAME, one of {few}")
    if animal is not None and animal not in animals:
        raise unknown(f"individual in {path}:", animal, animals)
    wanted = animal or (animals[0] if animals else "")
    found = [column for column in columns if column[0] in (wanted, "single")]
    if not found:
        raise InputError(f"{path} has no columns of keypoints")
    if len(set(found)) < len(found):
        raise InputError(f"{path} names a column twice")
    return found


def _group(path: Path) -> str | None:
    """Return the name of the group that pandas made for a frame of keypoints."""
    try:
        with h5py.File(path, "r") as file:
            for name, group in file.items():
                kind = group.attrs.get("pandas_type", b"")
                if isinstance(group, h5py.Group) and bytes(kind) in (b"frame_table", b"frame"):
                    return str(name)
    except (OSError, TypeError):
        pass
    return None


def _columns(file: h5py.File, name: str, path: Path) -> list[Column]:
    if f"{name}/table" in file:
        stored = file[name].attrs.get("non_index_axes")
        labels = [] if stored is None else list(_tuples(bytes(stored), path))
    else:
        depth = next(k for k in range(9) if f"{name}/axis0_level{k}" not in file)
        levels = [tables.words(tables.member(file, f"{name}/axis0_level{k}", path)) for k in range(depth)]
        places = [np.asarray(tables.member(file, f"{name}/axis0_label{k}", path)) for k in range(depth)]
        labels = [
            tuple(level[p] for level, p in zip(levels, row, strict=True)) for row in zip(*places, strict=True)
        ]
    whole = [label for label in labels if len(label) in (3, 4)]
    columns = [("" if len(label) == 3 else label[1], label[-2], label[-1]) for label in whole]
    if not columns or len(columns) != len(labels):
        raise InputError(f"{path}: its columns are not scorer, bodyparts and coords; use the CSV beside it")
    return columns


_TEXT = {"UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"}
_PUT, _GET = {"PUT", "BINPUT", "LONG_BINPUT"}, {"GET", "BINGET", "LONG_BINGET"}
_PASSED = {
    "PROTO",
    "FRAME",
    "STOP",
    "LIST",
    "EMPTY_LIST",
    "APPEND",
    "APPENDS",
    "INT",
    "BININT",
    "BININT1",
    "TUPLE2",
}


def _tuples(stored: bytes, path: Path) -> Iterator[tuple[str, ...]]:
    """Yield the tuples of strings in a pickled list of column names, without executing anything.

    Only the instructions that such a list needs are understood.
    """
    bad = InputError(f"{path}: the names of its columns cannot be read; use the CSV beside it")
    memo: dict[int, str | None] = {}
    line: list[str] = []
    last: str | None = None
    try:
        for code, argument, _ in pickletools.genops(stored):
            if code.name in _TEXT:
                last = str(argument)
                line.append(last)
            elif code.name in _PUT:
                memo[int(str(argument))] = last
            elif code.name == "MEMOIZE":
                memo[len(memo)] = last
            elif code.name in _GET:
                word = memo[int(str(argument))]
                if word is None:
                    raise bad
                line.append(word)
            elif code.name in ("TUPLE", "TUPLE3"):
                if len(line) >= 3:
                    yield tuple(line)
                line, last = [], None
            elif code.name == "MARK":
                line, last = [], None
            elif code.name in _PASSED:
                last = None
            else:
                raise bad
    except (ValueError, KeyError, IndexError, EOFError, UnicodeDecodeError):
        raise bad from None
