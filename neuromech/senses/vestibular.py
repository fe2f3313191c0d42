"""The labyrinths of the head: which way is up, and how the head turns."""

from collections.abc import Mapping
from typing import Any

import mujoco
import numpy as np

from neuromech._lib.errors import unknown
from neuromech.senses.base import Sense, Surroundings
from neuromech.world.body import Body

CHANNELS = ("roll", "pitch", "roll_rate", "pitch_rate", "yaw_rate")


class Vestibular(Sense):
    """Tilt (sine of the angle) and turning (rad/s) of the head at a site whose x points to the nose, z up.

    Positive: roll with the left side up, pitch with the nose down, yaw counter-clockwise from above. The
    otoliths of an animal also feel its acceleration; these do not.
    """

    unit = "1, rad/s"

    def __init__(self, spec: Mapping[str, Any], body: Body, surroundings: Surroundings) -> None:
        self.channels = tuple(spec["channels"])
        self.low, self.high = -np.inf, np.inf
        self._pick = [CHANNELS.index(name) for name in _known(self.channels)]
        self._site = int(body.site_ids([str(spec["site"])])[0])
        self._model = body.model

    def read(self, data: mujoco.MjData, t_s: float) -> np.ndarray:
        """One value per channel, float32 (channel,)."""
        motion, frame = np.zeros(6), data.site_xmat[self._site]
        mujoco.mj_objectVelocity(self._model, data, mujoco.mjtObj.mjOBJ_SITE, self._site, motion, 1)
        ahead_up, left_up = frame[6], frame[7]
        felt = np.array([left_up, -ahead_up, *motion[:3]], np.float32)
        return felt[self._pick]


def _known(channels: tuple[str, ...]) -> tuple[str, ...]:
    for name in channels:
        if name not in CHANNELS:
            raise unknown("channel of a vestibular sense", name, CHANNELS)
    return channels
