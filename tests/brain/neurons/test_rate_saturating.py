"""Saturating rate neurons against an independent integrator and against what can be worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from neuromech._lib.errors import InputError
from neuromech.brain.circuit import Circuit
from neuromech.brain.connectome import Connectome
from neuromech.brain.neurons.rate_saturating import RateSaturating, sizes
from tests.brain.neurons.stepping import stepped

pytestmark = pytest.mark.usefixtures("double")


def tables(rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    """Return a random network of both signs."""
    return {
        "tau_ms": rng.uniform(5, 40, size),
        "slope_Hz_per_pA": rng.uniform(0.3, 2, size),
        "threshold_pA": rng.uniform(0, 10, size),
        "peak_Hz": rng.uniform(50, 300, size),
        "bias_pA": rng.normal(size=size) * 5,
        "chemical_pA_per_Hz": rng.normal(size=(size, size)) * (rng.random((size, size)) < 0.5),
    }


def network(values: dict[str, np.ndarray]) -> RateSaturating:
    numbers: dict[str, Any] = {name: jnp.asarray(value) for name, value in values.items()}
    return RateSaturating(**numbers)


def slope(values: dict[str, np.ndarray], injected: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """The docstring's equation, written out neuron by neuron; per ms."""
    moved = np.zeros(len(rate))
    for i in range(len(rate)):
        into = values["bias_pA"][i] + injected[i]
        for j in range(len(rate)):
            into += values["chemical_pA_per_Hz"][i, j] * rate[j]
        cap, a = values["peak_Hz"][i], values["slope_Hz_per_pA"][i]
        settled = max(0.0, cap * np.tanh(a / cap * (into - values["threshold_pA"][i])))
        moved[i] = (settled - rate[i]) / values["tau_ms"][i]
    return moved


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_follows_an_independent_integrator_at_second_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, stop_ms = 6, 100.0
    values = tables(rng, size)
    injected = rng.normal(size=size) * 5 + 30
    exact = solve_ivp(
        lambda _, s: slope(values, injected, s), (0, stop_ms), np.zeros(size), "LSODA", rtol=1e-9, atol=1e-9
    ).y[:, -1]
    assert exact.max() > 10  # something happens
    errors = [
        np.abs(np.asarray(stepped(network(values), injected, step_ms, stop_ms)) - exact).max()
        for step_ms in (1.0, 0.5, 0.1)
    ]
    assert errors[-1] < 0.01
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.4)  # half the step, a quarter of the error


def lone(**changes: float) -> dict[str, np.ndarray]:
    usual = {"tau_ms": 20.0, "slope_Hz_per_pA": 1.0, "threshold_pA": 7.5, "peak_Hz": 200.0, "bias_pA": 0.0}
    values = {name: np.array([value]) for name, value in (usual | changes).items()}
    return values | {"chemical_pA_per_Hz": np.zeros((1, 1))}


def test_a_lone_neuron_is_silent_below_its_threshold_and_saturates_far_above() -> None:
    for current, rate in ((0.0, 0.0), (7.5, 0.0), (17.5, 200 * np.tanh(10 / 200)), (5000.0, 200.0)):
        settled = stepped(network(lone()), np.array([current]), 1000.0, 1000.0)
        assert float(settled[0]) == pytest.approx(rate, abs=1e-9)


def test_a_lone_neuron_is_exact_at_any_step() -> None:
    for step_ms in (0.1, 10.0, 500.0):
        seen = float(stepped(network(lone()), np.array([50.0]), step_ms, step_ms)[0])
        assert seen == pytest.approx(200 * np.tanh(42.5 / 200) * -np.expm1(-step_ms / 20), rel=1e-9)


def test_a_held_neuron_does_not_fire_and_nobody_hears_it() -> None:
    values = tables(np.random.default_rng(6), 6)
    held, injected = jnp.asarray([1.0, 1, 0, 1, 1, 1]), jnp.full(6, 40.0)
    cut = values["chemical_pA_per_Hz"].copy()
    cut[:, 2] = 0.0
    seen = network(values).step(jnp.full(6, 5.0), injected, held, 1.0, 50)
    without = network(values | {"chemical_pA_per_Hz": cut}).step(
        jnp.full(6, 5.0), injected, jnp.ones(6), 1.0, 50
    )
    others = np.array([0, 1, 3, 4, 5])
    assert float(seen[2]) == 0.0
    assert np.asarray(seen)[others] == pytest.approx(np.asarray(without)[others], rel=1e-12)


def adapting(values: dict[str, np.ndarray], gain: float, usual_Hz: float, time_ms: float) -> RateSaturating:
    size = len(values["tau_ms"])
    return replace(
        network(values),
        adaptation_pA_per_Hz=jnp.full(size, gain),
        usual_Hz=jnp.full(size, usual_Hz),
        adaptation_ms=time_ms,
    )


def test_a_neuron_that_adapts_settles_where_its_current_less_that_of_adaptation_holds_it() -> None:
    cell = adapting(lone(peak_Hz=1e6), 10.0, 3.0, 300.0)
    for current in (7.5, 20.0, 200.0):
        rate, mean = stepped(cell, np.array([current]), 1.0, 10_000.0)
        expected = (current - 7.5 + 10 * 3) / (1 + 10)  # rate = current - threshold - 10 (rate - 3)
        assert float(rate[0]) == pytest.approx(expected, rel=1e-6) == pytest.approx(float(mean[0]), rel=1e-6)


def test_adaptation_follows_an_independent_integrator() -> None:
    values, size = tables(np.random.default_rng(3), 6), 6
    injected, stop_ms = np.random.default_rng(3).normal(size=size) * 5 + 30, 300.0

    def both(_: float, state: np.ndarray) -> np.ndarray:
        rate, mean = state[:size], state[size:]
        moved = slope(values, injected - 4.0 * (mean - 5.0), rate)
        return np.concatenate([moved, (rate - mean) / 100.0])

    begun = np.concatenate([np.zeros(size), np.full(size, 5.0)])
    exact = solve_ivp(both, (0, stop_ms), begun, "LSODA", rtol=1e-9, atol=1e-9).y[:, -1]
    seen = np.concatenate(stepped(adapting(values, 4.0, 5.0, 100.0), injected, 0.1, stop_ms))
    assert np.abs(seen - exact).max() < 0.05
    plain = np.asarray(stepped(network(values), injected, 0.1, stop_ms))
    assert np.abs(plain - exact[:size]).max() > 1  # adaptation does something


def wired(sizes_given: list[str]) -> Connectome:
    """Return neurons without connections, with a column of sizes."""
    count = len(sizes_given)
    none = np.zeros((count, count))
    nothing = np.zeros((count, 0))
    names = tuple("ABC"[:count])
    return Connectome(
        names, names, ("inter",) * count, ("unknown",) * count, (),
        none, none, none, nothing, nothing, nothing, {"size": tuple(sizes_given)},
    )  # fmt: skip


def test_a_large_neuron_needs_more_current_and_answers_less() -> None:
    values = {"tau_ms": {"*": 20.0}, "slope_Hz_per_pA": {"*": 1.0}, "threshold_pA": {"*": 7.5}}
    values |= {"peak_Hz": {"*": 200.0}, "bias_pA": {"*": 0.0}, "chemical_pA_per_Hz": {"*>*": 0.03}}
    cells = RateSaturating.from_circuit(Circuit(wired(["1", "2", "0.5"]), values))
    cells = jax.tree.map(lambda leaf: leaf.astype(jnp.float64), cells)
    settled = np.asarray(stepped(cells, np.full(3, 20.0), 1000.0, 1000.0))
    excess = np.array([12.5, 20 - 15, 20 - 3.75]) / np.array([1, 2, 0.5])
    assert settled == pytest.approx(200 * np.tanh(excess / 200), rel=1e-5)


def test_a_size_that_is_none_is_told_with_its_neuron() -> None:
    assert sizes(wired(["2.5", "0.5"])).tolist() == [2.5, 0.5]
    with pytest.raises(InputError, match="the size of B must be a number above 0, not '-1'"):
        sizes(wired(["2.5", "-1"]))
