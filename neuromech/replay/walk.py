"""Replay of recorded steps: legs move as the animal's did, and the physics determines how the body walks.

The joints are held to the recorded angles so stiffly that the steps are given, and a foot grips while the
recorded foot was not moving forwards; the path, the turns and the tilt of the thorax are free. The path of
every foot relative to the body is compared; the distance walked is a result.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import mujoco
import numpy as np
import xarray as xr
from scipy.interpolate import CubicSpline
from scipy.signal import savgol_filter

from neuromech._lib.errors import InputError, unknown
from neuromech.specs.body import BodySpec, LegReplay
from neuromech.specs.environment import EnvironmentSpec
from neuromech.specs.run import Clock
from neuromech.tracking.io import recorded
from neuromech.world.recorded_motion import RecordedMotion
from neuromech.world.world import World

STIFFNESS_NN_MM, DAMPING_S = 3e5, 0.001
"""The stiffness of the held joints, nN mm per rad, and their damping as a share of it, s."""
SMOOTHED_FRAMES = 7
"""The length of the quadratic Savitzky-Golay filter over the recorded angles and feet, frames."""
SWING_MM_S = 3.0
"""A recorded foot that moves forwards faster than this, mm/s relative to the thorax, swings."""
CLEARANCE_MM = 0.02
"""The height of the lowest foot above the floor at the start, mm."""
SETTLED_S = 0.1
"""The time at the start, s, that is left out of the errors, because the body falls onto its feet."""


@dataclass(frozen=True)
class RecordedWalk(RecordedMotion):
    """A recorded walk.

    Parameters
    ----------
    fps : frames per second.
    angles : float array (frame, leg, joint), rad.
    feet : float array (frame, leg, xyz), mm, seen from the hips.
    """

    feet: np.ndarray


@dataclass(frozen=True)
class ReplayedWalk:
    """The path of a body that made recorded steps.

    path : (frame, xyz, then yaw, pitch, roll) of the trunk, mm and rad. recorded, simulated : (frame, leg,
    xyz) feet, mm, relative to their hips along the trunk. lengths_mm : of the legs. legs : their names. fps :
    frames per second.
    """

    path: np.ndarray
    recorded: np.ndarray
    simulated: np.ndarray
    lengths_mm: np.ndarray
    legs: tuple[str, ...]
    fps: float

    @property
    def foot_errors(self) -> np.ndarray:
        """Root-mean-square distance of every foot from the recorded one, as a share of the leg, (leg,)."""
        kept = slice(round(SETTLED_S * self.fps), None)
        apart = ((self.simulated - self.recorded)[kept] ** 2).sum(axis=2)
        return np.sqrt(apart.mean(axis=0)) / self.lengths_mm

    @property
    def forward_mm(self) -> float:
        """Distance that the trunk moved along its own axis, mm."""
        moved = np.diff(self.path[:, :2], axis=0)
        yaw = self.path[:-1, 3]
        return float((moved[:, 0] * np.cos(yaw) + moved[:, 1] * np.sin(yaw)).sum())

    @property
    def speed_mm_s(self) -> float:
        """Mean speed along the trunk's axis, mm/s."""
        return self.forward_mm / ((len(self.path) - 1) / self.fps)


def load(path: Path, replayed: LegReplay) -> RecordedWalk:
    """Read a walk for a body whose body.yaml has the key `replay` with `legs`.

    Raises
    ------
    InputError
        The file is no recording of joints, or lacks a joint or a foot that the body wants.
    """
    found = recorded.load("flygym", path)
    legs, joints = list(replayed.legs), list(replayed.joints)
    names = [f"{leg}_{joint}" for leg in legs for joint in joints]
    have = [str(name) for name in found["joint"].values]
    for name in names:
        if name not in have:
            raise unknown("joint in the recording", name, have)
    angles = found["joint_angle"].sel(joint=names).values.reshape(-1, len(legs), len(joints))
    feet = _points(found, [f"{leg}_{replayed.foot}" for leg in legs])
    hips = _points(found, [f"{leg}_{replayed.hip}" for leg in legs])
    if len(angles) < SMOOTHED_FRAMES or not (np.isfinite(angles).all() and np.isfinite(feet - hips).all()):
        raise InputError(f"{path}: a replay needs at least {SMOOTHED_FRAMES} frames without gaps")
    fps = 1.0 / float(np.median(np.diff(found["time"].values)))
    smooth = [np.asarray(savgol_filter(x, SMOOTHED_FRAMES, 2, axis=0)) for x in (angles, feet - hips)]
    return RecordedWalk(fps, *smooth)


def walk(body: BodySpec, environment: EnvironmentSpec, physics_s: float, steps: RecordedWalk) -> ReplayedWalk:
    """Replay a walk from its first posture, the feet just above the floor."""
    replayed = body.replay
    if not isinstance(replayed, LegReplay):
        raise InputError(
            f"body {body.name} has no replay.legs in its body.yaml: what a walk drives is not known"
        )
    legs, joints = list(replayed.legs), list(replayed.joints.values())
    world = World(body, environment, Clock(physics_s, physics_s, physics_s, 1))
    model, data = world.model, world.data
    ids = [model.joint(f"{leg}_{joint}").id for leg in legs for joint in joints]
    address, dofs = model.jnt_qposadr[ids], model.jnt_dofadr[ids]
    grips = [model.actuator(f"{leg}_{replayed.grip}").id for leg in legs]
    others = np.setdiff1d(np.arange(model.nu), grips)
    model.actuator_gainprm[others] = 0.0
    model.jnt_limited[ids] = 0
    model.jnt_stiffness[ids], model.dof_damping[dofs] = STIFFNESS_NN_MM, STIFFNESS_NN_MM * DAMPING_S
    times = steps.times
    bend = CubicSpline(times, steps.angles.reshape(len(times), -1))
    forwards = np.gradient(steps.feet[..., 0], axis=0) * steps.fps > SWING_MM_S
    feet, hips = (world.body.site_ids([f"{leg}_{name}" for leg in legs]) for name in ("claw", replayed.hip))
    trunk = int(world.body.site_ids([replayed.trunk])[0])
    # Length of a leg: its joints are on one line when every angle is zero.
    data.qpos[address] = 0.0
    mujoco.mj_kinematics(model, data)
    lengths = np.linalg.norm(data.site_xpos[feet] - data.site_xpos[hips], axis=1)
    mujoco.mj_resetData(model, data)
    data.qpos[address] = bend(0.0)
    mujoco.mj_kinematics(model, data)
    data.qpos[model.joint("root_z").qposadr[0]] -= data.site_xpos[feet, 2].min() - CLEARANCE_MM
    every = np.linspace(0, 1, len(times))
    path, seen, taken = [], [], []
    count = int(np.ceil(steps.seconds / physics_s))
    for k in range(count + 1):
        now = min(k * physics_s, steps.seconds)
        model.qpos_spring[address] = bend(now)
        data.ctrl[grips] = ~forwards[min(round(now * steps.fps), len(times) - 1)]
        mujoco.mj_step(model, data)
        axes = data.site_xmat[trunk].reshape(3, 3)
        yaw, pitch, roll = np.arctan2(axes[1, 0], axes[0, 0]), -np.arcsin(axes[2, 0]), np.arcsin(axes[2, 1])
        path.append([*data.site_xpos[trunk], yaw, pitch, roll])
        seen.append((data.site_xpos[feet] - data.site_xpos[hips]) @ axes)
        taken.append(now)
    course, foot = np.array(path), np.array(seen)
    if not np.isfinite(course).all():
        raise InputError(f"the replay is unstable at a step of {physics_s:g} s; give a smaller physics_s")
    course[:, 3] = np.unwrap(course[:, 3])
    at = np.searchsorted(taken, every * steps.seconds - 1e-12).clip(max=count)
    return ReplayedWalk(course[at], steps.feet, foot[at], lengths, tuple(legs), steps.fps)


def table(walked: ReplayedWalk) -> str:
    """Return lines of text: the error of every foot, and the distance and the turn of the body."""
    rows = ["leg  length mm  foot off its recorded path, RMS mm  share of the leg"]
    for leg, length, error in zip(walked.legs, walked.lengths_mm, walked.foot_errors, strict=True):
        rows.append(f"{leg:3s} {length:10.2f} {error * length:35.3f} {error:17.1%}")
    turned = np.degrees(walked.path[-1, 3] - walked.path[0, 3])
    rows.append(
        f"walked {walked.forward_mm:.2f} mm forwards at {walked.speed_mm_s:.1f} mm/s, turned {turned:.0f} deg"
    )
    return "\n".join(rows)


def _points(found: xr.Dataset, names: list[str]) -> np.ndarray:
    have = [str(name) for name in found["landmark"].values]
    for name in names:
        if name not in have:
            raise unknown("landmark in the recording", name, have)
    return found["landmarks"].sel(landmark=names).values.astype(float)
