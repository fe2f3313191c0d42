"""Neurons of a large wiring that have names: a controller's tables over the source's identities."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.brain.connectome import Connectome
from neuromech.brain.flywire import Brain


class Named:
    """The neurons of neurons.csv and where each is in the wiring.

    The table's column ``brain.column`` holds the wiring's name for each neuron; it is empty where the neuron
    is unknown in that release. connections.csv may hold what leaves the brain, onto muscles, only.

    Parameters
    ----------
    folders : of the controller.
    muscles : of the body.
    brain : the wiring.

    Raises
    ------
    InputError
        The table has no such column, a neuron appears twice, or a connection stays in the brain.
    """

    def __init__(self, folders: Sequence[Path], muscles: Sequence[str], brain: Brain) -> None:
        self.brain = brain
        self.connectome: Connectome = Connectome.read(folders, muscles)
        if self.connectome.chemical.any() or self.connectome.gap.any():
            raise InputError(
                f"{folders[-1] / 'connections.csv'}: the brain's own connections come with its wiring"
            )
        ids = [each for folder in folders for each in _column(folder / "neurons.csv", brain.column)]
        self.cells = brain.cells(ids)
        """Index of each named neuron in the wiring, -1 where it is not in it, (named,)."""
        there = self.cells[self.cells >= 0]
        if len(np.unique(there)) < len(there):
            twice = [
                name for name, cell in zip(self.names, self.cells, strict=True) if (there == cell).sum() > 1
            ]
            raise InputError(f"neurons.csv: {' and '.join(twice)} are one neuron of {brain.name}")

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in the table's order."""
        return self.connectome.neurons

    @property
    def absent(self) -> tuple[str, ...]:
        """Names that the wiring lacks."""
        return tuple(name for name, cell in zip(self.names, self.cells, strict=True) if cell < 0)

    def find(self, names: str | Iterable[str]) -> np.ndarray:
        """Indices in the wiring of named neurons, classes or types, without those that it lacks.

        Raises
        ------
        InputError
            There is no such name.
        """
        cells = self.cells[self.connectome.resolve(names)]
        return cells[cells >= 0]

    def must_find(self, names: str | Iterable[str]) -> np.ndarray:
        """The same for what someone asked for: also the wiring's own identities, and an error if it lacks
        all.

        Raises
        ------
        InputError
            There is no such name, or none of the neurons is in this wiring.
        """
        found = []
        for name in [names] if isinstance(names, str) else names:
            known = name in self.connectome.groups()
            cells = self.brain.cells([name])
            cells = self.find(name) if known or cells[0] < 0 else cells
            if not len(cells):
                raise InputError(f"{name} is not in the wiring {self.brain.name}")
            found.append(cells)
        return np.unique(np.concatenate(found)) if found else np.zeros(0, np.intp)

    def label(self, cell: int) -> str:
        """The name of a neuron of the wiring, or what its source calls it."""
        named = np.flatnonzero(self.cells == cell)
        return self.names[named[0]] if len(named) else str(self.brain.ids[cell])


def _column(path: Path, column: str) -> list[str]:
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if rows and column not in rows[0]:
        raise InputError(f"{path} has no column {column}, which names neurons of this wiring")
    return [(row[column] or "").strip() for row in rows]
