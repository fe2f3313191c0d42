"""Controllers of many animals that act at once: brains on the same wiring in one compiled call."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np

from neuromech._lib.types import Observation
from neuromech.brain.compiled import WIDTH, side_by_side
from neuromech.controllers.base import Controller
from neuromech.controllers.connectome import ConnectomeController


class SideBySide(ABC):
    """Controllers, one for each animal, that act together.

    While they do, what each remembers may lie with all of them; `give_back` puts it into the controllers.
    """

    @abstractmethod
    def act(self, observations: Sequence[Observation]) -> Sequence[np.ndarray]:
        """Return the muscle excitations of every animal, float32 (muscle,) each."""

    def give_back(self) -> None:  # noqa: B027  (most keep nothing)
        """Put what each controller remembers into it."""


class OneByOne(SideBySide):
    """Controllers of any kind, one after the other; each acts to the bit as it does alone."""

    def __init__(self, controllers: Sequence[Controller]) -> None:
        self._controllers = controllers

    def act(self, observations: Sequence[Observation]) -> Sequence[np.ndarray]:
        """Return what each decides on."""
        return [each.act(seen) for each, seen in zip(self._controllers, observations, strict=True)]


class SameWiring(SideBySide):
    """Up to `WIDTH` connectome controllers whose brains are equal, in one compiled call.

    The call goes through its lanes in a loop, so that what a brain does depends neither on how many others
    there are nor on what they do. A brain alone goes through such a loop, too (`ConnectomeController.act`).
    """

    def __init__(self, controllers: Sequence[ConnectomeController]) -> None:
        self._controllers = controllers
        first = controllers[0]
        self._advance, self._packed = side_by_side(*first.compilation).steps, first.packed
        self._given = np.zeros((WIDTH, first.inputs), np.float32)
        idle = [first.packed_state] * (WIDTH - len(controllers))
        states = [each.packed_state for each in controllers] + idle
        self._state = [jnp.stack(arrays) for arrays in zip(*states, strict=True)]

    def act(self, observations: Sequence[Observation]) -> Sequence[np.ndarray]:
        """Return what each decides on; rows of one array."""
        for each, seen, given in zip(self._controllers, observations, self._given, strict=False):
            each.fill_inputs(seen, given)
        # JAX may read the array that it is given later on, when it is filled anew: it gets a copy.
        self._state, shown = self._advance(
            self._packed, self._state, self._given.copy(), len(self._controllers)
        )
        rows = np.asarray(shown)
        return [each.show(row) for each, row in zip(self._controllers, rows, strict=False)]

    def give_back(self) -> None:
        """Put every brain's state into its controller."""
        for lane, each in enumerate(self._controllers):
            each.packed_state = [array[lane] for array in self._state]


class Mixed(SideBySide):
    """Groups of controllers side by side."""

    def __init__(self, groups: Sequence[tuple[Sequence[int], SideBySide]]) -> None:
        self._groups = groups

    def act(self, observations: Sequence[Observation]) -> Sequence[np.ndarray]:
        """Return what each decides on."""
        found: dict[int, np.ndarray] = {}
        for lanes, group in self._groups:
            found |= zip(lanes, group.act([observations[lane] for lane in lanes]), strict=True)
        return [found[lane] for lane in range(len(observations))]

    def give_back(self) -> None:
        """Put what each controller remembers into it."""
        for _, group in self._groups:
            group.give_back()


def side_by_side_of(controllers: Sequence[Controller]) -> SideBySide:
    """Return the group of some controllers: equal brains in one call, all others one by one.

    Which of the two a brain is follows from its own perturbations, and never from the others: wiring that
    every seed shuffles anew has no equal, and acts to the bit as it does alone.
    """
    alone: list[int] = []
    alike: list[list[int]] = []
    sharing: dict[int, ConnectomeController] = {}
    for lane, each in enumerate(controllers):
        if type(each) is not ConnectomeController or each.circuit.perturb.by_seed:
            alone.append(lane)
            continue
        sharing[lane] = each
        fitting = (lanes for lanes in alike if len(lanes) < WIDTH and _equal(sharing[lanes[0]], each))
        if (lanes := next(fitting, None)) is not None:
            lanes.append(lane)
        else:
            alike.append([lane])
    groups: list[tuple[list[int], SideBySide]] = [
        (lanes, SameWiring([sharing[lane] for lane in lanes])) for lanes in alike
    ]
    if alone:
        groups.append((alone, OneByOne([controllers[lane] for lane in alone])))
    return groups[0][1] if len(groups) == 1 else Mixed(groups)


def _equal(one: ConnectomeController, other: ConnectomeController) -> bool:
    """Say whether two brains are of one compilation and have equal numbers."""
    if one.compilation != other.compilation:
        return False
    pairs = zip(one.packed, other.packed, strict=True)
    return all(a is b or np.array_equal(a, b) for a, b in pairs)
