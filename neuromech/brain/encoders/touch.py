"""Touch receptor neurons, which respond to the force on a field of the body."""

from __future__ import annotations

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromech._lib.errors import unknown
from neuromech.brain.circuit import Circuit
from neuromech.brain.encoders.base import Entry, Memoryless, Scalar, Sections


class Touch(Memoryless):
    """Each field's force x as x / (x + half): none at 0, one half at `half` (in the unit of the sense).

    Keys of an entry: `neurons` {field of body.yaml: [neurons]}. Parameters, in the section of the entry's
    name: `current_pA`, of a force without end, and `half_<unit>`.
    """

    half: Scalar
    channels: int = eqx.field(static=True)

    @classmethod
    def sections(cls, entry: Entry) -> Sections:
        """Return the sections of parameters.yaml that an entry reads."""
        return {entry.name: ("current_pA", f"half_{entry.unit}")}

    @classmethod
    def from_entry(cls, entry: Entry, circuit: Circuit) -> tuple[Touch, np.ndarray]:
        """Build the encoder and the currents (pA) of each field, (neuron, field)."""
        p, fields = circuit.parameters[entry.name], list(entry.channels)
        currents = np.zeros((len(circuit.connectome.neurons), len(fields)))
        for field, names in entry["neurons"].items():
            if field not in fields:
                raise unknown(f"field in encoding.{entry.name}", str(field), fields)
            currents[circuit.connectome.resolve(names), fields.index(field)] = p["current_pA"]
        half = jnp.float32(p[f"half_{entry.unit}"])
        return cls(half=half, channels=len(fields)), currents

    def features(self, sensed: Float[Array, " channel"]) -> Float[Array, " channel"]:
        """Return one feature per field, in [0, 1)."""
        return sensed / (sensed + self.half)
