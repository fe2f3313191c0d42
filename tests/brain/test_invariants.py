"""What of a computation follows from parameters alone: the parts are the whole, and nothing is done twice."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromech.brain.invariants import divided

LENGTH = 5


def look(*arrays: jax.Array) -> list[jax.ShapeDtypeStruct]:
    return [jax.ShapeDtypeStruct(each.shape, each.dtype) for each in arrays]


def membrane(fixed: list[jax.Array], state: dict[str, jax.Array], time: jax.Array) -> dict[str, jax.Array]:
    """Two steps of a leaky membrane: decay and drive follow from its numbers alone."""
    tau, scale = fixed
    value = state["value"]
    for _ in range(2):
        decay = jnp.exp(-0.5 / tau)
        value = value * decay + jnp.tanh(scale) * time
    return {"value": value, "one": jnp.float32(1.0), "decay": jnp.exp(-0.5 / tau)}


@pytest.fixture
def numbers() -> tuple[jax.Array, jax.Array]:
    return jnp.linspace(1.0, 3.0, LENGTH), jnp.float32(0.7)


def test_the_parts_are_the_whole(numbers: tuple[jax.Array, jax.Array]) -> None:
    state, time = {"value": jnp.arange(LENGTH, dtype=jnp.float32)}, jnp.float32(2.0)
    before, after = divided(membrane, look(*numbers), {"value": look(state["value"])[0]}, look(time)[0])
    found, whole = after(before(numbers), state, time), membrane(list(numbers), state, time)
    assert found.keys() == whole.keys()
    for name, value in whole.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-6)


def test_what_follows_from_numbers_is_handed_over_once(numbers: tuple[jax.Array, jax.Array]) -> None:
    state, time = {"value": look(numbers[0])[0]}, jax.ShapeDtypeStruct((), jnp.float32)
    before, after = divided(membrane, look(*numbers), state, time)
    handed = jax.eval_shape(before, look(*numbers))
    assert sorted(each.shape for each in handed) == [(), (LENGTH,)]
    left = str(jax.make_jaxpr(after)(handed, state, time))
    assert "exp" not in left
    assert "tanh" not in left


def test_a_number_is_not_spread_out() -> None:
    """What is only laid out anew is made again, and not handed over in full size."""
    before, _ = divided(
        lambda fixed, x: jnp.broadcast_to(fixed[0], (1000, LENGTH)) + x,
        [jax.ShapeDtypeStruct((LENGTH,), jnp.float32)],
        jax.ShapeDtypeStruct((1000, LENGTH), jnp.float32),
    )
    assert [each.shape for each in before([jnp.ones(LENGTH)])] == [(LENGTH,)]


def test_a_function_of_numbers_alone_is_all_done_before() -> None:
    before, after = divided(
        lambda fixed, x: jnp.sin(fixed[0]), look(jnp.ones(LENGTH)), jax.ShapeDtypeStruct((), jnp.float32)
    )
    handed = before([jnp.ones(LENGTH)])
    np.testing.assert_array_equal(after(handed, jnp.float32(0.0)), handed[0])


def test_random_numbers_and_loops_stay_themselves() -> None:
    def walk(fixed: list[jax.Array], key: jax.Array) -> jax.Array:
        steps = jax.random.normal(key, (LENGTH,)) * jnp.sqrt(fixed[0])
        return jax.lax.fori_loop(0, 3, lambda k, x: x + steps + k, jnp.zeros(LENGTH))

    key = jax.random.PRNGKey(3)
    before, after = divided(walk, look(jnp.ones(LENGTH)), look(key)[0])
    np.testing.assert_allclose(
        after(before([jnp.full(LENGTH, 4.0)]), key), walk([jnp.full(LENGTH, 4.0)], key)
    )
