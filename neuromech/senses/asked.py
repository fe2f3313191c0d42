"""What an animal is told of the velocity that its task asks for; no sense of any body."""

import mujoco
import numpy as np

from neuromech.senses.base import Sense, Surroundings


class AskedVelocity(Sense):
    """The velocity along its own axis that the animal is asked for, mm/s, negative backwards.

    It is there for whoever learns the task. An environment that asks for one adds it to the body's senses.

    Parameters
    ----------
    slowest, fastest : from which to which it is drawn, mm/s.
    """

    channels, unit = ("velocity",), "mm/s"

    def __init__(self, slowest: float, fastest: float) -> None:
        self.low, self.high = slowest, fastest

    def read(self, data: mujoco.MjData, t_s: float, around: Surroundings) -> np.ndarray:
        """Return the velocity, float32 (1,)."""
        return np.array([around.asked_mm_s], np.float32)
