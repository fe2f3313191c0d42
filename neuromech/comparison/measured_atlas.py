"""A measured functional atlas: which neurons answer when one is driven.

The one of Randi et al. 2023 (doi:10.1038/s41586-023-06683-4), or one in the same format: an npz file with
`neuron_ids` (neuron,) and, for each strain, `STRAIN_q`, `STRAIN_occ1` and `STRAIN_dFF` (responding, driven):
significance, observations and mean response; `STRAIN_half_a` and `STRAIN_half_b`, the mean responses over two
halves of the trials, give the ceiling. `STRAIN_latency` (responding, driven), s, is how long an answer takes,
where that is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float

from neuromech._lib.errors import InputError
from neuromech.tracking.io.tables import BROKEN_ARCHIVE, first_line

SIGNIFICANT = 0.05
"""A pair with a q below this is functionally connected (Randi et al. 2023)."""
FEWEST = 3
"""Pairs that were observed less often are left out."""
Matrix = Float[np.ndarray, "responding driven"]


@dataclass(frozen=True)
class MeasuredAtlas:
    """A measured atlas: names of neurons, and matrices (responding, driven), NaN where nothing is known.

    q: significance. observed: how often a pair was seen. amplitude: mean response. halves: mean responses
    over two halves of the trials; empty where the file has none. latency_s: how long an answer takes; None
    where the file does not say.
    """

    neurons: tuple[str, ...]
    q: Matrix
    observed: Matrix
    amplitude: Matrix
    halves: tuple[Matrix, ...]
    latency_s: Matrix | None = None

    @staticmethod
    def read(path: Path, strain: str) -> MeasuredAtlas:
        """Read a strain's matrices.

        Raises
        ------
        InputError
            The file cannot be read, or lacks a matrix.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                there = set(file.files)
                wanted = ("neuron_ids", *(f"{strain}_{part}" for part in ("q", "occ1", "dFF")))
                if missing := [name for name in wanted if name not in there]:
                    raise InputError(f"{path}: no measured atlas, it lacks {', '.join(missing)}")
                names, *matrices = (file[name] for name in wanted)
                halves = [f"{strain}_half_{part}" for part in "ab"]
                both = tuple(np.asarray(file[each], float) for each in halves if each in there)
                late = f"{strain}_latency"
                latency = (np.asarray(file[late], float),) if late in there else ()
        except InputError:
            raise
        except BROKEN_ARCHIVE as error:
            raise InputError(f"{path}: no measured atlas: {first_line(error)}") from None
        size = (len(names), len(names))
        if any(each.shape != size for each in (*matrices, *both, *latency)):
            raise InputError(f"{path}: matrices must be {size[0]} x {size[1]}, as there are neuron_ids")
        q, observed, amplitude = (np.asarray(each, float) for each in matrices)
        known = latency[0] if latency else None
        return MeasuredAtlas(tuple(map(str, names)), q, observed, amplitude, both, known)

    def among(self, neurons: tuple[str, ...]) -> MeasuredAtlas:
        """Return the part of some neurons, in their order; those that it does not have are NaN."""
        place = {name: k for k, name in enumerate(self.neurons)}
        at = np.array([place.get(name, -1) for name in neurons])
        known = at >= 0

        def part(matrix: Matrix) -> Float[np.ndarray, "kept kept"]:
            found = np.full((len(at), len(at)), np.nan)
            found[np.ix_(known, known)] = matrix[np.ix_(at[known], at[known])]
            return found

        halves = tuple(part(each) for each in self.halves)
        latency = None if self.latency_s is None else part(self.latency_s)
        return MeasuredAtlas(
            neurons, part(self.q), part(self.observed), part(self.amplitude), halves, latency
        )

    @property
    def pairs(self) -> Bool[np.ndarray, "responding driven"]:
        """Which pairs of different neurons were seen often enough."""
        seen = np.isfinite(self.q) & np.isfinite(self.amplitude) & (np.nan_to_num(self.observed) >= FEWEST)
        return seen & ~np.eye(len(self.neurons), dtype=bool)

    @property
    def functional(self) -> Bool[np.ndarray, "responding driven"]:
        """Which of these pairs are functionally connected."""
        return self.pairs & (np.nan_to_num(self.q, nan=1.0) < SIGNIFICANT)

    def of_driven(self, driven: Bool[np.ndarray, " driven"]) -> MeasuredAtlas:
        """Return the columns of some driven neurons; those of the others are NaN."""
        return replace(self, q=np.where(driven[None, :], self.q, np.nan))

    def fold(self, classes: Sequence[str], fold: int, folds: int) -> Bool[np.ndarray, " driven"]:
        """Return which driven neurons belong to one of some parts of equal size.

        Classes are dealt to the parts as a whole, the two sides of a neuron being alike: in the order of
        how many functional pairs they have, so that every part has about as many.

        Parameters
        ----------
        classes : (neuron,) of the neurons of this atlas.
        fold, folds : which part, from 0, and how many there are.
        """
        found = np.asarray(classes)
        driven, functional = self.pairs.any(axis=0), self.functional.sum(axis=0)
        names = sorted(set(found[driven]), key=lambda name: (-functional[found == name].sum(), name))
        # There and back again, as players are chosen: the first part does not get the largest of each round.
        order = [*range(folds), *range(folds - 1, -1, -1)]
        mine = [name for k, name in enumerate(names) if order[k % len(order)] == fold]
        return np.isin(found, mine) & driven
