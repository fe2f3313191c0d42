"""Direction tuning of a trained optic lobe: to which directions of moving edges its cell types respond."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from neuromech.brain.encoders.contrast_gain import ContrastGain
from neuromech.brain.encoders.optic_lobe import Learned
from neuromech.training.stimulus_movies import edge

DIRECTIONS = 12
"""Number of directions in which edges move, evenly spaced."""
GREY_S = 0.3
"""Every movie begins with this much grey, in which the cells settle, s."""
PASSES_S = 1.0
"""Every movie then lasts this long, s: an edge has crossed a small eye by then."""


SILENT = 0.02
"""A peak below this is no response: edges move T4 and T5 of the trained lobe by 1 to 2."""


@dataclass(frozen=True)
class Tuning:
    """Peak responses of the cell in the middle column to edges that move in each direction.

    Parameters
    ----------
    responses : (direction,) peak activity above that on grey.
    preferred_deg : direction of the vector sum of the responses, 0 towards the nose and 90 up; None without
        any response.
    selectivity : length of the vector sum over the sum of the responses, 0 for no and 1 for one direction
        only; None without any response.
    """

    responses: np.ndarray
    preferred_deg: float | None
    selectivity: float | None


def directions_deg() -> np.ndarray:
    """Return the directions of the test, degrees, (direction,)."""
    return np.arange(DIRECTIONS) * 360.0 / DIRECTIONS


def edges(places: np.ndarray, step_s: float, columns_per_s: float, bright: bool) -> np.ndarray:
    """Return the luminance (frame, column, direction) of edges that cross the eye after some grey.

    Parameters
    ----------
    places : of the columns, (column, 2), in units of their spacing.
    step_s : time between two frames, s.
    columns_per_s : speed of the edges.
    bright : whether the edges are brighter than the grey before them.
    """
    grey, passes = round(GREY_S / step_s), round(PASSES_S / step_s)
    reach = float(np.linalg.norm(places, axis=1).max()) + 1.0
    travelled = columns_per_s * np.arange(1, passes + 1) * step_s - reach
    movies = np.full((grey + passes, len(places), DIRECTIONS), 0.5, np.float32)
    for k, angle in enumerate(np.radians(directions_deg())):
        ahead = places @ np.array([np.cos(angle), np.sin(angle)])
        shape = 0.5 * (1 + edge(ahead[None] - travelled[:, None]))
        movies[grey:, :, k] = 0.5 + (0.5 if bright else -0.5) * shape
    return movies


def tuning(
    lobe: Learned,
    gain: ContrastGain | None,
    places: np.ndarray,
    types: Sequence[int],
    bright: bool,
    columns_per_s: float,
) -> list[Tuning]:
    """Measure the direction tuning of cell types, given by number, to bright or dark edges at one speed.

    The lobe sees the edges through `gain`, if there is one.
    """
    step_s = lobe.frame_s
    movies = jnp.asarray(edges(places, step_s, columns_per_s, bright))
    seen = movies if gain is None else gain.watch(movies, step_s)
    middle = int(np.argmin(np.linalg.norm(places, axis=1)))
    activity = np.maximum(np.asarray(lobe.cells.watch(seen, step_s, types))[:, :, middle], 0.0)
    grey = round(GREY_S / step_s)
    responses = np.maximum(activity[grey:].max(axis=0) - activity[grey - 1], 0.0)
    return [_tuning(each) for each in responses]


def _tuning(responses: np.ndarray) -> Tuning:
    if responses.max() < SILENT:
        return Tuning(responses, None, None)
    vector = responses @ np.exp(1j * np.radians(directions_deg()))
    selectivity = float(abs(vector) / responses.sum())
    return Tuning(responses, float(np.degrees(np.angle(vector))) % 360.0, selectivity)
