"""What a brain makes of each sense before it becomes current: features, with a memory where one is needed."""

from abc import abstractmethod
from collections.abc import Mapping

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

Scalar = Float[Array, ""]


class Encoder(eqx.Module):
    """One sense's ``channels`` readings in, features out; pure, so that a brain can jit, vmap and grad it."""

    channels: eqx.AbstractVar[int]

    @abstractmethod
    def init(self) -> Float[Array, " memory"]:
        """What is remembered before the first reading."""

    @abstractmethod
    def step(
        self, memory: Float[Array, " memory"], sensed: Float[Array, " channel"], step_s: Scalar
    ) -> tuple[Float[Array, " memory"], Float[Array, " feature"]]:
        """Advance by ``step_s``; returns the memory and the features."""


class OnOff(Encoder):
    """An ON and an OFF cell for a chemical, adapting to its level.

    The cells see the difference of a fast and a slow running mean of ln(C + floor): ON its positive part, OFF
    its negative part, both saturating. ASEL answers rises and ASER falls of NaCl (Suzuki 2008,
    doi:10.1038/nature06927); the two-window form is that of Izquierdo & Lockery 2010
    (doi:10.1523/JNEUROSCI.2606-10.2010). The logarithm stands for the adaptation of ASE to the background.
    Times in s, ``floor`` in the unit of the sense, ``gain`` per unit of ln C.
    """

    fast_s: Scalar
    slow_s: Scalar
    floor: Scalar
    gain: Scalar
    channels: int = eqx.field(static=True, default=1)

    def init(self) -> Float[Array, "3"]:
        """Fast mean, slow mean, and whether a first sample has been seen."""
        return jnp.zeros(3)

    def step(
        self, memory: Float[Array, "3"], sensed: Float[Array, "1"], step_s: Scalar
    ) -> tuple[Float[Array, "3"], Float[Array, "2"]]:
        """Advance by ``step_s``; returns the memory and the ON and OFF drives in [0, 1]."""
        level = jnp.log(sensed[0] + self.floor)
        # The animal starts adapted: its first sample is both means.
        fast, slow = jnp.where(memory[2] > 0, memory[:2], level)
        fast = fast + (level - fast) * -jnp.expm1(-step_s / self.fast_s)
        slow = slow + (level - slow) * -jnp.expm1(-step_s / self.slow_s)
        drive = jnp.tanh(self.gain * (fast - slow))
        return jnp.stack([fast, slow, jnp.ones(())]), jnp.maximum(jnp.stack([drive, -drive]), 0.0)


class Memoryless(Encoder):
    """An encoder whose features are those of the present reading alone."""

    @abstractmethod
    def features(self, sensed: Float[Array, " channel"]) -> Float[Array, " feature"]:
        """Features of one reading."""

    def init(self) -> Float[Array, "0"]:
        """Nothing."""
        return jnp.zeros(0)

    def step(
        self, memory: Float[Array, "0"], sensed: Float[Array, " channel"], step_s: Scalar
    ) -> tuple[Float[Array, "0"], Float[Array, " feature"]]:
        """The features; nothing is remembered."""
        return memory, self.features(sensed)


class Saturating(Memoryless):
    """Each channel x as x / (x + half): none at 0, one half at ``half`` (in the unit of the sense)."""

    half: Scalar
    channels: int = eqx.field(static=True)

    def features(self, sensed: Float[Array, " channel"]) -> Float[Array, " channel"]:
        """One feature per channel, in [0, 1)."""
        return sensed / (sensed + self.half)


class Rectified(Memoryless):
    """Each channel x as max((x - threshold) / scale, 0), both in the unit of the sense.

    A negative ``scale`` answers what lies below the threshold.
    """

    threshold: Scalar
    scale: Scalar
    channels: int = eqx.field(static=True)

    def features(self, sensed: Float[Array, " channel"]) -> Float[Array, " channel"]:
        """One feature per channel, 0 at the threshold and 1 at a scale beyond it."""
        return jnp.maximum((sensed - self.threshold) / self.scale, 0.0)


class Logarithmic(Memoryless):
    """Each channel x as ln(1 + x / floor): equal ratios of a concentration are equal steps.

    ``floor`` is in the unit of the sense.
    """

    floor: Scalar
    channels: int = eqx.field(static=True)

    def features(self, sensed: Float[Array, " channel"]) -> Float[Array, " channel"]:
        """One feature per channel, 0 for nothing."""
        return jnp.log1p(sensed / self.floor)


class Linear(Memoryless):
    """Each channel as it is."""

    channels: int = eqx.field(static=True)

    def features(self, sensed: Float[Array, " channel"]) -> Float[Array, " channel"]:
        """The channels themselves."""
        return sensed


def stretch_matrix(
    positions: np.ndarray,
    sides: np.ndarray,
    joints: np.ndarray,
    windows: Mapping[str, tuple[float, float]],
    gains: Mapping[str, np.ndarray],
) -> np.ndarray:
    """Currents per curvature, (neuron, joint), pA mm: a neuron feels the mean bend over a window of the body.

    Parameters
    ----------
    positions : (neuron,) place along the body, 0 nose to 1 tail; NaN where the neuron feels nothing.
    sides : (neuron,) +1 dorsal, -1 ventral; a positive gain answers a bend towards the neuron's own side.
    joints : (joint,) places of the bends.
    windows : per name, (from, to) relative to the neuron, in body lengths, tailward positive.
    gains : per name, (neuron,) gains in pA mm.

    B-type motor neurons feel the bend ahead of them (Wen 2012, doi:10.1016/j.neuron.2012.08.039).
    """
    out = np.zeros((len(positions), len(joints)))
    for name, (start, stop) in windows.items():
        offset = joints[None, :] - positions[:, None]
        inside = (offset >= start - 1e-9) & (offset <= stop + 1e-9)
        count = np.maximum(inside.sum(axis=1, keepdims=True), 1)
        out += inside / count * (sides * gains[name])[:, None]
    return out
