"""The goals of a fit: scenarios, each with goals for the movement of the body."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown

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
        if not 0 < self.scale < np.inf:
            raise InputError(f"goal {self.measure}: scale must be a number above 0, not {self.scale:g}")

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
    """Read the `scenarios` of a fit's YAML.

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
        name, seeds = str(spec["name"]), tuple(spec.get("seeds", (0,)))
        if not seeds or not all(isinstance(seed, int) for seed in seeds):
            raise InputError(f"scenario {name}: seeds must be whole numbers, at least one, not {list(seeds)}")
        window_s = interval(f"scenario {name}: window_s", spec["window_s"])
        gate = _number(f"scenario {name}: gate", spec.get("gate", np.inf))
        found.append(Scenario(name, tuple(spec["run"]), window_s, goals, seeds, gate))
    return tuple(found)


def interval(name: str, value: Any) -> tuple[float, float]:
    """Read [low, high], two rising finite numbers.

    Raises
    ------
    InputError
        `value` is anything else; `name` says whose it is.
    """
    try:
        low, high = (float(end) for end in value)
    except (TypeError, ValueError):
        low = high = np.nan
    if not -np.inf < low < high < np.inf:
        raise InputError(f"{name} must be [low, high] with low < high, not {value}")
    return low, high


def _goal(spec: Mapping[str, Any]) -> Goal:
    known = Goal.__dataclass_fields__
    for key in spec:
        if key not in known:
            raise unknown("key of a goal", str(key), known)
    if "measure" not in spec:
        raise InputError("a goal needs measure")
    name = str(spec["measure"])
    keys = ("low", "high", "scale", "weight")
    numbers = {key: _number(f"goal {name}: {key}", spec[key]) for key in keys if key in spec}
    return Goal(name, relative_to=spec.get("relative_to"), **numbers)


def _number(name: str, value: Any) -> float:
    if not isinstance(value, int | float):
        raise InputError(f"{name} must be a number, not {value!r}")
    return float(value)
