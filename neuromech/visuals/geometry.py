"""Where a ray meets a sphere, capsule, ellipsoid, cylinder, box or plane, in the solid's own frame.

Sizes follow MuJoCo (radius; radius and half-length along z; half-axes; half-sides), so that a geom's
`geom_size` row is passed as it is. Distances are in multiples of the ray's direction, which need not have
unit length; `FAR` stands for a miss because fast-math code may not use infinity.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

FAR = 1e30
PLANE, HFIELD, SPHERE, CAPSULE, ELLIPSOID, CYLINDER, BOX = 0, 1, 2, 3, 4, 5, 6
_EDGE = 1e-12
_SEAM = 1e-9  # share of a solid by which its parts overlap, or rays slip through where they meet


@njit(cache=True, fastmath=True)
def roots(a: float, b: float, c: float) -> tuple[float, float]:
    """Return the two solutions of a t^2 + 2 b t + c = 0 in ascending order, or `FAR` twice."""
    disc = b * b - a * c
    if disc < 0.0 or a < _EDGE:
        return FAR, FAR
    # The textbook formula cancels for a small solid far away; this form keeps both roots exact.
    q = -b - math.sqrt(disc) if b > 0.0 else -b + math.sqrt(disc)
    if q == 0.0:
        return 0.0, 0.0
    first, second = q / a, c / q
    return (first, second) if first < second else (second, first)


@njit(cache=True, fastmath=True)
def _nearer(best: float, t: float) -> float:
    return t if 0.0 <= t < best else best


@njit(cache=True, fastmath=True)
def ray_sphere(r: float, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float) -> float:
    """Return the distance to a sphere of radius `r` about the origin."""
    near, far = roots(
        dx * dx + dy * dy + dz * dz, ox * dx + oy * dy + oz * dz, ox * ox + oy * oy + oz * oz - r * r
    )
    return _nearer(_nearer(FAR, far), near)


@njit(cache=True, fastmath=True)
def ray_ellipsoid(
    a: float, b: float, c: float, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float
) -> float:
    """Return the distance to an ellipsoid with half-axes `a`, `b`, `c`."""
    return ray_sphere(1.0, ox / a, oy / b, oz / c, dx / a, dy / b, dz / c)


@njit(cache=True, fastmath=True)
def ray_capsule(
    r: float, half: float, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float
) -> float:
    """Return the distance to a capsule of radius `r` whose axis runs along z from -`half` to `half`."""
    best = FAR
    seam = _SEAM * (r + half)
    for t in roots(dx * dx + dy * dy, ox * dx + oy * dy, ox * ox + oy * oy - r * r):
        if abs(oz + t * dz) <= half + seam:
            best = _nearer(best, t)
    dd = dx * dx + dy * dy + dz * dz
    for sign in (-1.0, 1.0):
        cz = oz - sign * half
        for t in roots(dd, ox * dx + oy * dy + cz * dz, ox * ox + oy * oy + cz * cz - r * r):
            if sign * (oz + t * dz) >= half - seam:
                best = _nearer(best, t)
    return best


@njit(cache=True, fastmath=True)
def ray_cylinder(
    r: float, half: float, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float
) -> float:
    """Return the distance to a closed cylinder of radius `r` along z from -`half` to `half`."""
    best = FAR
    seam = _SEAM * (r + half)
    for t in roots(dx * dx + dy * dy, ox * dx + oy * dy, ox * ox + oy * oy - r * r):
        if abs(oz + t * dz) <= half + seam:
            best = _nearer(best, t)
    if abs(dz) > _EDGE:
        for lid in (-half, half):
            t = (lid - oz) / dz
            x, y = ox + t * dx, oy + t * dy
            if x * x + y * y <= r * r:
                best = _nearer(best, t)
    return best


@njit(cache=True, fastmath=True)
def ray_box(
    a: float, b: float, c: float, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float
) -> float:
    """Return the distance to a box with half-sides `a`, `b`, `c`; from inside, to the wall ahead."""
    enter, leave = -FAR, FAR
    for half, o, d in ((a, ox, dx), (b, oy, dy), (c, oz, dz)):
        if abs(d) < _EDGE:
            if abs(o) > half:
                return FAR
            continue
        first, second = (-half - o) / d, (half - o) / d
        enter, leave = max(enter, min(first, second)), min(leave, max(first, second))
    if enter > leave or leave < 0.0:
        return FAR
    return enter if enter >= 0.0 else leave


@njit(cache=True, fastmath=True)
def ray_plane(a: float, b: float, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float) -> float:
    """Return the distance to the plane z = 0 met from above; half-sides `a`, `b`, 0 meaning no end."""
    if dz > -_EDGE or oz < 0.0:
        return FAR
    t = -oz / dz
    if (a > 0.0 and abs(ox + t * dx) > a) or (b > 0.0 and abs(oy + t * dy) > b):
        return FAR
    return t


@njit(cache=True, fastmath=True)
def ray_solid(
    kind: int, size: np.ndarray, ox: float, oy: float, oz: float, dx: float, dy: float, dz: float
) -> float:
    """Return the distance to a solid of MuJoCo geom type `kind`, or `FAR`."""
    if kind == SPHERE:
        return ray_sphere(size[0], ox, oy, oz, dx, dy, dz)
    if kind == CAPSULE:
        return ray_capsule(size[0], size[1], ox, oy, oz, dx, dy, dz)
    if kind == ELLIPSOID:
        return ray_ellipsoid(size[0], size[1], size[2], ox, oy, oz, dx, dy, dz)
    if kind == CYLINDER:
        return ray_cylinder(size[0], size[1], ox, oy, oz, dx, dy, dz)
    if kind == BOX:
        return ray_box(size[0], size[1], size[2], ox, oy, oz, dx, dy, dz)
    return ray_plane(size[0], size[1], ox, oy, oz, dx, dy, dz)


@njit(cache=True, fastmath=True)
def normal(kind: int, size: np.ndarray, x: float, y: float, z: float) -> tuple[float, float, float]:
    """Return the outward unit normal of a solid at a point on its surface."""
    nx, ny, nz = 0.0, 0.0, 1.0
    if kind == SPHERE:
        nx, ny, nz = x, y, z
    elif kind == CAPSULE:
        nx, ny, nz = x, y, z - min(max(z, -size[1]), size[1])
    elif kind == ELLIPSOID:
        nx, ny, nz = x / size[0] ** 2, y / size[1] ** 2, z / size[2] ** 2
    elif kind == CYLINDER:
        if abs(z) < size[1] * (1.0 - 1e-6):
            nx, ny, nz = x, y, 0.0
        else:
            nz = 1.0 if z > 0.0 else -1.0
    elif kind == BOX:
        ax, ay, az = abs(x) / size[0], abs(y) / size[1], abs(z) / size[2]
        nz = 0.0
        if ax >= ay and ax >= az:
            nx = 1.0 if x > 0.0 else -1.0
        elif ay >= az:
            ny = 1.0 if y > 0.0 else -1.0
        else:
            nz = 1.0 if z > 0.0 else -1.0
    length = math.sqrt(nx * nx + ny * ny + nz * nz)
    return nx / length, ny / length, nz / length
