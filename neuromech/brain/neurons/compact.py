"""A matrix of synapses without the neurons that send nothing, and without those that receive nothing."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, UInt


class Compact(eqx.Module):
    """A matrix (post, pre) of which only rows and columns with a number other than 0 are kept.

    Parameters
    ----------
    values : (receiving, sending) what is kept.
    sending : (sending,) the columns that are kept.
    place : (post,) where each row stands among those kept; one past them where nothing is received.
    """

    values: Float[Array, "receiving sending"]
    sending: UInt[Array, " sending"]
    place: UInt[Array, " post"]

    @staticmethod
    def of(matrix: np.ndarray | Array) -> Compact:
        """Keep what a matrix (post, pre) holds."""
        matrix = np.asarray(matrix)
        rows, columns = (np.flatnonzero((matrix != 0).any(axis=axis)) for axis in (1, 0))
        place = np.full(len(matrix), len(rows))
        place[rows] = np.arange(len(rows))
        values = jnp.asarray(matrix[np.ix_(rows, columns)])
        # Without a sign, because JAX would ask each time whether an index counts from the end.
        return Compact(values, jnp.asarray(columns, jnp.uint32), jnp.asarray(place, jnp.uint32))

    def whole(self, neurons: int) -> np.ndarray:
        """Return the matrix (post, pre) of so many neurons that send."""
        values = np.zeros((len(self.values) + 1, neurons), self.values.dtype)
        values[:-1, np.asarray(self.sending)] = self.values
        return values[np.asarray(self.place)]

    def __matmul__(self, sent: Float[Array, " pre"]) -> Float[Array, " post"]:
        """Return the product with what every neuron sends."""
        return jnp.append(self.values @ sent[self.sending], 0.0)[self.place]
