"""Make extrasynaptic.csv from the edge lists of Bentley et al. 2016 and the signs of receptor_couplings.csv.

Run once, by hand, where the `wormneuroatlas` package (0.0.7) is installed, which carries the lists::

    python make_extrasynaptic.py            # rewrites the table beside this script
    python make_extrasynaptic.py --lists FOLDER

A list names every releasing neuron with every receiving one: each receptor's edges are all pairs of who
releases its signal and who has it. The table says the two sets, by class where all of a class is in them, and
the script stops if the pairs of a set are not those of the list.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
LISTS = {
    "monoamine": "esconnectome_monoamines_Bentley_2016",
    "peptide": "esconnectome_neuropeptides_Bentley_2016",
}
COLUMNS = ("signal", "receptor", "kind", "releasing", "receiving", "sign", "source")


def natural(name: str) -> list[Any]:
    """Sort key that puts DB2 before DB10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def classes() -> dict[str, str]:
    """Return the class of every neuron of neurons.csv."""
    with (HERE / "neurons.csv").open(newline="", encoding="utf-8") as file:
        return {row["name"]: row["class"] for row in csv.DictReader(file)}


def couplings() -> dict[str, dict[str, str]]:
    """Return sign and source of every receptor."""
    with (HERE / "receptor_couplings.csv").open(newline="", encoding="utf-8") as file:
        return {row["receptor"]: row for row in csv.DictReader(file)}


def edges(folder: Path, name: str) -> Iterator[list[str]]:
    """Yield source, target, signal and receptor of each edge of a list, packed or not."""
    plain = folder / f"{name}.csv"
    text = (
        plain.read_text() if plain.is_file() else gzip.decompress(Path(f"{plain}.gz").read_bytes()).decode()
    )
    for row in csv.reader(text.splitlines()):
        if not row[0].startswith("#"):
            yield [cell.strip() for cell in row[:4]]


def told(neurons: Collection[str], class_of: Mapping[str, str]) -> str:
    """Return neurons by their class where all of it is among them, else by name."""
    if strange := [name for name in neurons if name not in class_of]:
        raise SystemExit(f"no such neurons: {strange}")
    found = []
    for name in sorted({class_of[each] for each in neurons}):
        members = {each for each, own in class_of.items() if own == name}
        found += [name] if members <= set(neurons) else sorted(members & set(neurons), key=natural)
    return " ".join(found)


def rows(folder: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of the table."""
    class_of, known = classes(), couplings()
    for kind, name in LISTS.items():
        releasing, receiving, count = defaultdict(set), defaultdict(set), defaultdict(set)
        for source, target, signal, receptor in edges(folder, name):
            key = (signal, receptor)
            releasing[key].add(source)
            receiving[key].add(target)
            count[key].add((source, target))
        for signal, receptor in sorted(count):
            key = (signal, receptor)
            if len(count[key]) != len(releasing[key]) * len(receiving[key]):
                raise SystemExit(f"{signal} and {receptor}: not all pairs are in the list")
            each = known[receptor]
            cells = (signal, receptor, kind, told(releasing[key], class_of), told(receiving[key], class_of))
            yield dict(zip(COLUMNS, (*cells, each["sign"], each["source"]), strict=True))


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(
        description="Make extrasynaptic.csv from the lists of Bentley et al. 2016."
    )
    parser.add_argument("--lists", type=Path, help="folder of the lists; that of wormneuroatlas otherwise")
    folder = parser.parse_args().lists
    if folder is None:
        package = find_spec("wormneuroatlas")
        if package is None or package.origin is None:
            raise SystemExit("wormneuroatlas is not installed; say --lists FOLDER")
        folder = Path(package.origin).parent / "data"
    with (HERE / "extrasynaptic.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(COLUMNS), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(folder))


if __name__ == "__main__":
    main()
