"""Step a network for a while in one jitted loop."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from neuromech.brain.neurons.base import Neurons


@partial(jax.jit, static_argnums=3)
def _advance(cells: Neurons, start: Any, injected: Any, step_ms: float, count: Any) -> Any:
    present = jnp.ones(len(injected))
    return jax.lax.fori_loop(0, count, lambda _, s: cells.step(s, injected, present, step_ms), start)


def stepped(cells: Neurons, injected: np.ndarray, step_ms: float, stop_ms: float) -> Any:
    """Return the state after `stop_ms` of constant currents (pA), from rest."""
    return _advance(cells, cells.init(), jnp.asarray(injected), step_ms, round(stop_ms / step_ms))
