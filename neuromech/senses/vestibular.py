"""The vestibular sense: the tilt of the head against the vertical, and its angular velocity."""

from typing import Literal

import mujoco
import numpy as np

from neuromech._lib.kernels import Call, bind, kernel, unpack
from neuromech.senses.base import Live, Sense, Surroundings
from neuromech.world import engine
from neuromech.world.body import Body

CHANNELS = ("roll", "pitch", "roll_rate", "pitch_rate", "yaw_rate")
"""The channels, in the order in which they are computed."""
Channel = Literal["roll", "pitch", "roll_rate", "pitch_rate", "yaw_rate"]


class Vestibular(Sense):
    """Tilt (sine of the angle) and turning (rad/s) of the head.

    Positive are roll with the left side up, pitch with the nose down, and yaw counter-clockwise from above.
    The otoliths of an animal also feel its acceleration; these do not.

    Parameters
    ----------
    body : the body whose head it is.
    site : a site whose x axis points to the nose, its z axis up.
    channels : what is felt.
    """

    unit = "1, rad/s"

    def __init__(self, body: Body, *, site: str, channels: tuple[Channel, ...] = CHANNELS) -> None:
        self.channels = channels
        self._pick = [CHANNELS.index(name) for name in channels]
        self._site = int(body.site_ids([site])[0])
        self._model = body.model
        self.segments = (body.model.body(body.model.site_bodyid[self._site]).name,) * len(channels)

    def read(self, data: mujoco.MjData, t_s: float, around: Surroundings) -> np.ndarray:
        """Return one value per channel, float32 (channel,)."""
        motion, frame = np.zeros(6), data.site_xmat[self._site]
        mujoco.mj_objectVelocity(self._model, data, mujoco.mjtObj.mjOBJ_SITE, self._site, motion, 1)
        ahead_up, left_up = frame[6], frame[7]
        felt = np.array([left_up, -ahead_up, *motion[:3]], np.float32)
        return felt[self._pick]

    def compiled(self, live: Live, seen: np.ndarray) -> tuple[Call, ...]:
        """Return the call that reads the head's motion, as `Sense.compiled`."""
        speed = engine.address("mj_objectVelocity")
        picked, room = np.array(self._pick, np.int64), np.zeros(6)
        where = live.model._address, live.data._address
        return (bind(_read, LAYOUT, speed, *where, self._site, live.data.site_xmat, picked, room, seen),)


LAYOUT = "i8 i8 i8 i8 f8[:,:] i8[:] f8[:] f4[:]"


@kernel
def _read(row):
    speed, model, data, site, frames, picked, motion, seen = unpack(row, LAYOUT)
    engine.call_velocity(speed, model, data, site, motion.ctypes.data)
    for i in range(len(picked)):
        k = picked[i]
        if k == 0:
            seen[i] = frames[site, 7]
        elif k == 1:
            seen[i] = -frames[site, 6]
        else:
            seen[i] = motion[k - 2]
