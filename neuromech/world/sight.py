"""A scene with another animal in it, as the eyes of one animal see it."""

from __future__ import annotations

from math import erf, sqrt
from typing import TYPE_CHECKING

import numba
import numpy as np

from neuromech.world.body import Body
from neuromech.world.stimuli.base import Place, Pose, Scene

if TYPE_CHECKING:
    from neuromech.world.world import World

DRAWN_GROUPS = 3
"""Geoms of the groups below this one are seen, as MuJoCo's own pictures show them."""


class Sight(Scene):
    """What a scene shows, and in front of it another body, evenly light.

    Every geom of the body is seen as the ellipsoid that fills its box. A ray averages over its patch, and of
    that the body takes the share that a strip as wide as the ellipsoid would: small and distant bodies fade.
    Nothing of the body is behind the floor or a wall, and nothing casts a shadow.

    Parameters
    ----------
    scene : what there is to see besides.
    world : the world in which the body is.
    body : the body that is seen.
    luminance : how light it is, from 0 to 1.
    """

    def __init__(self, scene: Scene, world: World, body: Body, luminance: float) -> None:
        self.scene, self._world, self._luminance = scene, world, luminance
        self._geoms, self._half, self._middle = _ellipsoids(body)

    def look(
        self,
        rays: np.ndarray,
        centre: np.ndarray,
        axes: np.ndarray,
        t_s: float,
        blur: float,
        seen: np.ndarray,
    ) -> None:
        """Write what the rays of an eye see, as `Scene.look`."""
        self.scene.look(rays, centre, axes, t_s, blur, seen)
        data = self._world.data
        places, frames = data.geom_xpos[self._geoms], data.geom_xmat[self._geoms]
        _cover(rays, centre, axes, places, frames, self._half, self._middle, blur, self._luminance, seen)

    def pose(self, t_s: float) -> Pose:
        """Return where the pattern of the scene is."""
        return self.scene.pose(t_s)

    def velocity(self, t_s: float) -> np.ndarray:
        """Return the velocity of the pattern along the floor, mm/s (2,)."""
        return self.scene.velocity(t_s)

    def value_from(self, pose: Pose, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Return the luminance of the floor seen from above, without the body."""
        return self.scene.value_from(pose, x_mm, y_mm, t_s)


def _ellipsoids(body: Body) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return geoms of a body, and of each half its size and the middle of its box, mm, in its own frame."""
    model = body.model
    mine = np.isin(model.geom_bodyid, body.parts) & (model.geom_group < DRAWN_GROUPS)
    geoms = np.flatnonzero(mine & (model.geom_rgba[:, 3] > 0))
    return geoms, np.maximum(model.geom_aabb[geoms, 3:], 1e-6), model.geom_aabb[geoms, :3].copy()


@numba.njit(cache=True)
def _cover(rays, centre, axes, places, frames, half, middle, blur, luminance, seen):
    eye, ray = np.empty(3), np.empty(3)
    for i in range(len(rays)):
        x = axes[0] * rays[i, 0] + axes[1] * rays[i, 1] + axes[2] * rays[i, 2]
        y = axes[3] * rays[i, 0] + axes[4] * rays[i, 1] + axes[5] * rays[i, 2]
        z = axes[6] * rays[i, 0] + axes[7] * rays[i, 1] + axes[8] * rays[i, 2]
        covered = 0.0
        for g in range(len(places)):
            # In units of its half axes the ellipsoid is a ball of radius 1.
            for k in range(3):
                a, b, c = frames[g, k], frames[g, 3 + k], frames[g, 6 + k]
                dx, dy, dz = centre[0] - places[g, 0], centre[1] - places[g, 1], centre[2] - places[g, 2]
                eye[k] = (a * dx + b * dy + c * dz - middle[g, k]) / half[g, k]
                ray[k] = (a * x + b * y + c * z) / half[g, k]
            along = eye[0] * ray[0] + eye[1] * ray[1] + eye[2] * ray[2]
            if along >= 0.0:  # it lies behind the eye
                continue
            speed = ray[0] * ray[0] + ray[1] * ray[1] + ray[2] * ray[2]
            away = eye[0] * eye[0] + eye[1] * eye[1] + eye[2] * eye[2]
            nearest = max(away - along * along / speed, 0.0)  # square of the distance at which the ray passes
            if blur <= 0.0:
                covered = max(covered, 1.0 if nearest < 1.0 else 0.0)
                continue
            # The distance along the ray and the width across it, mm: the ray is a unit vector there.
            distance = -along / speed
            radius = (half[g, 0] * half[g, 1] * half[g, 2]) ** (1.0 / 3.0)
            step = sqrt(2.0) * blur * distance / radius
            passes = sqrt(nearest)
            covered = max(covered, 0.5 * (erf((1.0 - passes) / step) + erf((1.0 + passes) / step)))
        seen[i] += covered * (luminance - seen[i])
