"""Stimulus movies for an eye: edges, bars, gratings, textures and flicker, drawn at random.

Every movie drifts as a whole in one direction at one speed, or stands still. The textures have the spectrum
of natural scenes, whose amplitude falls with spatial frequency (Field 1987, doi:10.1364/JOSAA.4.002379).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

KINDS = {"edge": 0.17, "bar": 0.17, "grating": 0.24, "texture": 0.34, "flicker": 0.08}
"""The probability of each kind of movie; they add up to 1."""
STILL = 0.1
"""The share of the movies that stand still, flicker aside: an eye must not see motion where there is none."""
SPEEDS = (3.0, 40.0)
"""The slowest and the fastest drift, columns per second; speeds are drawn on a logarithmic scale."""
CONTRASTS = (0.3, 1.0)
"""The lowest and the highest contrast."""
WAVELENGTHS = (2.5, 14.0)
"""The shortest and the longest wavelength of gratings and of the waves in a texture, columns."""
WAVES = 16
"""Number of waves in a texture."""
SOFTNESS = 0.3
"""Width of an edge, columns: an ommatidium does not see sharp ones."""

Shape = Callable[[np.random.Generator, np.ndarray, np.ndarray, float], np.ndarray]
"""From random numbers, places (frame, column, 2) moved back with the drift, its direction and the reach of
the columns to luminance (frame, column) in [-1, 1]."""


def draw(
    rng: np.random.Generator, places: np.ndarray, frames: int, step_s: float, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw movies at random, and return them with the direction in which each moves.

    Parameters
    ----------
    rng : the source of all random numbers.
    places : of the columns, (column, 2), in units of their spacing.
    frames, step_s : number of frames of every movie, and the time between two, s.
    count : number of movies.

    Returns
    -------
    luminance (frame, column, movie) in [0, 1], and motion (2, movie): unit vectors, 0 where nothing moves.
    """
    movies = np.zeros((frames, len(places), count), np.float32)
    motion = np.zeros((2, count), np.float32)
    times = np.arange(frames) * step_s
    for k in range(count):
        kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
        angle, speed = rng.uniform(0, 2 * np.pi), np.exp(rng.uniform(*np.log(SPEEDS)))
        ahead = np.array([np.cos(angle), np.sin(angle)])
        moves = kind != "flicker" and rng.random() >= STILL
        travelled = speed * moves * times
        if kind == "flicker":
            shape = np.broadcast_to(_flicker(rng, times)[:, None], movies.shape[:2])
        else:
            moved = places[None] - travelled[:, None, None] * ahead
            shape = _SHAPES[kind](rng, moved, ahead, float(np.abs(places).max()))
        movies[:, :, k] = 0.5 + 0.5 * rng.uniform(*CONTRASTS) * shape
        motion[:, k] = ahead * moves
    return movies, motion


def edge(distance: np.ndarray) -> np.ndarray:
    """Return -1 ahead of an edge and 1 behind it, at distances ahead of the edge in columns."""
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


_SHAPES: dict[str, Shape] = {"edge": _edge, "bar": _bar, "grating": _grating, "texture": _texture}
