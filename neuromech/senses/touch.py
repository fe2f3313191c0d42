"""Gentle touch: outside force on regions of the body."""

from collections.abc import Mapping
from typing import Any

import mujoco
import numpy as np

from neuromech.senses.base import Sense, Surroundings
from neuromech.world.body import Body, expand


class Touch(Sense):
    """Sum of the outside forces (nN) on the segments of each receptive field."""

    def __init__(self, spec: Mapping[str, Any], body: Body, surroundings: Surroundings) -> None:
        self.channels = tuple(spec["fields"])
        self.unit = str(spec["unit"])
        self.low, self.high = 0.0, np.inf
        self._members = [body.body_ids(expand(names)) for names in spec["fields"].values()]
        self._nothing = np.zeros(len(self.channels), np.float32)

    def read(self, data: mujoco.MjData, t_s: float) -> np.ndarray:
        """Force on each receptive field, float32 (channel,)."""
        force = data.xfrc_applied
        if not force.any():
            return self._nothing.copy()
        size = np.linalg.norm(force[:, :3], axis=1)
        return np.array([size[members].sum() for members in self._members], np.float32)
