"""How moving air deflects the antennae."""

from collections.abc import Mapping
from typing import Any

import mujoco
import numpy as np

from neuromech._lib.errors import InputError
from neuromech.senses.base import Sense, Surroundings
from neuromech.world.body import Body


class Wind(Sense):
    """Speed (mm/s) of the air that blows onto each antenna from the bearing at which it is deflected most.

    Positive pushes the arista to the head, negative away from it; what pushes is the mean wind of the world
    less the antenna's own velocity. ``bearing_deg`` of each site (x ahead, z up) is seen from above, left
    positive. Aristae are too light for this air to be felt by the body, so the reading stands for their
    deflection. One antenna alone is ambiguous, the difference of two tells from which side the wind blows
    (Suver et al. 2019, doi:10.1016/j.neuron.2019.03.012; abstract read).
    """

    def __init__(self, spec: Mapping[str, Any], body: Body, surroundings: Surroundings) -> None:
        self.channels = tuple(spec["sites"])
        self.unit = str(spec["unit"])
        self.low, self.high = -np.inf, np.inf
        bearings = np.radians(np.asarray(spec["bearing_deg"], float))
        if bearings.shape != (len(self.channels),) or not np.isfinite(bearings).all():
            raise InputError(
                f"bearing_deg of a wind sense must be {len(self.channels)} numbers, one per site"
            )
        self._from = np.stack([np.cos(bearings), np.sin(bearings), np.zeros(len(bearings))], axis=1)
        self._sites = body.site_ids(list(self.channels))
        self._model = body.model
        self._field = surroundings.chemical

    def read(self, data: mujoco.MjData, t_s: float) -> np.ndarray:
        """Speed of the air onto each antenna, float32 (channel,)."""
        wind = np.array([*(self._field.wind(t_s) if self._field is not None else (0.0, 0.0)), 0.0])
        motion = np.zeros(6)
        felt = np.empty(len(self._sites), np.float32)
        for k, (site, bearing) in enumerate(zip(self._sites, self._from, strict=True)):
            mujoco.mj_objectVelocity(self._model, data, mujoco.mjtObj.mjOBJ_SITE, site, motion, 1)
            blows = wind @ data.site_xmat[site].reshape(3, 3) - motion[3:]
            felt[k] = -float(blows @ bearing)
        return felt
