"""What a fit asks of an animal: scenarios, each with goals for what the body does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuromech.errors import InputError, unknown

WORST = 3.0
"""A goal costs at most this times its weight, so that one hopeless goal cannot hide the others."""


@dataclass(frozen=True)
class Goal:
    """A measure that should lie in [low, high]; outside, the cost grows by ``weight`` per ``scale``.

    With ``relative_to`` the measure is divided by the same measure of that scenario.
    """

    measure: str
    low: float = -np.inf
    high: float = np.inf
    scale: float = 1.0
    weight: float = 1.0
    relative_to: str | None = None

    def cost(self, value: float | None, reference: float | None = None) -> float:
        """Cost of ``value`` (None costs most); ``reference`` is the value of the other scenario."""
        if value is not None and self.relative_to is not None:
            value = value / reference if reference else None
        if value is None or not np.isfinite(value):
            return self.weight * WORST
        outside = max(0.0, (self.low - value) / self.scale, (value - self.high) / self.scale)
        return self.weight * min(WORST, outside)


@dataclass(frozen=True)
class Scenario:
    """One simulated situation: overrides of a run, the stretch that counts, and its goals.

    ``seeds`` are played one after the other and the goals' costs averaged. Where the cost exceeds ``gate`` the later
    scenarios are not simulated and count as failed: a worm that cannot crawl need not swim.
    """

    name: str
    run: tuple[str, ...]
    window_s: tuple[float, float]
    goals: tuple[Goal, ...]
    seeds: tuple[int, ...] = (0,)
    gate: float = np.inf

    @property
    def worst(self) -> float:
        """The cost of failing every goal."""
        return sum(goal.weight * WORST for goal in self.goals)


def scenarios(specs: Sequence[Mapping[str, Any]]) -> tuple[Scenario, ...]:
    """Read the ``scenarios`` of a fit's YAML.

    Raises
    ------
    InputError
        A key is unknown or missing, or a goal refers to a scenario that does not come before it.
    """
    found: list[Scenario] = []
    for spec in specs:
        known = Scenario.__dataclass_fields__
        for key in spec:
            if key not in known:
                raise unknown("key of a scenario", str(key), known)
        for key in ("name", "run", "window_s", "goals"):
            if key not in spec:
                raise InputError(f"a scenario needs {key}")
        goals = tuple(_goal(goal) for goal in spec["goals"])
        for goal in goals:
            if goal.relative_to is not None and goal.relative_to not in [s.name for s in found]:
                raise unknown("earlier scenario", goal.relative_to, [s.name for s in found])
        start, stop = (float(value) for value in spec["window_s"])
        seeds = tuple(int(seed) for seed in spec.get("seeds", (0,)))
        found.append(
            Scenario(str(spec["name"]), tuple(spec["run"]), (start, stop), goals, seeds, float(spec.get("gate", np.inf)))
        )
    return tuple(found)


def _goal(spec: Mapping[str, Any]) -> Goal:
    known = Goal.__dataclass_fields__
    for key in spec:
        if key not in known:
            raise unknown("key of a goal", str(key), known)
    numbers = {key: float(spec[key]) for key in ("low", "high", "scale", "weight") if key in spec}
    return Goal(str(spec["measure"]), relative_to=spec.get("relative_to"), **numbers)
