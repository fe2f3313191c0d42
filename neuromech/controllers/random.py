"""Random excitations: the floor that every controller must beat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.state import Stateful
from neuromech._lib.types import Observation
from neuromech.specs.controller import RandomSpec
from neuromech.specs.perturb import Perturb
from neuromech.specs.run import Clock, Run
from neuromech.world.body import Body


def build(run: Run, body: Body, parameters: Mapping[str, Any] | None = None) -> RandomController:
    """Build the random controller of a run; it has no parameters of its own to replace.

    Raises
    ------
    InputError
        The run perturbs neurons, of which there are none.
    """
    if run.perturb != Perturb():
        raise InputError(f"{run.controller.name} moves muscles without neurons: there is nothing to perturb")
    assert isinstance(run.controller, RandomSpec)
    return RandomController(run.controller, body, run.clock)


class RandomController(Stateful):
    """Each muscle follows an independent Ornstein-Uhlenbeck process about one half.

    Parameters
    ----------
    spec : merged controller.yaml; `tau_s` is the correlation time (s), `spread` the standard deviation.
    body : whose muscles it moves.
    clock : of the run.
    """

    activity_unit = "1"
    state_names = ("_rng", "_deviation")

    def __init__(self, spec: RandomSpec, body: Body, clock: Clock) -> None:
        self.neuron_names: tuple[str, ...] = ()
        self.neuron_groups: Mapping[str, tuple[str, ...]] = {}
        self.traces: tuple[str, ...] = ()
        self._count = len(body.muscles)
        self._keep = float(np.exp(-clock.control_s / spec.tau_s))
        self._spread = spec.spread
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Put every muscle at one half."""
        self._rng = np.random.default_rng(seed)
        self._deviation = np.zeros(self._count)

    def act(self, observation: Observation) -> np.ndarray:
        """Return the muscle excitations for the next control period, float32 (muscle,)."""
        kick = self._rng.standard_normal(self._count) * np.sqrt(1 - self._keep**2)
        self._deviation = self._keep * self._deviation + self._spread * kick
        return np.clip(0.5 + self._deviation, 0.0, 1.0).astype(np.float32)

    @property
    def activity(self) -> np.ndarray:
        """Nothing: there are no neurons."""
        return np.zeros(0, np.float32)
