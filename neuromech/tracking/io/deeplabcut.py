"""Keypoints from DeepLabCut: its CSV, and its .h5, which is a table that pandas wrote.

Mathis et al. 2018, doi:10.1038/s41593-018-0209-y. Positions are pixels, y downwards.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path

import h5py
import numpy as np
import xarray as xr

from neuromech._lib import hdf5_soundness
from neuromech._lib.errors import InputError, unknown
from neuromech.tracking.io import frames, tables
from neuromech.tracking.io.base import KEYPOINTS, Points, ReaderOptions, need_fps, reader, scale

Column = tuple[str, str, str]
"""Individual ("" in a file of one animal), keypoint, and x, y, z or likelihood."""
Stored = tuple[np.ndarray, Callable[[slice], np.ndarray], list[tuple[str, ...]]]
"""Numbers of the frames, what reads some rows of values, and the labels of their columns."""
_HEADS = ("scorer", "bodyparts", "coords")
_IMAGES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp")


def _is_csv(path: Path) -> bool:
    head = [row[0] for row in tables.csv_head(path, 4) if row]
    return head[:1] == ["scorer"] and "bodyparts" in head


@reader((".csv",), _is_csv, KEYPOINTS)
def from_csv(path: Path, given: ReaderOptions) -> xr.Dataset:
    """Read a CSV whose three (with individuals, four) header rows name the columns, the first the frames."""
    table = tables.Csv.of(path, 5)
    rows = {row[0]: row[1:] for row in table.head[:4] if row and row[0] in (*_HEADS, "individuals")}
    missing = [name for name in _HEADS[1:] if name not in rows]
    if missing:
        raise InputError(f"{path}: the header lacks the row {missing[0]}")
    _refuse_images(table.head[len(rows) :], path)
    if len({len(row) for row in rows.values()}) > 1:
        raise InputError(f"{path}: the rows of its header are not equally long")
    individuals = rows.get("individuals", [""] * len(rows["bodyparts"]))
    columns = list(zip(individuals, rows["bodyparts"], rows["coords"], strict=True))
    chosen = _chosen(columns, rows.get("scorer", []), given, path)
    where = [columns.index(column) + 1 for column in chosen]
    numbers, values = table.columns(where, len(rows), given, numbered=0)
    return _dataset(path, given, chosen, values, frames.checked(numbers, path), table.notes)


@reader((".h5", ".hdf5"), lambda path: _group(path) is not None, KEYPOINTS)
def from_h5(path: Path, given: ReaderOptions) -> xr.Dataset:
    """Read the .h5 beside that CSV, in either of the two layouts that pandas writes.

    The names of its columns are stored as a pickle. It is not unpickled: only its strings are taken out, and
    whatever is no plain list of names is refused.
    """
    name = _group(path)
    if name is None:
        raise InputError(f"{path} has no table of keypoints")
    with tables.hdf5(path) as file:
        whole = f"{name}/table" in file
        numbers, read, labels = (_table if whole else _blocks)(file, name, path)
        columns, scorers = _columns(labels, path)
        chosen = _chosen(columns, scorers, given, path)
        index = frames.checked(numbers, path)
        kept = frames.stretch(index, len(columns), given, path)
        values = read(kept)
    if values.shape != (kept.stop - kept.start, len(columns)):
        raise InputError(f"{path}: {len(columns)} names for an array of {values.shape}")
    where = [columns.index(column) for column in chosen]
    return _dataset(path, given, chosen, values[:, where], index[kept])


def _dataset(
    path: Path, given: ReaderOptions, columns: Sequence[Column], values: np.ndarray, numbers: np.ndarray,
    notes: Sequence[str] = (),
) -> xr.Dataset:  # fmt: skip
    axes = [axis for axis in "xyz" if any(column[2] == axis for column in columns)]
    parts = list(dict.fromkeys(column[1] for column in columns))
    index = {column[1:]: k for k, column in enumerate(columns)}
    missing = [f"{part} {axis}" for part, axis in product(parts, axes) if (part, axis) not in index]
    if missing or len(axes) < 2:
        raise InputError(f"{path} has no column {missing[0] if missing else 'y'}")
    xyz = np.stack([values[:, [index[part, axis] for part in parts]] for axis in axes], axis=-1)
    sure = np.full(xyz.shape[:2], np.nan)
    for k, part in enumerate(parts):
        if (part, "likelihood") in index:
            sure[:, k] = values[:, index[part, "likelihood"]]
    times, mm = numbers / need_fps(given, path), scale(given, path, "px")
    found = Points(path, times, xyz, parts, mm, y_down=True, numbers=numbers, sure=sure, notes=notes)
    return found.dataset(given)


def _refuse_images(rows: Sequence[Sequence[str]], path: Path) -> None:
    """Refuse a table of labelled images by its first row after the header."""
    first = next(iter(row for row in rows if row), ["0"])
    named = [cell for cell in first[:3] if cell.lower().endswith(_IMAGES)]
    if named or "labeled-data" in first[0]:
        raise _images((named or [first[0]])[0][:60], path)


def _images(example: str, path: Path) -> InputError:
    return InputError(
        f"{path} holds labelled images ({example}), not the frames of a video; take the file that DeepLabCut "
        "made when it analysed the video"
    )


def _chosen(
    columns: Sequence[Column], scorers: Sequence[str], given: ReaderOptions, path: Path
) -> list[Column]:
    """Return the columns of the animal that is meant; those of several scorers cannot be told apart."""
    judges = sorted({scorer for scorer in scorers if scorer})
    if len(judges) > 1:
        few = ", ".join(judges[:4])
        raise InputError(f"{path} holds the columns of {len(judges)} scorers ({few}); keep those of one")
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
        hdf5_soundness.check_heaps(path)
        with h5py.File(path, "r") as file:
            for name, group in file.items():
                if isinstance(group, h5py.Group):
                    kind = _bytes(group.attrs.get("pandas_type"))
                    if kind in (b"frame_table", b"frame"):
                        return str(name)
    except tables.BROKEN_ARCHIVE:
        pass
    return None


def _table(file: h5py.File, name: str, path: Path) -> Stored:
    """Return what pandas wrote with format="table": rows of a number and of all values."""
    table = tables.member(file, f"{name}/table", path)
    kinds = table.dtype
    if "values_block_0" not in (kinds.names or ()):
        raise InputError(f"{path} has no values_block_0 in {name}/table")
    if "index" not in kinds.names or kinds["index"].kind not in "iuf":
        raise _images("its rows are named, not numbered", path)
    numbers = np.asarray(tables.bounded(table, path)["index"])
    labels = list(_tuples(_bytes(file[name].attrs.get("non_index_axes")), path))
    return numbers, lambda kept: np.asarray(table[kept]["values_block_0"], np.float64), labels


def _blocks(file: h5py.File, name: str, path: Path) -> Stored:
    """Return what pandas wrote with format="fixed": an array of values for every type of number."""
    if f"{name}/axis1" not in file or tables.member(file, f"{name}/axis1", path).dtype.kind not in "iuf":
        raise _images("its rows are named, not numbered", path)
    numbers = np.asarray(tables.bounded(tables.member(file, f"{name}/axis1", path), path))
    blocks, labels = [tables.member(file, f"{name}/block0_values", path)], list[tuple[str, ...]]()
    while f"{name}/block{len(blocks)}_values" in file:
        blocks.append(tables.member(file, f"{name}/block{len(blocks)}_values", path))
    for k in range(len(blocks)):
        # The columns of a block need not stand in the order of the frame's own.
        own = f"{name}/block{k}_items"
        labels += _levels(file, own if f"{own}_level0" in file else f"{name}/axis0", path)
    return (
        numbers,
        lambda kept: np.concatenate([tables.floats(b, kept, path) for b in blocks], axis=1),
        labels,
    )


def _levels(file: h5py.File, name: str, path: Path) -> list[tuple[str, ...]]:
    """Return the tuples of words of an index of several levels."""
    depth = next(k for k in range(9) if f"{name}_level{k}" not in file)
    levels = [tables.words(tables.member(file, f"{name}_level{k}", path), path) for k in range(depth)]
    found = (tables.member(file, f"{name}_label{k}", path) for k in range(depth))
    places = [np.asarray(tables.bounded(each, path, tables.MOST_NAMES)).ravel() for each in found]
    for level, place in zip(levels, places, strict=True):
        if place.dtype.kind not in "iu" or not ((place >= 0) & (place < len(level))).all():
            raise InputError(f"{path}: the names of its columns cannot be read; use the CSV beside it")
    return [
        tuple(level[p] for level, p in zip(levels, row, strict=True)) for row in zip(*places, strict=True)
    ]


def _columns(labels: Sequence[tuple[str, ...]], path: Path) -> tuple[list[Column], list[str]]:
    """Return the columns, and the scorer of each."""
    if not labels or any(len(label) not in (3, 4) for label in labels):
        raise InputError(f"{path}: its columns are not scorer, bodyparts and coords; use the CSV beside it")
    columns = [("" if len(label) == 3 else label[1], label[-2], label[-1]) for label in labels]
    return columns, [label[0] for label in labels]


def _bytes(value: object) -> bytes:
    """Return the bytes of an attribute, none if it is something else."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, np.void):
        return value.tobytes()
    return value if isinstance(value, bytes) else b""


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
