"""Make neurons.csv and connections.csv of this folder from the `cect` package.

Run once, by hand, in an environment of its own that has cect 0.3.5; neuromech itself never imports cect::

    python make_tables.py            # rewrites the two tables beside this script
    python make_tables.py --output /tmp/tables

Sources: wiring of Cook et al. 2019 (doi 10.1038/s41586-019-1352-7), transmitters of Wang et al. 2024
(doi 10.7554/eLife.95402), both as cect gives them; signs by the rules in receptor_signs.csv.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Iterable, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
SOURCE = "Cook2019+Wang2024 via cect 0.3.5"

# FACTS the tables must reproduce; a new cect release that moves them should fail loudly, not silently.
EXPECTED = {"chemical": (3709, 20965), "gap_junction": (1105, 5779), "neuromuscular": (956, 5515)}
EXPECTED_GAP_MUSCLE = (5, 9)

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


def connection_rows(neurons: list[dict[str, Any]], rules: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Return the rows of connections.csv: chemical, gap_junction (stored once), neuromuscular."""
    from cect.Cells import BODY_WALL_MUSCLE_NAMES  # pyright: ignore[reportMissingImports]
    from cect.readers.Cook2019HermReader import get_instance  # pyright: ignore[reportMissingImports]

    cook = get_instance(from_cache=True)
    cells = [*neurons, *({"name": m, "class": "muscle", "type": "muscle"} for m in BODY_WALL_MUSCLE_NAMES)]
    index = [cook.nodes.index(cell["name"]) for cell in cells]
    chemical = np.asarray(cook.connections["Generic_CS"])[np.ix_(index, index)]
    gap = np.asarray(cook.connections["Generic_GJ"])[np.ix_(index, index)]
    n = len(neurons)
    if not np.array_equal(gap, gap.T):
        raise SystemExit("gap junctions are not symmetric")

    rows: list[dict[str, Any]] = []
    sources = (("chemical", chemical[:n, :n]), ("gap_junction", np.triu(gap)), ("neuromuscular", chemical))
    for kind, matrix in sources:
        for i, j in zip(*np.nonzero(matrix), strict=True):
            if kind == "neuromuscular" and not (i < n <= j) or kind == "gap_junction" and i >= n:
                continue
            sign, source = (0, "") if kind == "gap_junction" else sign_of(cells[i], cells[j], rules)
            row = {"pre": cells[i]["name"], "post": cells[j]["name"], "kind": kind}
            rows.append(row | {"weight": int(matrix[i, j]), "sign": sign, "source": source})
    return rows


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


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write rows as CSV with Unix line ends."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Write the tables."""
    parser = argparse.ArgumentParser(description="Make neurons.csv and connections.csv from cect.")
    parser.add_argument("--output", type=Path, default=HERE)
    folder = parser.parse_args().output
    with redirect_stdout(sys.stderr):  # cect reports every row it reads
        neurons = neuron_rows()
        connections = connection_rows(neurons, read_rules(HERE / "receptor_signs.csv"))
    check(connections, neurons)
    write(folder / "neurons.csv", neurons)
    write(folder / "connections.csv", connections)
    print(f"wrote {len(neurons)} neurons and {len(connections)} connections to {folder}")


if __name__ == "__main__":
    main()
