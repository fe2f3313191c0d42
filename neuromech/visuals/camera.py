"""Cameras: frames (height, width, 3) uint8 of a MuJoCo model, with OpenGL or without."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import mujoco
import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.types import Image
from neuromech.specs.body import Skin
from neuromech.visuals.base import Camera
from neuromech.visuals.camera_pose import View
from neuromech.visuals.gl import GLCamera, backend
from neuromech.visuals.ground import Ground, Patch, draw_ground
from neuromech.visuals.raycast import Solids, draw_solids
from neuromech.visuals.skin import ALONG, TubeSkin
from neuromech.visuals.tube import draw_tube

_SUN = np.array([-0.26, 0.22, 0.94])  # steeper than the light on the skin: shadows stay in touch


class RayCamera(Camera):
    """A camera that casts rays with numba on one core and needs no OpenGL.

    It also draws without a model, from landmarks alone, through `paint`.
    """

    def __init__(
        self, model: mujoco.MjModel | None, width: int = 640, height: int = 480, *,
        view: View | None = None, ground: Ground | None = None, skin: TubeSkin | None = None,
        track: int | None = None, follow_s: float = 1.5,
    ) -> None:  # fmt: skip
        super().__init__(model, width, height, view or View(), ground or Ground(), skin, track, follow_s)
        self.solids = None if model is None else _solids(model, skin, planes=False)
        self.footprints = Patch.none()
        self._muscles: tuple[np.ndarray, np.ndarray] | None = None
        self._grain_mm = 0.6 * self.view.mm_per_pixel(1)

    def _draw(self, data: mujoco.MjData) -> Image:
        if self.model is None:
            raise InputError("a camera without a model has no frames of it")
        line = flanks = None
        if self.skin is not None:
            line = self._midline(data)
            if self._muscles is None:
                self._muscles = self.skin.muscles(self.model)
            active = activation(self.model, data)
            flanks = self._muscles[0] @ active, self._muscles[1] @ active
        return self.paint(line, flanks, data=data, time=float(data.time))

    def paint(
        self, line: np.ndarray | None, flanks: tuple[np.ndarray, np.ndarray] | None = None, *,
        data: mujoco.MjData | None = None, time: float = 0.0,
    ) -> Image:  # fmt: skip
        """Return the picture of a midline (n, 3) mm in its skin, with the solids of `data` if given.

        `flanks`: activity 0..1 along the left and the right side, (ALONG,) each; see TubeSkin.muscles.
        """
        image = np.empty((self.height, self.width, 3), np.uint8)
        depth = np.full((self.height, self.width), 1e30, np.float32)
        basis = self.view.basis(self.width, self.height)
        rods: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        if data is not None and self.solids is not None and len(self.solids.geom):
            self.solids.update(data)
            rods.append(self.solids.rods())
        if line is not None and self.skin is not None:
            curve, radius = self.skin.sweep(line)
            rods.append((curve[:-1], curve[1:], 0.5 * (radius[:-1] + radius[1:])))
        shadow = self._shadow(rods)
        draw_ground(image, depth, basis, self.ground, time, shadow, self.footprints, self._grain_mm)
        if self.solids is not None and data is not None:
            draw_solids(image, depth, basis, self.solids, self.ground.z)
        if line is not None and self.skin is not None:
            left, right = flanks or (np.zeros(ALONG), np.zeros(ALONG))
            draw_tube(image, depth, basis, curve, radius, self.skin, left, right)
        return image

    def _shadow(self, rods: list[tuple[np.ndarray, np.ndarray, np.ndarray]]) -> Patch:
        """Return the soft shadow on the floor, which is softer and fainter the higher its rod is."""
        if not rods:
            return Patch.none()
        start, stop, radius = (np.concatenate(part) for part in zip(*rods, strict=True))
        flat = [p[:, :2] - (p[:, 2:] - self.ground.z) * _SUN[:2] / _SUN[2] for p in (start, stop)]
        lift = np.maximum(0.5 * (start[:, 2] + stop[:, 2]) - self.ground.z - radius, 0.0)
        near = lift < 12 * self.view.distance
        if not near.any():
            return Patch.none()
        blur = radius + 0.5 * lift
        margin = 2.0 * float(blur[near].max())
        places = np.concatenate([flat[0][near], flat[1][near]])
        cell = max(2.0 * self.view.mm_per_pixel(self.height), float(np.median(radius)) / 8)
        patch = Patch.over(places.min(axis=0) - margin, places.max(axis=0) + margin, cell, 512)
        patch.stamp(flat[0][near], flat[1][near], blur[near], 0.35, 1.55)
        return patch


def activation(model: mujoco.MjModel, data: mujoco.MjData) -> np.ndarray:
    """Return the activation (nu,) of every actuator, or its control where it has no activation state."""
    values = np.array(data.ctrl)
    has = model.actuator_actnum > 0
    values[has] = data.act[model.actuator_actadr[has] + model.actuator_actnum[has] - 1]
    return values


def make_camera(
    model: mujoco.MjModel, prefer: str = "auto", width: int = 640, height: int = 480, *,
    background: Ground | None = None, skin: TubeSkin | Skin | None = None,
    view: View | None = None, track: str | int | None = "auto", follow_s: float = 1.5,
) -> Camera:  # fmt: skip
    """Return a camera for `model`: the ray caster where it can draw everything, else OpenGL where it works.

    `prefer`: "auto", "gl" or "ray". `background` colours the floor; `skin` is a TubeSkin or the `skin` entry
    of a body.yaml; `track` a body to follow ("auto": the first that moves; None: stand still). Without a
    `view` the animal fills about half of the picture's width. InputError: "gl" where no OpenGL works,
    unknown body.
    """
    if prefer not in ("auto", "gl", "ray"):
        raise unknown("camera", prefer, ["auto", "gl", "ray"])
    if isinstance(skin, Skin):
        skin = TubeSkin.of(skin)
    body = _tracked(model, track)
    ground = background or Ground()
    floor = np.flatnonzero(model.geom_type == mujoco.mjtGeom.mjGEOM_PLANE)
    if len(floor):
        ground = replace(ground, z=float(model.geom_pos[floor[0], 2]))
    if view is None:
        view = _fitting(model, body, max(width, 1) / max(height, 1))
    options: dict[str, Any] = dict(view=view, ground=ground, skin=skin, track=body, follow_s=follow_s)
    # Measured at 640 x 480 on one core: 14 ms for the caster, 190 ms for software OpenGL with a coloured
    # floor and a skin, which it draws less well. Meshes only OpenGL can draw.
    wanted = prefer == "gl" or not _solids(model, skin).exact
    if prefer != "ray" and wanted:
        name = backend()
        if name is not None:
            return GLCamera(model, width, height, platform=name, **options)
        if prefer == "gl":
            raise InputError("no OpenGL works here (EGL and OSMesa were tried); use prefer='ray'")
    return RayCamera(model, width, height, **options)


def _solids(model: mujoco.MjModel, skin: TubeSkin | None, planes: bool = True) -> Solids:
    """A skin stands for the animal: only what is fixed to the world, or it asks for, is drawn beside it."""
    if skin is None:
        return Solids.of(model, planes=planes)
    return Solids.of(model, fixed_only=True, beside=skin.beside, planes=planes)


def _tracked(model: mujoco.MjModel, track: str | int | None) -> int | None:
    if track is None or isinstance(track, int):
        return track
    names = [model.body(i).name for i in range(model.nbody)]
    if track in names:
        return names.index(track)
    if track != "auto":
        raise unknown("body", track, [name for name in names if name])
    moving = np.flatnonzero(model.body_weldid != 0)
    return int(moving[0]) if len(moving) else None


def _fitting(model: mujoco.MjModel, body: int | None, aspect: float) -> View:
    """Return a view in which the tracked animal, as the model builds it, takes about half of the picture."""
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    mine = model.geom_type != mujoco.mjtGeom.mjGEOM_PLANE
    if body is not None:
        mine &= model.body_rootid[model.geom_bodyid] == model.body_rootid[body]
    if not mine.any():
        return View()
    reach = data.geom_xpos[mine]
    centre = 0.5 * (reach.min(axis=0) + reach.max(axis=0))
    size = float((np.linalg.norm(reach - centre, axis=1) + model.geom_rbound[mine]).max())
    view = View()
    half = np.tan(np.deg2rad(view.fovy) / 2) * min(aspect, 1.5)
    return replace(view, distance=float(2.0 * size / half)).at(centre)
