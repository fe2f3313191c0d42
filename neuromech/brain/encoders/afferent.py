"""Afferent fibres, each of which responds to the excess of one channel over a threshold."""

from __future__ import annotations

from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromech._lib.errors import InputError
from neuromech.brain.circuit import Circuit
from neuromech.brain.encoders.base import Encoder, Entry, Memoryless, Sections, by_channel


class Afferent(Memoryless):
    """Each channel x as max((x - threshold) / scale, 0), both in the unit of the sense.

    A negative `scale` answers what lies below the threshold. Keys of an entry: `neurons` {channel of the
    sense: [neurons]}. Parameters, in the section of the entry's name: `threshold`, `scale`, and `current_pA`
    of a reading one scale beyond the threshold.
    """

    threshold: Float[Array, " channel"]
    scale: Float[Array, " channel"]
    channels: int = eqx.field(static=True)

    @classmethod
    def sections(cls, entry: Entry) -> Sections:
        """Return the sections of parameters.yaml that an entry reads."""
        return {entry.name: ("threshold", "scale", "current_pA")}

    @classmethod
    def from_entry(cls, entry: Entry, circuit: Circuit) -> tuple[Afferent, np.ndarray]:
        """Build the encoder and the currents (pA) of each channel, (neuron, channel)."""
        p = circuit.parameters[entry.name]
        currents = by_channel(entry, circuit, p["current_pA"])
        if p["scale"] == 0:
            raise InputError(f"parameter {entry.name}.scale must not be 0")
        channels = len(entry.channels)
        numbers = {name: jnp.full(channels, p[name], jnp.float32) for name in ("threshold", "scale")}
        return cls(**numbers, channels=channels), currents

    @classmethod
    def joined(cls, encoders: Sequence[Encoder]) -> list[Encoder]:
        """Return one encoder with the channels of all, one after the other."""
        numbers = {
            name: jnp.concatenate([getattr(each, name) for each in encoders])
            for name in ("threshold", "scale")
        }
        return [cls(**numbers, channels=sum(each.channels for each in encoders))]

    def features(self, sensed: Float[Array, " channel"]) -> Float[Array, " channel"]:
        """Return one feature per channel, 0 at the threshold and 1 at a scale beyond it."""
        return jnp.maximum((sensed - self.threshold) * (1.0 / self.scale), 0.0)
