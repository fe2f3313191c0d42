"""What a trained optic lobe answers to: preferred directions and selectivity of its cell types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from neuromech.brain.neurons.columns import Columns
from neuromech.training.stimulus_movies import edge

DIRECTIONS = 12
GREY_S = 0.3
"""A grey screen before every film, for the cells to settle."""
PASSES_S = 1.0


@dataclass(frozen=True)
class Tuning:
    """Peak answers of the middle column's cell to edges that move in each direction.

    answers (direction,): above the rest on grey; preferred_deg: 0 towards the nose, 90 up, of the vector sum;
    selectivity: its length over the sum, 0 for none and 1 for one direction only; None without any answer.
    """

    answers: np.ndarray
    preferred_deg: float | None
    selectivity: float | None


def directions_deg() -> np.ndarray:
    """The directions of the test."""
    return np.arange(DIRECTIONS) * 360.0 / DIRECTIONS


def edges(places: np.ndarray, step_s: float, columns_per_s: float, bright: bool) -> np.ndarray:
    """Luminance (frame, column, direction) of edges that cross the eye after a while of grey."""
    grey, passes = round(GREY_S / step_s), round(PASSES_S / step_s)
    reach = float(np.linalg.norm(places, axis=1).max()) + 1.0
    travelled = columns_per_s * np.arange(1, passes + 1) * step_s - reach
    films = np.full((grey + passes, len(places), DIRECTIONS), 0.5, np.float32)
    for k, angle in enumerate(np.radians(directions_deg())):
        ahead = places @ np.array([np.cos(angle), np.sin(angle)])
        shape = 0.5 * (1 + edge(ahead[None] - travelled[:, None]))
        films[grey:, :, k] = 0.5 + (0.5 if bright else -0.5) * shape
    return films


def tuning(
    lobe: Columns, places: np.ndarray, types: Sequence[int], step_s: float, bright: bool, columns_per_s: float
) -> list[Tuning]:
    """Measure the tuning of ``types`` to bright or dark edges at one speed."""
    films = edges(places, step_s, columns_per_s, bright)
    middle = int(np.argmin(np.linalg.norm(places, axis=1)))
    seen = np.maximum(np.asarray(lobe.watch(jnp.asarray(films), step_s, types))[:, :, middle], 0.0)
    grey = round(GREY_S / step_s)
    answers = np.maximum(seen[grey:].max(axis=0) - seen[grey - 1], 0.0)
    return [_judged(each) for each in answers]


def _judged(answers: np.ndarray) -> Tuning:
    if answers.sum() < 1e-6:
        return Tuning(answers, None, None)
    vector = answers @ np.exp(1j * np.radians(directions_deg()))
    return Tuning(answers, float(np.degrees(np.angle(vector))) % 360.0, float(abs(vector) / answers.sum()))
