"""Wiring of an animal: neurons, synapses, gap junctions, neuromuscular connections, and their surgery.

A circuit is a folder with two tables. ``neurons.csv``: name, class, type, transmitter (further columns
are ignored). ``connections.csv``: pre, post, kind (chemical, gap_junction, neuromuscular), weight, sign
(+1, -1, and 0 for gap junctions). Gap junctions are stored once and made symmetric here; a gap junction
whose post is a muscle couples neuron and muscle. A gap junction of a neuron with itself stays on the
diagonal, so that counts match the source, and carries no current in any model.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

from neuromech._lib.errors import InputError, unknown

Kind = Literal["chemical", "gap_junction", "neuromuscular"]
KINDS: tuple[Kind, ...] = ("chemical", "gap_junction", "neuromuscular")
SQUARE = ("chemical", "chemical_sign", "gap")  # matrices whose columns are neurons too
SWAPS_PER_EDGE = 10  # accepted swaps; each moves two edges
TRIES_PER_SWAP = 20  # gives up on blocks so small or dense that few swaps are possible

NEURON_COLUMNS = ("name", "class", "type", "transmitter")
CONNECTION_COLUMNS = ("pre", "post", "kind", "weight", "sign")


@dataclass(frozen=True, eq=False)
class Connectome:
    """The wiring of one animal as dense read-only matrices, presynaptic neuron first.

    Weights count contacts (or whatever the table counts) and are never negative; signs are +1
    (excitatory), -1 (inhibitory) or 0 (no connection). With n neurons and m muscles:
    `chemical`, `chemical_sign`, `gap` (symmetric) are (n, n); `nmj`, `nmj_sign`, `gap_muscle` are (n, m).
    """

    neurons: tuple[str, ...]
    classes: tuple[str, ...]
    types: tuple[str, ...]
    transmitters: tuple[str, ...]
    muscles: tuple[str, ...]
    chemical: np.ndarray
    chemical_sign: np.ndarray
    gap: np.ndarray
    nmj: np.ndarray
    nmj_sign: np.ndarray
    gap_muscle: np.ndarray

    def __post_init__(self) -> None:
        """Lock the arrays: surgery makes a new connectome."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    def resolve(self, names: str | Iterable[str]) -> np.ndarray:
        """Return the indices of the named neurons, in the order asked for and without repeats.

        A name is a neuron (AVAL), a class (AVA) or a type (sensory); one string may stand for a list.
        Raises InputError with the nearest names.
        """
        groups = self.groups()
        found: dict[int, None] = {}
        for name in [names] if isinstance(names, str) else names:
            if name not in groups:
                raise unknown("neuron or class", str(name), groups)
            found.update(dict.fromkeys(groups[name]))
        return np.array(list(found), dtype=np.intp)

    def groups(self) -> Mapping[str, tuple[int, ...]]:
        """Return every valid name (types, classes, neurons) with the indices it stands for."""
        return self._groups

    @cached_property
    def _groups(self) -> Mapping[str, tuple[int, ...]]:
        members: dict[str, list[int]] = {}
        for names in (self.types, self.classes):
            for index, name in enumerate(names):
                members.setdefault(name, []).append(index)
        members |= {name: [index] for index, name in enumerate(self.neurons)}
        return {name: tuple(indices) for name, indices in members.items()}

    def shuffle(self, seed: int, scope: bool | str | Sequence[str] = True) -> Connectome:
        """Return the wiring with edges exchanged at random, every neuron keeping its numbers of partners.

        Two edges a->b and c->d become a->d and c->b, at least ten accepted exchanges per edge. Weight and
        sign stay with the presynaptic side, so in- and out-degree of every neuron, out-weight, and each
        neuron's transmitter are kept (in-weight is not); no edge is doubled and no self-connection made,
        and those there are (38 chemical, 14 gap in the worm) stay. Gap junctions stay symmetric.

        `scope` True exchanges everything: chemical, gap junctions and neuromuscular, each kind within
        itself. A sequence names kinds (`chemical`, `gap_junction`, `neuromuscular`) or neuron types
        (`sensory`, `interneuron`, ...) or both; kinds alone exchange all edges of those kinds, types alone
        spare the neuromuscular table. With types given an edge is exchanged only if

        - it starts at a sensory neuron, whatever its target, and `sensory` is named, or
        - both its ends are of named types other than sensory (among interneurons),

        (gap junctions alike, "starts at" meaning either end), and the two groups are exchanged each within
        itself. So ``("sensory", "interneuron")`` leaves alone all edges from interneurons to motor neurons
        and back (AVB-B and AVA-A with their gap junctions), among motor neurons, and to muscles.
        ``premotor>motor`` names the chemical edges from one type to another, exchanged within themselves.

        Method: Maslov & Sneppen 2002, doi 10.1126/science.1065103.
        """
        if isinstance(scope, bool):
            kinds, types = (set(KINDS) if scope else set()), set()
        else:
            kinds, types = self._scope(scope)
        changed: dict[str, np.ndarray] = {}
        plans = (
            ("chemical", "chemical", "chemical_sign"),
            ("gap_junction", "gap", None),
            ("neuromuscular", "nmj", "nmj_sign"),
            ("gap_junction", "gap_muscle", None),
        )
        for number, (kind, name, sign_name) in enumerate(plans):
            if kind not in kinds or (types and name == "gap_muscle"):
                continue
            weight = getattr(self, name)
            pre, post = np.nonzero(np.triu(weight) if name == "gap" else weight)
            old, new = (pre, post), (pre.copy(), post.copy())
            for block, (chosen, leads) in enumerate(self._blocks(name, pre, post, types)):
                rng = np.random.default_rng([seed, number, block])
                _exchange(*new, np.flatnonzero(chosen), leads, name in SQUARE, name == "gap", rng)
            changed[name] = _placed(weight, old, new, mirrored=name == "gap")
            if sign_name:
                changed[sign_name] = _placed(getattr(self, sign_name), old, new, mirrored=False)
        return replace(self, **changed)

    def _blocks(
        self, name: str, pre: np.ndarray, post: np.ndarray, types: set[str]
    ) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the groups of edges exchanged among themselves, each with the neurons that may start one."""
        everyone = np.ones(len(self.neurons), bool)
        free = pre != post if name in SQUARE else np.ones(len(pre), bool)
        if not types:
            return [(free, everyone)]
        of, ends = np.array(self.types), [each.split(">") for each in sorted(types) if ">" in each]
        if ends:
            square = [(free & (of[pre] == a) & (of[post] == b), everyone) for a, b in ends]
            others = types - {">".join(pair) for pair in ends}
            rest = self._blocks(name, pre, post, others) if others else []
            return (square if name == "chemical" else []) + rest
        named = np.isin(np.array(self.types), list(types))
        if name not in SQUARE:
            return [(named[pre], everyone)]
        sensory = np.array([kind == "sensory" for kind in self.types])
        inner = named & ~sensory
        leads = named & sensory
        starts = leads[pre] | leads[post] if name == "gap" else leads[pre]
        return [(free & starts, leads), (free & inner[pre] & inner[post], everyone)]

    def _scope(self, scope: str | Sequence[str]) -> tuple[set[str], set[str]]:
        """Split a scope into kinds and neuron types; no types means all edges of those kinds."""
        names = [scope] if isinstance(scope, str) else list(scope)
        valid = [*KINDS, *dict.fromkeys(self.types)]
        for name in names:
            ends = str(name).split(">")
            if name not in valid and (len(ends) != 2 or not set(ends) <= set(self.types)):
                raise unknown("kind or neuron type in shuffle_wiring", str(name), valid)
        if not names:
            raise InputError("shuffle_wiring is an empty list; give true, false, kinds or neuron types")
        kinds, types = set(names) & set(KINDS), set(names) - set(KINDS)
        return kinds or {"chemical", "gap_junction"}, types


def _exchange(
    pre: np.ndarray,
    post: np.ndarray,
    chosen: np.ndarray,
    leads: np.ndarray,
    same: bool,
    undirected: bool,
    rng: np.random.Generator,
) -> None:
    """Swap the targets of the chosen edges in place.

    `leads` marks the neurons that may stand at the start of an edge of this block; an undirected edge
    is first turned so that it starts at one, and turned at random when both ends may.
    """
    if len(chosen) < 2:
        return

    starts, ends, lead = pre.tolist(), post.tolist(), leads.tolist()
    present = set(zip(starts, ends, strict=True))
    if undirected:
        present |= set(zip(ends, starts, strict=True))
        for i in chosen.tolist():
            if not lead[starts[i]]:
                starts[i], ends[i] = ends[i], starts[i]
    accepted, wanted = 0, SWAPS_PER_EDGE * len(chosen)
    for _ in range(TRIES_PER_SWAP):
        picks = chosen[rng.integers(len(chosen), size=(wanted, 2))].tolist()
        for (i, j), turn in zip(picks, (rng.random(wanted) < 0.5).tolist(), strict=True):
            a, b, c, d = starts[i], ends[i], starts[j], ends[j]
            if undirected and turn and lead[d]:
                c, d = d, c
            if a == c or b == d or (same and (a == d or b == c)):
                continue
            if (a, d) in present or (c, b) in present:
                continue
            present -= {(a, b), (c, d)}
            present |= {(a, d), (c, b)}
            if undirected:
                present -= {(b, a), (d, c)}
                present |= {(d, a), (b, c)}
            starts[i], ends[i], starts[j], ends[j] = a, d, c, b
            accepted += 1
        if accepted >= wanted:
            break
    pre[:], post[:] = starts, ends


def _placed(
    matrix: np.ndarray,
    old: tuple[np.ndarray, np.ndarray],
    new: tuple[np.ndarray, np.ndarray],
    mirrored: bool,
) -> np.ndarray:
    """Return the entries of `matrix` at `old` moved to `new`, and mirrored for gap junctions."""
    moved = np.zeros_like(matrix)
    moved[new] = matrix[old]
    if mirrored:
        moved[new[1], new[0]] = matrix[old]
    return moved


def load(folders: Path | Sequence[Path], muscles: Sequence[str] | None) -> Connectome:
    """Read neurons.csv and connections.csv of a folder; `muscles` are the body's, in its order.

    The tables of several folders are one after the other: each may connect the neurons of those before it.

    With None the nervous system is read without its neuromuscular connections, as if taken out of the body.

    Every cell is checked: InputError names file, line and the nearest valid names.
    """
    places = (folders,) if isinstance(folders, Path) else tuple(folders)
    files = [folder / name for folder in places for name in ("neurons.csv", "connections.csv")]
    stamps = tuple(file.stat().st_mtime_ns if file.is_file() else 0 for file in files)
    return _load(places, None if muscles is None else tuple(muscles), stamps)


@lru_cache(maxsize=8)
def _load(folders: tuple[Path, ...], attached: tuple[str, ...] | None, stamps: tuple[int, ...]) -> Connectome:
    """Read the tables; a fit asks for the same ones thousands of times, ``stamps`` tell when they changed."""
    columns = _neurons([folder / "neurons.csv" for folder in folders])
    names = columns["name"]
    neuron = {name: index for index, name in enumerate(names)}
    muscles = attached or ()
    muscle = {name: index for index, name in enumerate(muscles)}
    for name in neuron.keys() & muscle.keys():
        raise InputError(f"{folders[-1] / 'neurons.csv'}: '{name}' is also a muscle of the body")
    n, m = len(neuron), len(muscle)
    chemical, gap, nmj, gap_muscle = (np.zeros((n, size)) for size in (n, n, m, m))
    chemical_sign, nmj_sign = np.zeros((n, n), np.int8), np.zeros((n, m), np.int8)
    seen: dict[tuple[str, str, str], str] = {}
    for where, row in _all_rows([folder / "connections.csv" for folder in folders], CONNECTION_COLUMNS):
        pre, post, kind = row["pre"], row["post"], row["kind"]
        if kind not in KINDS:
            raise _at(where, unknown("kind of connection", kind, KINDS))
        if pre not in neuron:
            raise _at(where, unknown("neuron", pre, neuron))
        if attached is None and kind == "neuromuscular":
            continue
        to_muscle = kind == "neuromuscular" or (kind == "gap_junction" and post in muscle)
        targets = muscle if to_muscle else neuron
        if post not in targets:
            raise _at(where, unknown("muscle" if to_muscle else "neuron", post, targets))
        ends = sorted((pre, post)) if kind == "gap_junction" else (pre, post)
        first = seen.setdefault((kind, ends[0], ends[1]), where)
        if first != where:
            raise InputError(f"{where}: {kind} {pre} -> {post} is already on {first}")
        weight, sign = _weight(row["weight"], where), _sign(row["sign"], kind, where)
        i, j = neuron[pre], targets[post]
        if kind == "chemical":
            chemical[i, j], chemical_sign[i, j] = weight, sign
        elif kind == "neuromuscular":
            nmj[i, j], nmj_sign[i, j] = weight, sign
        elif to_muscle:
            gap_muscle[i, j] = weight
        else:
            gap[i, j] = gap[j, i] = weight
    return Connectome(
        neurons=names,
        classes=columns["class"],
        types=columns["type"],
        transmitters=columns["transmitter"],
        muscles=muscles,
        chemical=chemical,
        chemical_sign=chemical_sign,
        gap=gap,
        nmj=nmj,
        nmj_sign=nmj_sign,
        gap_muscle=gap_muscle,
    )


def _neurons(paths: Sequence[Path]) -> dict[str, tuple[str, ...]]:
    """Return the columns of neurons.csv, checked: no repeats, and no name with two meanings."""
    first: dict[str, str] = {}
    rows, path = [], paths[-1]
    for where, row in _all_rows(paths, NEURON_COLUMNS):
        before = first.setdefault(row["name"], where)
        if before != where:
            raise InputError(f"{where}: neuron {row['name']} is already on {before}")
        rows.append(row)
    if not rows:
        raise InputError(f"{path}: no neurons")
    columns = {name: tuple(row[name] for row in rows) for name in NEURON_COLUMNS}
    own = dict(zip(columns["name"], columns["class"], strict=True))
    _one_meaning(path, own, columns["class"], set(columns["type"]))
    return columns


def _one_meaning(path: Path, own: Mapping[str, str], classes: Collection[str], types: set[str]) -> None:
    """Raise InputError where one name would stand for two different sets of neurons."""
    for name in own:
        if name in types or (name in classes and own[name] != name):
            raise InputError(f"{path}: '{name}' is a neuron and also a type or the class of other neurons")
    for name in types.intersection(classes):
        raise InputError(f"{path}: '{name}' is both a class and a type")


def _all_rows(paths: Sequence[Path], columns: tuple[str, ...]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield file and line, as a message names them, and cells of the rows of several tables.

    Of several folders some may have no table of their own.
    """
    for path in [each for each in paths if each.exists()] or paths:
        for line, row in read_rows(path, columns):
            yield f"{path} line {line}", row


def read_rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and cells of a CSV file in which the given columns are filled in every row.

    Raises
    ------
    InputError
        The file cannot be read, a column is missing or a cell is empty; the message has file and line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path} is not UTF-8 text (byte {error.start})") from error
    reader = csv.DictReader(text.splitlines())
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise InputError(f"{path} line 1: missing column {', '.join(missing)}; needed: {', '.join(columns)}")
    for row in reader:
        if None in row or None in row.values():
            raise InputError(f"{path} line {reader.line_num}: not as many cells as the header has")
        cells = {column: row[column].strip() for column in columns}
        for column, cell in cells.items():
            if cell.lower() in ("", "nan"):
                raise InputError(f"{path} line {reader.line_num}: {column} is {cell or 'empty'}")
        yield reader.line_num, cells


def _weight(cell: str, where: str) -> float:
    """Return a weight > 0."""
    try:
        weight = float(cell)
    except ValueError:
        weight = math.nan
    if not (math.isfinite(weight) and weight > 0):
        raise InputError(f"{where}: weight must be a number > 0, got '{cell}'")
    return weight


def _sign(cell: str, kind: str, where: str) -> int:
    """Return the sign of a connection: +1 or -1, and 0 for gap junctions."""
    allowed = {"0": 0} if kind == "gap_junction" else {"1": 1, "+1": 1, "-1": -1}
    if cell not in allowed:
        raise InputError(f"{where}: sign of a {kind} connection must be {' or '.join(allowed)}, got '{cell}'")
    return allowed[cell]


def _at(where: str, error: InputError) -> InputError:
    """Return the same error with its place in front."""
    return InputError(f"{where}: {error}")
