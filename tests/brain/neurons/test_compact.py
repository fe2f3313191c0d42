"""Matrices without the neurons that send or receive nothing give the same sums."""

import jax.numpy as jnp
import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neuromech.brain.neurons.compact import Compact

SPARSE = arrays(np.float32, (6, 9), elements=st.sampled_from([0.0, 0.0, 0.0, 1.0, -2.5]))


@given(matrix=SPARSE, seed=st.integers(0, 1000))
def test_the_product_is_that_of_the_whole(matrix: np.ndarray, seed: int) -> None:
    sent = np.random.default_rng(seed).normal(size=9).astype(np.float32)
    compact = Compact.of(matrix)
    np.testing.assert_allclose(compact @ jnp.asarray(sent), matrix @ sent, atol=1e-5)
    np.testing.assert_array_equal(compact.whole(9), matrix)


def test_only_what_is_needed_is_kept() -> None:
    matrix = np.zeros((4, 5), np.float32)
    matrix[2, 3], matrix[0, 3] = 1.0, 2.0
    assert Compact.of(matrix).values.shape == (2, 1)
