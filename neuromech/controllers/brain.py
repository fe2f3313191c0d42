"""One control period of a brain: encode, integrate, decode, in a single jitted call."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromech.controllers.encoding import Encoder
from neuromech.neurons.base import Neurons


class Brain(eqx.Module):
    """A network of neurons with an encoder per sense and a neuromuscular decoder.

    ``encode`` (neuron, feature) gives pA per feature, the features being those of the encoders side by side.
    ``decode`` (muscle, neuron) gives drive of a muscle per release.
    """

    network: Neurons
    encoders: tuple[Encoder, ...]
    encode: Float[Array, "neuron feature"]
    decode: Float[Array, "muscle neuron"]
    tone: Float[Array, ""]


class BrainState(eqx.Module):
    """The neurons (first leaf: their activity) and what each encoder remembers."""

    neurons: Any
    memories: tuple[Array, ...]


def init(brain: Brain) -> BrainState:
    """Every neuron at rest, the senses unadapted."""
    return BrainState(brain.network.init(), tuple(encoder.init() for encoder in brain.encoders))


def advance(
    brain: Brain,
    state: BrainState,
    sensed: Float[Array, " channel"],
    injected_pA: Float[Array, " neuron"],
    present: Float[Array, " neuron"],
    control_s: float,
    substeps: int,
) -> tuple[BrainState, Float[Array, " muscle"]]:
    """Advance one control period; returns the state and the muscle excitations in [0, 1].

    ``sensed`` holds the channels of each encoder's sense, in the encoders' order. ``injected_pA`` is membrane
    noise and an experimenter's electrodes; where ``present`` is 0 a neuron is held silent. The senses are
    held over the period while the neurons take ``substeps`` steps. Pure: jit, vmap and grad apply.
    """
    memories, features, first = [], [], 0
    for encoder, memory in zip(brain.encoders, state.memories, strict=True):
        channels = sensed[first : first + encoder.channels]
        memory, feature = encoder.step(memory, channels, jnp.float32(control_s))
        memories.append(memory)
        features.append(feature)
        first += encoder.channels
    current = injected_pA
    if features:
        current = brain.encode @ jnp.concatenate(features) + injected_pA
    neurons = brain.network.step(state.neurons, current, present, control_s * 1000.0 / substeps, substeps)
    excitation = brain.network.excitation(brain.tone + brain.decode @ brain.network.output(neurons))
    return BrainState(neurons, tuple(memories)), excitation


@lru_cache(maxsize=8)
def compiled(structure: Any, state_structure: Any, control_s: float, substeps: int) -> Callable[..., Any]:
    """``advance`` jitted over flat leaves.

    It takes (brain leaves, state leaves, sensed, injected, present), returns (state leaves, excitation).

    Flattening equinox modules in Python costs as much as the brain itself, so the loop keeps leaves.
    """

    @jax.jit
    def step(
        leaves: list[Array], state: list[Array], sensed: Array, injected_pA: Array, present: Array
    ) -> Any:
        brain = jax.tree.unflatten(structure, leaves)
        before = jax.tree.unflatten(state_structure, state)
        after, excitation = advance(brain, before, sensed, injected_pA, present, control_s, substeps)
        return jax.tree.leaves(after), excitation

    return step
