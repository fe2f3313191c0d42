"""The initial pose of an animal: what the keys of `start` in an experiment mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuromech.specs.run import Start, read_start


@dataclass(frozen=True)
class Pose:
    """Place (mm) and heading (rad, counter-clockwise from +x) of the animal."""

    x_mm: float
    y_mm: float
    heading_rad: float


def draw(start: Start | Mapping[str, Any], goal: tuple[float, float], rng: np.random.Generator) -> Pose:
    """Draw the initial pose of an episode: at a distance from the goal in any direction, or at a place.

    Parameters
    ----------
    start : the keys of `Start`; a mapping is checked first. A place has precedence over a distance.
    goal : place from which the distance is measured, mm.
    rng : the generator; a direction, a heading and a distance are drawn in every case.

    Raises
    ------
    InputError
        A key is unknown, a value is not a finite number or not in its range, or half a place is given.
    """
    if not isinstance(start, Start):
        start = read_start(start)
    low, high = start.distance_mm if isinstance(start.distance_mm, tuple) else (start.distance_mm,) * 2
    direction, turn = rng.uniform(-np.pi, np.pi, 2)
    distance = rng.uniform(low, high)
    x, y = float(goal[0] + distance * np.cos(direction)), float(goal[1] + distance * np.sin(direction))
    if start.x_mm is not None and start.y_mm is not None:
        x, y = start.x_mm, start.y_mm
    if start.heading == "random":
        return Pose(x, y, float(turn))
    if start.heading == "goal":
        return Pose(x, y, float(np.arctan2(goal[1] - y, goal[0] - x)))
    return Pose(x, y, float(np.radians(float(start.heading))))
