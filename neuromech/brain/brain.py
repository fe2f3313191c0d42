"""A brain as one JAX pytree, and one control period of it: encode, integrate, decode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromech.brain.encoders.base import Encoder
from neuromech.brain.neurons.base import Neurons


class Brain(eqx.Module):
    """A network of neurons with an encoder for each sense and a neuromuscular decoder.

    `encode` (neuron, feature) holds pA per feature, the features of all encoders side by side. `decode`
    (muscle, neuron) holds the drive of a muscle per release, and `excite` is the function from that drive to
    the excitation.
    """

    network: Neurons
    encoders: tuple[Encoder, ...]
    encode: Float[Array, "neuron feature"]
    decode: Float[Array, "muscle neuron"]
    tone: Float[Array, ""]
    excite: Callable[[Float[Array, " muscle"]], Float[Array, " muscle"]] = eqx.field(static=True)


class BrainState(eqx.Module):
    """The state of the neurons, and the memory of each encoder."""

    neurons: Any
    memories: tuple[Array, ...]


def init(brain: Brain) -> BrainState:
    """Return the state in which every neuron is at rest and the senses are unadapted."""
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

    `sensed` holds the channels of each encoder's sense, in the encoders' order. `injected_pA` is membrane
    noise, descending drive and an experimenter's electrodes; where `present` is 0 a neuron is held silent.
    The senses are held over the period while the neurons take `substeps` steps. Pure: jit, vmap and grad
    apply.
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
    excitation = brain.excite(brain.tone + brain.decode @ brain.network.output(neurons))
    return BrainState(neurons, tuple(memories)), excitation
