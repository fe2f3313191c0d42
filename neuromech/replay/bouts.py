"""Replay of a recorded posture: the body bends as the animal did, and the physics determines how it swims.

The joints are held to the recorded angles so stiffly that the posture is given; the path, the heading and the
depth are free. Displacement and turn are compared: they are not taken from the recording, so that they test
the body and the medium alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import mujoco
import numpy as np
from scipy.interpolate import CubicSpline
from scipy.signal import savgol_filter

from neuromech._lib.errors import InputError
from neuromech._lib.files import replacing
from neuromech.specs.body import BodySpec, TailReplay
from neuromech.specs.environment import EnvironmentSpec
from neuromech.tracking.io.tables import BROKEN_ARCHIVE, first_line
from neuromech.world import body as bodies
from neuromech.world.medium import laws
from neuromech.world.recorded_motion import RecordedMotion

STIFFNESS_NN_MM = 1e9
"""The stiffness of the held joints, nN mm per rad: a step ends on the recorded angle, whatever the water
does."""
SMOOTHED_FRAMES = 11
"""The length of the cubic Savitzky-Golay filter over the recorded angles, frames: tracking noise is a few
degrees."""


@dataclass(frozen=True)
class Bout(RecordedMotion):
    """A recorded bout of swimming.

    Parameters
    ----------
    fps : frames per second.
    angles : float array (frames, segments), rad: direction of each segment of the moving part against the
        front's, front to end, counter-clockwise from above positive.
    head : float array (frames, 3): x, y in mm and heading in rad, counter-clockwise from +x, unwrapped.
    """

    head: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """The paths of the recorded and of the simulated fish with the same posture.

    `recorded` and `simulated` are paths (frames, 3) of the same point, mm and rad, that both begin at the
    origin with heading 0; `torque` (frames, joint), nN mm, held the posture; `tilt` (frames, 2) is the angle
    of the back from the vertical (rad) and the height gained (mm).
    """

    recorded: np.ndarray
    simulated: np.ndarray
    torque: np.ndarray
    tilt: np.ndarray

    @property
    def displacement_mm(self) -> tuple[float, float]:
        """Net displacement, recorded and simulated, mm."""
        return _net(self.recorded), _net(self.simulated)

    @property
    def turn_deg(self) -> tuple[float, float]:
        """Heading change, recorded and simulated, degrees."""
        return float(np.degrees(self.recorded[-1, 2])), float(np.degrees(self.simulated[-1, 2]))

    @property
    def path_rms_mm(self) -> float:
        """Root-mean-square distance between the two paths, mm."""
        apart = self.recorded[:, :2] - self.simulated[:, :2]
        return float(np.sqrt((apart**2).sum(axis=1).mean()))


class Swimmer:
    """A body in a medium whose posture is given; made once, it replays any number of bouts.

    `body` is a merged body.yaml with the key `replay` (joints front to end, and the landmark whose path
    is compared), `environment` a merged environment.yaml, `physics_s` the step.
    """

    def __init__(self, body: BodySpec, environment: EnvironmentSpec, physics_s: float) -> None:
        driven = body.replay
        if not isinstance(driven, TailReplay):
            raise InputError(
                f"body {body.name} has no replay.landmark in its body.yaml: "
                "what a recorded tail drives is not known"
            )
        self._body = bodies.load(body)
        self._model = model = self._body.model
        names = driven.joints
        self._address = self._body.joint_addresses(names)
        joints = [model.joint(name).id for name in names]
        self._dofs = model.jnt_dofadr[joints]
        model.opt.timestep = physics_s
        model.opt.disableflags |= (
            mujoco.mjtDisableBit.mjDSBL_CONTACT
            | mujoco.mjtDisableBit.mjDSBL_CONSTRAINT
            | mujoco.mjtDisableBit.mjDSBL_ACTUATION
        )
        model.jnt_stiffness[joints], model.dof_damping[self._dofs] = STIFFNESS_NN_MM, 0.0
        self._point = self._body.site_ids([driven.landmark])[0]
        self._root = model.site_bodyid[self._point]
        self._data = mujoco.MjData(model)
        mujoco.mj_forward(model, self._data)
        self._sign = signs(self._data, joints)
        self._medium = laws.build(environment.medium, self._body, self._data)

    def swim(self, bout: Bout) -> Outcome:
        """Replay a bout from rest."""
        model, data, step_s = self._model, self._data, self._model.opt.timestep
        smooth = np.asarray(savgol_filter(bout.angles, SMOOTHED_FRAMES, 3, axis=0))
        times = bout.times
        bends = CubicSpline(times, bends_of(smooth, len(self._dofs)))
        steps = int(np.ceil(bout.seconds / step_s))
        targets = self._sign * bends(np.minimum(np.arange(1, steps + 1) * step_s, bout.seconds))
        mujoco.mj_resetData(model, data)
        data.qpos[self._address] = self._sign * bends(0.0)
        data.qvel[self._dofs] = self._sign * bends(0.0, 1)
        mujoco.mj_forward(model, data)
        path, tilt = np.empty((steps + 1, 3)), np.empty((steps + 1, 2))
        torque = np.zeros((steps + 1, len(self._dofs)))
        path[0], tilt[0] = self._seen()
        for k, target in enumerate(targets):
            model.qpos_spring[self._address] = target
            data.qfrc_applied[:] = 0.0
            mujoco.mj_step1(model, data)
            self._medium.apply()
            mujoco.mj_step2(model, data)
            torque[k + 1] = STIFFNESS_NN_MM * (target - data.qpos[self._address])
            mujoco.mj_kinematics(model, data)
            path[k + 1], tilt[k + 1] = self._seen()
        if not np.isfinite(path).all():
            raise InputError(f"the replay is unstable at a step of {step_s:g} s; give a smaller physics_s")
        path[:, 2] = np.unwrap(path[:, 2])
        tilt[:, 1] -= tilt[0, 1]
        steps_at = np.arange(steps + 1) * step_s
        simulated, held, tilted = (_between(times, steps_at, x) for x in (_at_origin(path), torque, tilt))
        return Outcome(_at_origin(bout.head), simulated, held, tilted)

    def _seen(self) -> tuple[tuple[float, float, float], tuple[float, float]]:
        x, y, z = self._data.site_xpos[self._point]
        frame = self._data.xmat[self._root]
        return (x, y, np.arctan2(frame[3], frame[0])), (np.arccos(np.clip(frame[8], -1, 1)), z)


def load(path: Path) -> dict[int, Bout]:
    """Read bouts by number from an .npz file.

    It holds `fps`, and for every bout `tail_angle_NN` (frames, segments) and `head_NN` (frames, 3), as
    in `Bout`.

    Raises
    ------
    InputError
        The file cannot be read, an array is missing, of the wrong shape, too short or not finite.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except BROKEN_ARCHIVE as error:
        raise InputError(f"{path}: not a readable .npz file ({first_line(error)})") from None
    fps = arrays.get("fps")
    if fps is None or fps.dtype.kind not in "iuf" or fps.size != 1 or not 0 < fps.item() < np.inf:
        raise InputError(f"{path}: fps must be one number above 0")
    found = {}
    for name, angle in arrays.items():
        number = name.removeprefix("tail_angle_")
        if number == name or not number.isdigit():
            continue
        head = arrays.get(f"head_{number}")
        if head is None:
            raise InputError(f"{path}: {name} has no head_{number}")
        if angle.ndim != 2 or head.shape != (len(angle), 3):
            raise InputError(
                f"{path}: {name} must be (frames, segments) and head_{number} (frames, 3), "
                f"not {angle.shape} and {head.shape}"
            )
        if len(angle) < SMOOTHED_FRAMES:
            raise InputError(f"{path}: {name} has fewer than {SMOOTHED_FRAMES} frames")
        for each, values in ((name, angle), (f"head_{number}", head)):
            if values.dtype.kind not in "iuf" or not np.isfinite(values).all():
                raise InputError(f"{path}: {each} holds values that are not finite")
        found[int(number)] = Bout(float(fps.item()), angle.astype(float), head.astype(float))
    if not found:
        raise InputError(f"{path}: no tail_angle_NN in it")
    return found


def save(path: Path, bouts: Mapping[int, Bout], outcomes: Mapping[int, Outcome]) -> Path:
    """Write where the simulated fish went, as a file that `load` and the trackers read, and return its path.

    The tail is the recorded one, which was imposed: `posture_given` says so.

    Raises
    ------
    InputError
        The file cannot be written, or the bouts have different frame rates.
    """
    rates = {bouts[number].fps for number in outcomes}
    if len(rates) != 1:
        raise InputError(f"{path}: the bouts have different frame rates")
    arrays = {"fps": np.array(rates.pop()), "posture_given": np.array(1)}
    for number, outcome in outcomes.items():
        arrays[f"tail_angle_{number:02d}"] = bouts[number].angles
        arrays[f"head_{number:02d}"] = outcome.simulated
    try:
        with replacing(path) as part, part.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from None
    return path


def slope(outcomes: Mapping[int, Outcome], least_deg: float = 10.0) -> float:
    """Return the slope of simulated on recorded heading change, of bouts that turn more than `least_deg`.

    The line passes through the origin, because a mirrored posture turns a fish the other way. NaN without
    such bouts.
    """
    turns = np.array([o.turn_deg for o in outcomes.values() if abs(o.turn_deg[0]) > least_deg])
    if not len(turns):
        return float("nan")
    recorded, simulated = turns.T
    return float(recorded @ simulated / (recorded @ recorded))


def ratio(outcomes: Mapping[int, Outcome]) -> float:
    """Return the median ratio of simulated to recorded net displacement."""
    return float(np.median([o.displacement_mm[1] / o.displacement_mm[0] for o in outcomes.values()]))


def table(outcomes: Mapping[int, Outcome]) -> str:
    """Return a line per bout and one for all: distances, turns, and the distance of the two paths."""
    rows = ["bout  displacement mm (recorded, simulated)  turn deg (recorded, simulated)  path RMS mm"]
    for i, o in outcomes.items():
        (far, reached), (turn, turned) = o.displacement_mm, o.turn_deg
        rows.append(f"{i:4d} {far:9.2f} {reached:9.2f} {turn:25.1f} {turned:9.1f} {o.path_rms_mm:21.2f}")
    paths = [o.path_rms_mm for o in outcomes.values()]
    rows.append(
        f"median displacement ratio {ratio(outcomes):.2f}, turn slope {slope(outcomes):.2f}, "
        f"path RMS mean {np.mean(paths):.2f}, largest {max(paths):.2f} mm"
    )
    return "\n".join(rows)


def _net(path: np.ndarray) -> float:
    return float(np.hypot(*(path[-1, :2] - path[0, :2])))


def _at_origin(path: np.ndarray) -> np.ndarray:
    x, y = (path[:, :2] - path[0, :2]).T
    cos, sin = np.cos(path[0, 2]), np.sin(path[0, 2])
    return np.column_stack([cos * x + sin * y, cos * y - sin * x, path[:, 2] - path[0, 2]])


def bends_of(angle: np.ndarray, count: int) -> np.ndarray:
    """Return the bends of `count` joints (frame, joint) of a tail's angles to the front (frame, segment)."""
    here, there = ((np.arange(n) + 0.5) / n for n in (angle.shape[1], count))
    return np.diff(np.array([np.interp(there, here, row) for row in angle]), axis=1, prepend=0.0)


def signs(data: mujoco.MjData, joints: Sequence[int]) -> np.ndarray:
    """Return 1 for each joint (by its id) whose axis points upwards, as recorded angles turn, else -1."""
    # A recorded angle is counter-clockwise from above; the axis of a joint may point downwards.
    return np.sign(data.xaxis[joints, 2])


def _between(times: np.ndarray, steps_at: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.column_stack([np.interp(times, steps_at, column) for column in values.T])
