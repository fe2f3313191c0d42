"""What an eye sees of a scene, by the readable reference and by the compiled call."""

from __future__ import annotations

import numpy as np

from neuromech.world.stimuli.base import Scene


def both(
    one: Scene, other: Scene, centre: tuple[float, float, float], t_s: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return what 50 rays see of two equal scenes: of one by `look`, of the other by `looked`."""
    rays = np.random.default_rng(0).normal(size=(50, 3))
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    place, axes, clock_s = np.array(centre), np.eye(3).ravel(), np.array([t_s])
    direct, compiled = np.zeros(50, np.float32), np.zeros(50, np.float32)
    one.look(rays, place, axes, t_s, 0.05, direct)
    for call in other.looked(rays, place, axes, clock_s, 0.05, compiled) or ():
        call()
    return direct, compiled
