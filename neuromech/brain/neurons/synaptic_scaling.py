"""Synaptic scaling: factors on the synapses of neurons by which the currents that they get have a given size.

A cut of a wiring holds a share of a neuron's inputs, not the same of every neuron, nor the same of excitation
and of inhibition. Animals scale the excitatory synapses of a neuron up and down together (Turrigiano 2008,
doi:10.1016/j.cell.2008.10.008), and inhibitory ones until they balance excitation (Vogels et al. 2011,
doi:10.1126/science.1211095); neither paper is on motor neurons of flies. Here this is done before an episode,
on the intact wiring without a body. Which synapse a neuron has from whom, and their ratios among those of one
sign, stay as they are.
"""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from neuromech.brain.neurons.base import Matrix, Neurons, Vector
from neuromech.brain.shared_parameters import single

SETTLING_STEPS, SEEN_STEPS, STEP_MS = 700, 800, 1.0
"""Steps in which a network falls into its rhythm; steps over which currents are then seen, eight cycles of a
fly's walking; length of a step, ms."""
LARGEST = 20.0
"""The largest factor: a neuron whose inputs hardly change is not made to answer to traces of a rhythm."""
KEPT = 8
"""The number of results that are kept."""
_found: dict[str, jax.Array] = {}


class Wished(NamedTuple):
    """What the currents of a neuron shall be.

    modulation_pA: the standard deviation of its synaptic current through time. inhibition: its mean
    inhibitory over its mean excitatory current.
    """

    modulation_pA: float
    inhibition: float


def weights(
    network: Neurons, silent: np.ndarray, chosen: np.ndarray, injected_pA: np.ndarray, wished: Wished
) -> jax.Array:
    """Return the weights (post, pre), pA/Hz, of a network of rate neurons after scaling.

    A fit builds the same network thousands of times: the last few factors are kept.

    Parameters
    ----------
    network : with `chemical_pA_per_Hz`.
    silent : (neuron,) bool; those that do not fire meanwhile, and whose synapses stay as they are.
    chosen : (neuron,) bool; those whose synapses are scaled.
    injected_pA : (neuron,) constant currents meanwhile.
    wished : of every chosen neuron.
    """
    present = single(~silent)
    quiet = jax.tree.map(lambda leaf: leaf * present if leaf.ndim == 2 else leaf, network)
    given = single(injected_pA)
    key = hashlib.sha256(repr((wished, chosen.tobytes())).encode())
    for leaf in (*jax.tree.leaves(quiet), given):
        key.update(np.asarray(leaf).tobytes())
    digest = key.hexdigest()
    if digest not in _found:
        while len(_found) >= KEPT:
            _found.pop(next(iter(_found)))
        _found[digest] = _factors(quiet, present, given, single(chosen), wished)
    own: Matrix = network.chemical_pA_per_Hz  # pyright: ignore[reportAttributeAccessIssue]
    excitation, inhibition = _found[digest]
    factors = jnp.where(own > 0, excitation[:, None], inhibition[:, None])
    return own * jnp.where(present[None, :] > 0, factors, 1.0)


@jax.jit
def _factors(
    network: Neurons, present: Vector, injected_pA: Vector, chosen: Vector, wished: Wished
) -> jax.Array:
    """Return the factors of excitatory and of inhibitory synapses, (2, neuron)."""
    own: Matrix = network.chemical_pA_per_Hz  # pyright: ignore[reportAttributeAccessIssue]

    def step(state: Vector, _: Any) -> tuple[Vector, Vector]:
        after = network.step(state, injected_pA, present, STEP_MS)
        return after, after

    _, rates = jax.lax.scan(step, network.init(), None, length=SETTLING_STEPS + SEEN_STEPS)
    rates = rates[SETTLING_STEPS:]
    excitation, inhibition = rates @ jnp.maximum(own, 0.0).T, rates @ jnp.maximum(-own, 0.0).T
    ratio = jnp.minimum(
        wished.inhibition * excitation.mean(0) / jnp.maximum(inhibition.mean(0), 1e-9), LARGEST
    )
    spread = (excitation - ratio * inhibition).std(0)
    factor = jnp.minimum(wished.modulation_pA / jnp.maximum(spread, 1e-9), LARGEST)
    return jnp.where(chosen > 0, jnp.stack([factor, factor * ratio]), 1.0)
