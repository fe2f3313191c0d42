"""Bursting populations against an independent integrator and against what can be worked out by hand."""

from __future__ import annotations

from operator import attrgetter
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from neuromech import muscles
from neuromech.brain.neurons.bursting import Bursting
from neuromech.brain.neurons.compact import Compact
from tests.brain.neurons.stepping import stepped

pytestmark = pytest.mark.usefixtures("double")


NUMBERS = {
    "threshold_mV": -50.0, "span_mV": 50.0, "excitatory_mV": -10.0, "inhibitory_mV": -75.0, "sodium_mV": 50.0,
}  # fmt: skip


def tables(rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    """Return a random network, half of whose populations have the persistent sodium current."""
    wired = rng.random((size, size)) < 0.4
    excites = rng.random(size) < 0.5
    weights = rng.uniform(0, 3, (size, size)) * wired
    return {
        "capacitance_pF": rng.uniform(8, 12, size),
        "leak_nS": rng.uniform(2, 5, size),
        "leak_mV": rng.uniform(-65, -55, size),
        "sodium_nS": 4.5 * (rng.random(size) < 0.5),
        "bias_pA": rng.uniform(0, 60, size),
        "start": rng.uniform(0, 1, size),
        "ceiling": np.ones(size),
        "excitatory_nS": weights * excites,
        "inhibitory_nS": weights * ~excites,
        **{name: np.array(value) for name, value in NUMBERS.items()},
    }


def network(values: dict[str, np.ndarray]) -> Bursting:
    arrays = {name: jnp.asarray(value) for name, value in values.items()}
    return Bursting(
        **arrays | {name: Compact.of(values[name]) for name in ("excitatory_nS", "inhibitory_nS")}
    )


def slope(p: dict[str, Any], injected: np.ndarray, state: np.ndarray) -> np.ndarray:
    """The docstring's equations, written out population by population; per ms."""
    size = len(injected)
    volts, blocked = state[:size], state[size:]
    out = [min(max((v + 50.0) / 50.0, 0.0), p["ceiling"][k]) for k, v in enumerate(volts)]
    moved, inactivated = np.zeros(size), np.zeros(size)
    for i, v in enumerate(volts):
        current = p["bias_pA"][i] + injected[i] - p["leak_nS"][i] * (v - p["leak_mV"][i])
        current -= p["sodium_nS"][i] * blocked[i] / (1 + np.exp(-(v + 40) / 6)) * (v - 50.0)
        for j in range(size):
            current -= p["excitatory_nS"][i, j] * out[j] * (v + 10.0)
            current -= p["inhibitory_nS"][i, j] * out[j] * (v + 75.0)
        moved[i] = current / p["capacitance_pF"][i]
        tau = 80.0 + 80.0 / np.cosh((v + 35.0) / 15.0)
        inactivated[i] = (1 / (1 + np.exp((v + 45.0) / 4.0)) - blocked[i]) / tau
    return np.concatenate([moved, inactivated])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_follows_an_independent_integrator_at_second_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, stop_ms = 6, 100.0
    values = tables(rng, size)
    injected = rng.uniform(0, 60, size)
    start = np.concatenate([values["leak_mV"], values["start"]])
    exact = solve_ivp(
        lambda _, s: slope(values, injected, s), (0, stop_ms), start, "LSODA", rtol=1e-10, atol=1e-10
    ).y[:, -1]
    assert np.abs(exact[:size] - start[:size]).max() > 5  # something happens
    errors = []
    for step_ms in (0.5, 0.0625):
        end = stepped(network(values), injected, step_ms, stop_ms)
        errors.append(np.abs(np.concatenate([end.potential_mV, end.inactivation]) - exact).max())
    # An eighth of the step is an error some sixty times smaller; kinks of the output cost a little.
    assert errors[0] / errors[-1] > 20 and errors[-1] < 0.1


def lone(**changes: float) -> dict[str, np.ndarray]:
    usual = {"capacitance_pF": 10.0, "leak_nS": 4.5, "leak_mV": -62.5, "sodium_nS": 4.5, "bias_pA": 0.0,
             "start": 0.5, "ceiling": 1.0}  # fmt: skip
    values = {name: np.full(1, value) for name, value in (usual | changes).items()}
    nothing = {name: np.zeros((1, 1)) for name in ("excitatory_nS", "inhibitory_nS")}
    return values | nothing | {name: np.array(value) for name, value in NUMBERS.items()}


def output(values: dict[str, np.ndarray], drive_pA: float) -> np.ndarray:
    """Output over two seconds, after two to settle, every half millisecond."""
    cells, present = network(values), jnp.ones(1)

    def step(state: Any, _: None) -> Any:
        after = cells.step(state, jnp.full(1, drive_pA), present, 0.5)
        return after, cells.output(after)[0]

    return np.asarray(jax.jit(lambda: jax.lax.scan(step, cells.init(), None, length=8000)[1])())[4000:]


def test_persistent_sodium_makes_a_lone_population_burst_between_silence_and_tonic_output() -> None:
    quiet, bursting, tonic = (output(lone(), drive) for drive in (0.0, 20.0, 120.0))
    assert not quiet.any()
    onsets = np.flatnonzero((bursting[1:] > 0.1) & (bursting[:-1] <= 0.1))
    assert 2 <= len(onsets) <= 20 and bursting.min() == 0.0 and bursting.max() > 0.3
    assert tonic.min() > 0.2 and np.ptp(tonic) < 0.01
    assert np.ptp(output(lone(sodium_nS=0.0), 20.0)) < 1e-6  # without it nothing bursts


def test_a_passive_population_puts_out_its_current_up_to_its_ceiling() -> None:
    relay = {"leak_nS": 1.0, "leak_mV": -50.0, "sodium_nS": 0.0, "ceiling": 2.0}
    for drive, expected in ((-20.0, 0.0), (0.0, 0.0), (25.0, 0.5), (52.5, 1.05), (200.0, 2.0)):
        assert output(lone(**relay), drive)[-1] == pytest.approx(expected, abs=1e-9)


@settings(max_examples=20)
@given(seed=st.integers(0, 100_000), step_ms=st.sampled_from([0.1, 10.0, 10_000.0]))
def test_no_step_makes_it_explode(seed: int, step_ms: float) -> None:
    values = tables(np.random.default_rng(seed), 5)
    end = stepped(network(values), np.full(5, 20.0), step_ms, 50 * step_ms)
    assert (np.asarray(end.potential_mV) > -80).all() and (np.asarray(end.potential_mV) < 80).all()
    assert (np.asarray(end.inactivation) >= 0).all() and (np.asarray(end.inactivation) <= 1).all()


def test_substeps_are_steps_and_a_batch_equals_its_members() -> None:
    rng = np.random.default_rng(3)
    cells, injected = network(tables(rng, 5)), jnp.asarray(rng.uniform(0, 60, (3, 5)))
    present = jnp.ones(5)
    together = jax.vmap(lambda i: cells.step(cells.init(), i, present, 0.5, 4))(injected)
    for k in range(3):
        alone = stepped(cells, np.asarray(injected[k]), 0.5, 2.0)
        for a, b in zip(jax.tree.leaves(together), jax.tree.leaves(alone), strict=True):
            assert np.asarray(a[k]) == pytest.approx(np.asarray(b), rel=1e-9)


def test_a_held_population_puts_out_nothing_and_nobody_hears_it() -> None:
    rng = np.random.default_rng(6)
    values = tables(rng, 6)
    held, injected = jnp.asarray([1.0, 1, 0, 1, 1, 1]), jnp.full(6, 60.0)
    cells = network(values)
    seen = cells.step(cells.init(), injected, held, 5.0, 10)
    cut = {name: values[name].copy() for name in ("excitatory_nS", "inhibitory_nS")}
    for matrix in cut.values():
        matrix[:, 2] = 0.0
    without = network(values | cut).step(cells.init(), injected, jnp.ones(6), 5.0, 10)
    others = np.array([0, 1, 3, 4, 5])
    assert float(cells.output(seen)[2]) == 0.0 and float(cells.output(without)[2]) > 0.0
    assert np.asarray(seen.potential_mV)[others] == pytest.approx(np.asarray(without.potential_mV)[others])


def test_muscles_are_slack_without_drive() -> None:
    seen = np.asarray(muscles.LAWS[Bursting.muscle_law](jnp.array([-3.0, 0.0, 0.5, 50.0])))
    assert seen == pytest.approx([0.0, 0.0, 0.5, 1.0])


def test_the_gradient_is_that_of_finite_differences() -> None:
    rng = np.random.default_rng(5)
    cells = network(tables(rng, 8))
    injected, present = jnp.asarray(rng.uniform(20, 60, 8)), jnp.ones(8)

    def loss(c: Bursting) -> Any:
        return jnp.sum(jnp.sin(c.step(c.init(), injected, present, 1.0, 3).potential_mV / 20))

    gradient = eqx.filter_jit(eqx.filter_grad(loss))(cells)
    evaluate, nudge = jax.jit(loss), 1e-6
    names = (
        "capacitance_pF",
        "leak_nS",
        "sodium_nS",
        "bias_pA",
        "excitatory_nS.values",
        "inhibitory_nS.values",
    )
    for value in map(attrgetter, names):
        own = np.asarray(value(cells))
        place = tuple(int(rng.integers(n)) for n in own.shape)
        ends = []
        for sign in (1, -1):
            moved = own.copy()
            moved[place] += sign * nudge
            other = eqx.tree_at(value, cells, jnp.asarray(moved))
            ends.append(float(evaluate(other)))
        expected = (ends[0] - ends[1]) / (2 * nudge)
        assert float(value(gradient)[place]) == pytest.approx(expected, rel=1e-3, abs=1e-7), value
