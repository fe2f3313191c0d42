"""Gentle touch: the external force on regions of the body."""

import mujoco
import numpy as np

from neuromech.senses.base import Sense, Surroundings
from neuromech.specs.values import Names
from neuromech.world.body import Body


class Touch(Sense):
    """Sum of the external forces on the segments of each receptive field.

    Parameters
    ----------
    body : the body that is touched.
    fields : the segments of each receptive field; the fields are the channels.
    unit : unit of a reading.
    """

    def __init__(self, body: Body, *, fields: dict[str, Names], unit: str = "nN") -> None:
        self.channels, self.unit = tuple(fields), unit
        self.low, self.high = 0.0, np.inf
        self._members = [body.body_ids(names) for names in fields.values()]
        self.segments = tuple(names[0] if len(names) == 1 else "" for names in fields.values())

    def read(self, data: mujoco.MjData, t_s: float, around: Surroundings) -> np.ndarray:
        """Return the force on each receptive field, float32 (channel,)."""
        force = data.xfrc_applied
        if not force.any():
            return np.zeros(len(self.channels), np.float32)
        size = np.linalg.norm(force[:, :3], axis=1)
        return np.array([size[members].sum() for members in self._members], np.float32)
