"""Concentration of a chemical at points of the body."""

from collections.abc import Mapping
from typing import Any

import mujoco
import numpy as np

from neuromech.senses.base import Sense, Surroundings
from neuromech.world.body import Body


class Chemical(Sense):
    """Concentration at each named site, in the unit of the field; zero where the world holds no chemical.

    With ``reach_mm`` it is taste: a site that is higher above the floor than this has no contact and tastes
    nothing, nor is what only smells. Without it, what does not smell is not sensed.
    """

    def __init__(self, spec: Mapping[str, Any], body: Body, surroundings: Surroundings) -> None:
        self.channels = tuple(spec["sites"])
        self.unit = str(spec["unit"])
        self.low, self.high = 0.0, np.inf
        self._sites = body.site_ids(list(self.channels))
        self._reach_mm = float(spec["reach_mm"]) if "reach_mm" in spec else None
        field = surroundings.chemical
        meets = field is not None and (field.tastes if "reach_mm" in spec else field.smells)
        self._field = field if meets else None
        self._nothing = np.zeros(len(self.channels), np.float32)

    def read(self, data: mujoco.MjData, t_s: float) -> np.ndarray:
        """Concentration at each site, float32 (channel,)."""
        if self._field is None:
            return self._nothing.copy()
        position = data.site_xpos
        x, y = position[self._sites, 0], position[self._sites, 1]
        found = self._field.value(x, y, t_s).astype(np.float32)
        if self._reach_mm is not None:
            found[position[self._sites, 2] > self._reach_mm] = 0.0
        return found
