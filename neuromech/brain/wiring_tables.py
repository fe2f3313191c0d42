"""The two tables of a wiring, `neurons.csv` and `connections.csv`, read and checked cell by cell.

`neurons.csv` has the columns name, class, type and transmitter; further ones are kept as text.
`connections.csv` has pre, post, kind (chemical, gap_junction or neuromuscular), weight and sign (+1 or -1,
and 0 for gap junctions). A gap junction is listed once; one whose post is a muscle couples neuron and muscle.
Another table of the same columns may stand in its place: another wiring of the same neurons.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from neuromech._lib.errors import InputError, unknown
from neuromech.specs.controller import CONNECTIONS

Kind = Literal["chemical", "gap_junction", "neuromuscular"]
KINDS: tuple[Kind, ...] = ("chemical", "gap_junction", "neuromuscular")
"""The kinds of connection."""
NEURON_COLUMNS = ("name", "class", "type", "transmitter")
"""Columns that every neurons.csv has."""
CONNECTION_COLUMNS = ("pre", "post", "kind", "weight", "sign")
"""Columns that every connections.csv has."""
SIGNS = {"1": 1, "+1": 1, "-1": -1}
"""Signs of chemical and neuromuscular connections as they may be written."""


@dataclass(frozen=True)
class Connection:
    """One row of connections.csv: indices of its ends among neurons and, if `onto_muscle`, muscles."""

    kind: Kind
    pre: int
    post: int
    onto_muscle: bool
    weight: float
    sign: int


@dataclass(frozen=True)
class Tables:
    """The tables of a wiring: columns of neurons.csv by name, names of muscles, rows of connections.csv."""

    columns: Mapping[str, tuple[str, ...]]
    muscles: tuple[str, ...]
    connections: tuple[Connection, ...]


def files(folders: Sequence[Path], connections: str = CONNECTIONS) -> list[Path]:
    """Return the tables of connections of folders, of which not every one may be there.

    Raises
    ------
    InputError
        None of the folders has a table of that name, and it is not the usual one.
    """
    if connections != CONNECTIONS and not any((folder / connections).is_file() for folder in folders):
        raise InputError(f"cannot read {folders[-1] / connections}: there is no such file")
    return [folder / (connections if (folder / connections).is_file() else CONNECTIONS) for folder in folders]


def read(
    folders: Sequence[Path], muscles: Sequence[str] | None = None, connections: str = CONNECTIONS
) -> Tables:
    """Read the tables of folders, one after the other: each may connect the neurons of those before it.

    Parameters
    ----------
    folders : of the tables; not every one needs both.
    muscles : names of a body's muscles, in its order; those that the tables name if None.
    connections : the table of connections; a folder that has none of that name is read with its
        connections.csv.

    Raises
    ------
    InputError
        A table or a cell is missing or wrong; says in which file and line, with the nearest valid names.
    """
    columns = _neurons([folder / "neurons.csv" for folder in folders])
    given = list(_all_rows(files(folders, connections), CONNECTION_COLUMNS))
    if muscles is None:
        muscles = list(dict.fromkeys(row["post"] for _, row in given if row["kind"] == "neuromuscular"))
    neuron = {name: index for index, name in enumerate(columns["name"])}
    muscle = {name: index for index, name in enumerate(muscles)}
    for name in neuron.keys() & muscle.keys():
        raise InputError(f"{folders[-1] / 'neurons.csv'}: '{name}' is also a muscle of the body")
    return Tables(columns, tuple(muscles), tuple(_connections(given, neuron, muscle)))


def write(
    folder: Path,
    neurons: Iterable[Sequence[object]],
    connections: Iterable[Sequence[object]],
    further: Sequence[str] = ("side", "source"),
) -> None:
    """Write neurons.csv and connections.csv.

    Parameters
    ----------
    folder : where they go.
    neurons : cells of each row: name, class, type, transmitter and the further columns.
    connections : cells of each row: pre, post, kind, weight, sign and a source.
    further : names of the further columns of neurons.csv.
    """
    for name, header, cells in (
        ("neurons.csv", (*NEURON_COLUMNS, *further), neurons),
        ("connections.csv", (*CONNECTION_COLUMNS, "source"), connections),
    ):
        with (folder / name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *cells])


def rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and cells of a CSV file in which the given columns are filled in every row.

    Raises
    ------
    InputError
        The file cannot be read, a column is missing or one of its cells is empty; says in which line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start})") from error
    reader = csv.DictReader(text.splitlines())
    try:
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise InputError(
                f"{path} line 1: missing column {', '.join(missing)}; needed: {', '.join(columns)}"
            )
        for row in reader:
            if None in row or None in row.values():
                raise InputError(f"{path} line {reader.line_num}: not as many cells as the header has")
            cells = {column: cell.strip() for column, cell in row.items()}
            for column in columns:
                if cells[column].lower() in ("", "nan"):
                    raise InputError(f"{path} line {reader.line_num}: {column} is {cells[column] or 'empty'}")
            yield reader.line_num, cells
    except csv.Error as error:
        raise InputError(f"{path} line {reader.line_num}: {error}") from None


def _connections(
    given: Sequence[tuple[str, dict[str, str]]], neuron: Mapping[str, int], muscle: Mapping[str, int]
) -> Iterator[Connection]:
    seen: dict[tuple[str, str, str], str] = {}
    for where, row in given:
        pre, post, kind = row["pre"], row["post"], row["kind"]
        if kind not in KINDS:
            raise _at(where, unknown("kind of connection", kind, KINDS))
        if pre not in neuron:
            raise _at(where, unknown("neuron", pre, neuron))
        onto_muscle = kind == "neuromuscular" or (kind == "gap_junction" and post in muscle)
        targets = muscle if onto_muscle else neuron
        if post not in targets:
            raise _at(where, unknown("muscle" if onto_muscle else "neuron", post, targets))
        ends = sorted((pre, post)) if kind == "gap_junction" else (pre, post)
        first = seen.setdefault((kind, ends[0], ends[1]), where)
        if first != where:
            raise InputError(f"{where}: {kind} {pre} -> {post} is already on {first}")
        weight, sign = _weight(row["weight"], where), _sign(row["sign"], kind, where)
        yield Connection(kind, neuron[pre], targets[post], onto_muscle, weight, sign)


def _neurons(paths: Sequence[Path]) -> dict[str, tuple[str, ...]]:
    """Return the columns of neurons.csv, checked: no neuron twice, and no name with two meanings."""
    first: dict[str, str] = {}
    found, path = [], paths[-1]
    for where, row in _all_rows(paths, NEURON_COLUMNS):
        before = first.setdefault(row["name"], where)
        if before != where:
            raise InputError(f"{where}: neuron {row['name']} is already on {before}")
        found.append(row)
    if not found:
        raise InputError(f"{path}: no neurons")
    names = dict.fromkeys((*NEURON_COLUMNS, *(column for row in found for column in row)))
    columns = {name: tuple(row.get(name, "") for row in found) for name in names}
    own = dict(zip(columns["name"], columns["class"], strict=True))
    _one_meaning(path, own, columns["class"], set(columns["type"]))
    return columns


def _one_meaning(path: Path, own: Mapping[str, str], classes: Collection[str], types: set[str]) -> None:
    """Raise `InputError` where one name would stand for two different sets of neurons."""
    for name in own:
        if name in types or (name in classes and own[name] != name):
            raise InputError(f"{path}: '{name}' is a neuron and also a type or the class of other neurons")
    for name in types.intersection(classes):
        raise InputError(f"{path}: '{name}' is both a class and a type")


def _all_rows(paths: Sequence[Path], columns: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield file and line, as a message names them, and cells of the rows of several tables.

    Of several folders some may have no table of their own.
    """
    for path in [each for each in paths if each.exists()] or paths:
        for line, row in rows(path, columns):
            yield f"{path} line {line}", row


def _weight(cell: str, where: str) -> float:
    """Return a weight above 0."""
    try:
        weight = float(cell)
    except ValueError:
        weight = math.nan
    if not (math.isfinite(weight) and weight > 0):
        raise InputError(f"{where}: weight must be a number > 0, got '{cell}'")
    return weight


def _sign(cell: str, kind: str, where: str) -> int:
    """Return the sign of a connection: +1 or -1, and 0 for gap junctions."""
    allowed = {"0": 0} if kind == "gap_junction" else SIGNS
    if cell not in allowed:
        raise InputError(f"{where}: sign of a {kind} connection must be {' or '.join(allowed)}, got '{cell}'")
    return allowed[cell]


def _at(where: str, error: InputError) -> InputError:
    """Return the same error with its place in front."""
    return InputError(f"{where}: {error}")
