"""Non-spiking populations with a persistent sodium current, as in models of the mammalian spinal cord."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromech._lib.errors import InputError
from neuromech.brain.circuit import Circuit
from neuromech.brain.neurons.base import Neurons, Vector
from neuromech.brain.neurons.compact import Compact
from neuromech.brain.shared_parameters import single

VECTORS = ("capacitance_pF", "leak_nS", "leak_mV", "sodium_nS", "bias_pA", "start", "ceiling")
"""Sections of parameters.yaml with one number per neuron."""
NUMBERS = ("threshold_mV", "span_mV", "excitatory_mV", "inhibitory_mV", "sodium_mV")
"""Sections of parameters.yaml with one number for all."""


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
        f(V) = (V - threshold) / span between 0 and `ceiling`
        m(V) = 1 / (1 + exp(-(V + 40) / 6)),  h_inf(V) = 1 / (1 + exp((V + 45) / 4))
        tau(V) = 80 + 80 / cosh((V + 35) / 15) ms

    Danner et al. 2017 (doi:10.7554/eLife.31050), whose spinal circuit has threshold -50 mV, span 50 mV,
    ceiling 1; the constants are those of the model file that the authors published with it. Matrices are
    indexed [post, pre] and never negative. Units: mV, nS, pF, pA, ms.

    A weight of connections.csv is a conductance relative to the gain (nS) of its pair of classes.
    """

    sections = (*VECTORS, *NUMBERS, "chemical_nS")
    activity_unit = "mV"
    half_contacts = 0.0
    muscle_law = "proportional"

    capacitance_pF: Vector
    leak_nS: Vector
    leak_mV: Vector
    sodium_nS: Vector
    bias_pA: Vector
    start: Vector
    ceiling: Vector
    excitatory_nS: Compact
    inhibitory_nS: Compact
    threshold_mV: Float[Array, ""]
    span_mV: Float[Array, ""]
    excitatory_mV: Float[Array, ""]
    inhibitory_mV: Float[Array, ""]
    sodium_mV: Float[Array, ""]

    @classmethod
    def from_circuit(cls, circuit: Circuit) -> Bursting:
        """Build the populations of a wiring, which has no gap junctions."""
        circuit.refuse_gap_junctions("bursting populations")
        circuit.check_above_zero("capacitance_pF", "leak_nS", "ceiling", "span_mV")
        gains = circuit.matrix("chemical_nS")
        if (gains < 0).any():
            raise InputError("parameter chemical_nS must not be negative: signs stand in connections.csv")
        weights = circuit.connectome.chemical.T * gains * circuit.perturb.scale_chemical
        sign = circuit.connectome.chemical_sign.T
        return cls(
            **{name: single(circuit.vector(name)) for name in VECTORS},
            **{name: single(circuit.parameters[name]) for name in NUMBERS},
            excitatory_nS=Compact.of(single(np.where(sign > 0, weights, 0.0))),
            inhibitory_nS=Compact.of(single(np.where(sign < 0, weights, 0.0))),
        )

    def init(self) -> BurstingState:
        """Return the state with potentials at the leak's reversal and inactivation at `start`."""
        return BurstingState(self.leak_mV, self.start)

    def share(self, potential_mV: Vector) -> Vector:
        """Return the output f(V) of every population."""
        return jnp.clip((potential_mV - self.threshold_mV) * (1.0 / self.span_mV), 0.0, self.ceiling)

    def step(
        self, state: BurstingState, injected_pA: Vector, present: Vector, step_ms: float, substeps: int = 1
    ) -> BurstingState:
        """Return the state after `substeps` exponential midpoint steps of `step_ms` under constant currents.

        Half a step finds the conductances with which the whole step is taken; they are held within it, so
        that no step explodes. At second order 0.5 ms is enough; at first order (Euler) it made the fast gaits
        7 % too slow. Where `present` is 0 a population rests at the leak's reversal or at the threshold,
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
        """Return both after `step_ms` with the conductances that belong to `at_mV` and `blocked`."""
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
        """Return the potentials (mV)."""
        return state.potential_mV

    def output(self, state: BurstingState) -> Vector:
        """Return the output f(V) of every population."""
        return self.share(state.potential_mV)

    def part(self, selected: np.ndarray) -> Bursting:
        """Return only the populations `selected`."""
        size, left = len(self.leak_mV), super().part(selected)
        assert isinstance(left, Bursting)
        kept = [
            Compact.of(each.whole(size)[np.ix_(selected, selected)])
            for each in (self.excitatory_nS, self.inhibitory_nS)
        ]
        return eqx.tree_at(lambda one: (one.excitatory_nS, one.inhibitory_nS), left, tuple(kept))
