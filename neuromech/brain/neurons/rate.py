"""Rate neurons with adaptation: each stands for a population and fires as its current exceeds a threshold."""

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


class RateState(eqx.Module):
    """Firing rates (Hz), synaptic currents (pA), adaptation (share of the highest rate), each (neuron,)."""

    rate_Hz: Vector
    current_pA: Vector
    adaptation: Vector


class Rate(Neurons):
    """Threshold-linear rate neurons that saturate, with a synaptic time constant and spike-rate adaptation.

    For neuron i, with r = rate / ``peak_Hz`` and s = ``scale_pA``:

        tau_i dI_i/dt = -I_i + sum_j W_ij r_j + b_i + injected_i
        T_i da_i/dt = -a_i + r_i
        r_i = tanh(max(I_i - threshold_i - g_i a_i, 0) / s)

    Two such neurons that inhibit each other alternate (Matsuoka 1985, Biol Cybern 52:367; the abstract was
    read), and while they stay far below ``peak_Hz`` their frequency does not depend on how strongly they
    are driven. Matrices are indexed [post, pre]. Units: pA, Hz, ms.
    """

    tau_ms: Vector
    adapt_ms: Vector
    adapt_pA: Vector
    threshold_pA: Vector
    peak_Hz: Vector
    bias_pA: Vector
    chemical_pA: Matrix
    scale_pA: Float[Array, ""]

    def init(self) -> RateState:
        """No neuron has fired yet; currents are those of the bias alone."""
        rest = jnp.zeros_like(self.tau_ms)
        return RateState(self.rate(self.bias_pA, rest), self.bias_pA, rest)

    def rate(self, current_pA: Vector, adaptation: Vector) -> Vector:
        """Firing rate (Hz) of every neuron."""
        above = jnp.maximum(current_pA - self.threshold_pA - self.adapt_pA * adaptation, 0.0)
        return self.peak_Hz * jnp.tanh(above / self.scale_pA)

    def step(
        self, state: RateState, injected_pA: Vector, present: Vector, step_ms: float, substeps: int = 1
    ) -> RateState:
        """State after ``substeps`` exponential-Euler steps of ``step_ms`` under constant currents.

        The decays are exact, so that no step explodes. Where ``present`` is 0 a neuron does not fire.
        """
        kept, remembered = jnp.exp(-step_ms / self.tau_ms), jnp.exp(-step_ms / self.adapt_ms)
        constant = self.bias_pA + injected_pA
        rate, current, adaptation = state.rate_Hz, state.current_pA, state.adaptation
        for _ in range(substeps):
            share = rate / self.peak_Hz
            target = self.chemical_pA @ share + constant
            current = target + (current - target) * kept
            adaptation = share + (adaptation - share) * remembered
            rate = self.rate(current, adaptation) * present
        return RateState(rate, current, adaptation)

    def activity(self, state: RateState) -> Vector:
        """Firing rates (Hz)."""
        return state.rate_Hz

    def output(self, state: RateState) -> Vector:
        """Firing as a share of the highest rate."""
        return state.rate_Hz / self.peak_Hz


PARAMETERS = (
    "scale_pA", "tau_ms", "adapt_ms", "adapt_pA", "threshold_pA", "peak_Hz", "bias_pA", "noise_pA",
    "chemical_pA", "neuromuscular", "tone",
)  # fmt: skip
"""Sections of parameters.yaml, beside those that the encoding reads."""
_POSITIVE = ("tau_ms", "adapt_ms", "peak_Hz")


def _network(
    groups: Groups,
    p: Mapping[str, Any],
    spec: Mapping[str, Any],
    perturb: Perturb,
    gone: np.ndarray,
) -> Rate:
    """Turn tables and class-shared parameters into neurons; those ``gone`` are held silent by the brain.

    The table's weights are relative strengths, each times the gain of its pair of classes.
    """
    if groups.connectome.gap.any() or groups.connectome.gap_muscle.any():
        raise InputError(f"{spec['name']}: rate neurons have no gap junctions, but connections.csv does")
    for name in _POSITIVE:
        if (groups.vector(p[name]) <= 0).any():
            raise InputError(f"parameter {name} must be above 0 for every neuron")
    if p["scale_pA"] <= 0:
        raise InputError(f"parameter scale_pA must be above 0, not {p['scale_pA']}")
    connectome = groups.connectome
    weights = connectome.chemical.T * connectome.chemical_sign.T * groups.matrix(p["chemical_pA"])
    vectors = ("tau_ms", "adapt_ms", "adapt_pA", "threshold_pA", "peak_Hz", "bias_pA")
    return Rate(
        **{name: single(groups.vector(p[name])) for name in vectors},
        chemical_pA=single(weights * perturb.scale_chemical),
        scale_pA=single(p["scale_pA"]),
    )


MODEL = NeuronModel(PARAMETERS, "Hz", 0.0, "saturating", _network)
"""The neuron model ``rate`` of controller.yaml."""
