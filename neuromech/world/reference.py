"""The movement that an animal is to imitate, played beside it in step with the control periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import mujoco
import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.files import user_path
from neuromech._lib.state import Stateful
from neuromech.specs.environment import EnvironmentSpec
from neuromech.world.body import Body
from neuromech.world.recorded_motion import JointMotion


@dataclass(frozen=True)
class _Table:
    """A movement sampled every control period: angles, rad, and whether they were seen, (period, joint)."""

    angles: np.ndarray
    seen: np.ndarray


class Reference(Stateful):
    """A recorded movement of some joints, of which every control period has its posture.

    It begins at the moment that `reset` names; after its last posture that one stays. In gaps of the
    recording a joint goes straight from its last angle to the next one, and its error does not count.

    Parameters
    ----------
    body : whose joints they are.
    file : what `neuromech retarget` wrote.
    ahead_s : how far ahead of the present it is told, s.
    control_s : control period, s.

    Raises
    ------
    InputError
        The file is no movement of joints of this body.
    """

    state_names = ("began",)

    def __init__(self, body: Body, file: str, ahead_s: Sequence[float], control_s: float) -> None:
        motion = JointMotion.load(user_path(file))
        self.joints = motion.joints
        """Names of the joints."""
        self.address = body.joint_addresses(motion.joints)
        """Where their angles are in `qpos`."""
        self._model, self._landmarks = body.model, body.site_ids(body.landmarks)
        self._rises = _height(body)
        model = body.model
        self.dofs = model.jnt_dofadr[[model.joint(name).id for name in motion.joints]]
        """Where their speeds are in `qvel`."""
        self.control_s = control_s
        self.ahead = tuple(round(each_s / control_s) for each_s in ahead_s)
        """How many control periods ahead of the present it is told."""
        table = _sampled(motion, control_s)
        self.angles, self._seen = table.angles, table.seen
        columns = zip(table.angles.T, table.seen.T, strict=True)
        spread = np.array([np.var(column[known]) if known.any() else 0.0 for column, known in columns])
        if not spread.any():
            raise InputError(f"{file}: no joint moves in it: there is nothing to imitate")
        self.variance = 0.5 * (spread + spread.mean())
        """What squared errors of each joint are counted in, (joint,), rad^2: between the variance of its own
        angle and that of all joints, so that neither one that hardly moves nor one that moves most decides.
        """
        self.began = np.zeros(1, np.int64)
        """The period of the movement at which the episode began, (1,)."""

    @property
    def moments_s(self) -> np.ndarray:
        """Times of the movement, s, at which one of its joints at least was seen."""
        return np.flatnonzero(self._seen.any(axis=1)) * self.control_s

    def reset(self, moment_s: float) -> None:
        """Begin an episode at a time of the movement, s."""
        self.began[0] = min(round(moment_s / self.control_s), len(self.angles) - 1)

    def pose(self, data: mujoco.MjData) -> None:
        """Give the joints of a body at rest the posture and the speed with which the episode begins.

        A body that can rise does so until its lowest landmark is as high as it was.
        """
        lowest_mm = self._lowest_mm(data) if self._rises is not None else 0.0
        data.qpos[self.address] = self.posture(0)
        data.qvel[self.dofs] = self.speed(0)
        if self._rises is not None:
            data.qpos[self._rises] += lowest_mm - self._lowest_mm(data)

    def _lowest_mm(self, data: mujoco.MjData) -> float:
        mujoco.mj_kinematics(self._model, data)
        return float(data.site_xpos[self._landmarks, 2].min())

    def posture(self, period: int) -> np.ndarray:
        """Return the angles (joint,), rad, so many control periods after the episode began."""
        return self.angles[self._row(period)]

    def speed(self, period: int) -> np.ndarray:
        """Return how fast the angles change (joint,), rad/s, at a control period of the episode."""
        return (self.posture(period + 1) - self.posture(period)) / self.control_s

    def seen(self, period: int) -> bool:
        """Return whether the animal was seen at a control period of the episode: not after the end."""
        row = int(self.began[0]) + period
        return row < len(self.angles) and bool(self._seen[row].any())

    def error(self, qpos: np.ndarray, period: int) -> float:
        """Return how far a pose is from the movement's at a control period of the episode.

        It is the mean square of the differences of angle over `variance`, of the joints that were seen: 0 for
        the same posture, about 1 on average for one that stays in the mean posture all the time.
        """
        row = self._row(period)
        apart = (qpos[self.address] - self.angles[row])[self._seen[row]]
        return float(np.add.reduce(apart * apart / self.variance[self._seen[row]])) / max(len(apart), 1)

    def _row(self, period: int) -> int:
        return min(int(self.began[0]) + period, len(self.angles) - 1)


def reference_of(body: Body, environment: EnvironmentSpec, control_s: float) -> Reference | None:
    """Return the movement that an environment names, None if it names none."""
    asked = environment.reference
    if asked is None or asked.file is None:
        return None
    return Reference(body, asked.file, asked.ahead_s, control_s)


def _height(body: Body) -> int | None:
    """Return where the height of the whole body is in `qpos`, None if it has none."""
    model = body.model
    for joint in range(model.njnt):
        if int(model.body_parentid[model.jnt_bodyid[joint]]) != 0:
            continue
        if model.jnt_type[joint] == mujoco.mjtJoint.mjJNT_FREE:
            return int(model.jnt_qposadr[joint]) + 2
        if model.jnt_type[joint] == mujoco.mjtJoint.mjJNT_SLIDE and abs(model.jnt_axis[joint, 2]) > 0.5:
            return int(model.jnt_qposadr[joint])
    return None


def _sampled(motion: JointMotion, control_s: float) -> _Table:
    """Return a movement with one posture per control period; each joint goes straight through its gaps."""
    wanted = np.arange(int(motion.seconds / control_s + 1e-9) + 1) * control_s
    at = wanted * motion.fps
    before, after = np.floor(at + 1e-9).astype(int), np.ceil(at - 1e-9).astype(int)
    angles, seen = np.empty((2, len(wanted), len(motion.joints)))
    for joint, column in enumerate(motion.angles.T):
        known = np.isfinite(column)
        angles[:, joint] = np.interp(wanted, motion.times[known], column[known])
        seen[:, joint] = known[before] & known[after]
    return _Table(np.ascontiguousarray(angles), seen.astype(bool))
