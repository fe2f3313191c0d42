"""Brains of one's own for the worm, at the top level of a module, as pickles need them."""

from __future__ import annotations

from collections import deque
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from neuromech import Stateful

MUSCLES = 95


class Memory(eqx.Module):
    """A pytree with a random key, a whole number, numbers of 16 bits and a number of Python."""

    key: jax.Array
    count: Any
    coarse: jax.Array
    phase: Any
    kind: str = eqx.field(static=True, default="mine")


def init(key: jax.Array, body: Any) -> dict[Any, Any]:
    memory = Memory(key, 0, jnp.zeros(3, jnp.bfloat16), 0.0)
    return {1: memory, 2: [jax.random.split(key, 2), None]}


def step(state: dict[Any, Any], observation: Any) -> tuple[Any, ...]:
    now = state[1]
    key, draw = jax.random.split(now.key)
    noise = jax.random.uniform(draw, (MUSCLES,)) + jax.random.uniform(state[2][0][1])
    # `count` begins as a whole number and goes on as a real one.
    after = Memory(key, now.count + 0.5, now.coarse + 0.3, now.phase + 0.1 * noise[0])
    excitation = 0.5 + 0.2 * jnp.sin(after.phase + noise) + 0.01 * after.coarse[0]
    return {1: after, 2: state[2]}, excitation, jnp.stack([after.phase, after.count])


class Plain:
    """An object with attributes that are plain values, some of which only `reset` makes."""

    neuron_names = ("one",)

    def __init__(self) -> None:
        self.gain = 0.4

    def reset(self, seed: int) -> None:
        self.rng, self.past = np.random.default_rng(seed), deque([np.zeros(MUSCLES)], maxlen=3)

    def act(self, observation: Any) -> np.ndarray:
        self.past.append(self.gain * self.rng.random(MUSCLES))
        return np.mean(self.past, axis=0)

    @property
    def activity(self) -> np.ndarray:
        return self.past[-1][:1]


class Remembering(Plain, Stateful):
    """The same with a function of its own among its attributes, so that it has to name what it remembers."""

    state_names = ("rng", "past")

    def __init__(self) -> None:
        super().__init__()
        self.squash = lambda values: np.clip(values, 0, 1)


class Unsaid(Plain):
    """An object that holds a function, and does not say what it remembers."""

    def __init__(self) -> None:
        super().__init__()
        self.squash = np.tanh
