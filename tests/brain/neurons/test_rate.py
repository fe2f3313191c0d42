"""Rate neurons against an independent integrator and against what can be worked out by hand."""

from __future__ import annotations

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
from neuromech.brain.neurons.rate import Rate
from tests.brain.neurons.stepping import stepped

pytestmark = pytest.mark.usefixtures("double")


def tables(rng: np.random.Generator, size: int) -> dict[str, np.ndarray]:
    """Return a random network of both signs, some of whose neurons adapt."""
    return {
        "tau_ms": rng.uniform(5, 40, size),
        "adapt_ms": rng.uniform(20, 200, size),
        "adapt_pA": rng.uniform(0, 30, size) * (rng.random(size) < 0.5),
        "threshold_pA": rng.uniform(0, 4, size),
        "peak_Hz": rng.uniform(50, 300, size),
        "bias_pA": rng.normal(size=size) * 5,
        "chemical_pA": rng.normal(size=(size, size)) * (rng.random((size, size)) < 0.5) * 20,
        "scale_pA": np.array(10.0),
    }


def network(values: dict[str, np.ndarray]) -> Rate:
    return Rate(**{name: jnp.asarray(value) for name, value in values.items()})


def rates(values: dict[str, Any], current: np.ndarray, adaptation: np.ndarray) -> np.ndarray:
    """Shares of the highest rate, neuron by neuron."""
    out = []
    for i in range(len(current)):
        above = current[i] - values["threshold_pA"][i] - values["adapt_pA"][i] * adaptation[i]
        out.append(np.tanh(above / float(values["scale_pA"])) if above > 0 else 0.0)
    return np.array(out)


def slope(values: dict[str, Any], injected: np.ndarray, state: np.ndarray) -> np.ndarray:
    """The docstring's equations, written out neuron by neuron; per ms."""
    size = len(injected)
    current, adaptation = state[:size], state[size:]
    fired = rates(values, current, adaptation)
    moved, tired = np.zeros(size), np.zeros(size)
    for i in range(size):
        into = values["bias_pA"][i] + injected[i]
        for j in range(size):
            into += values["chemical_pA"][i, j] * fired[j]
        moved[i] = (into - current[i]) / values["tau_ms"][i]
        tired[i] = (fired[i] - adaptation[i]) / values["adapt_ms"][i]
    return np.concatenate([moved, tired])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_follows_an_independent_integrator_at_first_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, stop_ms = 6, 100.0
    values = tables(rng, size)
    injected = rng.normal(size=size) * 5 + 8
    start = np.concatenate([values["bias_pA"], np.zeros(size)])
    exact = solve_ivp(
        lambda _, s: slope(values, injected, s), (0, stop_ms), start, "LSODA", rtol=1e-9, atol=1e-9
    ).y[:, -1]
    assert np.abs(exact[:size] - start[:size]).max() > 3  # something happens
    errors = []
    for step_ms in (0.5, 0.25, 0.125, 0.0125):
        end = stepped(network(values), injected, step_ms, stop_ms)
        errors.append(np.abs(np.concatenate([end.current_pA, end.adaptation]) - exact).max())
        shares = rates(values, np.asarray(end.current_pA), np.asarray(end.adaptation))
        assert np.asarray(end.rate_Hz) == pytest.approx(values["peak_Hz"] * shares)
    assert errors[-1] < 0.05
    # Half the step, half the error.
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.3)
    assert errors[1] / errors[2] == pytest.approx(2, rel=0.3)


USUAL = {
    "tau_ms": 10.0, "adapt_ms": 50.0, "adapt_pA": 0.0, "threshold_pA": 2.0, "peak_Hz": 80.0, "bias_pA": 0.0,
}  # fmt: skip


def alike(count: int, **changes: float) -> dict[str, np.ndarray]:
    """Return neurons that nothing connects."""
    values = {name: np.full(count, value) for name, value in (USUAL | changes).items()}
    return values | {"chemical_pA": np.zeros((count, count)), "scale_pA": np.array(10.0)}


def lone(**changes: float) -> dict[str, np.ndarray]:
    return alike(1, **changes)


def test_a_lone_neuron_is_exact_at_any_step() -> None:
    for step_ms in (0.1, 10.0, 1000.0):
        end = stepped(network(lone()), np.array([7.0]), step_ms, step_ms)
        current = 7.0 * -np.expm1(-step_ms / 10.0)
        assert float(end.current_pA[0]) == pytest.approx(current, rel=1e-12)
        assert float(end.rate_Hz[0]) == pytest.approx(80.0 * np.tanh(max(current - 2.0, 0.0) / 10.0))


def test_below_its_threshold_a_neuron_is_silent_and_above_it_saturates() -> None:
    cells = network(lone())
    seen = [float(cells.rate(jnp.array([i]), jnp.zeros(1))[0]) for i in (-50.0, 2.0, 3.0, 500.0)]
    assert seen == pytest.approx([0.0, 0.0, 80.0 * np.tanh(0.1), 80.0])


def test_adaptation_settles_where_drive_and_fatigue_meet() -> None:
    end = stepped(network(lone(adapt_pA=20.0)), np.array([12.0]), 0.5, 2000.0)
    share = float(end.rate_Hz[0]) / 80.0
    assert float(end.adaptation[0]) == pytest.approx(share, rel=1e-6)
    assert share == pytest.approx(np.tanh((10.0 - 20.0 * share) / 10.0), rel=1e-6)


def half_centre(drive_pA: float) -> float:
    """Frequency (Hz) of two neurons that inhibit each other and tire."""
    values = alike(2, tau_ms=4.0, adapt_ms=11.0, adapt_pA=69.0, threshold_pA=0.0)
    values["chemical_pA"] = -47.0 * (1 - np.eye(2))
    cells = network(values)
    state, present, seen = cells.init(), jnp.ones(2), []
    kick = jnp.array([0.1, 0.0])
    step = jax.jit(lambda s: cells.step(s, jnp.full(2, drive_pA) + kick, present, 0.5))
    for _ in range(1200):
        state = step(state)
        seen.append(np.asarray(state.rate_Hz))
    late = np.array(seen)[600:]
    leads = late[:, 0] > late[:, 1]
    assert np.corrcoef(late.T)[0, 1] < -0.5  # they take turns
    return float((leads[1:] & ~leads[:-1]).sum() / 0.3)


def test_two_neurons_that_inhibit_each_other_alternate_at_a_rate_that_the_drive_hardly_changes() -> None:
    slow, fast = half_centre(2.0), half_centre(6.0)
    assert 15 < slow < 40 and fast == pytest.approx(slow, rel=0.15)


@settings(max_examples=20)
@given(seed=st.integers(0, 100_000), step_ms=st.sampled_from([0.1, 10.0, 10_000.0]))
def test_no_step_makes_it_explode(seed: int, step_ms: float) -> None:
    values = tables(np.random.default_rng(seed), 5)
    bound = np.abs(values["chemical_pA"]).sum(axis=1) + np.abs(values["bias_pA"]) + 20
    end = stepped(network(values), np.full(5, 20.0), step_ms, 50 * step_ms)
    assert (np.abs(np.asarray(end.current_pA)) <= bound + 1e-9).all()
    assert (np.asarray(end.rate_Hz) <= values["peak_Hz"]).all() and (np.asarray(end.rate_Hz) >= 0).all()


def test_substeps_are_steps_and_a_batch_equals_its_members() -> None:
    rng = np.random.default_rng(3)
    cells, injected = network(tables(rng, 5)), jnp.asarray(rng.normal(size=(3, 5)) * 5 + 5)
    present = jnp.ones(5)
    together = jax.vmap(lambda i: cells.step(cells.init(), i, present, 0.5, 4))(injected)
    for k in range(3):
        alone = stepped(cells, np.asarray(injected[k]), 0.5, 2.0)
        for a, b in zip(jax.tree.leaves(together), jax.tree.leaves(alone), strict=True):
            assert np.asarray(a[k]) == pytest.approx(np.asarray(b), rel=1e-12)


def test_a_held_neuron_does_not_fire_and_nobody_hears_it() -> None:
    rng = np.random.default_rng(6)
    values = tables(rng, 6)
    held = jnp.asarray([1.0, 1, 0, 1, 1, 1])
    injected = jnp.full(6, 12.0)
    seen = network(values).step(network(values).init(), injected, held, 1.0, 50)
    cut = values["chemical_pA"].copy()
    cut[:, 2] = 0.0
    cells = network(values | {"chemical_pA": cut})
    without = cells.step(cells.init(), injected, jnp.ones(6), 1.0, 50)
    others = np.array([0, 1, 3, 4, 5])
    # The first step still hears what it fired at rest.
    assert float(seen.rate_Hz[2]) == 0.0 and float(cells.output(seen)[2]) == 0.0
    assert np.asarray(seen.rate_Hz)[others] == pytest.approx(np.asarray(without.rate_Hz)[others], abs=1.0)


def test_muscles_are_slack_without_drive() -> None:
    seen = np.asarray(muscles.LAWS[Rate.muscle_law](jnp.array([-3.0, 0.0, 0.5, 50.0])))
    assert seen == pytest.approx([0.0, 0.0, np.tanh(0.5), 1.0])


def test_the_gradient_is_that_of_finite_differences() -> None:
    rng = np.random.default_rng(5)
    cells = network(tables(rng, 4))
    injected, present = jnp.asarray(rng.normal(size=4) * 3 + 10), jnp.ones(4)

    def loss(c: Rate) -> Any:
        return jnp.sum(jnp.sin(c.step(c.init(), injected, present, 1.0, 20).rate_Hz / 50))

    gradient = jax.jit(jax.grad(loss))(cells)
    evaluate, nudge = jax.jit(loss), 1e-6
    for name in ("tau_ms", "adapt_pA", "threshold_pA", "bias_pA", "chemical_pA", "peak_Hz"):
        own = np.asarray(getattr(cells, name))
        place = tuple(int(rng.integers(n)) for n in own.shape)
        ends = []
        for sign in (1, -1):
            moved = own.copy()
            moved[place] += sign * nudge
            other = eqx.tree_at(lambda c, n=name: getattr(c, n), cells, jnp.asarray(moved))
            ends.append(float(evaluate(other)))
        expected = (ends[0] - ends[1]) / (2 * nudge)
        assert float(getattr(gradient, name)[place]) == pytest.approx(expected, rel=1e-3, abs=1e-7), name
