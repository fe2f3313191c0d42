"""Large wirings that a controller's folder ships, and the choice among those and the ones that are fetched.

A wiring is a folder ``wirings/NAME`` beside controller.yaml. ``wiring.yaml`` has a ``note`` that says what it
cannot show (empty if it is whole); ``neurons.csv`` has the ``id`` of each neuron, what the source calls it;
``connections.csv`` has ``pre`` and ``post`` (ids), the ``count`` of contacts and the ``sign``, 1 or -1.
The controller's own neurons.csv gives its names for these neurons in a column called NAME.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.brain import connectome, flywire
from neuromech.brain.flywire import Brain
from neuromech.brain.neurons.synapses import Synapses
from neuromech.specs import content

SIGNS = {"1": 1, "-1": -1}


def find(folders: Sequence[Path]) -> dict[str, Path]:
    """Return the folders of the wirings that a controller's folders ship, by name; the last folder wins."""
    return {file.parent.name: file.parent for each in folders for file in each.glob("wirings/*/wiring.yaml")}


def read(folder: Path) -> Brain:
    """Return a shipped wiring; its neurons have the order of the table.

    Raises
    ------
    InputError
        A table or a cell is missing, or names a neuron that is not there; the message has file and line.
    """
    table = folder / "neurons.csv"
    index: dict[str, int] = {}
    for line, row in connectome.read_rows(table, ("id",)):
        if row["id"] in index:
            raise InputError(f"{table} line {line}: neuron {row['id']} is there twice")
        index[row["id"]] = len(index)
    table = folder / "connections.csv"
    edges = []
    for line, row in connectome.read_rows(table, ("pre", "post", "count", "sign")):
        for end in (row["pre"], row["post"]):
            if end not in index:
                raise InputError(f"{table} line {line}: {unknown('neuron', end, index)}")
        if not (row["count"].isdecimal() and int(row["count"])) or row["sign"] not in SIGNS:
            raise InputError(
                f"{table} line {line}: count must be a whole number above 0 and sign 1 or -1, "
                f"not {row['count']} and {row['sign']}"
            )
        edges.append((index[row["pre"]], index[row["post"]], int(row["count"]) * SIGNS[row["sign"]]))
    pre, post, count = np.array(edges, np.int64).reshape(-1, 3).T
    synapses = Synapses.of(len(index), pre, post, count)
    note = str(content.read_yaml(folder / "wiring.yaml").get("note", ""))
    return Brain(folder.name, folder.name, np.array(list(index)), synapses, note)


def first(names: Iterable[str], folders: Sequence[Path]) -> Brain:
    """Return the first of several wirings that the folders ship or that is on this machine.

    Raises
    ------
    InputError
        There is no such wiring, or none of them is here; the message says which can be fetched, and how.
    """
    wanted, ready = list(names), find(folders)
    known = {*flywire.SOURCES, *ready}
    for name in wanted:
        if name not in known:
            raise unknown("wiring", name, known)
    for name in wanted:
        if name in ready:
            return read(ready[name])
        if flywire.here(name):
            return flywire.load(name)
    raise flywire.absent(wanted)
