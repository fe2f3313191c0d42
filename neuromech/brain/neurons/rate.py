"""Rate neurons with adaptation: each stands for a population and fires as its current exceeds a threshold."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromech.brain.circuit import Circuit
from neuromech.brain.neurons.base import Matrix, Neurons, Vector
from neuromech.brain.shared_parameters import single

VECTORS = ("tau_ms", "adapt_ms", "adapt_pA", "threshold_pA", "peak_Hz", "bias_pA")
"""Sections of parameters.yaml with one number per neuron."""


class RateState(eqx.Module):
    """Firing rates (Hz), synaptic currents (pA), adaptation (share of the highest rate), each (neuron,)."""

    rate_Hz: Vector
    current_pA: Vector
    adaptation: Vector


class Rate(Neurons):
    """Threshold-linear rate neurons that saturate, with a synaptic time constant and spike-rate adaptation.

    For neuron i, with r = rate / `peak_Hz` and s = `scale_pA`:

        tau_i dI_i/dt = -I_i + sum_j W_ij r_j + b_i + injected_i
        T_i da_i/dt = -a_i + r_i
        r_i = tanh(max(I_i - threshold_i - g_i a_i, 0) / s)

    Two such neurons that inhibit each other alternate (Matsuoka 1985, Biol Cybern 52:367; the abstract was
    read), and while they stay far below `peak_Hz` their frequency does not depend on how strongly they
    are driven. Matrices are indexed [post, pre]. Units: pA, Hz, ms.

    A weight of connections.csv is a relative strength, times the gain (pA) of its pair of classes.
    """

    sections = ("scale_pA", *VECTORS, "chemical_pA")
    activity_unit = "Hz"
    half_contacts = 0.0
    muscle_law = "saturating"

    tau_ms: Vector
    adapt_ms: Vector
    adapt_pA: Vector
    threshold_pA: Vector
    peak_Hz: Vector
    bias_pA: Vector
    chemical_pA: Matrix
    scale_pA: Float[Array, ""]

    @classmethod
    def from_circuit(cls, circuit: Circuit) -> Rate:
        """Build the neurons of a wiring, which has no gap junctions."""
        circuit.refuse_gap_junctions("rate neurons")
        circuit.check_above_zero("tau_ms", "adapt_ms", "peak_Hz", "scale_pA")
        wiring = circuit.connectome
        weights = wiring.chemical.T * wiring.chemical_sign.T * circuit.matrix("chemical_pA")
        return cls(
            **{name: single(circuit.vector(name)) for name in VECTORS},
            chemical_pA=single(weights * circuit.perturb.scale_chemical),
            scale_pA=single(circuit.parameters["scale_pA"]),
        )

    def init(self) -> RateState:
        """Return the state before any neuron has fired: currents are those of the bias alone."""
        rest = jnp.zeros_like(self.tau_ms)
        return RateState(self.rate(self.bias_pA, rest), self.bias_pA, rest)

    def rate(self, current_pA: Vector, adaptation: Vector) -> Vector:
        """Return the firing rate (Hz) of every neuron."""
        above = jnp.maximum(current_pA - self.threshold_pA - self.adapt_pA * adaptation, 0.0)
        return self.peak_Hz * jnp.tanh(above / self.scale_pA)

    def step(
        self, state: RateState, injected_pA: Vector, present: Vector, step_ms: float, substeps: int = 1
    ) -> RateState:
        """Return the state after `substeps` exponential-Euler steps of `step_ms` under constant currents.

        The decays are exact, so that no step explodes. Where `present` is 0 a neuron does not fire.
        """
        kept = jnp.exp(-step_ms / jnp.stack([self.tau_ms, self.adapt_ms]))
        constant = self.bias_pA + injected_pA
        rate, slow = state.rate_Hz, jnp.stack([state.current_pA, state.adaptation])
        for _ in range(substeps):
            share = rate / self.peak_Hz
            # Both in one array: the compiler would give two to two threads, which costs more than it gains.
            goal = jnp.stack([self.chemical_pA @ share + constant, share])
            slow = goal + (slow - goal) * kept
            rate = self.rate(*slow) * present
        current, adaptation = slow
        return RateState(rate, current, adaptation)

    def activity(self, state: RateState) -> Vector:
        """Return the firing rates (Hz)."""
        return state.rate_Hz

    def output(self, state: RateState) -> Vector:
        """Return the rates as shares of the highest one."""
        return state.rate_Hz / self.peak_Hz
