"""The joints by which a body is placed: over the floor, free in space, or fixed to the world."""

from abc import ABC, abstractmethod
from math import atan2

import mujoco
import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.kernels import Call, bind, kernel, unpack
from neuromech.world import engine
from neuromech.world.body import Body

Pose = tuple[float, float, float]
"""Place, mm, and heading, rad counter-clockwise from +x."""


class RootJoints(ABC):
    """The joints that move the whole body, of one model; they keep no state."""

    @abstractmethod
    def put(self, data: mujoco.MjData, pose: Pose) -> None:
        """Write a place and a heading into the positions of a state."""

    @abstractmethod
    def pose(self, data: mujoco.MjData) -> Pose:
        """Return the place and heading of a state."""

    @abstractmethod
    def posed(self, data: mujoco.MjData, pose: np.ndarray) -> tuple[Call, ...]:
        """Return the calls that write what `pose` returns to float64 (3,)."""


class Planar(RootJoints):
    """Two sliding joints and a hinge, whose axes may be turned upside down, as those of a mirrored body."""

    def __init__(self, body: Body, data: mujoco.MjData) -> None:
        assert body.spec.root is not None
        names = [body.spec.root.x, body.spec.root.y, body.spec.root.yaw]
        body.joint_addresses(names)  # says which one is not there
        joints = [body.model.joint(body.prefix + name) for name in names]
        self._joints = [(joint.qposadr[0], np.sign(data.xaxis[joint.id].sum())) for joint in joints]

    def put(self, data: mujoco.MjData, pose: Pose) -> None:
        """Write a place and a heading into the positions of a state."""
        for (address, sign), value in zip(self._joints, pose, strict=True):
            data.qpos[address] = value * sign

    def pose(self, data: mujoco.MjData) -> Pose:
        """Return the place and heading of a state."""
        x, y, yaw = (float(data.qpos[address] * sign) for address, sign in self._joints)
        return x, y, yaw

    def posed(self, data: mujoco.MjData, pose: np.ndarray) -> tuple[Call, ...]:
        """Return the call that writes the place and heading, as `RootJoints.posed`."""
        addresses = np.array([address for address, _ in self._joints], np.int64)
        signs = np.array([sign for _, sign in self._joints], float)
        return (bind(_planar, PLANAR, addresses, signs, data.qpos, pose),)


class Free(RootJoints):
    """A free joint: the body keeps the height and the tilt that it was built with."""

    def __init__(self, address: int, built: np.ndarray) -> None:
        self._address, self._built = address, built.copy()

    def put(self, data: mujoco.MjData, pose: Pose) -> None:
        """Write a place and a heading into the positions of a state."""
        x, y, heading = pose
        turn, orientation = np.zeros(4), np.zeros(4)
        mujoco.mju_axisAngle2Quat(turn, np.array([0.0, 0.0, 1.0]), heading)
        mujoco.mju_mulQuat(orientation, turn, self._built[3:])
        data.qpos[self._address : self._address + 7] = [x, y, self._built[2], *orientation]

    def pose(self, data: mujoco.MjData) -> Pose:
        """Return the place and heading of a state."""
        x, y, _, *orientation = data.qpos[self._address : self._address + 7]
        since, back = np.zeros(4), np.zeros(4)
        mujoco.mju_negQuat(back, self._built[3:])
        mujoco.mju_mulQuat(since, np.array(orientation), back)
        axes = np.zeros(9)
        mujoco.mju_quat2Mat(axes, since)
        return float(x), float(y), atan2(axes[3], axes[0])

    def posed(self, data: mujoco.MjData, pose: np.ndarray) -> tuple[Call, ...]:
        """Return the call that writes the place and heading, as `RootJoints.posed`."""
        functions = [engine.address(f"mju_{name}") for name in ("negQuat", "mulQuat", "quat2Mat")]
        built, room = self._built[3:].copy(), np.zeros(17)
        return (bind(_free, FREE, *functions, int(self._address), data.qpos, built, room, pose),)


class Fixed(RootJoints):
    """A body without joints of the root: it is fixed to the world where it was built."""

    def __init__(self, name: str) -> None:
        self._name = name

    def put(self, data: mujoco.MjData, pose: Pose) -> None:
        """Refuse any place but the origin; the heading has no effect."""
        if pose[:2] != (0.0, 0.0):
            raise InputError(
                f"body {self._name} is fixed to the world and cannot begin at "
                f"({pose[0]:.4g}, {pose[1]:.4g}) mm; set start.x_mm=0 and start.y_mm=0"
            )

    def pose(self, data: mujoco.MjData) -> Pose:
        """Return the origin."""
        return 0.0, 0.0, 0.0

    def posed(self, data: mujoco.MjData, pose: np.ndarray) -> tuple[Call, ...]:
        """Return nothing to call: a pose that begins as zeros stays there."""
        return ()


def root_of(body: Body, data: mujoco.MjData) -> RootJoints:
    """Return the root joints of a body, whose `data` is that of the body as built."""
    if body.spec.root is not None:
        return Planar(body, data)
    first = int(body.body_ids(body.segments.names)[0])
    for joint in range(body.model.njnt):
        free = body.model.jnt_type[joint] == mujoco.mjtJoint.mjJNT_FREE
        if free and body.model.jnt_bodyid[joint] == body.model.body_rootid[first]:
            address = int(body.model.jnt_qposadr[joint])
            return Free(address, body.model.qpos0[address : address + 7])
    return Fixed(body.name)


PLANAR = "i8[:] f8[:] f8[:] f8[:]"


@kernel
def _planar(row):
    addresses, signs, qpos, pose = unpack(row, PLANAR)
    for i in range(3):
        pose[i] = qpos[addresses[i]] * signs[i]


FREE = "i8 i8 i8 i8 f8[:] f8[:] f8[:] f8[:]"


@kernel
def _free(row):
    negate, multiply, to_axes, first, qpos, built, room, pose = unpack(row, FREE)
    back, since, axes = room[:4], room[4:8], room[8:17]
    engine.call(negate, back.ctypes.data, built.ctypes.data)
    engine.call_three(multiply, since.ctypes.data, qpos[first + 3 :].ctypes.data, back.ctypes.data)
    engine.call(to_axes, axes.ctypes.data, since.ctypes.data)
    pose[0], pose[1], pose[2] = qpos[first], qpos[first + 1], atan2(axes[3], axes[0])
