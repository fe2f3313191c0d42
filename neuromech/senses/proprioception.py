"""Proprioception of joint angles: the bend of a body, the angles of legs."""

import mujoco
import numpy as np

from neuromech._lib.kernels import Call, bind, kernel, unpack
from neuromech.senses.base import Live, Sense, Surroundings
from neuromech.specs.values import Names
from neuromech.world.body import Body


class JointSense(Sense):
    """Angle of joints: with 1 / segment length as scale it is curvature (1/mm).

    Parameters
    ----------
    body : the body whose joints they are.
    joints : names of the joints, which are the channels.
    unit : unit of a reading.
    scale : what an angle in rad is multiplied by.
    """

    def __init__(self, body: Body, *, joints: Names, unit: str, scale: float = 1.0) -> None:
        self.channels, self.unit = joints, unit
        self._address = body.joint_addresses(joints)
        self._scale = scale

    def read(self, data: mujoco.MjData, t_s: float, around: Surroundings) -> np.ndarray:
        """Return the scaled angle of each joint, float32 (channel,)."""
        return (self._scale * data.qpos[self._address]).astype(np.float32)

    def compiled(self, live: Live, seen: np.ndarray) -> tuple[Call, ...]:
        """Return the call that reads the joints, as `Sense.compiled`."""
        address = np.ascontiguousarray(self._address, np.int64)
        return (bind(_read, LAYOUT, self._scale, address, live.data.qpos, seen),)


LAYOUT = "f8 i8[:] f8[:] f4[:]"


@kernel
def _read(row):
    scale, address, qpos, seen = unpack(row, LAYOUT)
    for i in range(len(address)):
        seen[i] = scale * qpos[address[i]]
