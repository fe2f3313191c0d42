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

    While they do, what each remembers may lie with all of them: `give_back` puts it into the controllers
    again, and `take` takes one of them over after it was reset or restored.
    """

    @abstractmethod
    def act(self, observations: Sequence[Observation]) -> Sequence[np.ndarray]:
        """Return the muscle excitations of every animal, float32 (muscle,) each."""

    def take(self, lane: int) -> None:  # noqa: B027  (most keep nothing)
        """Take over the state of one controller."""

    def give_back(self) -> None:  # noqa: B027
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
    there are nor on what they do. It is another program than that of a brain alone, which the compiler may
    have given another order of sums: single-precision numbers may then differ from those in their last bits.
    """

    def __init__(self, controllers: Sequence[ConnectomeController]) -> None:
        self._controllers = controllers
        first = controllers[0]
        self._advance, self._packed = side_by_side(*first.compilation), first.packed
        sizes = first.input_sizes
        self._sensed, self._injected, self._present = (np.zeros((WIDTH, n), np.float32) for n in sizes)
        idle = [first.packed_state] * (WIDTH - len(controllers))
        states = [each.packed_state for each in controllers] + idle
        self._state = [jnp.stack(arrays) for arrays in zip(*states, strict=True)]

    def act(self, observations: Sequence[Observation]) -> Sequence[np.ndarray]:
        """Return what each decides on; rows of one array."""
        for lane, (each, seen) in enumerate(zip(self._controllers, observations, strict=True)):
            each.fill_inputs(seen, self._sensed[lane], self._injected[lane], self._present[lane])
        # JAX may read the arrays that it is given later on, when they are filled anew: it gets copies.
        given = self._sensed.copy(), self._injected.copy(), self._present.copy()
        self._state, excitations, activity = self._advance(
            self._packed, self._state, *given, len(self._controllers)
        )
        excited, active = np.asarray(excitations), np.asarray(activity)
        for lane, each in enumerate(self._controllers):
            each.show(active[lane])
        return [excited[lane] for lane in range(len(self._controllers))]

    def take(self, lane: int) -> None:
        """Take over the state of one controller."""
        mine = self._controllers[lane].packed_state
        self._state = [all_.at[lane].set(own) for all_, own in zip(self._state, mine, strict=True)]

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

    def take(self, lane: int) -> None:
        """Take over the state of one controller."""
        for lanes, group in self._groups:
            if lane in lanes:
                group.take(lanes.index(lane))

    def give_back(self) -> None:
        """Put what each controller remembers into it."""
        for _, group in self._groups:
            group.give_back()


def side_by_side_of(controllers: Sequence[Controller]) -> SideBySide:
    """Return the group of some controllers: equal brains in one call, all others one by one.

    Which of the two a brain is follows from its own perturbations, and never from the others: wiring that
    every seed shuffles anew has no equal, and acts to the bit as it does alone.
    """
    alike: list[list[int]] = []
    for lane, each in enumerate(controllers):
        for lanes in alike:
            if len(lanes) < WIDTH and _equal(controllers[lanes[0]], each):
                lanes.append(lane)
                break
        else:
            alike.append([lane])
    groups = [(lanes, _group([controllers[lane] for lane in lanes])) for lanes in alike]
    return groups[0][1] if len(groups) == 1 else Mixed(groups)


def _group(controllers: Sequence[Controller]) -> SideBySide:
    connectomes = [each for each in controllers if type(each) is ConnectomeController and _has_equals(each)]
    return SameWiring(connectomes) if len(connectomes) == len(controllers) else OneByOne(controllers)


def _has_equals(controller: ConnectomeController) -> bool:
    return not controller.circuit.perturb.shuffle_wiring


def _equal(one: Controller, other: Controller) -> bool:
    """Say whether two controllers may be one group: brains of one compilation with equal numbers."""
    if type(one) is not ConnectomeController or type(other) is not ConnectomeController:
        return False
    if not (_has_equals(one) and _has_equals(other)):
        return False
    if one.compilation != other.compilation:
        return False
    pairs = zip(one.packed, other.packed, strict=True)
    return all(a is b or np.array_equal(a, b) for a, b in pairs)
