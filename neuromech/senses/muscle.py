"""What muscle spindles feel: length of muscles, or how fast they lengthen."""

from collections.abc import Mapping
from typing import Any

import mujoco
import numpy as np

from neuromech._lib.errors import unknown
from neuromech.senses.base import Sense, Surroundings
from neuromech.world.body import Body

QUANTITIES = {"length": "mm", "velocity": "mm/s"}


class MuscleSense(Sense):
    """Length (mm, 0 as the body was built) or velocity (mm/s, lengthening positive) of each named muscle."""

    def __init__(self, spec: Mapping[str, Any], body: Body, surroundings: Surroundings) -> None:
        self.channels = tuple(spec["muscles"])
        quantity = str(spec["quantity"])
        if quantity not in QUANTITIES:
            raise unknown("quantity of a muscle sense", quantity, QUANTITIES)
        self.unit = QUANTITIES[quantity]
        self.low, self.high = -np.inf, np.inf
        for name in self.channels:
            if name not in body.muscles:
                raise unknown(f"muscle in {body.name}", name, body.muscles)
        self._muscles = [body.muscles.index(name) for name in self.channels]
        self._moving = quantity == "velocity"
        self._built = np.zeros(len(self._muscles))
        if quantity == "length":
            self._built = body.model.actuator_length0[self._muscles]

    def read(self, data: mujoco.MjData, t_s: float) -> np.ndarray:
        """One value per muscle, float32 (channel,)."""
        state = data.actuator_velocity if self._moving else data.actuator_length
        return (state[self._muscles] - self._built).astype(np.float32)
