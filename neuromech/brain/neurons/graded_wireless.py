"""Graded neurons that also talk through signals without synapses: monoamines and neuropeptides."""

from __future__ import annotations

from dataclasses import fields

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromech.brain import extrasynaptic
from neuromech.brain.circuit import Circuit
from neuromech.brain.extrasynaptic import Signals
from neuromech.brain.neurons.base import Vector
from neuromech.brain.neurons.graded import Graded
from neuromech.brain.shared_parameters import single


class WirelessState(eqx.Module):
    """Potentials (mV) of the neurons, and levels of the signals, 0 to 1."""

    potential_mV: Vector
    level: Float[Array, " signal"]


class GradedWireless(Graded):
    """Graded neurons (see `Graded`) with slow currents from signals that reach neurons without a synapse.

    For signal k of the table extrasynaptic.csv, with release o_j from -b to 1 of neuron j:

        x_k = sum over the neurons that release it of max(o_j - threshold, 0) / (1 - threshold)
        tau_k dL_k/dt = x_k / (1 + x_k) - L_k
        current into neuron i = sum over its receptors of sign x extrasynaptic_pA x L_k

    Dense-core vesicles need more activity than synaptic ones, hence the threshold; receptors saturate, hence
    x / (1 + x). Who releases and who receives is Bentley et al. 2016 (doi:10.1371/journal.pcbi.1005283);
    these equations are ours. `perturb.scale_extrasynaptic` multiplies all of these currents.
    """

    sections = (*Graded.sections, extrasynaptic.SECTION, extrasynaptic.GAINS)

    released: Float[Array, "signal neuron"]
    signal_pA: Float[Array, "neuron signal"]
    signal_tau_ms: Float[Array, " signal"]
    threshold: Float[Array, ""]

    @classmethod
    def from_circuit(cls, circuit: Circuit) -> GradedWireless:
        """Build the neurons of a wiring and their signals."""
        plain, signals = Graded.from_circuit(circuit), Signals.of(circuit)
        return cls(
            **{each.name: getattr(plain, each.name) for each in fields(Graded)},
            released=single(signals.released),
            signal_pA=single(signals.current_pA),
            signal_tau_ms=single(signals.tau_ms),
            threshold=single(signals.threshold),
        )

    def init(self) -> WirelessState:
        """Return neurons at rest, and no signal."""
        return WirelessState(self.rest_mV, jnp.zeros(len(self.signal_tau_ms)))

    def activity(self, state: WirelessState) -> Vector:
        """Return the potentials (mV)."""
        return state.potential_mV

    def output(self, state: WirelessState) -> Vector:
        """Return the release beyond that at rest, from -b to 1."""
        return super().output(state.potential_mV)

    def step(
        self, state: WirelessState, injected_pA: Vector, present: Vector, step_ms: float, substeps: int = 1
    ) -> WirelessState:
        """Return the state after `substeps` steps of `step_ms`; signals are held while the neurons step."""
        signalled = injected_pA + self.signal_pA @ state.level
        potential_mV = super().step(state.potential_mV, signalled, present, step_ms, substeps)
        return WirelessState(potential_mV, self.signalled(state.level, potential_mV, step_ms * substeps))

    def signalled(
        self, level: Float[Array, " signal"], potential_mV: Vector, span_ms: float
    ) -> Float[Array, " signal"]:
        """Return the levels after a span that ends with the neurons at the given potentials."""
        released = super().output(potential_mV)
        above = jnp.maximum(released - self.threshold, 0.0) / (1.0 - self.threshold)
        target = self.released @ above
        share = -jnp.expm1(-span_ms / self.signal_tau_ms)
        return level + share * (target / (1.0 + target) - level)

    def part(self, selected: np.ndarray) -> GradedWireless:
        """Return only the neurons `selected`, with the signals of those that are left."""
        left = jax.tree.map(lambda leaf: leaf, super().part(selected))
        assert isinstance(left, GradedWireless)
        return eqx.tree_at(
            lambda one: (one.released, one.signal_pA),
            left,
            (self.released[:, selected], self.signal_pA[selected]),
        )
