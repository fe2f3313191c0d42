"""Make neurons.csv and all tables of connections of this folder from the `cect` package.

Run once, by hand, in an environment of its own that has cect 0.3.5; neuromech itself never imports cect::

    python make_tables.py            # rewrites the tables beside this script, and a table in README.md
    python make_tables.py --output /tmp/tables

Sources: wiring of Cook et al. 2019 (doi 10.1038/s41586-019-1352-7), White et al. 1986 (doi
10.1098/rstb.1986.0056) and Witvliet et al. 2021 (doi 10.1038/s41586-021-03778-8), transmitters of Wang et al.
2024 (doi 10.7554/eLife.95402), all as cect gives them; signs by the rules in receptor_signs.csv.

The other connectomes are hybrids. A data set *speaks of* a chemical contact from one cell onto another if it
has the first send to any cell and the second receive from any cell; of a gap junction, if it has a gap
junction of each of the two with any cell. What it speaks of comes from it, also that there is no contact; all
else is that of Cook et al. 2019. Its counts are multiplied by one factor for each kind, so that the pairs of
cells that both data sets connect have the same total weight in both.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
SOURCE = "Cook2019+Wang2024 via cect 0.3.5"

# FACTS the tables must reproduce; a new cect release that moves them should fail loudly, not silently.
EXPECTED = {"chemical": (3709, 20965), "gap_junction": (1105, 5779), "neuromuscular": (956, 5515)}
EXPECTED_GAP_MUSCLE = (5, 9)

COOK = "cook2019"
# Names of the other connectomes -> cect's readers of them. White's "whole" joins his series, the old adult of
# the nerve ring and those of cord and tail; Witvliet's data sets 7 and 8 are two adults, nerve ring only.
OTHERS = {
    "white1986": "White_whole",
    "witvliet2021_7": "WitvlietDataReader7",
    "witvliet2021_8": "WitvlietDataReader8",
}
KINDS = ("chemical", "gap_junction", "neuromuscular")
MARKS = ("<!-- connectomes: made by make_tables.py -->", "<!-- /connectomes -->")

# White et al. 1986 group these head and sublateral neurons by three letters and tell the members apart by
# dorsal / ventral / left / right suffixes (RMDDL, SABD); elsewhere the class is the name without L or R.
THREE_LETTER = ("CEP", "IL1", "IL2", "OLQ", "RMD", "RME", "SAA", "SAB")
THREE_LETTER += ("SIA", "SIB", "SMB", "SMD", "URA", "URY")
CORD = re.compile(r"(AS|DA|DB|DD|VA|VB|VC|VD)\d+")

# cect's names for transmitters -> ours; the first one of a neuron is its primary transmitter
TRANSMITTERS = {
    "Acetylcholine": "acetylcholine",
    "Glutamate": "glutamate",
    "GABA": "GABA",
    "Dopamine": "dopamine",
    "Serotonin": "serotonin",
    "Octopamine": "octopamine",
    "Tyramine": "tyramine",
    "Betaine": "betaine",
}


def natural(name: str) -> list[Any]:
    """Sort key that puts DB2 before DB10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def side_of(name: str, names: Iterable[str]) -> str:
    """Return left or right for a member of a bilateral pair, else unpaired."""
    partner = {"L": "R", "R": "L"}.get(name[-1])
    if partner is None or name[:-1] + partner not in names:
        return "unpaired"
    return "left" if name[-1] == "L" else "right"


def class_of(name: str, names: Iterable[str]) -> str:
    """Return the anatomical class of White et al. 1986 (doi 10.1098/rstb.1986.0056) of a neuron."""
    cord = CORD.fullmatch(name)
    if cord:
        return cord.group(1)
    if name.startswith(THREE_LETTER):
        return name[:3]
    return name if side_of(name, names) == "unpaired" else name[:-1]


def transmitter_of(candidates: Sequence[str | None]) -> str:
    """Return the primary transmitter, or unknown for orphans, uptake-only and unidentified monoamines."""
    known = [TRANSMITTERS[c] for c in candidates if c in TRANSMITTERS]
    return known[0] if known else "unknown"


def co_transmitters(candidates: Sequence[str | None]) -> str:
    """Return the further transmitters of a neuron, joined by semicolons; the sign rules ignore them."""
    return ";".join([TRANSMITTERS[c] for c in candidates if c in TRANSMITTERS][1:])


def neuron_rows() -> list[dict[str, Any]]:
    """Return the rows of neurons.csv."""
    from cect import Cells  # pyright: ignore[reportMissingImports]
    from cect.readers.Wang2024Reader import get_instance  # pyright: ignore[reportMissingImports]

    candidates = get_instance(from_cache=False).all_neurotransmitters
    names = sorted(Cells.PREFERRED_HERM_NEURON_NAMES, key=natural)
    types = (
        ("pharyngeal", Cells.PHARYNGEAL_NEURONS),
        ("sensory", Cells.SENSORY_NEURONS_COOK),
        ("motor", Cells.MOTORNEURONS_COOK),
        ("interneuron", Cells.INTERNEURONS_COOK),
        # CANL/R have no chemical output and no known function; "interneuron" keeps the vocabulary small.
        ("interneuron", Cells.UNKNOWN_FUNCTION_NEURONS),
    )
    return [
        {
            "name": name,
            "class": class_of(name, names),
            "type": next(kind for kind, members in types if name in members),
            "transmitter": transmitter_of(candidates[name]),
            "co_transmitters": co_transmitters(candidates[name]),
            "side": side_of(name, names),
            "source": SOURCE,
        }
        for name in names
    ]


def read_rules(path: Path) -> list[dict[str, str]]:
    """Return the sign rules in file order."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def sign_of(pre: dict[str, Any], post: dict[str, Any], rules: Iterable[dict[str, str]]) -> tuple[int, str]:
    """Return sign and source of the last rule that matches a synapse; rules go from general to particular."""
    pre_keys = {pre["name"], pre["class"], pre["transmitter"], "*"}
    post_keys = {post["name"], post["class"], post["type"], "*"}
    matches = [r for r in rules if r["pre"] in pre_keys and r["post"] in post_keys]
    return int(matches[-1]["sign"]), matches[-1]["source"]


@dataclass(frozen=True)
class Counts:
    """Contacts that a data set counts among our cells, (cell, cell), neurons before muscles.

    `sends`, `receives` and `coupled` say of each cell whether the data set has it do so with any cell.
    """

    chemical: np.ndarray
    gap: np.ndarray
    sends: np.ndarray
    receives: np.ndarray
    coupled: np.ndarray

    @staticmethod
    def read(reader: str, names: Sequence[str], from_cache: bool = False) -> Counts:
        """Read a data set by the name of cect's reader; cells that it does not have make no contact."""
        given = import_module(f"cect.readers.{reader}").get_instance(from_cache=from_cache)
        there = [k for k, name in enumerate(names) if name in given.nodes]
        rows = [given.nodes.index(names[k]) for k in there]
        chemical, gap = (np.asarray(given.connections[f"Generic_{kind}"]) for kind in ("CS", "GJ"))

        def ours(matrix: np.ndarray) -> np.ndarray:
            out = np.zeros((len(names), len(names)), int)
            out[np.ix_(there, there)] = matrix[np.ix_(rows, rows)]
            return out

        def whether(totals: np.ndarray) -> np.ndarray:
            out = np.zeros(len(names), bool)
            out[there] = totals[rows] > 0
            return out

        counts = ours(gap)
        if not np.array_equal(counts, counts.T):
            raise SystemExit(f"{reader}: gap junctions are not symmetric")
        sums = whether(chemical.sum(axis=1)), whether(chemical.sum(axis=0)), whether(gap.sum(axis=1))
        return Counts(ours(chemical), counts, *sums)


def cells_of(neurons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the neurons and after them the body-wall muscles."""
    from cect.Cells import BODY_WALL_MUSCLE_NAMES  # pyright: ignore[reportMissingImports]

    return [*neurons, *({"name": m, "class": "muscle", "type": "muscle"} for m in BODY_WALL_MUSCLE_NAMES)]


def blocks(counts: Counts, neurons: int) -> dict[str, np.ndarray]:
    """Return which pairs of cells a kind of connection may join and the data set speaks of, (cell, cell)."""
    neuron = np.arange(len(counts.sends)) < neurons
    chemical = np.outer(counts.sends & neuron, counts.receives)
    return {
        "chemical": chemical & neuron[None, :],
        "gap_junction": np.triu(np.outer(counts.coupled & neuron, counts.coupled)),
        "neuromuscular": chemical & ~neuron[None, :],
    }


def connection_rows(
    cells: list[dict[str, Any]],
    neurons: int,
    rules: list[dict[str, str]],
    cook: Counts,
    other: tuple[str, Counts] | None = None,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the rows of a table of connections, and those of connectomes.csv about it.

    Kinds come in the order chemical, gap_junction (stored once), neuromuscular. `other` is the name and the
    counts of the data set that is laid over Cook's; its rows also say who counted them, and how many.
    """
    name, counts = other or (COOK, cook)
    anybody = (np.ones(len(cells), bool),) * 3
    possible = blocks(Counts(cook.chemical, cook.gap, *anybody), neurons)
    spoken = blocks(counts, neurons) if other else possible
    rows: list[dict[str, Any]] = []
    about: list[dict[str, Any]] = []
    for kind in KINDS:
        theirs, own = (each.gap if kind == "gap_junction" else each.chemical for each in (cook, counts))
        theirs, own = theirs * possible[kind], own * spoken[kind]
        both = (own > 0) & (theirs > 0)
        factor = float(f"{theirs[both].sum() / own[both].sum():.4f}") if both.any() else None
        of_kind: list[dict[str, Any]] = []
        for i, j in zip(*np.nonzero(np.where(spoken[kind], own, theirs)), strict=True):
            sign, source = (0, "") if kind == "gap_junction" else sign_of(cells[i], cells[j], rules)
            row = {"pre": cells[i]["name"], "post": cells[j]["name"], "kind": kind}
            mine = bool(spoken[kind][i, j])
            count = int(own[i, j] if mine else theirs[i, j])
            weight = round(count * factor, 3) if mine and other and factor else count
            row |= {"weight": weight, "sign": sign, "source": source}
            of_kind.append(row | ({"count": count, "counted_in": name if mine else COOK} if other else {}))
        rows += of_kind
        taken = [row for row in of_kind if row.get("counted_in", COOK) == name]
        weight, own_weight = (sum(row["weight"] for row in some) for some in (of_kind, taken))
        about.append(
            {
                "connectome": name, "kind": kind, "connections": len(of_kind), "weight": round(weight, 1),
                "own_connections": len(taken), "own_contacts": int(own.sum()),
                "pairs_in_both": int(both.sum()), "factor": (factor or "") if other else "",
                "share_of_connections": round(len(taken) / len(of_kind), 3),
                "share_of_weight": round(own_weight / weight, 3),
            }
        )  # fmt: skip
    return rows, about


def coverage(name: str, counts: Counts, neurons: int) -> dict[str, Any]:
    """Return how many neurons and muscles a data set has."""
    there = counts.sends | counts.receives | counts.coupled
    return {
        "connectome": name, "neurons": int(there[:neurons].sum()), "muscles": int(there[neurons:].sum()),
        "send": int(counts.sends[:neurons].sum()), "receive": int(counts.receives[:neurons].sum()),
        "coupled": int(counts.coupled[:neurons].sum()),
    }  # fmt: skip


def check(rows: list[dict[str, Any]], neurons: list[dict[str, Any]]) -> None:
    """Stop when the counts are not those written in FACTS."""
    names = {neuron["name"] for neuron in neurons}
    muscle_gaps = [r for r in rows if r["kind"] == "gap_junction" and r["post"] not in names]
    found = {
        kind: (len(some), sum(r["weight"] for r in some))
        for kind in EXPECTED
        for some in [[r for r in rows if r["kind"] == kind and r not in muscle_gaps]]
    }
    gap_muscle = (len(muscle_gaps), sum(r["weight"] for r in muscle_gaps))
    if found != EXPECTED or gap_muscle != EXPECTED_GAP_MUSCLE or len(neurons) != 302:
        raise SystemExit(f"counts differ: {found}, neuron-muscle gap {gap_muscle}, {len(neurons)} neurons")


def write(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as CSV with Unix line ends."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def markdown(covered: Sequence[Mapping[str, Any]], about: Sequence[Mapping[str, Any]]) -> str:
    """Return what README.md says of the connectomes, as two tables."""
    heads = ("data set", "neurons", "that send", "that receive", "with gap junctions", "muscles")
    keys = ("neurons", "send", "receive", "coupled", "muscles")
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| `{row['connectome']}` | {' | '.join(str(row[key]) for key in keys)} |" for row in covered]
    heads = (
        "`connectome`", "kind", "connections", "weight", "its own connections", "its own contacts",
        "times", "own share of connections", "of weight",
    )  # fmt: skip
    lines += ["", f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for row in about:
        cells = [f"`{row['connectome']}`", row["kind"].replace("_", " ")]
        cells += [f"{row[key]:,}" for key in ("connections", "weight", "own_connections", "own_contacts")]
        shares = [f"{row[key]:.0%}" for key in ("share_of_connections", "share_of_weight")]
        lines.append(f"| {' | '.join([*cells, str(row['factor']), *shares])} |")
    return "\n".join(lines)


def put(readme: Path, text: str) -> None:
    """Put a text between the marks of README.md."""
    opening, closing = MARKS
    whole = readme.read_text(encoding="utf-8")
    before, after = whole.split(opening)[0], whole.split(closing)[1]
    readme.write_text(f"{before}{opening}\n{text}\n{closing}{after}", encoding="utf-8")


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description="Make neurons.csv and the tables of connections from cect.")
    parser.add_argument("--output", type=Path, default=HERE)
    folder = parser.parse_args().output
    with redirect_stdout(sys.stderr):  # cect reports every row it reads
        neurons = neuron_rows()
        cells, rules = cells_of(neurons), read_rules(HERE / "receptor_signs.csv")
        names, n = [cell["name"] for cell in cells], len(neurons)
        cook = Counts.read("Cook2019HermReader", names, from_cache=True)
        others = {name: Counts.read(reader, names) for name, reader in OTHERS.items()}
    connections, about = connection_rows(cells, n, rules, cook)
    check(connections, neurons)
    write(folder / "neurons.csv", neurons)
    write(folder / "connections.csv", connections)
    for name, counts in others.items():
        rows, more = connection_rows(cells, n, rules, cook, (name, counts))
        write(folder / f"connections_{name}.csv", rows)
        about += more
    write(folder / "connectomes.csv", about)
    covered = [coverage(name, counts, n) for name, counts in {COOK: cook, **others}.items()]
    if folder == HERE:
        put(HERE / "README.md", markdown(covered, about))
    print(f"wrote {n} neurons and {1 + len(others)} tables of connections to {folder}")


if __name__ == "__main__":
    main()
