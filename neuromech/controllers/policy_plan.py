"""What a policy observes and does, and how often, as a controller.yaml or a training task gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.controllers.descending_port import CurrentChannel
from neuromech.controllers.observation_history import ObservationHistory
from neuromech.controllers.synergies import Synergies
from neuromech.specs.controller import CommandSpec
from neuromech.specs.environment import REFERENCE
from neuromech.world.body import Body

OF_CONTROLLERS = ("parameters", "wiring")
"""What a training may change of a controller: class-shared parameters, or the strengths of its synapses."""
LEARNERS = ("muscles", "descending", *OF_CONTROLLERS)
"""What a training may change: muscle excitations, descending currents, or numbers of a controller."""


@dataclass(frozen=True)
class PolicyPlan:
    """What a policy observes and does, and how often.

    It decides every `period_s`, on the channels of `senses` in that order, then on the activity of `neurons`,
    then on the same as they were `lags_s` ago. Without `commands` it acts on the muscles, or on groups of
    them where there are `synergies`, and `strength` is the most that it excites them; otherwise it passes
    currents into neurons.
    """

    period_s: float
    senses: tuple[str, ...]
    lags_s: tuple[float, ...] = ()
    neurons: tuple[str, ...] = ()
    commands: Mapping[str, CurrentChannel] | None = None
    strength: float = 1.0
    synergies: Synergies | None = None

    @staticmethod
    def of(
        body: Body,
        period_s: float,
        senses: Sequence[str],
        lags_s: Sequence[float] = (),
        neurons: Sequence[str] = (),
        commands: Mapping[str, CommandSpec] | None = None,
        strength: float = 1.0,
        synergies: Mapping[str, Mapping[str, float]] | None = None,
        told: Sequence[str] = (),
    ) -> PolicyPlan:
        """Make it of the keys of a controller.yaml or a task.

        `told` names what the world tells the animal beside what its body senses.

        Raises
        ------
        InputError
            A sense, or a muscle of a synergy, is not the body's, or there is no movement to imitate.
        """
        if REFERENCE in senses and REFERENCE not in told:
            raise InputError(
                "a policy that imitates is told a movement: give environment.reference.file what "
                "'neuromech retarget' wrote"
            )
        for name in senses:
            if name not in (known := (*body.spec.senses, *told)):
                raise unknown("sense of a policy", name, known)
        channels = {
            name: CurrentChannel(tuple(each.neurons), each.current_pA)
            for name, each in (commands or {}).items()
        }
        groups = Synergies.of(body, synergies) if synergies else None
        return PolicyPlan(
            period_s, tuple(senses), tuple(lags_s), tuple(neurons), channels or None, strength, groups
        )

    def actions(self, body: Body) -> int:
        """Return how many actions a decision has."""
        if self.commands is not None:
            return len(self.commands)
        return len(body.muscles if self.synergies is None else self.synergies.names)

    def periods_per_decision(self, control_s: float) -> int:
        """Return the number of control periods from one decision to the next.

        Raises
        ------
        InputError
            The decision period is no multiple of the control period.
        """
        return _multiple("period_s", self.period_s, control_s)

    def history(self) -> ObservationHistory:
        """Return an empty history of what it observes.

        Raises
        ------
        InputError
            A lag is no multiple of the decision period.
        """
        return ObservationHistory(
            self.senses, [_multiple("lags_s", lag, self.period_s) for lag in self.lags_s]
        )

    def excitations(self, action: np.ndarray) -> np.ndarray:
        """Return the muscle excitations of actions in [-1, 1]: 0 is half of `strength`."""
        each = action if self.synergies is None else self.synergies.muscles(action)
        return (self.strength * (0.5 + 0.5 * each)).astype(np.float32)


def _multiple(name: str, long_s: float, short_s: float) -> int:
    ratio = long_s / short_s
    if round(ratio) < 1 or abs(ratio - round(ratio)) > 1e-6 * ratio:
        raise InputError(f"{name}={long_s:g} must be a multiple of {short_s:g} s")
    return round(ratio)
