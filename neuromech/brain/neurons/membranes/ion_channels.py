"""Ion channels of channels.yaml as channels of Jaxley, so that its cells and ours are made of the same ones.

Jaxley's units: mV, ms, S/cm2, mA/cm2, mM. The kinetics are numbers of the channel; its largest conductance
`NAME_gbar` and reversal potential `NAME_e` are parameters of the compartment. A channel that sits beside
another reads that one's gates, so that it must come after it in a cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxley.channels import Channel
from jaxley.solver_gate import exponential_euler

from neuromech.specs.channels import CellSpec, ChannelSpec, Formula, Nanodomain, Pool, Rates, Sum

FARADAY_C_PER_MOL = 96485.0
CALCIUM_CURRENT = "i_Ca"
"""The state in which Jaxley adds up the calcium currents of a compartment, mA/cm2."""
CALCIUM = "CaCon_i"
"""The state that holds the calcium inside, mM."""
AREA_UM2_PER_PF = 100.0
"""The area that stands for a capacitance: 1 uF/cm2. Only ratios to it matter."""

States = dict[str, Any]


def formula(sums: Formula, v: Any) -> Any:
    """Return the product of sums at a potential (mV)."""
    return jnp.prod(jnp.stack([_sum(each, v) for each in sums]), axis=0)


def _sum(terms: Sum, v: Any) -> Any:
    total = terms.constant + jnp.zeros_like(v)
    for scale, half, slope in terms.sigmoids:
        total += scale * jax.nn.sigmoid((v - half) / slope)
    for scale, centre, width in terms.gaussians:
        total += scale * jnp.exp(-(((v - centre) / width) ** 2))
    for scale, centre, width in terms.lorentzians:
        total += scale / (1 + ((v - centre) / width) ** 2)
    for scale, left, left_slope, right, right_slope in terms.bells:
        total += scale / (jnp.exp(-(v - left) / left_slope) + jnp.exp((v - right) / right_slope))
    return total


class IonChannel(Channel):
    """A channel with a largest conductance and a reversal potential; without gates it is open always."""

    def __init__(self, name: str, spec: ChannelSpec) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__(name)
        self.spec = spec
        self.channel_params = {f"{name}_gbar": 0.0, f"{name}_e": 0.0}
        self.channel_states: dict[str, float] = {}
        self.current_name = CALCIUM_CURRENT if spec.ion == "calcium" else f"i_{name}"

    def open_share(self, states: States) -> Any:
        """Return how much of the largest conductance is open."""
        return 1.0

    def compute_current(self, states: States, v: Any, params: Mapping[str, Any]) -> Any:
        """Return the outward current, mA/cm2."""
        opened = params[f"{self._name}_gbar"] * self.open_share(states)
        return opened * (v - params[f"{self._name}_e"])

    def update_states(self, states: States, dt: float, v: Any, params: Mapping[str, Any]) -> States:
        """Return the gates after `dt` ms at a held potential."""
        return {}

    def init_state(self, states: States, v: Any, params: Mapping[str, Any], delta_t: float) -> States:
        """Return the gates in their steady state."""
        return {}


class GatedChannel(IonChannel):
    """A channel whose gates the potential opens."""

    def __init__(self, name: str, spec: ChannelSpec) -> None:
        super().__init__(name, spec)
        self.channel_states = {f"{name}_{gate}": 0.0 for gate in spec.gates}

    def open_share(self, states: States) -> Any:
        """Return the weighted sum of products of gates."""
        total = 0.0
        for part in self.spec.opening:
            product = part.weight
            for gate, power in part.gates.items():
                product = product * states[f"{self._name}_{gate}"] ** power
            total = total + product
        return total

    def update_states(self, states: States, dt: float, v: Any, params: Mapping[str, Any]) -> States:
        """Return the gates after `dt` ms, exactly for a held potential."""
        return {
            (key := f"{self._name}_{name}"): exponential_euler(
                states[key], dt, formula(gate.steady, v), formula(gate.tau_ms, v)
            )
            for name, gate in self.spec.gates.items()
        }

    def init_state(self, states: States, v: Any, params: Mapping[str, Any], delta_t: float) -> States:
        """Return the gates in their steady state."""
        return {f"{self._name}_{name}": formula(gate.steady, v) for name, gate in self.spec.gates.items()}


class CalciumChannelPartner(IonChannel):
    """A potassium channel beside one calcium channel, which calcium at that channel's mouth opens.

    It is a channel of two states, given that its partner is open, averaged over the partner's two states
    (Nicoletti et al. 2019, doi:10.1371/journal.pone.0218738, after Montefusco et al. 2017).
    """

    def __init__(self, name: str, spec: ChannelSpec, beside: ChannelSpec) -> None:
        super().__init__(name, spec)
        assert spec.nanodomain is not None and spec.rates is not None
        self.near: Nanodomain = spec.nanodomain
        self.rates: Rates = spec.rates
        self.gate = beside.gates[self.near.activation]
        self._m, self._h = (
            f"{self.near.partner}_{each}" for each in (self.near.activation, self.near.inactivation)
        )
        self.channel_states = {f"{name}_m": 0.0, self._m: 0.0, self._h: 0.0}
        self.channel_params[f"{self.near.partner}_e"] = 0.0

    def open_share(self, states: States) -> Any:
        """Return the share that is open: partners that are inactivated bring no calcium."""
        return states[f"{self._name}_m"] * states[self._h]

    def steady_and_tau(self, states: States, v: Any, calcium_mV: Any) -> tuple[Any, Any]:
        """Return the steady state of the gate, given its partner's activation, and its time constant, ms."""
        near = self.near
        m_per_s = np.sqrt(near.diffusion_um2_per_s * 1e-12 / (near.binding_per_M_s * near.buffer_uM * 1e-6))
        reach = np.exp(-near.radius_nm * 1e-9 / m_per_s)
        spread = 8 * np.pi * near.radius_nm * 1e-9 * near.diffusion_um2_per_s * 1e-12 * FARADAY_C_PER_MOL
        # pS and mV give 1e-15 A; mol/m3 is mM.
        mouth_uM = near.background_uM + 1e3 * jnp.abs(v - calcium_mV) * float(
            near.conductance_pS * 1e-15 / spread * reach
        )
        opening = opening_per_ms(self.rates, v, mouth_uM)
        closing = closing_per_ms(self.rates, v, mouth_uM)
        closing_away = closing_per_ms(self.rates, v, jnp.full_like(v, near.background_uM))
        tau = formula(self.gate.tau_ms, v)
        alpha = formula(self.gate.steady, v) / tau
        beta = 1 / tau - alpha
        whole = (opening + closing) * (closing_away + alpha) + beta * closing_away
        share = alpha + beta + closing_away
        return states[self._m] * opening * share / whole, share / whole

    def update_states(self, states: States, dt: float, v: Any, params: Mapping[str, Any]) -> States:
        """Return the gate after `dt` ms."""
        key = f"{self._name}_m"
        steady, tau = self.steady_and_tau(states, v, params[f"{self.near.partner}_e"])
        return {key: exponential_euler(states[key], dt, steady, tau)}

    def init_state(self, states: States, v: Any, params: Mapping[str, Any], delta_t: float) -> States:
        """Return the gate in its steady state."""
        return {f"{self._name}_m": self.steady_and_tau(states, v, params[f"{self.near.partner}_e"])[0]}


class CalciumGatedChannel(IonChannel):
    """A channel that the calcium inside the cell opens, alone or with the potential."""

    def __init__(self, name: str, spec: ChannelSpec) -> None:
        super().__init__(name, spec)
        self.channel_states = {f"{name}_m": 0.0, CALCIUM: 0.0}

    def open_share(self, states: States) -> Any:
        """Return the share that is open."""
        return states[f"{self._name}_m"]

    def steady_and_tau(self, states: States, v: Any) -> tuple[Any, Any]:
        """Return the steady state of the gate and its time constant, ms."""
        calcium, spec = states[CALCIUM], self.spec
        if spec.half_calcium_mM is not None:
            assert spec.tau_ms is not None
            return calcium / (spec.half_calcium_mM + calcium), spec.tau_ms + jnp.zeros_like(v)
        assert spec.rates is not None
        opening = opening_per_ms(spec.rates, v, 1e3 * calcium)
        whole = opening + closing_per_ms(spec.rates, v, 1e3 * calcium)
        return opening / whole, 1 / whole

    def update_states(self, states: States, dt: float, v: Any, params: Mapping[str, Any]) -> States:
        """Return the gate after `dt` ms."""
        key = f"{self._name}_m"
        return {key: exponential_euler(states[key], dt, *self.steady_and_tau(states, v))}

    def init_state(self, states: States, v: Any, params: Mapping[str, Any], delta_t: float) -> States:
        """Return the gate in its steady state."""
        return {f"{self._name}_m": self.steady_and_tau(states, v)[0]}


class CalciumInside(Channel):
    """The calcium inside a cell, which the calcium current of the last step fills; it carries no current."""

    def __init__(self, calcium: Pool | float, area_um2: float) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__("CALCIUM")
        self.pool = calcium
        self.channel_params: dict[str, float] = {}
        self.channel_states = {CALCIUM: calcium.rest_mM if isinstance(calcium, Pool) else calcium}
        self.current_name = "i_CALCIUM"
        if isinstance(calcium, Pool):
            # mA/cm2 times um2 is 1e-11 A; over C/mol and um3 = 1e-18 m3 it is mol/m3 = mM per second.
            self.mM_per_ms = (
                calcium.free_share * area_um2 * 1e-11 * 1e-3
                / (2 * FARADAY_C_PER_MOL * calcium.volume_um3 * 1e-18)
            )  # fmt: skip

    def steady(self, current: Any) -> Any:
        """Return where calcium ends up under a calcium current, mA/cm2, inward negative."""
        if not isinstance(self.pool, Pool):
            return self.pool + jnp.zeros_like(current)
        return self.pool.rest_mM + self.pool.tau_ms * self.mM_per_ms * jnp.maximum(-current, 0.0)

    def update_states(self, states: States, dt: float, v: Any, params: Mapping[str, Any]) -> States:
        """Return the calcium after `dt` ms."""
        if not isinstance(self.pool, Pool):
            return {CALCIUM: states[CALCIUM]}
        steady = self.steady(states.get(CALCIUM_CURRENT, jnp.zeros_like(v)))
        after = exponential_euler(states[CALCIUM], dt, steady, self.pool.tau_ms)
        return {CALCIUM: jnp.maximum(after, self.pool.floor_mM)}

    def compute_current(self, states: States, v: Any, params: Mapping[str, Any]) -> Any:
        """Return no current."""
        return jnp.zeros_like(v)

    def init_state(self, states: States, v: Any, params: Mapping[str, Any], delta_t: float) -> States:
        """Return the calcium in its steady state, under the current of the given gates if it is known."""
        current = states.get(CALCIUM_CURRENT, jnp.zeros_like(v))
        steady = self.steady(current)
        return {CALCIUM: jnp.maximum(steady, self.pool.floor_mM) if isinstance(self.pool, Pool) else steady}


def opening_per_ms(rates: Rates, v: Any, calcium_uM: Any) -> Any:
    """Return the rate of opening, see `Rates`."""
    return (
        rates.opening_per_ms
        * jnp.exp(rates.opening_per_mV * v)
        / (1 + (rates.opening_uM / calcium_uM) ** rates.opening_power)
    )


def closing_per_ms(rates: Rates, v: Any, calcium_uM: Any) -> Any:
    """Return the rate of closing, see `Rates`."""
    return (
        rates.closing_per_ms
        * jnp.exp(rates.closing_per_mV * v)
        / (1 + (calcium_uM / rates.closing_uM) ** rates.closing_power)
    )


def of_cell(cell: CellSpec, channels: Mapping[str, ChannelSpec]) -> tuple[Channel, ...]:
    """Return the channels of a kind of cell in the order in which a step goes through them.

    Those that the potential alone opens come first, then the calcium inside, then those that need either.
    """
    gated, later = [], []
    for name in cell.conductance_nS:
        spec = channels[name]
        if spec.nanodomain is not None:
            later.append(CalciumChannelPartner(name, spec, channels[spec.nanodomain.partner]))
        elif spec.rates is not None or spec.half_calcium_mM is not None:
            later.append(CalciumGatedChannel(name, spec))
        else:
            gated.append(GatedChannel(name, spec) if spec.gates else IonChannel(name, spec))
    inside = CalciumInside(cell.calcium, AREA_UM2_PER_PF * cell.capacitance_pF)
    return (*gated, inside, *later)


def parameters(cell: CellSpec, channels: Mapping[str, ChannelSpec]) -> dict[str, float]:
    """Return the parameters of a cell's channels by the names that Jaxley knows: S/cm2 and mV."""
    found: dict[str, float] = {}
    for name, conductance_nS in cell.conductance_nS.items():
        # nS over pF, at 1 uF/cm2, is 1e-3 S/cm2.
        found[f"{name}_gbar"] = 1e-3 * conductance_nS / cell.capacitance_pF
        found[f"{name}_e"] = cell.reversal_mV[channels[name].ion]
    return found
