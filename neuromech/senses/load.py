"""Load on the feet: the contact force of the floor."""

import mujoco
import numpy as np

from neuromech._lib.errors import unknown
from neuromech.senses.base import Sense, Surroundings
from neuromech.specs.values import Positive
from neuromech.world.body import Body


class Load(Sense):
    """Force of contact on each foot, as a share of the body's weight.

    Parameters
    ----------
    body : the body whose feet they are.
    fields : the touch sensors of the model that lie under each channel.
    gravity_mm_s2 : gravity by which the body's weight is reckoned, mm/s^2.
    """

    unit = "body_weight"

    def __init__(self, body: Body, *, fields: dict[str, tuple[str, ...]], gravity_mm_s2: Positive) -> None:
        self.channels = tuple(fields)
        self.low, self.high = 0.0, np.inf
        model = body.model
        names = [model.sensor(i).name.removeprefix(body.prefix) for i in range(model.nsensor)]
        root = model.body_rootid[body.body_ids(body.segments.names)[0]]
        weight = float(model.body_mass[model.body_rootid == root].sum()) * gravity_mm_s2
        self._share = np.zeros((len(self.channels), model.nsensordata), np.float32)
        segments = []
        for row, sensors in enumerate(fields.values()):
            for name in sensors:
                if name not in names:
                    raise unknown(f"sensor in {body.name}", str(name), names)
                self._share[row, model.sensor_adr[names.index(name)]] = 1.0 / weight
            segments.append(_segment(model, [names.index(name) for name in sensors]))
        self.segments = tuple(segments)

    def read(self, data: mujoco.MjData, t_s: float, around: Surroundings) -> np.ndarray:
        """Return the load on each foot, float32 (channel,)."""
        return self._share @ data.sensordata.astype(np.float32)


def _segment(model: mujoco.MjModel, sensors: list[int]) -> str:
    """Return the segment that carries the first of some touch sensors, "" if it is on none."""
    if not sensors or model.sensor_objtype[sensors[0]] != mujoco.mjtObj.mjOBJ_SITE:
        return ""
    return model.body(model.site_bodyid[model.sensor_objid[sensors[0]]]).name
