"""Non-spiking populations with a persistent sodium current, as in models of the mammalian spinal cord."""

from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromech._lib.errors import InputError
from neuromech.brain.neurons.base import Matrix, Neurons, Vector
from neuromech.brain.neurons.model import NeuronModel
from neuromech.brain.shared_parameters import Groups, single
from neuromech.specs.run import Perturb


class BurstingState(eqx.Module):
    """Membrane potentials (mV) and inactivation of the persistent sodium current (0 to 1), each (neuron,)."""

    potential_mV: Vector
    inactivation: Vector


class Bursting(Neurons):
    """Populations described by their mean membrane potential, some of which burst on their own.

    For population i, with f the output and I what electrodes, senses and commands inject:

        C dV_i/dt = -g_leak (V_i - E_leak) - g_NaP m(V_i) h_i (V_i - E_Na)
                    - sum_j G_ij f(V_j) (V_i - E_exc) - sum_j H_ij f(V_j) (V_i - E_inh) + b_i + I_i
        tau(V_i) dh_i/dt = h_inf(V_i) - h_i
        f(V) = (V - threshold) / span between 0 and ``ceiling``
        m(V) = 1 / (1 + exp(-(V + 40) / 6)),  h_inf(V) = 1 / (1 + exp((V + 45) / 4))
        tau(V) = 80 + 80 / cosh((V + 35) / 15) ms

    Danner et al. 2017 (doi:10.7554/eLife.31050), whose spinal circuit has threshold -50 mV, span 50 mV,
    ceiling 1; the constants are those of the model file that the authors published with it. Matrices are
    indexed [post, pre] and never negative. Units: mV, nS, pF, pA, ms.
    """

    capacitance_pF: Vector
    leak_nS: Vector
    leak_mV: Vector
    sodium_nS: Vector
    bias_pA: Vector
    start: Vector
    ceiling: Vector
    excitatory_nS: Matrix
    inhibitory_nS: Matrix
    threshold_mV: Float[Array, ""]
    span_mV: Float[Array, ""]
    excitatory_mV: Float[Array, ""]
    inhibitory_mV: Float[Array, ""]
    sodium_mV: Float[Array, ""]

    def init(self) -> BurstingState:
        """Potentials at the leak's reversal, inactivation at ``start``."""
        return BurstingState(self.leak_mV, self.start)

    def share(self, potential_mV: Vector) -> Vector:
        """Output f(V) of every population."""
        return jnp.clip((potential_mV - self.threshold_mV) / self.span_mV, 0.0, self.ceiling)

    def step(
        self, state: BurstingState, injected_pA: Vector, present: Vector, step_ms: float, substeps: int = 1
    ) -> BurstingState:
        """State after ``substeps`` exponential midpoint steps of ``step_ms`` under constant currents.

        Half a step finds the conductances with which the whole step is taken; they are held within it, so
        that no step explodes. At second order 0.5 ms is enough; at first order (Euler) it made the fast gaits
        7 % too slow. Where ``present`` is 0 a population rests at the leak's reversal or at the threshold,
        whichever is lower, and puts out nothing.
        """
        current = self.leak_nS * self.leak_mV + self.bias_pA + injected_pA
        silent = jnp.minimum(self.leak_mV, self.threshold_mV)
        potential, inactivation = state.potential_mV, state.inactivation
        for _ in range(substeps):
            middle, blocked = self._moved(
                potential, inactivation, potential, inactivation, current, 0.5 * step_ms
            )
            middle = jnp.where(present > 0, middle, silent)
            potential, inactivation = self._moved(potential, inactivation, middle, blocked, current, step_ms)
            potential = jnp.where(present > 0, potential, silent)
        return BurstingState(potential, inactivation)

    def _moved(
        self,
        potential: Vector,
        inactivation: Vector,
        at_mV: Vector,
        blocked: Vector,
        current: Vector,
        step_ms: float,
    ) -> tuple[Vector, Vector]:
        """Potential and inactivation after ``step_ms`` with the conductances of ``at_mV`` and ``blocked``."""
        out = self.share(at_mV)
        sodium = self.sodium_nS * blocked / (1.0 + jnp.exp(-(at_mV + 40.0) / 6.0))
        excitatory, inhibitory = self.excitatory_nS @ out, self.inhibitory_nS @ out
        total = self.leak_nS + sodium + excitatory + inhibitory
        driven = current + sodium * self.sodium_mV
        target = (driven + excitatory * self.excitatory_mV + inhibitory * self.inhibitory_mV) / total
        tau = 80.0 + 80.0 / jnp.cosh((at_mV + 35.0) / 15.0)
        settled = 1.0 / (1.0 + jnp.exp((at_mV + 45.0) / 4.0))
        return (
            target + (potential - target) * jnp.exp(-step_ms * total / self.capacitance_pF),
            settled + (inactivation - settled) * jnp.exp(-step_ms / tau),
        )

    def activity(self, state: BurstingState) -> Vector:
        """Potentials (mV)."""
        return state.potential_mV

    def output(self, state: BurstingState) -> Vector:
        """Output f(V) of every population."""
        return self.share(state.potential_mV)


VECTORS = ("capacitance_pF", "leak_nS", "leak_mV", "sodium_nS", "bias_pA", "start", "ceiling")
NUMBERS = ("threshold_mV", "span_mV", "excitatory_mV", "inhibitory_mV", "sodium_mV")
PARAMETERS = (*VECTORS, *NUMBERS, "noise_pA", "chemical_nS", "neuromuscular", "tone")
"""Sections of parameters.yaml, beside those that the encoding and the commands read."""
_POSITIVE = ("capacitance_pF", "leak_nS", "ceiling")


def network(
    groups: Groups,
    p: Mapping[str, Any],
    spec: Mapping[str, Any],
    perturb: Perturb,
    gone: np.ndarray,
) -> Bursting:
    """Turn tables and class-shared parameters into populations; those ``gone`` are held silent by the brain.

    A table's weight is a conductance relative to the gain (nS) of its pair of classes.
    """
    connectome = groups.connectome
    if connectome.gap.any() or connectome.gap_muscle.any():
        raise InputError(
            f"{spec['name']}: bursting populations have no gap junctions, but connections.csv does"
        )
    vectors = {name: groups.vector(p[name]) for name in VECTORS}
    for name in _POSITIVE:
        if (vectors[name] <= 0).any():
            raise InputError(f"parameter {name} must be above 0 for every neuron")
    if p["span_mV"] <= 0:
        raise InputError(f"parameter span_mV must be above 0, not {p['span_mV']}")
    gains = groups.matrix(p["chemical_nS"])
    if (gains < 0).any():
        raise InputError("parameter chemical_nS must not be negative: signs stand in connections.csv")
    weights = connectome.chemical.T * gains * perturb.scale_chemical
    sign = connectome.chemical_sign.T
    return Bursting(
        **{name: single(values) for name, values in vectors.items()},
        **{name: single(p[name]) for name in NUMBERS},
        excitatory_nS=single(np.where(sign > 0, weights, 0.0)),
        inhibitory_nS=single(np.where(sign < 0, weights, 0.0)),
    )


MODEL = NeuronModel(PARAMETERS, "mV", 0.0, "proportional", network)
"""The neuron model ``bursting`` of controller.yaml."""
