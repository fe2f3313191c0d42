"""An eye: a bundle of rays from a site of the body to the floor and the wall of the world."""

from collections.abc import Mapping
from typing import Any

import mujoco
import numba
import numpy as np

from neuromech._lib.errors import InputError
from neuromech.senses.base import Sense, Surroundings
from neuromech.senses.eye.lattice import Lattice
from neuromech.world.body import Body
from neuromech.world.stimuli.drum import Drum

Array = np.ndarray


class Eye(Sense):
    """Luminance along each ray, averaged over its patch; zero where the world shows nothing.

    Rays are straight (no refraction at the cornea or the wall) and pass through the body. The site is the
    optical centre: x along the axis, z up; it turns with the eye. A ``covered`` eye sees nothing.
    """

    unit = "1"

    def __init__(self, spec: Mapping[str, Any], body: Body, surroundings: Surroundings) -> None:
        if "site" not in spec:
            raise InputError("an eye needs site")
        lattice = Lattice.of(spec)
        self.channels = tuple(f"ray_{i:04d}" for i in range(len(lattice.retinal)))
        self.low, self.high = 0.0, 1.0
        self._site = int(body.site_ids([str(spec["site"])])[0])
        self._rays, self._blur = lattice.rays, lattice.acceptance_rad
        covered = spec.get("covered", False)
        if not isinstance(covered, bool):
            raise InputError(f"covered of an eye must be true or false, not {covered!r}")
        self._scene = None if covered else surroundings.scene
        self._look(np.zeros(3), np.eye(3).ravel(), 0.0)  # compiled here and not by the first step

    def read(self, data: mujoco.MjData, t_s: float) -> np.ndarray:
        """Luminance along each ray, float32 (channel,)."""
        return self._look(data.site_xpos[self._site], data.site_xmat[self._site], t_s)

    def _look(self, centre: Array, axes: Array, t_s: float) -> np.ndarray:
        seen = np.zeros(len(self.channels), np.float32)
        if isinstance(self._scene, Drum):
            look_round(self._rays, centre, axes, self._scene.surface(t_s), self._blur, seen)
        elif self._scene is not None:
            pose = self._scene.pose(t_s)
            look(self._rays, centre, axes, self._scene.room, pose, self._scene.waves(t_s),
                 self._blur, seen)  # fmt: skip
        return seen


@numba.njit(cache=True, fastmath=True)
def look(
    rays: Array, centre: Array, axes: Array, room: Array, pose: tuple[float, float, float], waves: Array,
    blur: float, seen: Array,
) -> None:  # fmt: skip
    """Write what unit ``rays`` (ray, 3) of a frame at ``centre`` (3,), ``axes`` (9,) see to ``seen`` (ray,).

    ``room``, ``pose``, ``waves``: of a Scene. A sinusoid exp(i q.p) averaged over a Gaussian patch of angular
    standard deviation ``blur`` keeps exp(-(blur r |q - n (q.d) / (n.d)|)^2 / 2) of its amplitude, for a ray d
    that meets a surface of normal n at distance r: without it, stripes near the horizon would alias.
    """
    radius, top, patterned, light = room[0], room[1], room[2], room[3]
    c, s = np.cos(pose[2]), np.sin(pose[2])
    ox, oy, oz = centre[0], centre[1], max(centre[2], 1e-6)
    for i in range(rays.shape[0]):
        a, b, e = rays[i, 0], rays[i, 1], rays[i, 2]
        dx = axes[0] * a + axes[1] * b + axes[2] * e
        dy = axes[3] * a + axes[4] * b + axes[5] * e
        dz = axes[6] * a + axes[7] * b + axes[8] * e
        r = -oz / dz if dz < -1e-9 else 1e30
        nx, ny, nz = 0.0, 0.0, 1.0
        flat = dx * dx + dy * dy
        if radius > 0.0 and flat > 1e-18:
            # The farther of the two crossings: from inside, the wall ahead.
            half = ox * dx + oy * dy
            disc = half * half - flat * (ox * ox + oy * oy - radius * radius)
            if disc >= 0.0:
                far = (np.sqrt(disc) - half) / flat
                if 0.0 <= far < r:
                    r = far
                    nx, ny, nz = (ox + r * dx) / radius, (oy + r * dy) / radius, 0.0
        if r >= 1e29 or (nz == 0.0 and oz + r * dz > top):
            seen[i] = light
            continue
        x, y = ox + r * dx - pose[0], oy + r * dy - pose[1]
        px, py = c * x + s * y, c * y - s * x
        side = 0 if py >= 0.0 else 1
        mean = waves[side, 4]
        if nz == 0.0 and patterned == 0.0:
            seen[i] = mean
            continue
        kx, ky = waves[side, 0], waves[side, 1]
        qx, qy = c * kx - s * ky, s * kx + c * ky
        through = nx * dx + ny * dy + nz * dz
        if abs(through) < 1e-6:
            seen[i] = mean
            continue
        slip = (qx * dx + qy * dy) / through
        wide = qx * qx + qy * qy - 2.0 * slip * (qx * nx + qy * ny) + slip * slip
        kept = np.exp(-0.5 * blur * blur * r * r * wide)
        seen[i] = mean + kept * waves[side, 3] * np.sin(kx * px + ky * py - waves[side, 2])


@numba.njit(cache=True, fastmath=True)
def look_round(rays: Array, centre: Array, axes: Array, surface: Array, blur: float, seen: Array) -> None:
    """As `look`, within a drum about the origin; ``surface``: of a Drum.

    Where a ray d meets the wall, of normal n, at distance r, the phase of the stripes changes along the wall
    by q = stripes / radius in the horizontal, so the patch keeps exp(-(blur r)^2 (q^2 + (q.d / n.d)^2) / 2).
    """
    radius, top, stripes, turned = surface[0], surface[1], surface[2], surface[3]
    amplitude, mean, below, above = surface[4], surface[5], surface[6], surface[7]
    ox, oy, oz = centre[0], centre[1], max(centre[2], 1e-6)
    for i in range(rays.shape[0]):
        a, b, e = rays[i, 0], rays[i, 1], rays[i, 2]
        dx = axes[0] * a + axes[1] * b + axes[2] * e
        dy = axes[3] * a + axes[4] * b + axes[5] * e
        dz = axes[6] * a + axes[7] * b + axes[8] * e
        flat = dx * dx + dy * dy
        r = 1e30
        if flat > 1e-18:
            # The farther of the two crossings: from inside, the wall ahead.
            half = ox * dx + oy * dy
            disc = half * half - flat * (ox * ox + oy * oy - radius * radius)
            if disc >= 0.0:
                r = (np.sqrt(disc) - half) / flat
        if dz < -1e-9 and -oz / dz < r:
            seen[i] = below
            continue
        if r >= 1e29 or oz + r * dz > top:
            seen[i] = above
            continue
        x, y = ox + r * dx, oy + r * dy
        nx, ny = x / radius, y / radius
        along = stripes / radius * (ny * -dx + nx * dy)
        through = nx * dx + ny * dy
        if through < 1e-6:
            seen[i] = mean
            continue
        slip = along / through
        wide = (stripes / radius) ** 2 + slip * slip
        kept = np.exp(-0.5 * blur * blur * r * r * wide)
        seen[i] = mean + kept * amplitude * np.sin(stripes * (np.arctan2(y, x) - turned))
