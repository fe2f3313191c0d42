"""One control period of an animal as a program of compiled calls: muscles, physics, medium, senses.

It does to the bit what `World.step` and `Animal.observe` do, which are the readable reference, and holds no
lock of Python's: many animals go on at once on threads. A world whose medium or stimulus has no compiled form
has no such program, and is stepped by the reference; a sense that has none is read after the program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from neuromech._lib.kernels import Call, run, table
from neuromech._lib.state import has_state
from neuromech._lib.types import Observation
from neuromech.senses.base import Live, Sense, Surroundings
from neuromech.world.world import World


class CompiledPeriod:
    """The program of one animal, bound to the memory of its simulation.

    It is of no use for another simulation, nor after the parts of this one have been exchanged: a copy, or a
    restored state, is bound anew.

    Parameters
    ----------
    world : whose physics is stepped, and for which `World.compiled` has returned calls.
    calls : what that was.
    senses : what is read at the end of the period.
    around : what the senses may look at.
    """

    def __init__(
        self, world: World, calls: Sequence[Call], senses: Mapping[str, Sense], around: Surroundings
    ) -> None:
        self._world = world
        live = Live(world.model, world.data, world.period_memory.clock_s, around)
        sizes = [len(sense.channels) for sense in senses.values()]
        self._seen = np.zeros(sum(sizes), np.float32)
        ends = np.cumsum(sizes, dtype=int).tolist()
        self._places = [
            (name, slice(end - size, end)) for name, size, end in zip(senses, sizes, ends, strict=True)
        ]
        self._calls, self._read_after, self._whole = list(calls), [], True
        for (name, sense), (_, place) in zip(senses.items(), self._places, strict=True):
            found = sense.compiled(live, self._seen[place])
            if found is None:
                self._read_after.append((name, sense.read))
                self._whole &= not has_state(sense)
            else:
                self._calls += found
        self._around = around
        self.program = table(self._calls)
        """What `kernels.run` carries out, (call, 2)."""

    def step(self, excitation: np.ndarray) -> Observation:
        """Hold `excitation` (muscle,) for one control period; returns what the animal then senses.

        Raises
        ------
        InputError
            As `World.step`.
        """
        self.begin(excitation)
        run(self.program)
        return self.finish()

    def begin(self, excitation: np.ndarray) -> None:
        """Put the excitation (muscle,) and the time where the program finds them; see `step`."""
        self._world.begin_period(excitation)

    @property
    def whole(self) -> bool:
        """Whether the program can be run several times in one go, and all senses be read after the last.

        A sense that has no compiled reading and remembers something is to be read in every period.
        """
        return self._whole

    def finish(self) -> Observation:
        """Take note that the program has been run; returns one float32 array (channel,) per sense."""
        world = self._world
        world.finish_period()
        seen = self._seen.copy()
        observed = {name: seen[each] for name, each in self._places}
        for name, read in self._read_after:
            observed[name] = read(world.data, world.time_s, self._around)
        return observed


def compiled_period(world: World, senses: Mapping[str, Sense], around: Surroundings) -> CompiledPeriod | None:
    """Return the program of an animal; None where a part of its world has no compiled form."""
    calls = world.compiled()
    return None if calls is None else CompiledPeriod(world, calls, senses, around)
