"""Two brains of somebody else for the worm: the tutorial's, which crawls, and one that trembles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import neuromech as nm

MUSCLES = nm.Experiment.load("worm_crawl").body.muscle_table
DORSAL = np.where(MUSCLES["side"].str.startswith("dorsal").to_numpy(), 1.0, -1.0)
_X_MM = MUSCLES["x_mm"].to_numpy()
PLACE = (_X_MM.max() - _X_MM) / (_X_MM.max() - _X_MM.min())  # nose 0, tail 1


def init(key: jax.Array, body: Any) -> Any:
    """Return the phase of the wave."""
    return jnp.zeros(())


def step(state: Any, observation: Mapping[str, jax.Array]) -> tuple[Any, Any, Any]:
    """Advance the wave by one control step of 10 ms: 0.5 Hz, 1.6 waves on the body."""
    phase = state + 2 * jnp.pi * 0.5 * 0.01
    wave = jnp.sin(phase - 2 * jnp.pi * 1.6 * PLACE)
    return phase, jnp.clip(0.35 * DORSAL * wave, 0, 1), wave[:24]


def tremble(state: Any, observation: Mapping[str, jax.Array]) -> tuple[Any, Any]:
    """Contract all muscles alike, on and off at 10 Hz."""
    phase = state + 2 * jnp.pi * 10 * 0.01
    return phase, 0.2 + 0.1 * jnp.sin(phase) * jnp.ones(len(PLACE))


class Breaks:
    """An object that goes wrong while it acts."""

    def reset(self, seed: int) -> None:
        """Begin."""

    def act(self, observation: Any) -> np.ndarray:
        """Fail."""
        raise RuntimeError("no idea what to do")
