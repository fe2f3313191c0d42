"""Stretch receptors: neurons that sense the bend of the body around the muscles that they drive."""

from __future__ import annotations

from collections.abc import Mapping

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float

from neuromech._lib.errors import InputError
from neuromech.brain import shared_parameters
from neuromech.brain.circuit import Circuit
from neuromech.brain.encoders.base import Entry, Memoryless, Sections

ROUNDING = 1e-9
"""The tolerance at the ends of a window, body lengths, far less than the distance of two joints."""


class Stretch(Memoryless):
    """Each joint's bend as it is; which neuron feels which bends is in the currents.

    A neuron acts at the mean place of its muscles, and feels the mean bend over windows of the body about it.
    B-type motor neurons of the worm feel the bend ahead of them (Wen 2012, doi:10.1016/j.neuron.2012.08.039).
    What a neuron feels of the body's own shape follows from where it stands: perturb.swap leaves it alone.

    Keys of an entry: `windows` {name: [from, to]}, in multiples of `reach`, tailward positive. Parameters:
    `stretch_pA_mm` {group:window: gain}, positive for bends towards the neuron's own side, and `reach`
    {window: body lengths}.
    """

    keys = ("windows",)
    swaps = False

    channels: int = eqx.field(static=True)

    @classmethod
    def sections(cls, entry: Entry) -> Sections:
        """Return the sections of parameters.yaml that an entry reads."""
        return {"stretch_pA_mm": None, "reach": tuple(entry["windows"])}

    @classmethod
    def from_entry(cls, entry: Entry, circuit: Circuit) -> tuple[Stretch, np.ndarray]:
        """Build the encoder and the currents (pA mm) of each joint's bend (1/mm), (neuron, joint)."""
        joints = list(entry.channels)
        joint_places = (np.arange(len(joints)) + 1) / (len(joints) + 1)
        # The place of a muscle is that of the joints that it bends, its side the one to which it bends them.
        torques = entry.body.muscle_torques(joints)
        strength = np.abs(torques).sum(axis=1)
        lost = np.full(len(torques), np.nan)
        places = np.divide(np.abs(torques) @ joint_places, strength, out=lost, where=strength > 0)
        position, side = shared_parameters.body_position(
            circuit.connectome, places, np.sign(torques.sum(axis=1))
        )
        given, reach = entry["windows"], circuit.parameters["reach"]
        values: dict[str, dict[str, float]] = {name: {} for name in given}
        for key, value in circuit.parameters["stretch_pA_mm"].items():
            group, _, window = key.partition(":")
            if window not in values:
                windows = ", ".join(values)
                raise InputError(
                    f"parameter stretch_pA_mm.{key}: name it group:window, with a window of {windows}"
                )
            values[window][group] = value
        gains = {name: circuit.groups.vector(of_group) for name, of_group in values.items()}
        windows = {name: (start * reach[name], stop * reach[name]) for name, (start, stop) in given.items()}
        return cls(channels=len(joints)), stretch_matrix(position, side, joint_places, windows, gains)

    def features(self, sensed: Float[Array, " channel"]) -> Float[Array, " channel"]:
        """Return the bends themselves."""
        return sensed


def stretch_matrix(
    positions: np.ndarray,
    sides: np.ndarray,
    joints: np.ndarray,
    windows: Mapping[str, tuple[float, float]],
    gains: Mapping[str, np.ndarray],
) -> np.ndarray:
    """Return currents per curvature, (neuron, joint), pA mm: the mean bend over windows, times their gains.

    Parameters
    ----------
    positions : (neuron,) place along the body, 0 nose to 1 tail; NaN where the neuron feels nothing.
    sides : (neuron,) +1 dorsal, -1 ventral; a positive gain answers a bend towards the neuron's own side.
    joints : (joint,) places of the bends.
    windows : per name, (from, to) relative to the neuron, in body lengths, tailward positive.
    gains : per name, (neuron,) gains in pA mm.
    """
    out = np.zeros((len(positions), len(joints)))
    for name, (start, stop) in windows.items():
        offset = joints[None, :] - positions[:, None]
        inside = (offset >= start - ROUNDING) & (offset <= stop + ROUNDING)
        count = np.maximum(inside.sum(axis=1, keepdims=True), 1)
        out += inside / count * (sides * gains[name])[:, None]
    return out
