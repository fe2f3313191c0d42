"""What a policy observes and does, and how often, as a controller.yaml or a training task gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.controllers.descending_port import CurrentChannel
from neuromech.controllers.observation_history import ObservationHistory
from neuromech.world.body import Body

LEARNERS = ("muscles", "descending", "parameters")
"""What a training may change: muscle excitations, descending currents, or class-shared parameters."""


@dataclass(frozen=True)
class PolicySpec:
    """What a policy observes and does, and how often.

    It decides every `period_s`, on the channels of `senses` in that order, then on the activity of `neurons`,
    then on the same as they were `lags_s` ago. Without `commands` it acts on the muscles, and `strength` is
    the most that it excites them; otherwise it passes currents into neurons.
    """

    period_s: float
    senses: tuple[str, ...]
    lags_s: tuple[float, ...] = ()
    neurons: tuple[str, ...] = ()
    commands: Mapping[str, CurrentChannel] | None = None
    strength: float = 1.0

    @staticmethod
    def of(spec: Mapping[str, Any], body: Body) -> PolicySpec:
        """Read it from controller.yaml or a task, checked against the body.

        Raises
        ------
        InputError
            A sense is not the body's, or a number makes no sense.
        """
        period, senses = spec["period_s"], [str(name) for name in spec["senses"]]
        if not _above_zero(period):
            raise InputError(f"period_s must be a number above 0, not {period!r}")
        for name in senses:
            if name not in body.spec.senses:
                raise unknown("sense of a policy", name, body.spec.senses)
        for lag in spec.get("lags_s") or ():
            if not _above_zero(lag):
                raise InputError(f"lags_s must be numbers above 0, not {lag!r}")
        strength = spec.get("strength", 1.0)
        if not _above_zero(strength) or strength > 1:
            raise InputError(f"strength must be a number above 0 and at most 1, not {strength!r}")
        commands = None
        if spec.get("commands"):
            commands = {str(name): _channel(str(name), each) for name, each in spec["commands"].items()}
        return PolicySpec(
            float(period),
            tuple(senses),
            tuple(float(lag) for lag in spec.get("lags_s") or ()),
            tuple(str(name) for name in spec.get("neurons") or ()),
            commands,
            float(strength),
        )

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
        return (self.strength * (0.5 + 0.5 * action)).astype(np.float32)


def _channel(name: str, spec: Mapping[str, Any]) -> CurrentChannel:
    for key in ("neurons", "current_pA"):
        if key not in spec:
            raise InputError(f"commands.{name} needs {key}")
    if not _above_zero(spec["current_pA"]):
        raise InputError(f"commands.{name}.current_pA must be a number above 0, not {spec['current_pA']!r}")
    return CurrentChannel(tuple(str(each) for each in spec["neurons"]), float(spec["current_pA"]))


def _above_zero(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < np.inf


def _multiple(name: str, long_s: float, short_s: float) -> int:
    ratio = long_s / short_s
    if round(ratio) < 1 or abs(ratio - round(ratio)) > 1e-6 * ratio:
        raise InputError(f"{name}={long_s:g} must be a multiple of {short_s:g} s")
    return round(ratio)
