"""One control period of a brain: encode, integrate, decode, in a single jitted call."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromech.brain.encoders.features import Encoder
from neuromech.brain.neurons.base import Neurons


class Brain(eqx.Module):
    """A network of neurons with an encoder per sense and a neuromuscular decoder.

    ``encode`` (neuron, feature) gives pA per feature, the features being those of the encoders side by side.
    ``decode`` (muscle, neuron) gives drive of a muscle per release, ``excite`` the excitation of that drive.
    """

    network: Neurons
    encoders: tuple[Encoder, ...]
    encode: Float[Array, "neuron feature"]
    decode: Float[Array, "muscle neuron"]
    tone: Float[Array, ""]
    excite: Callable[[Float[Array, " muscle"]], Float[Array, " muscle"]] = eqx.field(static=True)


class BrainState(eqx.Module):
    """The state of the neurons and what each encoder remembers."""

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
    excitation = brain.excite(brain.tone + brain.decode @ brain.network.output(neurons))
    return BrainState(neurons, tuple(memories)), excitation


@dataclass(frozen=True)
class Packing:
    """How a tree is handed to a compiled step: its numbers in one vector, its empty arrays not at all.

    Every array that goes in or out of a compiled step costs as much as some neurons do. ``single`` and
    ``empty`` say which leaves of ``structure`` are single numbers and which hold nothing.
    """

    structure: Any
    single: tuple[bool, ...]
    empty: tuple[bool, ...]

    @staticmethod
    def of(tree: Any) -> "Packing":
        """Return how ``tree`` is packed."""
        leaves, structure = jax.tree.flatten(tree)
        single = tuple(leaf.shape == () and leaf.dtype == jnp.float32 for leaf in leaves)
        return Packing(structure, single, tuple(leaf.shape == (0,) for leaf in leaves))

    def pack(self, tree: Any) -> list[Array]:
        """Return what is handed over: the arrays in their order, then the vector of single numbers."""
        leaves = jax.tree.leaves(tree)
        numbers = [leaf for leaf, single in zip(leaves, self.single, strict=True) if single]
        held = zip(leaves, self.single, self.empty, strict=True)
        others = [leaf for leaf, single, empty in held if not single and not empty]
        return [*others, jnp.stack(numbers)] if numbers else others

    def unpack(self, arrays: list[Array]) -> Any:
        """Return the tree of what `pack` made."""
        numbers = iter(arrays[-1] if any(self.single) else ())
        others = iter(arrays)
        leaves = [
            next(numbers) if single else jnp.zeros(0) if empty else next(others)
            for single, empty in zip(self.single, self.empty, strict=True)
        ]
        return jax.tree.unflatten(self.structure, leaves)


@lru_cache(maxsize=8)
def compiled(brains: Packing, states: Packing, control_s: float, substeps: int) -> Callable[..., Any]:
    """``advance`` jitted over packed brains and states.

    It takes (packed brain, packed state, sensed, injected, present) and returns (packed state, excitation,
    activity of the neurons).
    """

    @jax.jit
    def step(
        packed: list[Array], state: list[Array], sensed: Array, injected_pA: Array, present: Array
    ) -> Any:
        brain, before = brains.unpack(packed), states.unpack(state)
        after, excitation = advance(brain, before, sensed, injected_pA, present, control_s, substeps)
        return states.pack(after), excitation, brain.network.activity(after.neurons)

    return step
