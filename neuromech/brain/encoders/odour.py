"""Receptor neurons that respond to the logarithm of an odour's concentration."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromech._lib.errors import InputError
from neuromech.brain.circuit import Circuit
from neuromech.brain.encoders.base import Entry, Memoryless, Scalar, Sections, by_channel


class Odour(Memoryless):
    """Each channel x as ln(1 + x / floor): equal ratios of a concentration are equal steps.

    Keys of an entry: `neurons` {channel of the sense: [neurons]}. Parameters, in the section of the entry's
    name: `current_pA`, of e-fold more, and `floor_<unit>`, below which differences are hardly told apart.
    """

    floor: Scalar
    channels: int = eqx.field(static=True)

    @classmethod
    def sections(cls, entry: Entry) -> Sections:
        """Return the sections of parameters.yaml that an entry reads."""
        return {entry.name: ("current_pA", f"floor_{entry.unit}")}

    @classmethod
    def from_entry(cls, entry: Entry, circuit: Circuit) -> tuple[Odour, np.ndarray]:
        """Build the encoder and the currents (pA) of each channel, (neuron, channel)."""
        p, name = circuit.parameters[entry.name], f"floor_{entry.unit}"
        if p[name] <= 0:
            raise InputError(f"parameter {entry.name}.{name} must be above 0")
        currents = by_channel(entry, circuit, p["current_pA"])
        return cls(floor=jnp.float32(p[name]), channels=len(entry.channels)), currents

    def features(self, sensed: Float[Array, " channel"]) -> Float[Array, " channel"]:
        """Return one feature per channel, 0 for nothing."""
        return jnp.log1p(sensed / self.floor)
