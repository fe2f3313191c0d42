"""Saturating rate neurons scaled by their size, as in simulations of the fly's nerve cord."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from neuromech._lib.errors import InputError
from neuromech.brain.circuit import Circuit
from neuromech.brain.connectome import Connectome
from neuromech.brain.neurons import homeostasis, synaptic_scaling
from neuromech.brain.neurons.base import Matrix, Neurons, Vector
from neuromech.brain.shared_parameters import single
from neuromech.specs.controller import Homeostasis, RateSaturatingSpec

State = Any
"""Rates (Hz); with adaptation the rates and their means of late, both (neuron,)."""
VECTORS = ("tau_ms", "slope_Hz_per_pA", "threshold_pA", "peak_Hz", "bias_pA")
"""Sections of parameters.yaml with one number per neuron; slope and threshold are those before scaling."""


class RateSaturating(Neurons):
    """Neurons described by their firing rate, which saturates; large ones need more current than small ones.

    For neuron i, with R its rate and s its size relative to a typical neuron:

        tau_i dR_i/dt = -R_i + max(0, cap_i tanh(a_i / (s_i cap_i) (I_i - s_i theta_i)))
        I_i = sum_j W_ij R_j + b_i + injected_i

    so the slope a is divided by the size and the threshold theta is multiplied by it. This is the model of
    Pugliese et al. 2025 (doi:10.1101/2025.09.12.675944), who measure current in a unit of their own; here one
    such unit is called 1 pA. Matrices are indexed [post, pre]. Units: pA, Hz, ms; a in Hz/pA, W in pA/Hz.

    A weight of connections.csv counts synapses, each worth the gain (pA/Hz) of its pair of classes. Sizes
    stand in the column `size` of neurons.csv; without it all are 1.

    In controller.yaml, `homeostasis` names groups of neurons whose synapses are scaled and whose bias is set,
    neuron by neuron, so that each gets a current of a given size and fires at a given rate on average while
    commands have given values: see `synaptic_scaling` and `homeostasis`. With `adaptation_pA_per_Hz` k they
    also adapt while they fire: I_i loses k (m_i - r_i), m being the mean of R over the last `adaptation_s` (a
    first-order low pass) and r the rate that homeostasis set. So m stays near r at other commands, too.
    """

    sections = (*VECTORS, "chemical_pA_per_Hz")
    activity_unit = "Hz"
    half_contacts = 0.0
    muscle_law = "proportional"

    tau_ms: Vector
    slope_Hz_per_pA: Vector
    threshold_pA: Vector
    peak_Hz: Vector
    bias_pA: Vector
    chemical_pA_per_Hz: Matrix
    adaptation_pA_per_Hz: Vector | None = None
    usual_Hz: Vector | None = None
    adaptation_ms: float = eqx.field(static=True, default=0.0)

    @classmethod
    def from_circuit(cls, circuit: Circuit) -> RateSaturating:
        """Build the neurons of a wiring, which has no gap junctions."""
        circuit.refuse_gap_junctions("rate neurons")
        circuit.check_above_zero("tau_ms", "slope_Hz_per_pA", "peak_Hz")
        values = {name: circuit.vector(name) for name in VECTORS}
        size = sizes(circuit.connectome)
        values["slope_Hz_per_pA"] = values["slope_Hz_per_pA"] / size
        values["threshold_pA"] = values["threshold_pA"] * size
        wiring = circuit.connectome
        weights = wiring.chemical.T * wiring.chemical_sign.T * circuit.matrix("chemical_pA_per_Hz")
        numbers: dict[str, Any] = {name: single(each) for name, each in values.items()}
        network = cls(**numbers, chemical_pA_per_Hz=single(weights))
        kept = circuit.spec.homeostasis if isinstance(circuit.spec, RateSaturatingSpec) else {}
        for group, wanted in kept.items():
            if not wanted.rate_Hz:
                continue
            silent = circuit.groups.mask_of_any(wanted.silent)
            chosen = circuit.groups.mask(group)
            commands = circuit.groups.vector(wanted.commands) * circuit.vector("command_pA")
            if wanted.modulation_pA:
                wished = synaptic_scaling.Wished(wanted.modulation_pA, wanted.inhibition)
                weights = synaptic_scaling.weights(network, silent, chosen, commands, wished)
                network = replace(network, chemical_pA_per_Hz=weights)
            rates_Hz = chosen * wanted.rate_Hz
            network = replace(network, bias_pA=homeostasis.bias_pA(network, silent, rates_Hz, commands))
        adapting = {group: each for group, each in kept.items() if each.rate_Hz and each.adaptation_pA_per_Hz}
        if adapting:
            network = network.adapting(circuit, adapting)
        scaled = network.chemical_pA_per_Hz * circuit.perturb.scale_chemical
        return replace(network, chemical_pA_per_Hz=scaled)

    def adapting(self, circuit: Circuit, groups: Mapping[str, Homeostasis]) -> RateSaturating:
        """Return these neurons with adaptation in some groups.

        Raises
        ------
        InputError
            The groups differ in their `adaptation_s`.
        """
        gain, usual = np.zeros(len(self.tau_ms)), np.zeros(len(self.tau_ms))
        for group, each in groups.items():
            chosen = circuit.groups.mask(group)
            gain[chosen], usual[chosen] = each.adaptation_pA_per_Hz, each.rate_Hz
        times = {each.adaptation_s for each in groups.values()}
        if len(times) > 1:
            raise InputError(f"homeostasis: adaptation_s must be the same in all groups, not {sorted(times)}")
        return replace(
            self,
            adaptation_pA_per_Hz=single(gain),
            usual_Hz=single(usual),
            adaptation_ms=1000.0 * times.pop(),
        )

    def init(self) -> State:
        """Return the state of neurons of which none fires and none has adapted."""
        rate = jnp.zeros_like(self.tau_ms)
        return rate if self.usual_Hz is None else (rate, self.usual_Hz)

    def target(self, rate_Hz: Vector, constant_pA: Vector) -> Vector:
        """Return the rates (Hz) that neurons would settle at if those of their inputs stayed as they are."""
        above = self.chemical_pA_per_Hz @ rate_Hz + constant_pA - self.threshold_pA
        return jnp.maximum(self.peak_Hz * jnp.tanh(self.slope_Hz_per_pA / self.peak_Hz * above), 0.0)

    def step(
        self, state: State, injected_pA: Vector, present: Vector, step_ms: float, substeps: int = 1
    ) -> State:
        """Return the state after `substeps` exponential midpoint steps of `step_ms` under constant currents.

        Half a step finds the rates whose targets hold over the whole step; the decay is exact, so that no
        step explodes. At second order 1 ms is enough; at first order (Euler) the nerve cord's rhythm was 8 %
        too slow at 0.5 ms. Where `present` is 0 a neuron does not fire.
        """
        half, whole = (jnp.exp(-length / self.tau_ms) for length in (0.5 * step_ms, step_ms))
        constant = self.bias_pA + injected_pA
        rate, mean = (state, None) if self.usual_Hz is None else state
        if mean is not None:
            constant = constant - self.adaptation_pA_per_Hz * (mean - self.usual_Hz)
        rate = rate * present
        for _ in range(substeps):
            target = self.target(rate, constant)
            target = self.target((target + (rate - target) * half) * present, constant)
            rate = (target + (rate - target) * whole) * present
        if mean is None:
            return rate
        return rate, rate + (mean - rate) * jnp.exp(-substeps * step_ms / self.adaptation_ms)

    def activity(self, state: State) -> Vector:
        """Return the firing rates (Hz)."""
        return state if self.usual_Hz is None else state[0]

    def output(self, state: State) -> Vector:
        """Return the rates as shares of the highest one."""
        return self.activity(state) / self.peak_Hz


def sizes(connectome: Connectome) -> np.ndarray:
    """Return the column `size` of neurons.csv, relative to a typical neuron, (neuron,); 1 without it.

    Raises
    ------
    InputError
        A size is no number above 0.
    """
    given = connectome.annotations.get("size", ("1",) * len(connectome.neurons))
    found = np.ones(len(given))
    for index, (name, text) in enumerate(zip(connectome.neurons, given, strict=True)):
        try:
            found[index] = float(text)
        except ValueError:
            found[index] = np.nan
        if not 0 < found[index] < np.inf:
            raise InputError(f"neurons.csv: the size of {name} must be a number above 0, not '{text}'")
    return found
