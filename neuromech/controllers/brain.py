"""One control period of a brain: encode, integrate, decode, in a single jitted call."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromech.controllers.encoding import OnOff
from neuromech.neurons.graded import Graded


class Brain(eqx.Module):
    """A graded network with linear encoders and a neuromuscular decoder.

    ``encode`` (neuron, feature) gives pA per feature, the features being bends (1/mm), the ON and OFF drives
    of the chemical sense and the saturated touch. ``decode`` (muscle, neuron) gives excitation per normalised
    release.
    """

    network: Graded
    chemical: OnOff
    encode: Float[Array, "neuron feature"]
    touch_half_nN: Float[Array, ""]
    decode: Float[Array, "muscle neuron"]
    tone: Float[Array, ""]


class BrainState(eqx.Module):
    """Membranes and the memory of the chemical sense."""

    potential_mV: Float[Array, " neuron"]
    memory: Float[Array, "3"]


SENSES = ("salt", "bend", "touch")
"""The senses a brain takes, concatenated in this order."""


def init(brain: Brain) -> BrainState:
    """Every neuron at rest, the chemical sense unadapted."""
    return BrainState(brain.network.init(), brain.chemical.init())


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

    ``sensed`` is salt (mM), bends (1/mm, nose to tail) and touch (nN, anterior and posterior), in this order.
    ``injected_pA`` is membrane noise and an experimenter's electrodes; where ``present`` is 0 a neuron is
    held at rest. The senses are held over the period while the membranes take ``substeps`` steps. Pure: jit,
    vmap and grad apply.
    """
    memory, drives = brain.chemical.step(state.memory, sensed[0], jnp.float32(control_s))
    touch = sensed[-2:]
    features = jnp.concatenate([sensed[1:-2], drives, touch / (touch + brain.touch_half_nN)])
    current = brain.encode @ features + injected_pA
    potential = brain.network.step(
        state.potential_mV, current, present, control_s * 1000.0 / substeps, substeps
    )
    released = brain.network.release(potential) / brain.network.scale_mV
    excitation = 0.5 + 0.5 * jnp.tanh(brain.tone + brain.decode @ released)
    return BrainState(potential, memory), excitation


@lru_cache(maxsize=8)
def compiled(structure: Any, control_s: float, substeps: int) -> Callable[..., Any]:
    """``advance`` jitted over flat leaves.

    It takes (brain leaves, state leaves, sensed, injected, present), returns (state leaves, excitation).

    Flattening equinox modules in Python costs as much as the brain itself, so the loop keeps leaves.
    """

    @jax.jit
    def step(
        leaves: list[Array], state: list[Array], sensed: Array, injected_pA: Array, present: Array
    ) -> Any:
        brain = jax.tree.unflatten(structure, leaves)
        after, excitation = advance(
            brain, BrainState(*state), sensed, injected_pA, present, control_s, substeps
        )
        return jax.tree.leaves(after), excitation

    return step
