"""Where an episode begins: the keys of ``start`` in an experiment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown

KEYS = ("distance_mm", "heading", "x_mm", "y_mm")


@dataclass(frozen=True)
class Pose:
    """Place (mm) and heading (rad, counter-clockwise from +x) of the animal."""

    x_mm: float
    y_mm: float
    heading_rad: float


def draw(spec: Mapping[str, Any], goal: tuple[float, float], rng: np.random.Generator) -> Pose:
    """Draw a start: ``distance_mm`` [low, high] from the goal in any direction, or at ``x_mm``, ``y_mm``.

    A place goes before a distance, and is both numbers or neither (None). ``heading`` is ``random``,
    ``goal`` or an angle in degrees.

    Raises
    ------
    InputError
        A key is unknown, a value makes no sense, or half a place is given.
    """
    for key in spec:
        if key not in KEYS:
            raise unknown("start key", key, KEYS)
    low, high = _interval(spec.get("distance_mm", 0.0))
    direction, turn = rng.uniform(-np.pi, np.pi, 2)
    distance = rng.uniform(low, high)
    x, y = _place(spec) or (
        float(goal[0] + distance * np.cos(direction)),
        float(goal[1] + distance * np.sin(direction)),
    )
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


def _place(spec: Mapping[str, Any]) -> tuple[float, float] | None:
    given = {key: spec[key] for key in ("x_mm", "y_mm") if spec.get(key) is not None}
    for key, value in given.items():
        if not isinstance(value, int | float) or isinstance(value, bool) or not np.isfinite(value):
            raise InputError(f"start.{key} must be a number, not {value!r}")
    if len(given) == 1:
        (known,) = given
        raise InputError(f"start.{known} is half a place: give start.x_mm and start.y_mm, or neither")
    return (float(given["x_mm"]), float(given["y_mm"])) if given else None


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
