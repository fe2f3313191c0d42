"""The goals of a fit: scenarios, each with goals for the movement of the body."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.specs.checking import Origin, check
from neuromech.training.fit_spec import GoalSpec, ScenarioSpec

WORST = 3.0
"""A goal costs at most this times its weight, so that one hopeless goal cannot hide the others."""


@dataclass(frozen=True)
class Goal:
    """A measure that should lie in [low, high]; outside, the cost grows by `weight` per `scale`.

    With `relative_to` the measure is divided by the same measure of that scenario.
    """

    measure: str
    low: float = -np.inf
    high: float = np.inf
    scale: float = 1.0
    weight: float = 1.0
    relative_to: str | None = None

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise InputError(f"goal {self.measure}: low={self.low:g} is above high={self.high:g}")

    def cost(self, value: float | None, reference: float | None = None) -> float:
        """Cost of `value` (None costs most); `reference` is the value of the other scenario."""
        if value is not None and self.relative_to is not None:
            value = value / reference if reference else None
        if value is None or not np.isfinite(value):
            return self.weight * WORST
        outside = max(0.0, (self.low - value) / self.scale, (value - self.high) / self.scale)
        return self.weight * min(WORST, outside)


@dataclass(frozen=True)
class Scenario:
    """One simulated situation: overrides of a run, the stretch that counts, and its goals.

    `seeds` are played one after the other and the goals' costs averaged. Where the cost exceeds `gate`
    the later scenarios are not simulated and count as failed: a worm that cannot crawl need not swim.
    `over` are overrides that come last, behind those of the run and the seed.
    """

    name: str
    run: tuple[str, ...]
    window_s: tuple[float, float]
    goals: tuple[Goal, ...]
    seeds: tuple[int, ...] = (0,)
    gate: float = np.inf
    over: tuple[str, ...] = ()

    @property
    def worst(self) -> float:
        """The cost of failing every goal."""
        return sum(goal.weight * WORST for goal in self.goals)


def scenarios(specs: Sequence[Mapping[str, Any]], over: tuple[str, ...] = ()) -> tuple[Scenario, ...]:
    """Read the `scenarios` of a fit's YAML; each gets the overrides `over` beside its own.

    Raises
    ------
    InputError
        A key is unknown or missing, or a goal refers to a scenario that does not come before it.
    """
    found: list[Scenario] = []
    for number, tree in enumerate(specs):
        spec = check(ScenarioSpec, tree, Origin(above=("scenarios", number)))
        goals = tuple(_goal(goal) for goal in spec.goals)
        for goal in goals:
            if goal.relative_to is not None and goal.relative_to not in [s.name for s in found]:
                raise unknown("earlier scenario", goal.relative_to, [s.name for s in found])
        window_s = interval(f"scenario {spec.name}: window_s", spec.window_s)
        gate = np.inf if spec.gate is None else spec.gate
        found.append(Scenario(spec.name, spec.run, window_s, goals, spec.seeds, gate, over))
    return tuple(found)


def interval(name: str, ends: tuple[float, float]) -> tuple[float, float]:
    """Return the lower and the upper end of a range.

    Raises
    ------
    InputError
        The lower is not below the upper; `name` says whose they are.
    """
    low, high = ends
    if not low < high:
        raise InputError(f"{name} must be [low, high] with low < high, not {[low, high]}")
    return low, high


def _goal(spec: GoalSpec) -> Goal:
    low = -np.inf if spec.low is None else spec.low
    high = np.inf if spec.high is None else spec.high
    return Goal(spec.measure, low, high, spec.scale, spec.weight, spec.relative_to)
