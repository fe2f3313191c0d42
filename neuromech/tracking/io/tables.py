"""Read CSV and HDF5 piece by piece, with the one line of error that a user can act on."""

from __future__ import annotations

import csv
import tokenize
import zlib
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from zipfile import BadZipFile

import h5py
import numpy as np

from neuromech._lib import hdf5_soundness
from neuromech._lib.errors import InputError
from neuromech.tracking.io import delimiters, text
from neuromech.tracking.io.base import MOST_VALUES, ReaderOptions

MOST_NAMES = 100_000
"""More names than this are no list of keypoints, tracks or columns."""
BROKEN_ARCHIVE = (
    OSError, ValueError, EOFError, TypeError, AttributeError, LookupError, RuntimeError, MemoryError,
    SyntaxError, tokenize.TokenError, zlib.error, BadZipFile,
)  # fmt: skip
"""What zipfile and NumPy raise when an archive is damaged or made to be."""


@contextmanager
def hdf5(path: Path) -> Iterator[h5py.File]:
    """Open an HDF5 file for reading; whatever is wrong with it is an InputError."""
    if not Path(path).is_file():
        raise InputError(f"no recording at {path}")
    try:
        hdf5_soundness.check_heaps(Path(path))
        with h5py.File(path, "r") as file:
            yield file
    except InputError:
        raise
    except (*BROKEN_ARCHIVE, ArithmeticError) as error:
        raise InputError(f"{path} cannot be read: {first_line(error)[:200]}") from None


def has(path: Path, *names: str) -> bool:
    """Return whether a file is HDF5 and holds all of these."""
    try:
        with h5py.File(path, "r") as file:
            return all(name in file for name in names)
    except BROKEN_ARCHIVE:
        return False


def names(file: h5py.File) -> list[str]:
    """Return what an open file holds; h5py gives a name that is no UTF-8 as bytes."""
    return [each if isinstance(each, str) else repr(each) for each in file]


def member(file: h5py.File, name: str, path: Path) -> h5py.Dataset:
    """Return one array of an open file, not yet read."""
    found = file.get(name)
    if not isinstance(found, h5py.Dataset) or found.shape is None:
        held = ", ".join(names(file)[:12]) or "nothing"
        raise InputError(f"{path} has no array '{name}'; it holds {held}")
    return found


def bounded(found: h5py.Dataset, path: Path, most: int = MOST_VALUES) -> h5py.Dataset:
    """Return an array that will be read whole, if it is not too large for that.

    Raises
    ------
    InputError
        It has more than `most` values.
    """
    if found.size is None or found.size > most:
        raise InputError(f"{path}: {found.name} has {found.size or 0} values, which cannot be")
    return found


def floats(found: h5py.Dataset, frames: slice, path: Path) -> np.ndarray:
    """Return some frames of an array as float64; only those are read from disk."""
    if found.dtype.kind not in "iuf":
        raise InputError(f"{path}: {found.name} does not hold numbers")
    return np.asarray(found[frames], np.float64)


def words(found: h5py.Dataset, path: Path) -> list[str]:
    """Return a list of names, however they are stored."""
    named = np.asarray(bounded(found, path, MOST_NAMES)).ravel()
    return [each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in named]


def npz(path: Path) -> dict[str, np.ndarray]:
    """Return the arrays of a NumPy .npz file; objects are refused."""
    if not Path(path).is_file():
        raise InputError(f"no recording at {path}")
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except BROKEN_ARCHIVE as error:
        raise InputError(f"{path} cannot be read: {first_line(error)}") from None
    for name, each in found.items():
        if not isinstance(each, np.ndarray):  # a file of another kind in the archive comes as its bytes
            raise InputError(f"{path} cannot be read: {name!r:.60} in it is no array")
    return found


def first_line(error: BaseException) -> str:
    """Return the first line of what an exception says, its kind if it says nothing."""
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def npz_names(path: Path) -> list[str]:
    """Return the names in an .npz file, none if it is no such file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return list(file.files)
    except BROKEN_ARCHIVE:
        return []


def csv_head(path: Path, rows: int) -> list[list[str]]:
    """Return the first rows of a CSV file, fewer if it is shorter, none if it is no text."""
    try:
        with text.opened(path, text.encoding(path, head_only=True)) as file:
            return [[cell.strip() for cell in row] for row in islice(csv.reader(file), rows)]
    except (OSError, ValueError, csv.Error):
        return []


@dataclass(frozen=True)
class Csv:
    """A CSV file whose header has been read: `head` are its first rows, `encoding` is a codec's name."""

    path: Path
    head: list[list[str]]
    encoding: str

    @staticmethod
    def of(path: Path, rows: int) -> Csv:
        """Read the first `rows` rows.

        Raises
        ------
        InputError: it is empty, no text, or its columns are separated by something else than commas.
        """
        name = text.encoding(path)
        with _guarded(path), text.opened(path, name) as file:
            head = [[cell.strip() for cell in row] for row in islice(csv.reader(file), rows)]
        if not any(head):
            raise InputError(f"{path} is empty")
        cause = delimiters.cause(head[0])
        if cause:
            raise InputError(f"{path} {cause}")
        return Csv(path, head, name)

    @property
    def notes(self) -> list[str]:
        """What the user should know about how the file was read."""
        return text.notes(self.encoding)

    def words(self, column: int, skip: int) -> list[str]:
        """Return the different words of a column, in the order in which they appear.

        Raises
        ------
        InputError: the file is no text.
        """
        with _guarded(self.path), text.opened(self.path, self.encoding) as file:
            rows = islice(csv.reader(file), skip, None)
            return list(dict.fromkeys(row[column].strip() for row in rows if len(row) > column))

    def columns(
        self, columns: Sequence[int], skip: int, given: ReaderOptions, kept: dict[int, str] | None = None,
        numbered: int | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
        """Return the frame's number of every row (row,), and columns (row, column) float64; empty is NaN.

        `skip` header rows are passed over; `kept` names a column and the word it must hold for a row to
        count; rows outside `given.frames` are not kept in memory. The column `numbered` says which frame a
        row is; without it rows are frames 0, 1 ...

        Raises
        ------
        InputError: a row is too short, or a cell is neither a number nor empty.
        """
        path = self.path
        first, last = given.frames or (-np.inf, np.inf)
        numbers, values, row_number = array("d"), array("d"), -1
        with _guarded(path), text.opened(path, self.encoding) as file:
            for line, row in enumerate(csv.reader(file), start=1):
                if line <= skip or not row:
                    continue
                if kept and any(
                    len(row) <= column or row[column].strip() != word for column, word in kept.items()
                ):
                    continue
                row_number += 1
                number = row_number if numbered is None else next(_numbers(row, [numbered], path, line))
                if numbered is None and number > last:
                    break
                if number < first or number > last:
                    continue
                numbers.append(number)
                values.extend(_numbers(row, columns, path, line))
                if len(values) > MOST_VALUES:
                    first = max(first, 0)
                    raise InputError(
                        f"{path} has more frames than are read at once; pick some with "
                        f"'frames=[{first},{max(number - 1, first + 1):.0f}]'"
                    )
        found = np.frombuffer(values, np.float64).reshape(len(numbers), len(columns))
        return np.frombuffer(numbers, np.float64).copy(), found.copy()


@contextmanager
def _guarded(path: Path) -> Iterator[None]:
    """Turn what opening and decoding a text may raise into an InputError."""
    try:
        yield
    except InputError:
        raise
    except (OSError, UnicodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read: {first_line(error)}") from None


def _numbers(row: list[str], columns: Sequence[int], path: Path, line: int) -> Iterator[float]:
    for column in columns:
        try:
            cell = row[column].strip()
            yield float(cell) if cell else np.nan
        except (IndexError, ValueError):
            bad = repr(row[column][:40]) if column < len(row) else "'nothing'"
            why = delimiters.decimal_comma(row[column]) if column < len(row) else ""
            raise InputError(
                f"{path}, line {line}: column {column + 1} should be a number, not {bad}{why}"
            ) from None
