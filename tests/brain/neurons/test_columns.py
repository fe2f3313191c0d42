import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jax.test_util import check_grads
from scipy.integrate import solve_ivp

from neuromech.brain.neurons.columns import Columns, Wiring, currents, rings
from neuromech.senses.eye.lattice import hexagon, places

# Two types: 0 sees light and excites 1 from the column one step before it along v; 1 inhibits 0 in its own.
SOURCE, TARGET = np.array([0, 1]), np.array([1, 0])
OFFSET, WEIGHT = np.array([[0, 1], [0, 0]]), np.array([2.0, -0.5], np.float32)


def lobe(radius: int = 2) -> Columns:
    wiring = Wiring.of(SOURCE, TARGET, OFFSET, hexagon(radius))
    return Columns(
        wiring, jnp.array([0.03, 0.05]), jnp.array([0.1, 0.2]), jnp.array(WEIGHT), jnp.array([1.0, 0.0])
    )


@given(st.integers(0, 12))
def test_a_hexagon_has_its_columns_all_as_far_as_they_look(radius: int) -> None:
    found = hexagon(radius)
    assert len(found) == 3 * radius * (radius + 1) + 1 == len({tuple(each) for each in found})
    assert rings(found).max(initial=0) == radius
    # Six neighbours of the middle, all one spacing away.
    apart = np.linalg.norm(places(found), axis=1)
    assert np.allclose(apart[rings(found) == 1], 1.0)


def test_fifteen_rings_make_the_721_ommatidia_of_a_fly() -> None:
    assert len(hexagon(15)) == 721


def test_input_comes_from_the_column_before() -> None:
    columns, cells = hexagon(2), lobe()
    where = {tuple(each): k for k, each in enumerate(columns.tolist())}
    release = jnp.zeros((2, len(columns), 1)).at[0, where[0, 0], 0].set(1.0)
    got = np.asarray(currents(cells.wiring, cells.weight, release))
    assert got[1, where[0, 1], 0] == 2.0 and np.count_nonzero(got) == 1


def test_slopes_are_those_of_finite_differences() -> None:
    cells = lobe()
    rng = np.random.default_rng(0)
    release, blame = rng.normal(size=(2, 2, 19, 3))

    def told(weight, release):
        # check_grads nudges with arrays of numpy's.
        return (currents(cells.wiring, jnp.asarray(weight), jnp.asarray(release)) * blame).sum()

    with jax.enable_x64(True):
        check_grads(told, (jnp.asarray(WEIGHT, float), jnp.asarray(release)), 1, modes=["rev"])


def test_membranes_follow_an_independent_integrator() -> None:
    cells, columns = lobe(), hexagon(2)
    rng = np.random.default_rng(1)
    light = rng.uniform(0, 1, len(columns))
    where = {tuple(each): k for k, each in enumerate(columns.tolist())}

    def slope(t: float, flat: np.ndarray) -> np.ndarray:
        one, two = flat.reshape(2, -1)
        before = [where.get((u, v - 1)) for u, v in columns.tolist()]
        ahead = np.array([0.0 if k is None else max(one[k], 0.0) for k in before])
        drives = np.array([0.1 + light - 0.5 * np.maximum(two, 0), 0.2 + 2.0 * ahead])
        return ((drives - flat.reshape(2, -1)) / np.array([[0.03], [0.05]])).ravel()

    start = np.asarray(cells.init()).ravel()
    exact = solve_ivp(slope, (0, 0.1), start, rtol=1e-8, atol=1e-10).y[:, -1].reshape(2, -1)
    state, step = cells.init(), eqx.filter_jit(cells.step)
    for _ in range(1000):
        state = step(state, jnp.asarray(light[:, None], jnp.float32), 1e-4)
    assert np.asarray(state)[:, :, 0] == pytest.approx(exact, abs=3e-3)


def test_a_lobe_that_settled_stays_as_it_is() -> None:
    cells = lobe()
    light = jnp.linspace(0.0, 1.0, 19)[:, None]
    settled = cells.settle(light, 0.01)
    assert np.abs(np.asarray(settled - cells.init())).max() > 0.1
    assert np.asarray(cells.step(settled, light, 0.01)) == pytest.approx(np.asarray(settled), abs=1e-6)


def test_an_absent_type_releases_nothing() -> None:
    cells = lobe()
    state = jnp.ones((2, 19, 1))
    light = jnp.zeros((19, 1))
    alone = cells.step(state, light, 0.01, jnp.array([1.0, 0.0]))
    free = cells.rest[0] + (1 - cells.rest[0]) * np.exp(-0.01 / 0.03)
    assert np.asarray(alone)[0] == pytest.approx(float(free), rel=1e-5)
