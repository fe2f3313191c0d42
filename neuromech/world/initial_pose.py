"""The initial pose of an animal: what the keys of `start` in an experiment mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.specs.run import Start, read_start
from neuromech.world.reference import Reference


@dataclass(frozen=True)
class Pose:
    """Place (mm), heading (rad, counter-clockwise from +x), and the moment (s) of a movement to imitate."""

    x_mm: float
    y_mm: float
    heading_rad: float
    moment_s: float = 0.0


def draw(
    start: Start | Mapping[str, Any],
    goal: tuple[float, float],
    rng: np.random.Generator,
    reference: Reference | None = None,
) -> Pose:
    """Draw the initial pose of an episode: at a distance from the goal in any direction, or at a place.

    Parameters
    ----------
    start : the keys of `Start`; a mapping is checked first. A place has precedence over a distance.
    goal : place from which the distance is measured, mm.
    rng : the generator; a direction, a heading and a distance are drawn in every case.
    reference : the movement to imitate, if there is one; it begins where the animal was seen.

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
        heading = float(turn)
    elif start.heading == "goal":
        heading = float(np.arctan2(goal[1] - y, goal[0] - x))
    else:
        heading = float(np.radians(float(start.heading)))
    if start.moment_s != "random":
        return Pose(x, y, heading, start.moment_s)
    if reference is None:
        raise InputError("start.moment_s=random needs environment.reference: the moment is one of it")
    return Pose(x, y, heading, float(rng.choice(reference.moments_s)))
