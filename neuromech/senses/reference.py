"""What an animal that imitates is told: the posture that it should have, now and some time ahead."""

import mujoco
import numpy as np

from neuromech._lib.kernels import Call, bind, kernel, unpack
from neuromech.senses.base import Live, Sense, Surroundings
from neuromech.world.reference import Reference


class ReferenceSense(Sense):
    """The angles of a recorded movement, at every time that it is told ahead, joint by joint.

    No animal has this sense: it takes the place of the motives that nobody can record.

    Parameters
    ----------
    reference : the movement.
    """

    unit = "rad"

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.channels = tuple(
            f"{joint}+{ahead * reference.control_s:g}s"
            for ahead in reference.ahead
            for joint in reference.joints
        )

    def read(self, data: mujoco.MjData, t_s: float, around: Surroundings) -> np.ndarray:
        """Return the angles, float32 (channel,), rad."""
        period = round(t_s / self.reference.control_s)
        told = [self.reference.posture(period + ahead) for ahead in self.reference.ahead]
        return np.concatenate(told).astype(np.float32)

    def compiled(self, live: Live, seen: np.ndarray) -> tuple[Call, ...]:
        """Return the call that reads the movement, as `Sense.compiled`."""
        own = self.reference
        ahead = np.array(own.ahead, np.int64)
        return (bind(_read, LAYOUT, own.control_s, live.clock_s, own.began, ahead, own.angles, seen),)


LAYOUT = "f8 f8[:] i8[:] i8[:] f8[:,:] f4[:]"


@kernel
def _read(row):
    control_s, clock_s, began, ahead, angles, seen = unpack(row, LAYOUT)
    now = began[0] + round(clock_s[0] / control_s)
    joints = angles.shape[1]
    for i in range(len(ahead)):
        place = min(now + ahead[i], len(angles) - 1)
        for j in range(joints):
            seen[i * joints + j] = angles[place, j]
