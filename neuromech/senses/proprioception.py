"""Joint angles as the animal feels them: body bend, leg angles."""

from collections.abc import Mapping
from typing import Any

import mujoco
import numpy as np

from neuromech.senses.base import Sense, Surroundings
from neuromech.world.body import Body, expand


class JointSense(Sense):
    """Angle of each named joint times ``scale``: with 1 / segment length it is curvature (1/mm)."""

    def __init__(self, spec: Mapping[str, Any], body: Body, surroundings: Surroundings) -> None:
        self.channels = tuple(expand(spec["joints"]))
        self.unit = str(spec["unit"])
        self.low, self.high = -np.inf, np.inf
        self._address = body.joint_addresses(list(self.channels))
        self._scale = float(spec.get("scale", 1.0))

    def read(self, data: mujoco.MjData, t_s: float) -> np.ndarray:
        """Curvature at each joint, float32 (channel,)."""
        return (self._scale * data.qpos[self._address]).astype(np.float32)
