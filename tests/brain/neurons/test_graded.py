"""Graded neurons against scipy's integrator, finite differences and closed formulas."""

from __future__ import annotations

from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from neuromech.brain.neurons.graded import Graded

pytestmark = pytest.mark.usefixtures("double")


def tables(rng: np.random.Generator, size: int, plateau: float = 1.5) -> dict[str, np.ndarray]:
    """Return a random network: sparse chemical wiring of both signs, symmetric gap junctions."""
    chemical = rng.normal(size=(size, size)) * (rng.random((size, size)) < 0.4) * 1.5
    gap = np.triu(rng.uniform(0, 1, (size, size)) * (rng.random((size, size)) < 0.4), 1)
    gap = gap + gap.T
    return {
        "rest_mV": rng.uniform(-60, -30, size),
        "leak_nS": rng.uniform(0.5, 2, size),
        "capacitance_pF": rng.uniform(20, 200, size),
        "plateau_nS": rng.uniform(0, plateau, size),
        "chemical_nS": chemical,
        "gap_nS": gap - np.diag(gap.sum(axis=1)),
        "bias_pA": rng.normal(size=size) * 5,
        "scale_mV": np.array(10.0),
        "tonic": np.array(rng.uniform(0.1, 0.9)),
    }


def network(values: dict[str, np.ndarray]) -> Graded:
    return Graded(**{name: jnp.asarray(value) for name, value in values.items()})


def slope(values: dict[str, Any], injected: np.ndarray, potential: np.ndarray) -> np.ndarray:
    """The docstring's equation, written out neuron by neuron; mV per ms."""
    s, b = float(values["scale_mV"]), float(values["tonic"])
    out = np.zeros(len(potential))
    for i, rest in enumerate(values["rest_mV"]):
        u = potential[i] - rest
        current = -values["leak_nS"][i] * u + values["plateau_nS"][i] * s * np.tanh(u / s)
        current += values["bias_pA"][i] + injected[i]
        for j, other in enumerate(values["rest_mV"]):
            above = potential[j] - other
            released = s * np.tanh(above / s) if above > 0 else b * s * np.tanh(above / (b * s))
            current += values["chemical_nS"][i, j] * released
            if i != j:
                current += values["gap_nS"][i, j] * (potential[j] - potential[i])
        out[i] = current / values["capacitance_pF"][i]
    return out


@partial(jax.jit, static_argnums=3)
def _advance(cells: Graded, start: Any, injected: Any, step_ms: float, count: Any) -> Any:
    present = jnp.ones(len(start))
    return jax.lax.fori_loop(0, count, lambda _, v: cells.step(v, injected, present, step_ms), start)


def stepped(
    cells: Graded, start: np.ndarray, injected: np.ndarray, step_ms: float, stop_ms: float
) -> np.ndarray:
    return np.asarray(
        _advance(cells, jnp.asarray(start), jnp.asarray(injected), step_ms, round(stop_ms / step_ms))
    )


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_it_follows_an_independent_integrator_at_first_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, stop_ms = 6, 150.0
    values = tables(rng, size)
    injected = rng.normal(size=size) * 10
    start = values["rest_mV"] + rng.normal(size=size) * 5
    exact = solve_ivp(
        lambda _, v: slope(values, injected, v), (0, stop_ms), start, "LSODA", rtol=1e-9, atol=1e-9
    ).y[:, -1]
    assert np.abs(exact - start).max() > 3  # something happens
    cells = network(values)
    errors = [
        np.abs(stepped(cells, start, injected, h, stop_ms) - exact).max() for h in (1.0, 0.5, 0.25, 0.05)
    ]
    assert errors[-1] < 0.05
    # Half the step, half the error.
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.2)
    assert errors[1] / errors[2] == pytest.approx(2, rel=0.2)


def test_a_lone_leaky_neuron_is_exact_at_any_step() -> None:
    values = tables(np.random.default_rng(0), 1)
    values |= {"chemical_nS": np.zeros((1, 1)), "plateau_nS": np.zeros(1), "bias_pA": np.zeros(1)}
    leak, capacitance, rest = (float(values[k][0]) for k in ("leak_nS", "capacitance_pF", "rest_mV"))
    for step_ms in (0.1, 10.0, 1000.0):
        seen = stepped(network(values), np.array([rest + 20.0]), np.array([3.0]), step_ms, step_ms)
        expected = rest + 3 / leak + (20 - 3 / leak) * np.exp(-step_ms * leak / capacitance)
        assert seen[0] == pytest.approx(expected, rel=1e-12)


@settings(max_examples=20)
@given(seed=st.integers(0, 100_000))
def test_gap_junctions_conserve_current(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = tables(rng, 9)
    potential = jnp.asarray(rng.uniform(-80, 0, 9))
    nothing = jnp.zeros_like(potential)
    cells = network(values)
    cut = eqx.tree_at(lambda c: c.gap_nS, cells, jnp.zeros_like(cells.gap_nS))
    through = np.asarray(cells.current(potential, nothing) - cut.current(potential, nothing))
    assert through.sum() == pytest.approx(0.0, abs=1e-10)
    level = jnp.full_like(potential, -40.0)
    assert np.asarray(cells.gap_nS @ level) == pytest.approx(0.0, abs=1e-10)  # none without a difference


@settings(max_examples=20)
@given(seed=st.integers(0, 100_000), step_ms=st.sampled_from([0.1, 10.0, 10_000.0]))
def test_no_step_makes_it_explode(seed: int, step_ms: float) -> None:
    rng = np.random.default_rng(seed)
    values = tables(rng, 5) | {"gap_nS": np.zeros((5, 5))}
    # No potential can exceed what all currents at once would hold: everything but the leak is bounded.
    most = np.abs(values["chemical_nS"]).sum(axis=1) + values["plateau_nS"]
    bound = (10 * most + np.abs(values["bias_pA"]) + 20) / values["leak_nS"]
    end = stepped(network(values), values["rest_mV"], np.full(5, 20.0), step_ms, 50 * step_ms)
    assert (np.abs(end - values["rest_mV"]) <= bound + 1e-9).all()


def test_substeps_are_steps() -> None:
    values = tables(np.random.default_rng(3), 5)
    cells, injected = network(values), jnp.full(5, 4.0)
    once = cells.step(cells.init(), injected, jnp.ones(5), 0.5, substeps=4)
    assert np.asarray(once) == pytest.approx(stepped(cells, values["rest_mV"], np.full(5, 4.0), 0.5, 2.0))


def test_a_batch_equals_its_members() -> None:
    rng = np.random.default_rng(4)
    cells = network(tables(rng, 7))
    starts, injected = (jnp.asarray(rng.normal(size=(5, 7)) * 10 - m) for m in (40, 0))
    present = jnp.ones(7)
    batched = jax.vmap(lambda v, i: cells.step(v, i, present, 1.0, 10))(starts, injected)
    for k in range(5):
        single = cells.step(starts[k], injected[k], present, 1.0, 10)
        assert np.asarray(batched[k]) == pytest.approx(np.asarray(single), rel=1e-12)


def test_the_gradient_is_that_of_finite_differences() -> None:
    rng = np.random.default_rng(5)
    cells = network(tables(rng, 4))
    injected, present = jnp.asarray(rng.normal(size=4) * 10), jnp.ones(4)

    def loss(c: Graded) -> Any:
        return jnp.sum(jnp.sin(c.step(c.init() + 3.0, injected, present, 1.0, 20)))

    value, gradient = jax.jit(jax.value_and_grad(loss))(cells)
    assert np.isfinite(value)
    evaluate, nudge = jax.jit(loss), 1e-5
    for name in (
        "leak_nS",
        "plateau_nS",
        "bias_pA",
        "rest_mV",
        "capacitance_pF",
        "chemical_nS",
        "gap_nS",
        "tonic",
    ):
        own = np.asarray(getattr(cells, name))
        place = tuple(int(rng.integers(n)) for n in own.shape)
        ends = []
        for sign in (1, -1):
            moved = own.copy()
            moved[place] += sign * nudge
            ends.append(
                float(evaluate(eqx.tree_at(lambda c, n=name: getattr(c, n), cells, jnp.asarray(moved))))
            )
        expected = (ends[0] - ends[1]) / (2 * nudge)
        assert float(getattr(gradient, name)[place]) == pytest.approx(expected, rel=1e-4, abs=1e-8), name


def test_a_held_neuron_releases_nothing_not_even_what_it_did_at_rest() -> None:
    rng = np.random.default_rng(6)
    values = tables(rng, 6)
    injected = jnp.full(6, 30.0)
    held = jnp.asarray([1.0, 1, 0, 1, 1, 1])
    cells = network(values)
    start = cells.init().at[2].set(cells.silent_mV[2])
    seen = cells.step(start, injected, held, 1.0, 50)
    assert float(seen[2]) == float(cells.silent_mV[2])
    withdrawn = float(cells.release(seen)[2])
    assert withdrawn == pytest.approx(-float(cells.tonic * cells.scale_mV), rel=1e-3)
    # The rest behaves as if its synapses were gone and the current they carried at rest were missing.
    cut = values["chemical_nS"].copy()
    cut[:, 2] = 0.0
    bias = values["bias_pA"] + values["chemical_nS"][:, 2] * withdrawn
    without = network(values | {"chemical_nS": cut, "bias_pA": bias}).step(start, injected, held, 1.0, 50)
    assert np.asarray(without) == pytest.approx(np.asarray(seen), rel=1e-12)


@pytest.mark.parametrize("ratio", [0.5, 1.5, 3.0])
def test_a_plateau_beyond_the_leak_makes_a_neuron_bistable(ratio: float) -> None:
    values = tables(np.random.default_rng(7), 1) | {
        "chemical_nS": np.zeros((1, 1)),
        "bias_pA": np.zeros(1),
        "leak_nS": np.ones(1),
        "plateau_nS": np.array([ratio]),
        "capacitance_pF": np.array([20.0]),
    }
    cells, rest = network(values), values["rest_mV"]
    up, down = (stepped(cells, rest + kick, np.zeros(1), 1.0, 2000.0)[0] - rest[0] for kick in (1.0, -1.0))
    # The stable state solves u = ratio s tanh(u / s).
    settled = 0.0
    if ratio > 1:
        root: Any = brentq(lambda u: u - ratio * 10 * np.tanh(u / 10), 1e-3, 100.0)
        settled = float(root)
    assert (up, down) == (pytest.approx(settled, abs=1e-6), pytest.approx(-settled, abs=1e-6))


def test_release_saturates_and_falls_no_further_than_its_tonic_share() -> None:
    values = tables(np.random.default_rng(8), 3)
    cells = network(values)
    far = np.asarray(cells.release(cells.init() + jnp.asarray([500.0, -500.0, 0.0])))
    assert far == pytest.approx([10.0, -10.0 * float(values["tonic"]), 0.0])
    # Slope one on both sides of rest.
    near = np.asarray(cells.release(cells.init() + jnp.asarray([1e-4, -1e-4, 0.0])))
    assert near == pytest.approx([1e-4, -1e-4, 0.0], rel=1e-6)
