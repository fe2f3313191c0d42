"""The joint angles with which a body is in the posture of a recorded animal, frame by frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
import xarray as xr
from scipy.optimize import least_squares

from neuromech._lib.errors import InputError
from neuromech.replay import bouts
from neuromech.specs import content
from neuromech.specs.body import BodySpec, LegReplay, TailReplay
from neuromech.tracking.kinematics import posture
from neuromech.tracking.recordings import read
from neuromech.world import body as bodies
from neuromech.world.body import Body
from neuromech.world.recorded_motion import JointMotion

HELD = 0.01
"""How strongly a joint is held at the angle of the body as built, body lengths per rad: what few landmarks
show stays near that.
"""
TILT_HELD = 0.2
"""The same of the tilt of the whole body: a trunk tilts less than its legs swing."""
LEAST_LANDMARKS = 3
"""A frame with fewer landmarks shows no posture."""
REST_S = 0.3
"""Time between two excerpts of a recording in which the animal goes from one posture to the next, s."""
NEAR = 0.01
"""A pose whose landmarks are farther apart than this, body lengths, is looked for once more from the body as
built: a search from the last frame's pose may have coiled a body up the wrong way.
"""
FINE = 401
"""Points along a midline among which those of the body are looked up."""


@dataclass(frozen=True)
class Retargeted(JointMotion):
    """A movement of a body, found in a recording of an animal.

    Parameters
    ----------
    fps, angles, joints : as `JointMotion`; a joint that no landmark of a frame shows is NaN in it.
    apart_mm : root-mean-square distance of the body's landmarks from the recorded ones, on the scale of the
        body, (frame,); NaN where nothing was seen, or where the recording gives angles.
    """

    apart_mm: np.ndarray

    def __str__(self) -> str:
        """Return one line for a reader."""
        seen = np.atleast_1d(np.isfinite(self.angles).any(axis=1))
        told = f"{len(self.joints)} joints, {seen.sum()} of {len(seen)} frames at {self.fps:g} fps"
        if np.isfinite(self.apart_mm).any():
            told += f", landmarks {np.nanmedian(self.apart_mm):.3g} mm apart (median)"
        return told


def retarget(
    recording: xr.Dataset | Path | str, body: str | BodySpec, format: str | None = None, **options: Any
) -> Retargeted:
    """Find the joint angles with which a body is in the posture of a recorded animal.

    Angles that the recording has are taken (legs and tails, as body.yaml names them under `replay`).
    Otherwise the joints are found by which the body's landmarks come nearest to the recorded ones of the same
    names; those of a midline are compared at the same share of its length, and `markers` of body.yaml
    translates names. Place, heading and size of the animal do not matter.

    Parameters
    ----------
    recording : a file, a name of `neuromech data list`, or what `neuromech.read` gave.
    body : name of the body, or its merged body.yaml.
    format, options : as for `neuromech.read`.

    Raises
    ------
    InputError
        The recording cannot be read, or has nothing in common with the body.
    """
    spec = content.load("bodies", body) if isinstance(body, str) else body
    if isinstance(recording, xr.Dataset):
        found = recording
    else:
        found = read(recording, format, str(spec.tracker or ""), **options)
    own = bodies.load(spec)
    times = found["time"].values
    fps = 1.0 / float(np.median(np.diff(times)))
    if "joint_angle" in found and isinstance(spec.replay, LegReplay):
        return _of_legs(found, spec.replay, fps)
    if "tail_angle" in found and isinstance(spec.replay, TailReplay):
        return _of_tail(found, own, spec.replay, fps)
    if "landmarks" not in found:
        raise InputError(f"body {spec.name} cannot take the posture of this recording: it has no landmarks")
    return _of_landmarks(found, own, fps)


def _of_legs(found: xr.Dataset, legs: LegReplay, fps: float) -> Retargeted:
    names = {f"{leg}_{joint}": f"{leg}_{own}" for leg in legs.legs for joint, own in legs.joints.items()}
    have = [str(name) for name in found["joint"].values]
    shared = [name for name in names if name in have]
    if not shared:
        raise InputError(f"the recording has none of the joints that the body takes: {', '.join(names)}")
    angles = found["joint_angle"].sel(joint=shared).values.astype(float)
    return Retargeted(fps, angles, tuple(names[name] for name in shared), np.full(len(angles), np.nan))


def _of_tail(found: xr.Dataset, body: Body, tail: TailReplay, fps: float) -> Retargeted:
    """Return the bends of a tail whose recorded angles are against the front of the animal."""
    data = mujoco.MjData(body.model)
    mujoco.mj_forward(body.model, data)
    sign = bouts.signs(data, [body.model.joint(name).id for name in tail.joints])
    bends = sign * bouts.bends_of(found["tail_angle"].values, len(tail.joints))
    if "excerpt" in found.coords:
        ends = np.flatnonzero(np.diff(found["excerpt"].values)) + 1
        rest = np.linspace(0, 1, round(REST_S * fps) + 2)[1:-1, None]
        pieces = np.split(bends, ends)
        joined = [pieces[0]]
        for before, after in zip(pieces, pieces[1:], strict=False):
            joined += [(1 - rest) * before[-1] + rest * after[0], after]
        bends = np.concatenate(joined)
    return Retargeted(fps, bends, tail.joints, np.full(len(bends), np.nan))


def _of_landmarks(found: xr.Dataset, body: Body, fps: float) -> Retargeted:
    sites, points = _matched(found, body)
    finder = _Finder(body, sites, flat=not np.nan_to_num(points[..., 2]).any())
    angles, apart = np.full((len(points), len(finder.joints)), np.nan), np.full(len(points), np.nan)
    scale = finder.scale(points)
    for k, frame in enumerate(points):
        if np.isfinite(frame[:, 0]).sum() >= LEAST_LANDMARKS:
            angles[k], apart[k] = finder.find(frame * scale[k])
    if not np.isfinite(apart).any():
        raise InputError(f"no frame of the recording shows {LEAST_LANDMARKS} landmarks of body {body.name}")
    shown = np.atleast_1d(np.isfinite(angles).any(axis=0))
    joints = tuple(name for name, each in zip(finder.joints, shown, strict=True) if each)
    return Retargeted(fps, angles[:, shown], joints, apart)


def _matched(found: xr.Dataset, body: Body) -> tuple[list[str], np.ndarray]:
    """Return landmarks of the body and where the recording has them, (frame, landmark, xyz)."""
    names = [str(each) for each in found["landmark"].values]
    own_spine, spine = posture.spine(body.landmarks), posture.spine(names)
    sites, columns = [], []
    if len(own_spine) >= 4 and len(spine) >= 4:
        sites += own_spine
        columns.append(_along(posture.midline(found), body, own_spine))
    translated: Mapping[str, str] = {name: name for name in body.landmarks} | dict(body.spec.markers)
    shared = [name for name in names if translated.get(name) in body.landmarks and name not in spine]
    if shared:
        sites += [translated[name] for name in shared]
        columns.append(found["landmarks"].sel(landmark=shared).values.astype(float))
    if len(sites) < LEAST_LANDMARKS:
        raise InputError(
            f"the recording has the landmarks {', '.join(names[:12])}; fewer than {LEAST_LANDMARKS} of them "
            f"are landmarks of body {body.name}: name them under markers in its body.yaml"
        )
    points = np.concatenate(columns, axis=1)
    points[~np.isfinite(points).all(axis=2)] = np.nan
    return sites, points


def _along(midline: np.ndarray, body: Body, own: list[str]) -> np.ndarray:
    """Return recorded midlines where the landmarks of the body's midline are along its length, z = 0."""
    data = mujoco.MjData(body.model)
    mujoco.mj_kinematics(body.model, data)
    steps = np.linalg.norm(np.diff(data.site_xpos[body.site_ids(own)], axis=0), axis=1)
    share = np.concatenate([[0.0], np.cumsum(steps)]) / steps.sum()
    fine = posture.resample(midline, FINE)[:, np.round(share * (FINE - 1)).astype(int)]
    return np.concatenate([fine, np.where(np.isnan(fine[..., :1]), np.nan, 0.0)], axis=2)


class _Finder:
    """Finds the pose of a body whose landmarks come nearest to given points.

    Parameters
    ----------
    body : the body.
    sites : its landmarks.
    flat : whether the points are seen from above only.
    """

    def __init__(self, body: Body, sites: list[str], flat: bool) -> None:
        self._model, self._data = body.model, mujoco.MjData(body.model)
        self._sites, self._axes = body.site_ids(sites), 2 if flat else 3
        self._length_mm = body.length_mm
        mujoco.mj_forward(self._model, self._data)
        self._built = self._data.site_xpos[self._sites].copy()
        model = self._model
        hinges = [j for j in range(model.njnt) if model.jnt_type[j] != mujoco.mjtJoint.mjJNT_FREE]
        root = body.spec.root
        placed = set() if root is None else {root.x, root.y, root.yaw}
        moves = np.abs(self._jacobian()).max(axis=1) > 0
        moved = moves.any(axis=0)
        bearers = {int(model.jnt_bodyid[j]) for j in range(model.njnt) if model.joint(j).name in placed}
        slides = [j for j in hinges if model.jnt_type[j] == mujoco.mjtJoint.mjJNT_SLIDE]
        lifts = {model.joint(j).name for j in slides if int(model.jnt_bodyid[j]) in bearers}
        own = [
            j for j in hinges if moved[model.jnt_dofadr[j]] and model.joint(j).name not in placed | lifts
        ]  # fmt: skip
        self._kept = np.array([int(model.jnt_bodyid[j]) not in bearers for j in own])
        self.joints = tuple(model.joint(j).name for j, kept in zip(own, self._kept, strict=True) if kept)
        """Names of the joints that move the landmarks, but for those that place or tilt the whole body."""
        self._address, self._dofs = model.jnt_qposadr[own], model.jnt_dofadr[own]
        self._held = np.where(self._kept, HELD, TILT_HELD)
        self._shown = moves[:, self._dofs][:, self._kept]
        limited = model.jnt_limited[own].astype(bool)
        self._low = np.where(limited, model.jnt_range[own, 0], -np.pi)
        self._high = np.where(limited, model.jnt_range[own, 1], np.pi)
        self._last = np.zeros(len(own))

    def scale(self, points: np.ndarray) -> np.ndarray:
        """Return what every frame's points are multiplied by to be as large as the body, (frame,).

        It is the size of the whole chain of landmarks, which bends little; where some are missing, that of
        the recording's median.
        """
        own = np.linalg.norm(np.diff(self._built, axis=0), axis=1)
        steps = np.linalg.norm(np.diff(points, axis=1), axis=2)
        with np.errstate(divide="ignore", invalid="ignore"):
            each = np.nansum(np.where(np.isfinite(steps), own, 0.0), axis=1) / np.nansum(steps, axis=1)
        whole = np.isfinite(points).all(axis=(1, 2))
        several = each[whole] if whole.any() else each[np.isfinite(each)]
        usual = np.median(several) if len(several) else 1.0
        return np.where(whole, each, usual)

    def find(self, points: np.ndarray) -> tuple[np.ndarray, float]:
        """Return the angles (joint,), rad, NaN where nothing shows them, and how far landmarks stay, mm."""
        seen = np.isfinite(points).all(axis=1)

        def apart(angles: np.ndarray) -> np.ndarray:
            self._pose(angles)
            here = self._data.site_xpos[self._sites][seen]
            gap = (here - _laid_on(points[seen], here, self._axes))[:, : self._axes]
            return np.concatenate([gap.ravel() / self._length_mm, self._held * angles])

        tried: list[tuple[float, np.ndarray]] = []
        for start in (self._last, np.zeros(len(self._last))):
            inside = np.clip(start, self._low + 1e-6, self._high - 1e-6)
            found: Any = least_squares(apart, inside, bounds=(self._low, self._high), xtol=1e-6, ftol=1e-6)
            gaps = found.fun[: -len(self._last)].reshape(-1, self._axes)
            tried.append((float(np.sqrt((gaps**2).sum(axis=1).mean())), found.x))
            if tried[-1][0] < NEAR:
                break
        share, self._last = min(tried, key=lambda each: each[0])
        shown = self._shown[seen].any(axis=0)
        return np.where(shown, self._last[self._kept], np.nan), share * self._length_mm

    def _pose(self, angles: np.ndarray) -> None:
        self._data.qpos[self._address] = angles
        mujoco.mj_kinematics(self._model, self._data)

    def _jacobian(self) -> np.ndarray:
        """Return how the landmarks move with every degree of freedom, (landmark, xyz, dof)."""
        found = np.zeros((len(self._sites), 3, self._model.nv))
        for k, site in enumerate(self._sites):
            mujoco.mj_jacSite(self._model, self._data, found[k], None, int(site))
        return found


def _laid_on(points: np.ndarray, others: np.ndarray, axes: int) -> np.ndarray:
    """Return points (point, 3) moved and turned about the vertical so that they lie on others best."""
    middle, aim = points.mean(axis=0), others.mean(axis=0)
    away, wanted = points - middle, others - aim
    along = (away[:, :2] * wanted[:, :2]).sum()
    across = (away[:, 0] * wanted[:, 1] - away[:, 1] * wanted[:, 0]).sum()
    size = np.hypot(along, across) or 1.0
    cos, sin = along / size, across / size
    turned = away.copy()
    turned[:, 0] = cos * away[:, 0] - sin * away[:, 1]
    turned[:, 1] = sin * away[:, 0] + cos * away[:, 1]
    if axes == 2:
        turned[:, 2] = wanted[:, 2]
    return turned + aim
