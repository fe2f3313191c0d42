"""The base of every camera: a view, what stands in it, and a way of following an animal."""

from __future__ import annotations

from abc import ABC, abstractmethod
from numbers import Integral
from typing import Any

import mujoco
import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.types import Image
from neuromech.visuals.camera_pose import View
from neuromech.visuals.ground import Ground
from neuromech.visuals.skin import TubeSkin


def check_size(width: Any, height: Any) -> None:
    """Raise `InputError` unless a picture can be so many pixels wide and high."""
    whole = all(isinstance(size, Integral) and not isinstance(size, bool) for size in (width, height))
    if not whole or min(width, height) < 16 or max(width, height) > 8192:
        raise InputError(f"a picture must be 16 to 8192 pixels wide and high, not {width} x {height}")


class Camera(ABC):
    """Something that turns a model's state into a picture.

    `view` may be moved freely; with `track` (a body id) it follows that body, smoothly over `follow_s` of the
    data's time, so that an undulating animal does not make the picture shake.
    """

    def __init__(
        self, model: mujoco.MjModel | None, width: int, height: int, view: View, ground: Ground,
        skin: TubeSkin | None, track: int | None, follow_s: float,
    ) -> None:  # fmt: skip
        check_size(width, height)
        self.width, self.height, self.view, self.ground = int(width), int(height), view, ground
        self.model, self.skin, self.track, self.follow_s = model, skin, track, follow_s
        self.followed: tuple[float, np.ndarray] | None = None
        """Time (s) and place (mm) of the followed body in the last frame, which is all that a camera
        remembers."""
        self._sites: np.ndarray | None = None

    def frame(self, data: mujoco.MjData) -> Image:
        """Return the picture of `data` now (its positions must be up to date, as after a step)."""
        if self.track is not None:
            self._follow(np.array(data.subtree_com[self.track]), float(data.time))
        return self._draw(data)

    @abstractmethod
    def _draw(self, data: mujoco.MjData) -> Image: ...

    def close(self) -> None:
        """Free what the camera holds; it may be called twice."""
        self.followed = None

    def _follow(self, target: np.ndarray, now: float) -> None:
        if (
            self.followed is None or now < self.followed[0]
        ):  # a reset sets the clock back, so the camera jumps
            place = target
        else:
            last, place = self.followed
            place = target + (place - target) * np.exp(-(now - last) / self.follow_s)
        self.followed = (now, place)
        self.view = self.view.at(place)

    def _midline(self, data: mujoco.MjData) -> np.ndarray:
        """Return the skin's landmarks (n, 3), mm, which are sites of the model."""
        assert self.model is not None and self.skin is not None
        if self._sites is None:
            self._sites = self.skin.places([self.model.site(i).name for i in range(self.model.nsite)])
        return np.array(data.site_xpos[self._sites])
