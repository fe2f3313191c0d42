"""The OpenGL camera, and the test whether OpenGL works on this machine."""

from __future__ import annotations

import atexit
import contextlib
import ctypes.util
import importlib
import os
import subprocess
import sys
import weakref
from functools import lru_cache
from typing import Any

import mujoco
import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.types import Image
from neuromech.visuals.base import Camera
from neuromech.visuals.camera_pose import View
from neuromech.visuals.ground import Ground, footprint
from neuromech.visuals.skin import TubeSkin

_LIBRARIES = {"egl": "EGL", "osmesa": "OSMesa"}
_TILES = 40  # the floor's field is drawn as this many coloured tiles a side
# A broken driver may abort the process, so the question is asked in a process of its own.
_PROBE = """
import sys, mujoco
from mujoco.{name} import GLContext
context = GLContext(32, 32); context.make_current()
model = mujoco.MjModel.from_xml_string('<mujoco/>')
mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100.value)
sys.stdout.write('works')
"""


@lru_cache(maxsize=1)
def backend() -> str | None:
    """Return "egl" or "osmesa", whichever works here, or None; asked once per process.

    `MUJOCO_GL` is respected: `disable` turns OpenGL off, `egl` or `osmesa` tries that one only.
    """
    wish = os.environ.get("MUJOCO_GL", "").lower().strip()
    if wish in ("disable", "disabled", "off", "false", "0") or not sys.platform.startswith("linux"):
        return None
    for name in [wish] if wish in _LIBRARIES else list(_LIBRARIES):
        if ctypes.util.find_library(_LIBRARIES[name]) and _works(name):
            return name
    return None


def _works(name: str) -> bool:
    environment = {key: value for key, value in os.environ.items() if key != "PYOPENGL_PLATFORM"}
    environment["MUJOCO_GL"] = name
    try:
        answer = subprocess.run(
            [sys.executable, "-c", _PROBE.format(name=name)],
            env=environment, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and answer.stdout.endswith(b"works")


class GLCamera(Camera):
    """MuJoCo's own renderer off screen: draws everything a model can hold, meshes included.

    The floor's field is drawn as coloured tiles and a tube skin as a chain of fine capsules. Without
    multisampling (`offsamples` 0), which costs two thirds of the time on software OpenGL.
    """

    def __init__(
        self, model: mujoco.MjModel, width: int = 640, height: int = 480, *, platform: str,
        view: View | None = None, ground: Ground | None = None, skin: TubeSkin | None = None,
        track: int | None = None, follow_s: float = 1.5,
    ) -> None:  # fmt: skip
        super().__init__(model, width, height, view or View(), ground or Ground(), skin, track, follow_s)
        self._context: Any = None
        self._renderer: mujoco.MjrContext | None = None
        self._model = model
        quality, globe = model.vis.quality, model.vis.global_
        kept = quality.offsamples, globe.offwidth, globe.offheight
        try:
            self._context = importlib.import_module(f"mujoco.{platform}").GLContext(self.width, self.height)
            self._context.make_current()
            quality.offsamples, globe.offwidth, globe.offheight = 0, self.width, self.height
            self._renderer = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_100.value)
        except Exception as problem:  # drivers raise exceptions of many kinds
            self.close()
            raise InputError(f"OpenGL ({platform}) does not work here: {problem}") from problem
        finally:  # the model is the caller's
            quality.offsamples, globe.offwidth, globe.offheight = kept
        # An open camera is closed before the driver unloads; otherwise Python ends with a traceback.
        atexit.register(_close, weakref.ref(self))
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN.value, self._renderer)
        self._scene = mujoco.MjvScene(model, maxgeom=model.ngeom + _TILES**2 + 2000)
        self._option = mujoco.MjvOption()
        self._option.flags[mujoco.mjtVisFlag.mjVIS_TENDON] = 0
        if skin is not None:
            self._option.geomgroup[:] = 0
            if skin.beside is not None:
                self._option.geomgroup[skin.beside] = 1
        self._camera = mujoco.MjvCamera()
        self._area = mujoco.MjrRect(0, 0, self.width, self.height)

    def _draw(self, data: mujoco.MjData) -> Image:
        if self._renderer is None:
            raise InputError("this camera has been closed")
        self._context.make_current()
        self._camera.lookat = self.view.lookat
        self._camera.distance, self._camera.azimuth = self.view.distance, self.view.azimuth
        self._camera.elevation = self.view.elevation
        kept = self._model.vis.global_.fovy
        self._model.vis.global_.fovy = self.view.fovy
        try:
            everything = mujoco.mjtCatBit.mjCAT_ALL.value
            mujoco.mjv_updateScene(
                self._model, data, self._option, None, self._camera, everything, self._scene
            )
        finally:
            self._model.vis.global_.fovy = kept
        if self.ground.value is not None:
            self._tile_floor(float(data.time))
        if self.skin is not None:
            self._add_tube(self.skin, self._midline(data))
        image = np.empty((self.height, self.width, 3), np.uint8)
        mujoco.mjr_render(self._area, self._scene, self._renderer)
        mujoco.mjr_readPixels(image, None, self._area, self._renderer)
        return np.ascontiguousarray(image[::-1])

    def _add(self, kind: mujoco.mjtGeom, size: np.ndarray, pos: np.ndarray, rgba: np.ndarray) -> Any:
        """Add a shape to the scene and return it, or None where the scene is full."""
        if self._scene.ngeom >= self._scene.maxgeom:
            return None
        geom = self._scene.geoms[self._scene.ngeom]
        mujoco.mjv_initGeom(geom, kind.value, size, pos, np.eye(3).ravel(), rgba.astype(np.float32))
        geom.specular = 0.1
        self._scene.ngeom += 1
        return geom

    def _tile_floor(self, t: float) -> None:
        low, high = footprint(self.view.basis(self.width, self.height), self.ground.z)
        step = (high - low) / _TILES
        x, y = np.meshgrid(*(low[k] + (np.arange(_TILES) + 0.5) * step[k] for k in range(2)))
        colours = self.ground.colours(x, y, t).reshape(-1, 3) / 255
        size = np.append(0.5 * step, 0.1 * float(step.min()))
        places = np.stack([x.ravel(), y.ravel(), np.full(x.size, self.ground.z - size[2])], axis=1)
        for place, colour in zip(places, colours, strict=True):
            tile = self._add(mujoco.mjtGeom.mjGEOM_BOX, size, place, np.append(colour, 1.0))
            if tile is not None:
                tile.emission = 0.6  # the scene's lights would change the colours of the map

    def _add_tube(self, skin: TubeSkin, line: np.ndarray) -> None:
        curve, radius = skin.sweep(line)
        rgba = np.append(skin.colour / 255, 1.0)
        for k in range(len(curve) - 1):
            geom = self._add(mujoco.mjtGeom.mjGEOM_CAPSULE, np.ones(3), curve[k], rgba)
            if geom is not None:
                geom.emission = 0.25
                width = 0.5 * (radius[k] + radius[k + 1])
                mujoco.mjv_connector(geom, mujoco.mjtGeom.mjGEOM_CAPSULE.value, width, curve[k], curve[k + 1])

    def close(self) -> None:
        """Free the OpenGL context."""
        super().close()
        for part in (self._renderer, self._context):
            with contextlib.suppress(Exception):  # a driver that fails while it closes must not hide a result
                if part is not None:
                    part.free()
        self._renderer = self._context = None


def _close(camera: weakref.ref[GLCamera]) -> None:
    if (left := camera()) is not None:
        left.close()
