"""Homeostasis of excitability: biases by which neurons fire at a given rate on average.

A cut of a wiring holds few of a neuron's inputs, and not the same share of every neuron's: some are driven
all the time, others never. Animals set the excitability of their neurons by how much these fire (Davis 2013,
doi:10.1016/j.neuron.2013.09.044). Here this is done before an episode, on the intact wiring without a body,
and does not go on while the animal moves.
"""

from __future__ import annotations

import hashlib
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from neuromech.brain.neurons.base import Neurons, Vector
from neuromech.brain.shared_parameters import single

SETTLING_STEPS, MEAN_STEPS, ROUNDS, STEP_MS = 700, 400, 16, 1.0
"""How biases are found: steps in which a network falls into its rhythm; steps over which rates are then
averaged, four cycles of a fly's walking; how often; length of a step, ms."""
GAIN_PA_PER_HZ = 1.5
"""By how much a bias changes for every Hz that is missing, for a slope of 1 Hz/pA."""
KEPT = 8
"""The number of results that are kept."""
_found: dict[str, jax.Array] = {}


def bias_pA(network: Neurons, silent: np.ndarray, rates_Hz: np.ndarray, injected_pA: np.ndarray) -> jax.Array:
    """Return the biases of a network of saturating rate neurons once some neurons fire as they should.

    A fit builds the same network thousands of times: the last few results are kept.

    Parameters
    ----------
    network : with `bias_pA`, `slope_Hz_per_pA`, `threshold_pA` and `chemical_pA_per_Hz`.
    silent : (neuron,) bool; those that do not fire meanwhile, as sensory neurons without a body.
    rates_Hz : (neuron,) the mean rate that is wanted; where it is 0 a bias stays as it is.
    injected_pA : (neuron,) constant currents meanwhile.
    """
    present = single(~silent)
    values = [single(rates_Hz), single(injected_pA)]
    quiet = jax.tree.map(lambda leaf: leaf * present if leaf.ndim == 2 else leaf, network)
    key = hashlib.sha256()
    for leaf in (*jax.tree.leaves(quiet), *values):
        key.update(np.asarray(leaf).tobytes())
    digest = key.hexdigest()
    if digest not in _found:
        while len(_found) >= KEPT:
            _found.pop(next(iter(_found)))
        _found[digest] = _settled(quiet, present, *values)
    return _found[digest]


@jax.jit
def _settled(network: Neurons, present: Vector, rates_Hz: Vector, injected_pA: Vector) -> Vector:
    chosen = rates_Hz > 0
    own = network.bias_pA  # pyright: ignore[reportAttributeAccessIssue]
    gain = GAIN_PA_PER_HZ / network.slope_Hz_per_pA  # pyright: ignore[reportAttributeAccessIssue]
    weights = network.chemical_pA_per_Hz  # pyright: ignore[reportAttributeAccessIssue]
    threshold = network.threshold_pA  # pyright: ignore[reportAttributeAccessIssue]

    def played(state: Vector, bias: Vector, count: int) -> tuple[Vector, Vector]:
        currents = injected_pA + bias - own

        def step(_: Any, both: tuple[Vector, Vector]) -> tuple[Vector, Vector]:
            after = network.step(both[0], currents, present, STEP_MS)
            return after, both[1] + after / count

        return jax.lax.fori_loop(0, count, step, (state, jnp.zeros_like(state)))

    def corrected(_: Any, both: tuple[Vector, Vector]) -> tuple[Vector, Vector]:
        state, mean = played(*both, MEAN_STEPS)
        return state, jnp.where(chosen, both[1] + gain * (rates_Hz - mean), own)

    state, _ = played(network.init(), own, SETTLING_STEPS)
    state, mean = played(state, own, MEAN_STEPS)
    begun = jnp.where(chosen, threshold - weights @ mean, own)  # at its threshold on average
    return jax.lax.fori_loop(0, ROUNDS, corrected, (state, begun))[1]
