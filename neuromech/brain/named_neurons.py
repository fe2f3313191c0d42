"""Named neurons of a large wiring: a controller's tables, joined to the ids of the source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.brain.connectome import Connectome
from neuromech.brain.sparse_connectome import SparseConnectome
from neuromech.specs.controller import CONNECTIONS


class NamedNeurons:
    """The neurons of neurons.csv and where each is in a large wiring.

    The table's column `wiring.id_column` holds the wiring's id of each neuron, or its type and side
    (`SparseConnectome.find_described`); it is empty where the neuron is unknown in that release.
    connections.csv may hold what leaves the brain, onto muscles, only.

    Parameters
    ----------
    folders : of the controller.
    muscles : of the body.
    wiring : the large one.
    connections : the table of what leaves the brain.

    Raises
    ------
    InputError
        The table has no such column, a neuron appears twice, or a connection stays in the brain.
    """

    def __init__(
        self,
        folders: Sequence[Path],
        muscles: Sequence[str],
        wiring: SparseConnectome,
        connections: str = CONNECTIONS,
    ) -> None:
        self.wiring = wiring
        self.connectome = Connectome.read(folders, muscles, connections)
        if self.connectome.chemical.any() or self.connectome.gap.any():
            raise InputError(f"{folders[-1] / connections}: the brain's own connections come with its wiring")
        columns = self.connectome.annotations
        if wiring.id_column not in columns:
            table = folders[-1] / "neurons.csv"
            raise InputError(f"{table} has no column {wiring.id_column}, which names neurons of this wiring")
        self.cells = wiring.find_described(columns[wiring.id_column])
        """Index of each named neuron in the wiring, -1 where it is not in it, (named,)."""
        there = self.cells[self.cells >= 0]
        if len(np.unique(there)) < len(there):
            twice = [
                name for name, cell in zip(self.names, self.cells, strict=True) if (there == cell).sum() > 1
            ]
            raise InputError(f"neurons.csv: {' and '.join(twice)} are one neuron of {wiring.name}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in the table's order."""
        return self.connectome.neurons

    @property
    def absent(self) -> tuple[str, ...]:
        """Names that the wiring lacks."""
        return tuple(name for name, cell in zip(self.names, self.cells, strict=True) if cell < 0)

    def has(self, name: str) -> bool:
        """Return whether a name is that of a named neuron, class or type, or an id of the wiring."""
        return name in self.connectome.groups() or bool(self.wiring.find([name])[0] >= 0)

    def find(self, names: str | Iterable[str]) -> np.ndarray:
        """Return the indices in the wiring of named neurons, classes or types, without those that it lacks.

        Raises
        ------
        InputError
            There is no such name.
        """
        cells = self.cells[self.connectome.resolve(names)]
        return cells[cells >= 0]

    def must_find(self, names: str | Iterable[str]) -> np.ndarray:
        """Return the same for what someone asked for: ids of the wiring count, and one it lacks is an error.

        Raises
        ------
        InputError
            There is no such name, or none of the neurons that it means is in this wiring.
        """
        found = []
        for name in [names] if isinstance(names, str) else names:
            known = name in self.connectome.groups()
            cells = self.wiring.find([name])
            cells = self.find(name) if known or cells[0] < 0 else cells
            if not len(cells):
                raise InputError(f"{name} is not in the wiring {self.wiring.name}")
            found.append(cells)
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.intp)

    def label(self, cell: int) -> str:
        """Return the name of a neuron of the wiring, or its id."""
        named = np.flatnonzero(self.cells == cell)
        return self.names[named[0]] if len(named) else str(self.wiring.ids[cell])
