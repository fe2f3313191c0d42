"""The sense of wind: deflection of the antennae by moving air."""

import mujoco
import numpy as np

from neuromech._lib.errors import InputError
from neuromech.senses.base import Sense, Surroundings
from neuromech.world.body import Body


class Wind(Sense):
    """Speed (mm/s) of the air that blows onto each antenna from the bearing at which it is deflected most.

    Positive pushes the arista to the head, negative away from it; what pushes is the mean wind of the world
    less the antenna's own velocity. Aristae are too light for this air to be felt by the body, so the reading
    stands for their deflection. One antenna alone is ambiguous, the difference of two tells from which side
    the wind blows (Suver et al. 2019, doi:10.1016/j.neuron.2019.03.012; abstract read).

    Parameters
    ----------
    body : the body whose antennae they are.
    sites : sites of the antennae (x ahead, z up), which are the channels.
    bearing_deg : where each is deflected most, seen from above, degrees, left positive.
    unit : unit of a reading.

    Raises
    ------
    InputError
        There is not one bearing per site.
    """

    def __init__(
        self, body: Body, *, sites: tuple[str, ...], bearing_deg: tuple[float, ...], unit: str = "mm/s"
    ) -> None:
        self.channels, self.unit = sites, unit
        bearings = np.radians(np.asarray(bearing_deg, float))
        if bearings.shape != (len(self.channels),):
            raise InputError(
                f"bearing_deg of a wind sense must be {len(self.channels)} numbers, one per site"
            )
        self._from = np.stack([np.cos(bearings), np.sin(bearings), np.zeros(len(bearings))], axis=1)
        self._sites = body.site_ids(self.channels)
        self._model = body.model

    def read(self, data: mujoco.MjData, t_s: float, around: Surroundings) -> np.ndarray:
        """Return the speed of the air onto each antenna, float32 (channel,)."""
        field = around.field
        wind = np.array([*(field.wind(t_s) if field is not None else (0.0, 0.0)), 0.0])
        motion = np.zeros(6)
        felt = np.empty(len(self._sites), np.float32)
        for k, (site, bearing) in enumerate(zip(self._sites, self._from, strict=True)):
            mujoco.mj_objectVelocity(self._model, data, mujoco.mjtObj.mjOBJ_SITE, site, motion, 1)
            blows = wind @ data.site_xmat[site].reshape(3, 3) - motion[3:]
            felt[k] = -float(blows @ bearing)
        return felt
