"""Films of synthetic motion for an eye: edges, bars, gratings and textures that move, and what does not move.

Every film drifts as a whole in one direction at one speed; the textures have the spectrum of natural scenes
(amplitude falling with spatial frequency; Field 1987, doi:10.1364/JOSAA.4.002379).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

KINDS = {"edge": 0.17, "bar": 0.17, "grating": 0.24, "texture": 0.34, "flicker": 0.08}
"""How often each is drawn."""
STILL = 0.1
"""Share of the films that stand still, flicker aside."""
SPEEDS = (3.0, 40.0)
"""Columns per second."""
CONTRASTS = (0.3, 1.0)
WAVELENGTHS = (2.5, 14.0)
"""Columns; of gratings and of the waves in a texture."""
WAVES = 16
SOFTNESS = 0.3
"""Width of an edge, columns: an ommatidium does not see sharp ones."""

Draw = Callable[[np.random.Generator, np.ndarray, np.ndarray, float], np.ndarray]


def draw(
    rng: np.random.Generator, places: np.ndarray, frames: int, step_s: float, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw films and the direction in which each moves.

    Parameters
    ----------
    rng : where chance comes from.
    places : of the columns, (column, 2) in spacings.
    frames, step_s : of every film.
    count : of films.

    Returns
    -------
    luminance (frame, column, film) in [0, 1], and motion (2, film): unit vectors, 0 where nothing moves.
    """
    films = np.zeros((frames, len(places), count), np.float32)
    motion = np.zeros((2, count), np.float32)
    times = np.arange(frames) * step_s
    for k in range(count):
        kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
        angle, speed = rng.uniform(0, 2 * np.pi), np.exp(rng.uniform(*np.log(SPEEDS)))
        ahead = np.array([np.cos(angle), np.sin(angle)])
        moves = kind != "flicker" and rng.random() >= STILL
        travelled = speed * moves * times
        if kind == "flicker":
            shape = np.broadcast_to(_flicker(rng, times)[:, None], films.shape[:2])
        else:
            moved = places[None] - travelled[:, None, None] * ahead
            shape = _SHAPES[kind](rng, moved, ahead, float(np.abs(places).max()))
        films[:, :, k] = 0.5 + 0.5 * rng.uniform(*CONTRASTS) * shape
        motion[:, k] = ahead * moves
    return films, motion


def edge(distance: np.ndarray) -> np.ndarray:
    """Return -1 ahead of an edge and 1 behind it; ``distance`` ahead of the edge, columns."""
    return -np.tanh(distance / SOFTNESS / 2)


def _flicker(rng: np.random.Generator, times: np.ndarray) -> np.ndarray:
    return np.sin(2 * np.pi * rng.uniform(1, 10) * times + rng.uniform(0, 2 * np.pi))


def _edge(rng: np.random.Generator, moved: np.ndarray, ahead: np.ndarray, reach: float) -> np.ndarray:
    return rng.choice([-1.0, 1.0]) * edge(moved @ ahead + rng.uniform(0, reach))


def _bar(rng: np.random.Generator, moved: np.ndarray, ahead: np.ndarray, reach: float) -> np.ndarray:
    distance, width = moved @ ahead + rng.uniform(0, reach), rng.choice([1.5, 3.0])
    return rng.choice([-1.0, 1.0]) * (edge(distance) - edge(distance + width) - 1.0)


def _grating(rng: np.random.Generator, moved: np.ndarray, ahead: np.ndarray, reach: float) -> np.ndarray:
    return np.sin(2 * np.pi * moved @ ahead / rng.uniform(*WAVELENGTHS) + rng.uniform(0, 2 * np.pi))


def _texture(rng: np.random.Generator, moved: np.ndarray, ahead: np.ndarray, reach: float) -> np.ndarray:
    shape = np.zeros(moved.shape[:2])
    for _ in range(WAVES):
        wavelength = np.exp(rng.uniform(*np.log(WAVELENGTHS)))
        turn = rng.uniform(0, 2 * np.pi)
        across = moved @ np.array([np.cos(turn), np.sin(turn)])
        phase = rng.uniform(0, 2 * np.pi)
        shape += np.sqrt(wavelength) * np.sin(2 * np.pi * across / wavelength + phase)
    return np.tanh(0.8 * shape / shape.std())


_SHAPES: dict[str, Draw] = {"edge": _edge, "bar": _bar, "grating": _grating, "texture": _texture}
