"""Where an episode begins: the keys of ``start`` in an experiment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuromech.errors import InputError, unknown

KEYS = ("distance_mm", "heading", "x_mm", "y_mm")


@dataclass(frozen=True)
class Pose:
    """Place (mm) and heading (rad, counter-clockwise from +x) of the animal."""

    x_mm: float
    y_mm: float
    heading_rad: float


def draw(spec: Mapping[str, Any], goal: tuple[float, float], rng: np.random.Generator) -> Pose:
    """Draw a start: ``distance_mm`` [low, high] from the goal in any direction, or fixed ``x_mm``, ``y_mm``.

    ``heading`` is ``random``, ``goal`` or an angle in degrees.

    Raises
    ------
    InputError
        A key is unknown or a value makes no sense.
    """
    for key in spec:
        if key not in KEYS:
            raise unknown("start key", key, KEYS)
    low, high = _interval(spec.get("distance_mm", 0.0))
    direction, turn = rng.uniform(-np.pi, np.pi, 2)
    distance = rng.uniform(low, high)
    x = _place(spec, "x_mm", goal[0] + distance * np.cos(direction))
    y = _place(spec, "y_mm", goal[1] + distance * np.sin(direction))
    heading = spec.get("heading", "random")
    if heading == "random":
        return Pose(x, y, float(turn))
    if heading == "goal":
        return Pose(x, y, float(np.arctan2(goal[1] - y, goal[0] - x)))
    try:
        return Pose(x, y, float(np.radians(float(heading))))
    except (TypeError, ValueError):
        raise InputError(
            f"start.heading must be random, goal or an angle in degrees, not {heading!r}"
        ) from None


def _place(spec: Mapping[str, Any], key: str, drawn: float) -> float:
    value = spec.get(key, drawn)
    if not isinstance(value, int | float) or not np.isfinite(value):
        raise InputError(f"start.{key} must be a number, not {value!r}")
    return float(value)


def _interval(value: Any) -> tuple[float, float]:
    try:
        low, high = (
            (float(v) for v in value) if isinstance(value, list | tuple) else (float(value), float(value))
        )
    except (TypeError, ValueError):
        raise InputError(f"start.distance_mm must be a number or [low, high], not {value!r}") from None
    if not 0 <= low <= high < np.inf:
        raise InputError(f"start.distance_mm must satisfy 0 <= low <= high, not {value!r}")
    return low, high
