"""ON and OFF cells for a chemical: one responds to rises of its concentration, the other to falls."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromech.brain.circuit import Circuit
from neuromech.brain.encoders.base import Encoder, Entry, Scalar, Sections


class OnOff(Encoder):
    """An ON and an OFF cell for a chemical, adapting to its level.

    The cells see the difference of a fast and a slow running mean of ln(C + floor): ON its positive part, OFF
    its negative part, both saturating. ASEL answers rises and ASER falls of NaCl (Suzuki 2008,
    doi:10.1038/nature06927); the two-window form is that of Izquierdo & Lockery 2010
    (doi:10.1523/JNEUROSCI.2606-10.2010). The logarithm stands for the adaptation of ASE to the background.

    Keys of an entry: `rise` and `fall`, lists of neurons. Parameters, in the section of the entry's name:
    `fast_s` and `slow_s`, times of the running means; `floor_<unit>` in the unit of the sense; `gain` per
    unit of ln C; `on_pA` and `off_pA`, the largest currents.
    """

    keys = ("rise", "fall")

    fast_s: Scalar
    slow_s: Scalar
    floor: Scalar
    gain: Scalar
    channels: int = eqx.field(static=True, default=1)

    @classmethod
    def sections(cls, entry: Entry) -> Sections:
        """Return the sections of parameters.yaml that an entry reads."""
        return {entry.name: ("fast_s", "slow_s", f"floor_{entry.unit}", "gain", "on_pA", "off_pA")}

    @classmethod
    def from_entry(cls, entry: Entry, circuit: Circuit) -> tuple["OnOff", np.ndarray]:
        """Build the encoder and the currents (pA) of the ON and the OFF drive, (neuron, 2)."""
        p = circuit.parameters[entry.name]
        currents = np.zeros((len(circuit.connectome.neurons), 2))
        for column, (key, current) in enumerate((("rise", "on_pA"), ("fall", "off_pA"))):
            currents[circuit.connectome.resolve(entry[key]), column] = p[current]
        numbers = (p["fast_s"], p["slow_s"], p[f"floor_{entry.unit}"], p["gain"])
        return cls(*(jnp.float32(number) for number in numbers)), currents

    def init(self) -> Float[Array, "3"]:
        """Return the fast mean, the slow mean, and whether a first sample has been seen."""
        return jnp.zeros(3)

    def step(
        self, memory: Float[Array, "3"], sensed: Float[Array, "1"], step_s: Scalar
    ) -> tuple[Float[Array, "3"], Float[Array, "2"]]:
        """Advance by `step_s`; returns the memory and the ON and OFF drives in [0, 1]."""
        level = jnp.log(sensed[0] + self.floor)
        # The animal starts adapted: its first sample is both means.
        fast, slow = jnp.where(memory[2] > 0, memory[:2], level)
        fast = fast + (level - fast) * -jnp.expm1(-step_s / self.fast_s)
        slow = slow + (level - slow) * -jnp.expm1(-step_s / self.slow_s)
        drive = jnp.tanh(self.gain * (fast - slow))
        return jnp.stack([fast, slow, jnp.ones(())]), jnp.maximum(jnp.stack([drive, -drive]), 0.0)
