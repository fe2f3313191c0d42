"""Ion channels and cells, against the papers' formulas, an independent integrator and Jaxley's solver."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

pytest.importorskip("jaxley", reason="the extra channels is not installed")

import jaxley as jx

from neuromech import InputError
from neuromech.brain.neurons.membranes import ion_channels
from neuromech.brain.neurons.membranes.membrane import Membrane, MembraneState
from neuromech.specs import channels, content
from tests.brain.neurons import published_cells as published

FILE = channels.read([content.find("controllers", "worm_connectome")])
POTENTIALS = np.array([-110.0, -82.0, -65.0, -50.0, -37.0, -20.0, -5.0, 12.0, 40.0])


def membrane(name: str, size: int = 1) -> Membrane:
    return Membrane.of(FILE.cells[name], FILE.channels, size)


@pytest.mark.parametrize("name", published.GATES)
def test_gates_are_those_of_the_papers(name: str) -> None:
    gates = FILE.channels[name].gates
    assert set(gates) == set(published.GATES[name])
    for gate, (steady, tau) in published.GATES[name].items():
        v = jnp.asarray(POTENTIALS)
        np.testing.assert_allclose(
            ion_channels.formula(gates[gate].steady, v), steady(POTENTIALS), rtol=2e-5, atol=1e-6
        )
        np.testing.assert_allclose(ion_channels.formula(gates[gate].tau_ms, v), tau(POTENTIALS), rtol=2e-5)
    channel = ion_channels.GatedChannel(name, FILE.channels[name])
    shares = {gate: 0.1 + 0.2 * k for k, gate in enumerate(gates)}
    found = channel.open_share({f"{name}_{gate}": value for gate, value in shares.items()})
    assert float(found) == pytest.approx(published.OPEN[name](**shares))


@pytest.mark.parametrize("name", published.PARTNERED)
def test_potassium_channels_beside_calcium_channels_are_those_of_the_papers(name: str) -> None:
    spec = FILE.channels[name]
    assert spec.nanodomain is not None
    channel = ion_channels.CalciumChannelPartner(name, spec, FILE.channels[spec.nanodomain.partner])
    steady, tau = channel.steady_and_tau(
        {f"{spec.nanodomain.partner}_m": 0.3}, jnp.asarray(POTENTIALS), published.ECA
    )
    expected = published.partnered(name, POTENTIALS, 0.3)
    np.testing.assert_allclose(steady, expected[0], rtol=1e-4)
    np.testing.assert_allclose(tau, expected[1], rtol=1e-4)


@pytest.mark.parametrize("name", published.ALONE)
@pytest.mark.parametrize("calcium_mM", [5e-5, 2e-3])
def test_calcium_gated_channels_are_those_of_the_papers(name: str, calcium_mM: float) -> None:
    channel = ion_channels.CalciumGatedChannel(name, FILE.channels[name])
    steady, tau = channel.steady_and_tau({ion_channels.CALCIUM: calcium_mM}, jnp.asarray(POTENTIALS))
    expected = published.alone(name, POTENTIALS, calcium_mM)
    np.testing.assert_allclose(steady, expected[0], rtol=1e-3)
    np.testing.assert_allclose(tau, expected[1], rtol=1e-3)


def steps(made: Membrane, pulses: list[tuple[float, float]]) -> np.ndarray:
    """Potential of the first cell at the end of every millisecond."""
    currents = jnp.asarray(np.concatenate([np.full(round(ms), pA) for ms, pA in pulses]), jnp.float32)

    @jax.jit
    def play(state: MembraneState) -> Any:
        def step(before: MembraneState, current: Any) -> Any:
            none = jnp.zeros_like(made.capacitance_pF)
            after = made.step(before, current + none, none, none, 1.0)
            return after, after.potential_mV[0]

        return jax.lax.scan(step, state, currents)[1]

    return np.asarray(play(made.at_rest()))


PULSES = {
    "RMD": [(50.0, 0.0), (50.0, 10.0), (150.0, 0.0), (20.0, -15.0), (100.0, 0.0)],
    "AIY": [(50.0, 0.0), (200.0, 15.0), (100.0, 0.0), (100.0, -10.0)],
    "AVAL": [(50.0, 0.0), (300.0, 10.0), (100.0, -10.0)],
    "AVAR": [(50.0, 0.0), (300.0, 10.0), (100.0, -10.0)],
    "VD": [(50.0, 0.0), (150.0, 15.0), (100.0, 0.0), (100.0, -10.0)],
}


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=() if each == "RMD" else pytest.mark.thorough) for each in PULSES]
)
def test_a_cell_in_current_clamp_follows_an_independent_integrator(name: str) -> None:
    made = membrane(name)
    rest = float(made.at_rest().potential_mV[0])
    _, expected = published.CELLS[name].current_clamp(rest, PULSES[name])
    found = steps(made, PULSES[name])
    assert abs(found[:50] - rest).max() < 0.05  # it is at rest
    assert np.abs(found - expected).max() < 0.1


@jax.jit
def held(made: Membrane, state: MembraneState) -> Any:
    """Outward current at the end of every one of 60 ms of a voltage clamp."""

    def step(before: MembraneState, _: None) -> Any:
        after = made.clamped(before, 1.0)
        return after, made.current_pA(after)[0]

    return jax.lax.scan(step, state, None, length=60)[1]


@pytest.mark.thorough
@pytest.mark.parametrize("name", PULSES)
def test_a_cell_in_voltage_clamp_follows_an_independent_integrator(name: str) -> None:
    made = membrane(name)
    for command in (-100.0, -45.0, 0.0):
        state = made.steady(jnp.full(1, -60.0))
        state = MembraneState(jnp.full(1, command), state.channels)
        found = held(made, state)
        expected = published.CELLS[name].voltage_clamp(-60.0, command, 60.0)
        np.testing.assert_allclose(found, expected, rtol=0.01, atol=0.15)


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["RMD", "VD"])
def test_jaxleys_own_solver_agrees(name: str) -> None:
    spec = FILE.cells[name]
    cell = jx.Cell()
    area_um2 = ion_channels.AREA_UM2_PER_PF * spec.capacitance_pF
    side_um = float(np.sqrt(area_um2 / np.pi))
    cell.set("radius", side_um / 2)
    cell.set("length", side_um)
    cell.set("capacitance", 1.0)
    for channel in ion_channels.of_cell(spec, FILE.channels):
        cell.insert(channel)
    for key, value in ion_channels.parameters(spec, FILE.channels).items():
        cell.set(key, value)
    made = membrane(name)
    rest = made.at_rest()
    cell.set("v", float(rest.potential_mV[0]))
    for key, value in rest.channels.items():
        if key in cell.nodes:
            cell.set(key, float(value[0]))
    cell.stimulate(jx.step_current(i_delay=10.0, i_dur=50.0, i_amp=0.01, delta_t=0.025, t_max=100.0))
    cell.record("v", verbose=False)
    recorded = np.asarray(jx.integrate(cell, delta_t=0.025))[0]
    found = steps(made, [(10.0, 0.0), (50.0, 10.0), (40.0, 0.0)])
    theirs = recorded[40::40][: len(found)]
    # Jaxley's implicit Euler is of first order, ours exact for open conductances.
    wrong = np.abs(found[: len(theirs)] - theirs)
    assert np.quantile(wrong, 0.95) < 1.0 and np.median(wrong) < 0.1, wrong.round(2)


def test_a_wrong_file_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"channels.yaml in "):
        channels.read([tmp_path])
    file = tmp_path / "channels.yaml"
    file.write_text(
        "channels: {LEAK: {ion: leak, source: none}}\n"
        "cells: {A: {neurons: [A], source: none, capacitance_pF: 1, reversal_mV: {leak: -40}, "
        "conductance_nS: {LAEK: 1}}}\n"
    )
    with pytest.raises(InputError, match=r"cells.A: unknown channel 'LAEK'; nearest: LEAK"):
        channels.read([tmp_path])
    file.write_text(file.read_text().replace("LAEK", "LEAK").replace("leak: -40", "potassium: -40"))
    with pytest.raises(InputError, match=r"cells.A: reversal_mV.leak is missing, which LEAK needs"):
        channels.read([tmp_path])
    file.write_text(
        "channels: {X: {ion: leak, source: none, gates: {m: {steady: [{constant: 1}]}}}}\ncells: {}\n"
    )
    with pytest.raises(InputError, match=r"tau_ms is missing"):
        channels.read([tmp_path])


def test_a_cell_that_never_rests_is_refused() -> None:
    spec = FILE.cells["AVAL"]
    driven = channels.CellSpec(
        neurons=("A",),
        source="none",
        capacitance_pF=1.0,
        reversal_mV={"leak": 90.0},
        conductance_nS={"LEAK": 1.0},
    )
    with pytest.raises(InputError, match="no resting potential"):
        Membrane.of(driven, FILE.channels, 1).at_rest()
    assert Membrane.of(spec, FILE.channels, 3).at_rest().potential_mV.shape == (3,)
