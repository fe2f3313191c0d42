"""Encoders of one kind and of one shape, as the two eyes of a larva, that step as one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from neuromech.brain.circuit import Circuit
from neuromech.brain.encoders.base import Encoder, Entry, Scalar, Sections


class Together(Encoder):
    """Encoders whose arrays are stacked, `count` along the first axis; results are those of each of them."""

    stacked: Encoder
    count: int = eqx.field(static=True)
    channels: int = eqx.field(static=True)

    @classmethod
    def sections(cls, entry: Entry) -> Sections:
        """Return nothing: there is no entry for several encoders."""
        return {}

    @classmethod
    def from_entry(cls, entry: Entry, circuit: Circuit) -> tuple[Together, Array]:
        """Refuse: it is made of encoders that are there."""
        raise TypeError("Together is made of encoders, not of an entry")

    @classmethod
    def of(cls, encoders: Sequence[Encoder]) -> Together:
        """Stack encoders of one kind and shape."""
        stacked = jax.tree.map(lambda *arrays: jnp.stack(arrays), *encoders)
        channels = sum(encoder.channels for encoder in encoders)
        return cls(stacked=stacked, count=len(encoders), channels=channels)

    def init(self) -> Float[Array, " memory"]:
        """Return what each of them remembers before its first reading, one after the other."""
        return jax.vmap(lambda encoder: encoder.init())(self.stacked).ravel()

    def step(
        self, memory: Float[Array, " memory"], sensed: Float[Array, " channel"], step_s: Scalar
    ) -> tuple[Float[Array, " memory"], Float[Array, " feature"]]:
        """Advance all by `step_s`; returns the memories and the features, one after the other."""
        memories, features = jax.vmap(lambda encoder, *given: encoder.step(*given, step_s))(
            self.stacked, memory.reshape(self.count, -1), sensed.reshape(self.count, -1)
        )
        return memories.ravel(), features.ravel()


def alike(encoders: Sequence[Encoder]) -> list[Encoder]:
    """Return the encoders, those of one shape that follow each other as one."""
    groups = [list(group) for _, group in groupby(encoders, _shape)]
    return [Together.of(group) if len(group) > 1 else group[0] for group in groups]


def _shape(encoder: Encoder) -> tuple[object, ...]:
    leaves, structure = jax.tree.flatten(encoder)
    return structure, *((leaf.shape, leaf.dtype) for leaf in leaves)
