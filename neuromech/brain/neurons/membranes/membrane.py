"""Cells with one kind of membrane: single compartments of Jaxley's channels, stepped together."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxley.channels import Channel
from jaxley.solver_gate import exponential_euler
from jaxtyping import Array, Float

from neuromech._lib.errors import InputError
from neuromech.brain.neurons.membranes import ion_channels
from neuromech.brain.neurons.membranes.ion_channels import CALCIUM_CURRENT
from neuromech.brain.shared_parameters import single
from neuromech.specs.channels import CellSpec, ChannelSpec
from neuromech.specs.checking import check, plain, strict

Cells = Float[Array, " cell"]

LONGEST_STEP_MS = 0.2
"""The longest step of a membrane. The fastest gates take 0.3 ms; with this step RMD, switched on and off by
pulses of current, stays within 0.1 mV of an independent integrator (tests/brain/neurons)."""
SCANNED_MV = np.linspace(-120.0, 20.0, 2801)
"""Potentials among which the resting potential is looked for."""


class MembraneState(eqx.Module):
    """Potentials (mV) and the states of the channels: gates, calcium (mM) and its current (mA/cm2)."""

    potential_mV: Cells
    channels: dict[str, Cells]


class Membrane(eqx.Module):
    """Cells with the same channels. The numbers that differ are arrays; the kinetics are part of the program.

    A step lets all channels relax at the potential at hand, as Jaxley does, and then the potential under
    the conductances that are open, both exactly. Potentials mV, currents pA.
    """

    capacitance_pF: Cells
    parameters: dict[str, Cells]
    kinetics: str = eqx.field(static=True)
    """What the channels are, as text, by which a compiled step of the same ones is found again."""

    @staticmethod
    def of(cell: CellSpec, channels: Mapping[str, ChannelSpec], size: int) -> Membrane:
        """Return `size` cells of one kind."""
        used = {name: channels[name] for name in cell.conductance_nS}
        numbers = ion_channels.parameters(cell, channels)
        return Membrane(
            capacitance_pF=single(np.full(size, cell.capacitance_pF)),
            parameters={name: single(np.full(size, value)) for name, value in numbers.items()},
            kinetics=json.dumps({"cell": plain(cell), "channels": plain(used)}, sort_keys=True),
        )

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels, in the order in which a step goes through them."""
        return _channels(self.kinetics)

    def at_rest(self) -> MembraneState:
        """Return the cells at rest: the lowest potential that they hold by themselves, every gate steady.

        Raises
        ------
        InputError
            There is none between -120 and 20 mV.
        """
        currents = np.asarray(self.steady_current_pA(jnp.asarray(SCANNED_MV, jnp.float32)))
        rising = np.flatnonzero((currents[:-1] <= 0) & (currents[1:] > 0))
        if not len(rising):
            raise InputError("a cell of channels.yaml has no resting potential between -120 and 20 mV")
        at = rising[0]
        share = -currents[at] / (currents[at + 1] - currents[at])
        rest_mV = SCANNED_MV[at] + share * (SCANNED_MV[at + 1] - SCANNED_MV[at])
        return self.steady(jnp.full_like(self.capacitance_pF, float(rest_mV)))

    def steady(self, potential_mV: Cells) -> MembraneState:
        """Return the state of the channels long after the cells were clamped at a potential."""
        return MembraneState(potential_mV, _steady(self.kinetics, self.parameters, potential_mV)[0])

    def steady_current_pA(self, potential_mV: Float[Array, " potential"]) -> Float[Array, " potential"]:
        """Return the outward current of the first cell long after it was clamped at each potential."""
        own = {name: jnp.full_like(potential_mV, value[0]) for name, value in self.parameters.items()}
        return 1e3 * _steady(self.kinetics, own, potential_mV)[1] * self.capacitance_pF[0]

    def current_pA(self, state: MembraneState) -> Cells:
        """Return the outward current through all channels, as a voltage clamp measures it."""
        density, _ = _currents(self.channels, dict(state.channels), state.potential_mV, self.parameters)
        return 1e3 * density * self.capacitance_pF

    def step(
        self, state: MembraneState, injected_pA: Cells, shunt_nS: Cells, shunt_mV: Cells, span_ms: float
    ) -> MembraneState:
        """Return the state after `span_ms` under a held current and a conductance to a held potential."""
        count = max(1, math.ceil(span_ms / LONGEST_STEP_MS - 1e-6))
        step_ms = span_ms / count

        def one(_: Any, before: MembraneState) -> MembraneState:
            return self._once(before, injected_pA, shunt_nS, shunt_mV, step_ms)

        return jax.lax.fori_loop(0, count, one, state)

    def clamped(self, state: MembraneState, span_ms: float) -> MembraneState:
        """Return the state after `span_ms` of a voltage clamp at the potential at hand."""
        count = max(1, math.ceil(span_ms / LONGEST_STEP_MS - 1e-6))

        def one(_: Any, before: MembraneState) -> MembraneState:
            states, _, _ = self._relaxed(before, span_ms / count)
            return MembraneState(before.potential_mV, states)

        return jax.lax.fori_loop(0, count, one, state)

    def _once(
        self,
        state: MembraneState,
        injected_pA: Cells,
        shunt_nS: Cells,
        shunt_mV: Cells,
        step_ms: float,
    ) -> MembraneState:
        v = state.potential_mV
        states, density, slope = self._relaxed(state, step_ms)
        # mA/cm2 at 1 uF/cm2 is 1e3 mV per ms; pA over pF is mV per ms.
        conductance = 1e3 * slope + shunt_nS / self.capacitance_pF
        inward = -1e3 * density + (injected_pA - shunt_nS * (v - shunt_mV)) / self.capacitance_pF
        moved = exponential_euler(v, step_ms, v + inward / conductance, 1 / conductance)
        return MembraneState(moved, states)

    def _relaxed(self, state: MembraneState, step_ms: float) -> tuple[dict[str, Any], Any, Any]:
        """Return the channels after a step at a held potential, their current and its slope with it."""
        v, states = state.potential_mV, dict[str, Any](state.channels)
        for channel in self.channels:
            states.update(channel.update_states(states, step_ms, v, self.parameters))
        density, slope = _currents(self.channels, states, v, self.parameters)
        return states, density, slope


@strict
@dataclass(frozen=True)
class _Kinetics:
    """A kind of cell and its channels, as `Membrane.kinetics` writes them."""

    cell: CellSpec
    channels: dict[str, ChannelSpec]


@lru_cache(maxsize=64)
def _channels(kinetics: str) -> tuple[Channel, ...]:
    found = check(_Kinetics, json.loads(kinetics))
    return ion_channels.of_cell(found.cell, found.channels)


def _currents(
    channels: tuple[Channel, ...], states: dict[str, Any], v: Any, parameters: Mapping[str, Any]
) -> tuple[Any, Any]:
    """Return the outward current of all channels (mA/cm2) and its slope with the potential (S/cm2).

    The calcium current is kept in `states`, where the calcium inside finds it at the next step.
    """

    def total(potential: Any) -> tuple[Any, Any]:
        all_, calcium = jnp.zeros_like(potential), jnp.zeros_like(potential)
        for channel in channels:
            current = channel.compute_current(states, potential, parameters)
            all_ = all_ + current
            if channel.current_name == CALCIUM_CURRENT:
                calcium = calcium + current
        return all_, calcium

    (density, calcium), (slope, _) = jax.jvp(total, (v,), (jnp.ones_like(v),))
    states[CALCIUM_CURRENT] = calcium
    return density, slope


@partial(jax.jit, static_argnums=0)
def _steady(kinetics: str, parameters: Mapping[str, Any], v: Any) -> tuple[dict[str, Any], Any]:
    """Return the steady states of all channels at a potential, and their current, mA/cm2."""
    channels, states = _channels(kinetics), {}
    for channel in channels:
        if isinstance(channel, ion_channels.CalciumInside):
            gated = tuple(each for each in channels if set(each.channel_states) <= states.keys())
            _currents(gated, states, v, parameters)
        states.update(channel.init_state(states, v, parameters, LONGEST_STEP_MS))
    density, _ = _currents(channels, states, v, parameters)
    return states, density
