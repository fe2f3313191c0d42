"""Muscle spindles: the length of muscles, or the velocity at which they lengthen."""

from typing import Literal

import mujoco
import numpy as np

from neuromech._lib.errors import unknown
from neuromech._lib.kernels import Call, bind, kernel, unpack
from neuromech.senses.base import Live, Sense, Surroundings
from neuromech.world.body import Body

UNITS = {"length": "mm", "velocity": "mm/s"}
"""The unit of each quantity."""


class MuscleSense(Sense):
    """Length (mm, 0 as the body was built) or velocity (mm/s, lengthening positive) of muscles.

    Parameters
    ----------
    body : the body whose muscles they are.
    muscles : names of the muscles, which are the channels.
    quantity : what is felt.
    """

    def __init__(
        self, body: Body, *, muscles: tuple[str, ...], quantity: Literal["length", "velocity"]
    ) -> None:
        self.channels, self.unit = muscles, UNITS[quantity]
        for name in muscles:
            if name not in body.muscles:
                raise unknown(f"muscle in {body.name}", name, body.muscles)
        self._muscles = [body.first_muscle + body.muscles.index(name) for name in muscles]
        self._moving = quantity == "velocity"
        self._built = np.zeros(len(self._muscles))
        if quantity == "length":
            self._built = body.model.actuator_length0[self._muscles]

    def read(self, data: mujoco.MjData, t_s: float, around: Surroundings) -> np.ndarray:
        """Return one value per muscle, float32 (channel,)."""
        state = data.actuator_velocity if self._moving else data.actuator_length
        return (state[self._muscles] - self._built).astype(np.float32)

    def compiled(self, live: Live, seen: np.ndarray) -> tuple[Call, ...]:
        """Return the call that reads the muscles, as `Sense.compiled`."""
        state = live.data.actuator_velocity if self._moving else live.data.actuator_length
        return (bind(_read, LAYOUT, np.array(self._muscles, np.int64), state, self._built.copy(), seen),)


LAYOUT = "i8[:] f8[:] f8[:] f4[:]"


@kernel
def _read(row):
    muscles, state, built, seen = unpack(row, LAYOUT)
    for i in range(len(muscles)):
        seen[i] = state[muscles[i]] - built[i]
