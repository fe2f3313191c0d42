"""The initial pose of an animal: what the keys of `start` in an experiment mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown

KEYS = ("distance_mm", "heading", "x_mm", "y_mm")
"""Every key that `start` may have."""
HEADINGS = ("random", "goal")
"""Words that `start.heading` may be instead of an angle."""


@dataclass(frozen=True)
class Pose:
    """Place (mm) and heading (rad, counter-clockwise from +x) of the animal."""

    x_mm: float
    y_mm: float
    heading_rad: float


def draw(spec: Mapping[str, Any], goal: tuple[float, float], rng: np.random.Generator) -> Pose:
    """Draw the pose in which an episode begins.

    Parameters
    ----------
    spec : `x_mm` and `y_mm` are a place; both are numbers, or neither is given or both are `None`. Without a
        place the animal starts at a distance from the goal, in a random direction: `distance_mm` is a number,
        or [low, high] between which it is drawn evenly. `heading` is `random`, `goal` (towards it) or an
        angle in degrees, counter-clockwise from +x.
    goal : the place (mm) from which the distance is measured.
    rng : where the random numbers come from; a refused `spec` draws none.

    Raises
    ------
    InputError
        A key is unknown, a value is not a finite number or not in its range, or half a place is given.
    """
    for key in spec:
        if key not in KEYS:
            raise unknown("start key", str(key), KEYS)
    low, high = _interval(spec.get("distance_mm", 0.0))
    place, heading = _place(spec), _heading(spec.get("heading", "random"))
    direction, turn = rng.uniform(-np.pi, np.pi, 2)
    distance = rng.uniform(low, high)
    x, y = place or (
        float(goal[0] + distance * np.cos(direction)),
        float(goal[1] + distance * np.sin(direction)),
    )
    if heading == "random":
        return Pose(x, y, float(turn))
    if heading == "goal":
        return Pose(x, y, float(np.arctan2(goal[1] - y, goal[0] - x)))
    return Pose(x, y, float(np.radians(heading)))


def _heading(value: Any) -> float | str:
    if isinstance(value, str) and value in HEADINGS:
        return value
    if not _is_number(value):
        raise InputError(f"start.heading must be random, goal or an angle in degrees, not {value!r}")
    return float(value)


def _place(spec: Mapping[str, Any]) -> tuple[float, float] | None:
    given = {key: spec[key] for key in ("x_mm", "y_mm") if spec.get(key) is not None}
    for key, value in given.items():
        if not _is_number(value):
            raise InputError(f"start.{key} must be a number, not {value!r}")
    if len(given) == 1:
        (known,) = given
        raise InputError(f"start.{known} is half a place: give start.x_mm and start.y_mm, or neither")
    return (float(given["x_mm"]), float(given["y_mm"])) if given else None


def _interval(value: Any) -> tuple[float, float]:
    ends = list(value) if isinstance(value, list | tuple) else [value, value]
    if len(ends) != 2 or not all(map(_is_number, ends)):
        raise InputError(f"start.distance_mm must be a number or [low, high], not {value!r}")
    low, high = float(ends[0]), float(ends[1])
    if not 0 <= low <= high:
        raise InputError(f"start.distance_mm must satisfy 0 <= low <= high, not {value!r}")
    return low, high


def _is_number(value: Any) -> bool:
    """Return whether a value is a finite number: Python's or NumPy's, and neither true nor false."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    try:
        return bool(np.isfinite(float(value)))
    except OverflowError:  # a whole number that is too large for a float
        return False
