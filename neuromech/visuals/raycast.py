"""Ray casting against the geoms of a MuJoCo scene, without OpenGL: distances for eyes, pictures for cameras.

Planes, spheres, capsules, ellipsoids, cylinders and boxes are exact. Meshes are replaced by the bounding box
that MuJoCo keeps of them; `Solids.exact` says whether that happened. A height field is a floor (`ground.py`),
and left out where floors are; elsewhere it is a box as high as its highest point.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import mujoco
import numpy as np
from numba import njit

from neuromech._lib.errors import InputError
from neuromech.visuals.geometry import (
    BOX,
    CAPSULE,
    CYLINDER,
    ELLIPSOID,
    FAR,
    HFIELD,
    PLANE,
    SPHERE,
    normal,
    ray_solid,
)
from neuromech.world.pair import OTHER

_DRAWN_GROUPS = 3  # MuJoCo's own viewer shows geom groups 0-2; collision shapes hide in the rest
_LIGHT = np.array([-0.42, 0.36, 0.83])


@dataclass
class Solids:
    """Geoms as arrays over n solids: what to trace and where it stands now.

    `geom` (n,) MuJoCo's geom ids; `kind` (n,) geom types; `size` (n, 3) mm; `rgba` (n, 4) 0..1; `bound` (n,)
    bounding radius about `pos`, mm; `pos` (n, 3) mm and `mat` (n, 3, 3) follow the data through `update`.
    """

    geom: np.ndarray
    kind: np.ndarray
    size: np.ndarray
    rgba: np.ndarray
    bound: np.ndarray
    pos: np.ndarray
    mat: np.ndarray
    offset: np.ndarray
    exact: bool

    @staticmethod
    def of(
        model: mujoco.MjModel, *, fixed_only: bool = False, beside: int | None = None, planes: bool = True
    ) -> Solids:
        """Return the visible geoms of a model: with or without floors, all or only those that never move.

        Geoms of the group `beside` are taken even if they move.
        """
        kind = np.array(model.geom_type, dtype=np.int64)
        show = (model.geom_group < _DRAWN_GROUPS) & (model.geom_rgba[:, 3] > 0.01)
        if fixed_only:
            wanted = np.asarray(model.geom_group == beside) if beside is not None else False
            show &= (model.body_weldid[model.geom_bodyid] == 0) | wanted | _of_another(model)
        if not planes:
            show &= (kind != PLANE) & (kind != HFIELD)
        geom = np.flatnonzero(show)
        size, offset = np.array(model.geom_size), np.zeros((model.ngeom, 3))
        odd = ~np.isin(kind, (PLANE, SPHERE, CAPSULE, ELLIPSOID, CYLINDER, BOX))
        size[odd], offset[odd] = np.maximum(model.geom_aabb[odd, 3:], 1e-9), model.geom_aabb[odd, :3]
        kind[odd] = BOX
        bound = np.where(kind == PLANE, FAR, np.linalg.norm(size, axis=1) * 1.001)
        bound = np.where(kind == CAPSULE, (size[:, 0] + size[:, 1]) * 1.001, bound)
        coarse = odd & (model.geom_type != HFIELD)
        return Solids(
            geom, kind[geom], size[geom], _colours(model)[geom], bound[geom], np.zeros((len(geom), 3)),
            np.tile(np.eye(3), (len(geom), 1, 1)), offset[geom], not coarse[geom].any(),
        )  # fmt: skip

    def update(self, data: mujoco.MjData) -> None:
        """Take the geoms' places from `data` (after mj_kinematics)."""
        self.mat = data.geom_xmat[self.geom].reshape(-1, 3, 3)
        self.pos = data.geom_xpos[self.geom] + np.einsum("nij,nj->ni", self.mat, self.offset)

    def rods(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return starts (n, 3), ends (n, 3) and radii (n,), mm, of the rods that cast each solid's shadow."""
        axis = np.argmax(self.size * (self.kind >= ELLIPSOID)[:, None], axis=1)
        axis = np.where(np.isin(self.kind, (CAPSULE, CYLINDER)), 2, axis)
        direction = np.take_along_axis(self.mat, axis[:, None, None], axis=2)[:, :, 0]
        solid = np.isin(self.kind, (ELLIPSOID, BOX))
        middle = np.where(solid, np.median(self.size, axis=1), self.size[:, 0])
        half = np.where(solid, self.size.max(axis=1) - middle, self.size[:, 1])
        half = np.where(self.kind == SPHERE, 0.0, half)[:, None]
        keep = self.kind != PLANE
        return (self.pos - half * direction)[keep], (self.pos + half * direction)[keep], middle[keep]


def _of_another(model: mujoco.MjModel) -> np.ndarray:
    """Return whether each geom is of the other animal, which has no skin."""
    names = [model.body(body).name for body in range(model.nbody)]
    return np.array([name.startswith(OTHER) for name in names])[model.geom_bodyid]


def _colours(model: mujoco.MjModel) -> np.ndarray:
    """Return the colour of each geom, its material's where it has one."""
    rgba = np.array(model.geom_rgba, dtype=np.float64)
    used = model.geom_matid >= 0
    plain = np.all(rgba == np.float32(0.5) * np.array([1, 1, 1, 2]), axis=1)  # MuJoCo's default grey
    rgba[used & plain] = model.mat_rgba[model.geom_matid[used & plain]]
    return rgba


def cast(solids: Solids, origins: np.ndarray, directions: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distance along each ray to the first solid, and which solid it is.

    `origins` and `directions` (n, 3), mm; the result is in multiples of the direction's length, inf and -1
    where nothing is met. The second array indexes `solids`, not MuJoCo's geoms (`solids.geom` leads there).
    """
    origins, directions = np.atleast_2d(origins).astype(float), np.atleast_2d(directions).astype(float)
    if origins.shape != directions.shape or origins.shape[1] != 3:
        shapes = f"{origins.shape} and {directions.shape}"
        raise InputError(f"rays need origins and directions (n, 3), not {shapes}")
    places = solids.bound, solids.pos, solids.mat
    distance, index = _cast(solids.kind, solids.size, *places, origins, directions)
    return np.where(index < 0, np.inf, distance), index


def draw_solids(
    image: np.ndarray, depth: np.ndarray, basis: np.ndarray, solids: Solids, floor: float
) -> None:
    """Paint solids over a picture (H, W, 3) uint8 and its `depth` (H, W) float32, mm along the ray.

    Solids far away are painted first, so that the soft edges of near ones blend with what is behind; parts
    below the height `floor` (mm) stay hidden.
    """
    order = np.argsort(-((solids.pos - basis[0]) ** 2).sum(axis=1))
    _draw(
        image, depth, basis, order, solids.kind, solids.size, solids.bound, solids.pos, solids.mat,
        solids.rgba, floor, _LIGHT,
    )  # fmt: skip


@njit(cache=True, fastmath=True)
def _cast(
    kind: np.ndarray, size: np.ndarray, bound: np.ndarray, pos: np.ndarray, mat: np.ndarray,
    origins: np.ndarray, directions: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    count = origins.shape[0]
    distance, index = np.full(count, FAR), np.full(count, -1)
    for n in range(count):
        dx, dy, dz = directions[n]
        dd = dx * dx + dy * dy + dz * dz
        for k in range(kind.shape[0]):
            rx, ry, rz = origins[n, 0] - pos[k, 0], origins[n, 1] - pos[k, 1], origins[n, 2] - pos[k, 2]
            along = dx * rx + dy * ry + dz * rz
            rr = rx * rx + ry * ry + rz * rz
            if rr - along * along / dd > bound[k] * bound[k]:
                continue
            t = _local(kind[k], size[k], mat[k], rx, ry, rz, dx, dy, dz)
            if t < distance[n]:
                distance[n], index[n] = t, k
    return distance, index


@njit(cache=True, fastmath=True)
def _local(
    kind: int, size: np.ndarray, mat: np.ndarray, rx: float, ry: float, rz: float, dx: float, dy: float,
    dz: float,
) -> float:  # fmt: skip
    """Turn a ray into the solid's frame and intersect it there."""
    return ray_solid(
        kind, size,
        mat[0, 0] * rx + mat[1, 0] * ry + mat[2, 0] * rz, mat[0, 1] * rx + mat[1, 1] * ry + mat[2, 1] * rz,
        mat[0, 2] * rx + mat[1, 2] * ry + mat[2, 2] * rz, mat[0, 0] * dx + mat[1, 0] * dy + mat[2, 0] * dz,
        mat[0, 1] * dx + mat[1, 1] * dy + mat[2, 1] * dz, mat[0, 2] * dx + mat[1, 2] * dy + mat[2, 2] * dz,
    )  # fmt: skip


@njit(cache=True, fastmath=True)
def _screen_box(
    basis: np.ndarray, centre: np.ndarray, bound: float, width: int, height: int
) -> tuple[int, int, int, int]:
    """Return columns and rows (first, end) of a box that holds a ball; the whole picture around the eye."""
    half_w = math.sqrt(basis[2, 0] ** 2 + basis[2, 1] ** 2 + basis[2, 2] ** 2)
    half_h = math.sqrt(basis[3, 0] ** 2 + basis[3, 1] ** 2 + basis[3, 2] ** 2)
    px = py = pz = 0.0
    for c in range(3):
        rel = centre[c] - basis[0, c]
        px += rel * basis[2, c] / half_w
        py += rel * basis[3, c] / half_h
        pz += rel * basis[1, c]
    if pz < -bound:
        return 0, 0, 0, 0
    if pz < 1.5 * bound:
        return 0, width, 0, height
    # Off the axis a ball's outline is wider than bound / pz; pz - bound covers the worst case.
    close = pz - bound
    x0, x1 = min((px - bound) / pz, (px - bound) / close), max((px + bound) / pz, (px + bound) / close)
    y0, y1 = min((py - bound) / pz, (py - bound) / close), max((py + bound) / pz, (py + bound) / close)
    i0, i1 = (x0 / half_w + 1.0) * 0.5 * width, (x1 / half_w + 1.0) * 0.5 * width
    j0, j1 = (1.0 - y1 / half_h) * 0.5 * height, (1.0 - y0 / half_h) * 0.5 * height
    return (
        int(min(width, max(0.0, i0 - 1))), int(min(width, max(0.0, i1 + 2))),
        int(min(height, max(0.0, j0 - 1))), int(min(height, max(0.0, j1 + 2))),
    )  # fmt: skip


@njit(cache=True, fastmath=True)
def _draw(
    image: np.ndarray, depth: np.ndarray, basis: np.ndarray, order: np.ndarray, kind: np.ndarray,
    size: np.ndarray, bound: np.ndarray, pos: np.ndarray, mat: np.ndarray, rgba: np.ndarray, floor: float,
    light: np.ndarray,
) -> None:  # fmt: skip
    height, width = depth.shape
    for k in order:
        i0, i1, j0, j1 = _screen_box(basis, pos[k], float(bound[k]), width, height)
        rx, ry, rz = basis[0, 0] - pos[k, 0], basis[0, 1] - pos[k, 1], basis[0, 2] - pos[k, 2]
        for j in range(j0, j1):
            for i in range(i0, i1):
                hits, nearest = 0, FAR
                hx = hy = hz = 0.0
                for part in range(4):  # four rays per pixel soften the outline
                    sx = 2.0 * (i + 0.25 + 0.5 * (part & 1)) / width - 1.0
                    sy = 1.0 - 2.0 * (j + 0.25 + 0.5 * (part >> 1)) / height
                    dx = basis[1, 0] + sx * basis[2, 0] + sy * basis[3, 0]
                    dy = basis[1, 1] + sx * basis[2, 1] + sy * basis[3, 1]
                    dz = basis[1, 2] + sx * basis[2, 2] + sy * basis[3, 2]
                    length = math.sqrt(dx * dx + dy * dy + dz * dz)
                    dx, dy, dz = dx / length, dy / length, dz / length
                    t = _local(int(kind[k]), size[k], mat[k], rx, ry, rz, dx, dy, dz)
                    if t < depth[j, i] and basis[0, 2] + t * dz > floor - 1e-9:
                        hits += 1
                        if t < nearest:
                            nearest, hx, hy, hz = t, rx + t * dx, ry + t * dy, rz + t * dz
                if hits == 0:
                    continue
                m = mat[k]
                ax, ay, az = normal(
                    int(kind[k]), size[k],
                    m[0, 0] * hx + m[1, 0] * hy + m[2, 0] * hz, m[0, 1] * hx + m[1, 1] * hy + m[2, 1] * hz,
                    m[0, 2] * hx + m[1, 2] * hy + m[2, 2] * hz,
                )  # fmt: skip
                nx = m[0, 0] * ax + m[0, 1] * ay + m[0, 2] * az
                ny = m[1, 0] * ax + m[1, 1] * ay + m[1, 2] * az
                nz = m[2, 0] * ax + m[2, 1] * ay + m[2, 2] * az
                bright = 0.46 + 0.14 * nz + 0.46 * max(0.0, nx * light[0] + ny * light[1] + nz * light[2])
                alpha = 0.25 * hits * rgba[k, 3]
                if hits >= 2:
                    depth[j, i] = nearest
                for c in range(3):
                    out = 255.0 * rgba[k, c] * bright
                    image[j, i, c] = int(min(255.0, image[j, i, c] * (1.0 - alpha) + out * alpha + 0.5))
