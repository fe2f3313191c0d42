"""Load on the feet: what the floor pushes back."""

from collections.abc import Mapping
from typing import Any

import mujoco
import numpy as np

from neuromech._lib.errors import unknown
from neuromech.senses.base import Sense, Surroundings
from neuromech.world.body import Body


class Load(Sense):
    """Force of contact on each foot, as a share of the body's weight under ``gravity_mm_s2``.

    ``fields`` names, for every channel, the touch sensors of the model that lie under it.
    """

    unit = "body_weight"

    def __init__(self, spec: Mapping[str, Any], body: Body, surroundings: Surroundings) -> None:
        self.channels = tuple(spec["fields"])
        self.low, self.high = 0.0, np.inf
        model = body.model
        names = [model.sensor(i).name for i in range(model.nsensor)]
        weight = float(model.body_mass[model.body_rootid == model.body_rootid[1]].sum()) * float(
            spec["gravity_mm_s2"]
        )
        self._share = np.zeros((len(self.channels), model.nsensordata), np.float32)
        for row, sensors in enumerate(spec["fields"].values()):
            for name in sensors:
                if name not in names:
                    raise unknown(f"sensor in {body.name}", str(name), names)
                self._share[row, model.sensor_adr[names.index(name)]] = 1.0 / weight

    def read(self, data: mujoco.MjData, t_s: float) -> np.ndarray:
        """Load on each foot, float32 (channel,)."""
        return self._share @ data.sensordata.astype(np.float32)
