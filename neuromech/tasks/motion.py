"""How an animal has moved, from its course: what the rewards are made of."""

from typing import Any

import numpy as np

from neuromech.world.course import Course
from neuromech.world.world import World

FASTEST_LENGTHS_S = 20.0
"""Speed, in body lengths per second, up to which progress is rewarded.

It is a choice: high enough for every gait of the animals here, and a bound of every term whatever the physics
does.
"""


def centres(course: Course) -> np.ndarray:
    """Return the middle of all landmarks, (period, 3) mm."""
    points = course.points_mm
    return np.add.reduce(points, axis=1) / points.shape[1]


def changes(before: Any, values: np.ndarray) -> np.ndarray:
    """Return by how much each value differs from that before it; `before` is that before the first."""
    earlier = np.empty_like(values)
    earlier[0], earlier[1:] = before, values[:-1]
    return values - earlier


def dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the scalar products of vectors (..., axis), added up in the order of the axes."""
    products = one * other
    total = products[..., 0]
    for axis in range(1, products.shape[-1]):
        total = total + products[..., axis]
    return total


def length(vectors: np.ndarray) -> np.ndarray:
    """Return the lengths of vectors (..., axis)."""
    return np.sqrt(dot(vectors, vectors))


def bounded(progress_mm: np.ndarray, world: World) -> np.ndarray:
    """Return the progress of each step, mm, at most that of `FASTEST_LENGTHS_S` either way."""
    limit = FASTEST_LENGTHS_S * world.body.length_mm * world.control_s
    return np.minimum(np.maximum(progress_mm, -limit), limit)
