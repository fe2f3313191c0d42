"""Write the tables of wirings/flywire630_P9_MDN from the graph that others published.

Run: python controllers/fly_brain/make_tables.py [GRAPH.gexf]
Without a file the one that `neuromech data fetch flywire630_P9_MDN` gets is read. Neurons keep the order and
the names of the graph; an edge has a `weight`, its number of synapses, and an attribute `sign`. README.md
says where the graph is from.
"""

import csv
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from neuromech.specs import datasets

NAME = "flywire630_P9_MDN"
FOLDER = Path(__file__).parent / "wirings" / NAME
EXPECTED = (194, 4833)
"""Neurons and edges, so that another graph under this name fails loudly."""


def tables(graph: Path) -> dict[str, list[list[object]]]:
    """Return the rows of neurons.csv and connections.csv, their headers first."""
    root = ElementTree.parse(graph).getroot()
    space = {"g": root.tag.partition("}")[0].lstrip("{")}
    sign = next(
        each.get("id") for each in root.iterfind(".//g:attribute", space) if each.get("title") == "sign"
    )
    neurons: list[list[object]] = [["id"]]
    neurons += [[node.get("id")] for node in root.iterfind(".//g:node", space)]
    connections: list[list[object]] = [["pre", "post", "count", "sign"]]
    for edge in root.iterfind(".//g:edge", space):
        values = {each.get("for"): each.get("value") for each in edge.iterfind(".//g:attvalue", space)}
        count = int(float(str(edge.get("weight"))))
        connections.append([edge.get("source"), edge.get("target"), count, int(str(values[sign]))])
    found = (len(neurons) - 1, len(connections) - 1)
    if found != EXPECTED:
        raise SystemExit(f"{graph} has {found} neurons and edges, not {EXPECTED}")
    return {"neurons.csv": neurons, "connections.csv": connections}


def main() -> None:
    """Read the graph and write both tables."""
    graph = (
        Path(sys.argv[1]) if len(sys.argv) > 1 else datasets.whole(datasets.find(NAME), datasets.path(NAME))
    )
    for file, rows in tables(graph).items():
        with (FOLDER / file).open("w", newline="", encoding="utf-8") as out:
            csv.writer(out, lineterminator="\n").writerows(rows)


if __name__ == "__main__":
    main()
