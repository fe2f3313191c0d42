"""A loop that is played period by period and takes acts in between: the window's hands, without a window."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuromech.loop import Loop
from neuromech.specs.run import Run
from neuromech.viewer.acts import Act

LEAST_DURATION_S = 1e6
"""A run that is watched goes on until somebody stops it: as long as this, s."""


@dataclass(frozen=True)
class Done:
    """An act, and when in the episode it was done, s."""

    t_s: float
    act: Act


class Player:
    """The episode of a run, played as far as one asks, and changed on the way.

    An act makes the run one that has it from the beginning (`Act.apply`); the loop of that run goes on from
    the state of the former one. The episode is then, to the last bit, the one that `run` would give if it
    were played from its beginning.

    Parameters
    ----------
    run : what is played.
    controller : in place of the run's own, as `Loop.of` takes it.

    Raises
    ------
    InputError
        Something in the run is wrong.
    """

    def __init__(self, run: Run, controller: Any = None) -> None:
        self._first = dataclasses.replace(run, episodes=1, video=False)
        """The run without any act that has a time."""
        self._controller = controller
        self.done: list[Done] = []
        """What was done in this episode, in its order."""
        self.run = self._first
        self.loop = self._made(self._first)
        self._begin()

    @property
    def time_s(self) -> float:
        """The time in the episode, s."""
        return self.loop.world.time_s

    @property
    def saved_run(self) -> Run:
        """The run that repeats the episode as far as it was played, at least one recorded sample."""
        clock = self.run.clock
        until_s = max(self.time_s, clock.record_s)
        periods = round(until_s / clock.control_s)
        return dataclasses.replace(self.run, duration_s=periods * clock.control_s)

    def advance(self, periods: int = 1) -> None:
        """Play some control periods.

        Raises
        ------
        InputError
            The physics has become unstable; `reset` begins again.
        """
        loop = self.loop
        for _ in range(periods):
            self.excitation = loop.controller.act(loop.observed)
            loop.went_on(loop.animal.step(self.excitation))

    def do(self, act: Act) -> None:
        """Do something now, between two control periods.

        Raises
        ------
        InputError
            It makes no sense; the episode is then as it was.
        """
        if act.RESTARTS:
            first = act.apply(self._first, 0.0)
            if self._controller is not None and getattr(act, "controller", None) is not None:
                self._controller = None
            loop = self._made(first)
            self._first, self.run, self.loop, self.done = first, first, loop, []
            self._begin()
            return
        run = act.apply(self.run, self.time_s)
        loop = self._made(run)
        loop.restore_state(self.loop.save_state())
        loop.begin()
        self.run, self.loop = run, loop
        self.done.append(Done(self.time_s, act))

    def reset(self, seed: int | None = None) -> None:
        """Begin the episode again, without what was done at a time; with another seed, if one is given."""
        if seed is not None:
            self._first = dataclasses.replace(self._first, seed=seed)
        if self.run != self._first:
            self.loop = self._made(self._first)
        self.run, self.done = self._first, []
        self._begin()

    def _begin(self) -> None:
        self.loop.begin()
        self.excitation = np.zeros(len(self.loop.world.body.muscles), np.float32)

    def _made(self, run: Run) -> Loop:
        return Loop.of(dataclasses.replace(run, duration_s=LEAST_DURATION_S), controller=self._controller)
