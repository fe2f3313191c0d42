"""Ray casting of a tube: a chain of rods whose radius changes, shaded as one smooth translucent skin.

Each rod is traced only inside its own box on the screen, so a whole worm costs a few milliseconds.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from neuromech.visuals.skin import TubeSkin

_LIGHT = np.array([-0.42, 0.36, 0.83])
_HIGHLIGHT = np.array([225.0, 70.0, 45.0])  # colour of a fully active flank


def draw_tube(
    image: np.ndarray, depth: np.ndarray, basis: np.ndarray, line: np.ndarray, radius: np.ndarray,
    skin: TubeSkin, left: np.ndarray, right: np.ndarray,
) -> None:  # fmt: skip
    """Paint a tube over a picture (H, W, 3) uint8 and its `depth` (H, W) float32, mm along the ray.

    `line` (m, 3) and `radius` (m,), mm; `left`, `right` (along,) activity 0..1 of the two flanks.
    """
    nearest = np.full(depth.shape, -1, np.int32)
    cover = np.zeros(depth.shape, np.float32)
    rows = _trace(depth, nearest, cover, np.empty(depth.shape, np.float32), basis, line, radius)
    if rows[0] < rows[1]:
        _shade(
            image, nearest, cover, basis, line, radius, skin.inside, skin.colour, left, right, _LIGHT,
            _HIGHLIGHT, rows, 0.0 if skin.beside is None else 1.0,
        )  # fmt: skip


@njit(cache=True, fastmath=True)
def closest(
    ox: float, oy: float, oz: float, dx: float, dy: float, dz: float, a: np.ndarray, b: np.ndarray
) -> tuple[float, float, float]:
    """Return where a unit ray and the rod from a to b are closest: distance, share of rod, gap squared."""
    vx, vy, vz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    wx, wy, wz = ox - a[0], oy - a[1], oz - a[2]
    dv = dx * vx + dy * vy + dz * vz
    vv = vx * vx + vy * vy + vz * vz
    dw = dx * wx + dy * wy + dz * wz
    vw = vx * wx + vy * wy + vz * wz
    u = min(1.0, max(0.0, (vw - dv * dw) / max(vv - dv * dv, 1e-12 * vv + 1e-30)))
    s = u * dv - dw
    ex, ey, ez = wx + s * dx - u * vx, wy + s * dy - u * vy, wz + s * dz - u * vz
    return s, u, ex * ex + ey * ey + ez * ez


@njit(cache=True, fastmath=True)
def _ray(basis: np.ndarray, i: int, j: int, width: int, height: int) -> tuple[float, float, float]:
    sx, sy = 2.0 * (i + 0.5) / width - 1.0, 1.0 - 2.0 * (j + 0.5) / height
    dx = basis[1, 0] + sx * basis[2, 0] + sy * basis[3, 0]
    dy = basis[1, 1] + sx * basis[2, 1] + sy * basis[3, 1]
    dz = basis[1, 2] + sx * basis[2, 2] + sy * basis[3, 2]
    length = math.sqrt(dx * dx + dy * dy + dz * dz)
    return dx / length, dy / length, dz / length


@njit(cache=True, fastmath=True)
def _trace(
    depth: np.ndarray, nearest: np.ndarray, cover: np.ndarray, share: np.ndarray, basis: np.ndarray,
    line: np.ndarray, radius: np.ndarray,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Find for each pixel the rod of the tube that it sees; return the rows and columns of the tube's box."""
    height, width = depth.shape
    ox, oy, oz = basis[0, 0], basis[0, 1], basis[0, 2]
    half_w = math.sqrt(basis[2, 0] ** 2 + basis[2, 1] ** 2 + basis[2, 2] ** 2)
    half_h = math.sqrt(basis[3, 0] ** 2 + basis[3, 1] ** 2 + basis[3, 2] ** 2)
    pixel = 2.0 * half_h / height
    count = line.shape[0]
    screen = np.empty((count, 3))
    for k in range(count):
        px = py = pz = 0.0
        for c in range(3):
            rel = line[k, c] - basis[0, c]
            px += rel * basis[2, c]
            py += rel * basis[3, c]
            pz += rel * basis[1, c]
        pz = max(pz, 1e-6)
        screen[k, 0] = (px / half_w**2 / pz + 1.0) * 0.5 * width
        screen[k, 1] = (1.0 - py / half_h**2 / pz) * 0.5 * height
        screen[k, 2] = 1.1 * radius[k] / (pz * pixel) + 2.0
    x0, x1, y0, y1 = width, 0, height, 0
    for k in range(count - 1):
        reach = max(screen[k, 2], screen[k + 1, 2])
        i0 = max(0, int(min(screen[k, 0], screen[k + 1, 0]) - reach))
        i1 = min(width, int(max(screen[k, 0], screen[k + 1, 0]) + reach) + 1)
        j0 = max(0, int(min(screen[k, 1], screen[k + 1, 1]) - reach))
        j1 = min(height, int(max(screen[k, 1], screen[k + 1, 1]) + reach) + 1)
        x0, x1, y0, y1 = min(x0, i0), max(x1, i1), min(y0, j0), max(y1, j1)
        # On the screen, a rod inside the tube shows only beside itself; its neighbours cover the rest.
        ax, ay = screen[k + 1, 0] - screen[k, 0], screen[k + 1, 1] - screen[k, 1]
        long = math.sqrt(ax * ax + ay * ay) + 1e-9
        spare = 1.5 + 0.3 * reach if long > 1.0 else 2.0 * reach
        first = -2.0 * reach if k == 0 else -spare
        last = long + (2.0 * reach if k == count - 2 else spare)
        for j in range(j0, j1):
            for i in range(i0, i1):
                beside = ((i + 0.5 - screen[k, 0]) * ax + (j + 0.5 - screen[k, 1]) * ay) / long
                if beside < first or beside > last:
                    continue
                dx, dy, dz = _ray(basis, i, j, width, height)
                s, u, gap = closest(ox, oy, oz, dx, dy, dz, line[k], line[k + 1])
                r = radius[k] + u * (radius[k + 1] - radius[k])
                seen = min(1.0, 0.5 + (r - math.sqrt(gap)) / (s * pixel))
                if s <= 0.0 or seen <= 0.0:
                    continue
                hit = s - math.sqrt(max(0.0, r * r - gap))
                # Neighbouring rods share a pixel: the one whose axis the ray passes closest gives the
                # smoothest skin. Parts of the body that truly lie apart compete by depth.
                new = nearest[j, i] < 0
                if hit > depth[j, i] and (new or hit > depth[j, i] + r):
                    continue
                if new or hit < depth[j, i] - r or gap < share[j, i] * r * r:
                    nearest[j, i] = k
                    share[j, i] = gap / (r * r)
                    if seen >= 0.5 or new:
                        depth[j, i] = hit
                cover[j, i] = max(seen, cover[j, i])
    return y0, y1, x0, x1


@njit(cache=True, fastmath=True)
def _shade(
    image: np.ndarray, nearest: np.ndarray, cover: np.ndarray, basis: np.ndarray, line: np.ndarray,
    radius: np.ndarray, texture: np.ndarray, colour: np.ndarray, left: np.ndarray, right: np.ndarray,
    light: np.ndarray, highlight: np.ndarray, rows: tuple[int, int, int, int],
    least: float,
) -> None:  # fmt: skip
    """Shade the pixels of the tube; `least` is the smallest share of what is behind that it hides.

    The skin of an animal that has limbs is furry: limbs on its far side do not show through.
    """
    height, width = nearest.shape
    ox, oy, oz = basis[0, 0], basis[0, 1], basis[0, 2]
    last = line.shape[0] - 1
    along, across = texture.shape[0] - 1, texture.shape[1] - 1
    for j in range(rows[0], rows[1]):
        for i in range(rows[2], rows[3]):
            k = nearest[j, i]
            if k < 0:
                continue
            dx, dy, dz = _ray(basis, i, j, width, height)
            s, u, _ = closest(ox, oy, oz, dx, dy, dz, line[k], line[k + 1])
            # Tangents are blended between rods, or every rod would show as a facet.
            p, n = max(k - 1, 0), min(k + 2, last)
            tx = (1 - u) * (line[k + 1, 0] - line[p, 0]) + u * (line[n, 0] - line[k, 0])
            ty = (1 - u) * (line[k + 1, 1] - line[p, 1]) + u * (line[n, 1] - line[k, 1])
            tz = (1 - u) * (line[k + 1, 2] - line[p, 2]) + u * (line[n, 2] - line[k, 2])
            tt = 1.0 / (math.sqrt(tx * tx + ty * ty + tz * tz) + 1e-12)
            tx, ty, tz = tx * tt, ty * tt, tz * tt
            r = radius[k] + u * (radius[k + 1] - radius[k])
            wx = (ox + s * dx - line[k, 0] - u * (line[k + 1, 0] - line[k, 0])) / r
            wy = (oy + s * dy - line[k, 1] - u * (line[k + 1, 1] - line[k, 1])) / r
            wz = (oz + s * dz - line[k, 2] - u * (line[k + 1, 2] - line[k, 2])) / r
            m = math.sqrt(wx * wx + wy * wy + wz * wz)
            if m > 1.0:
                wx, wy, wz, m = wx / m, wy / m, wz / m, 1.0
            chord = math.sqrt(1.0 - m * m)
            dt = dx * tx + dy * ty + dz * tz
            ex, ey, ez = dt * tx - dx, dt * ty - dy, dt * tz - dz
            ee = chord / (math.sqrt(ex * ex + ey * ey + ez * ez) + 1e-9)
            nx, ny, nz = wx + ex * ee, wy + ey * ee, wz + ez * ee
            # At the ends, and where two rods meet, w leans along the axis and this is longer than 1: the
            # highlight, a high power of it, would be a white speck.
            nn = 1.0 / (math.sqrt(nx * nx + ny * ny + nz * nz) + 1e-9)
            nx, ny, nz = nx * nn, ny * nn, nz * nn
            # The animal's left, seen from above, is up x heading; the tube runs from front to end.
            lx, ly = ty, -tx
            lean = nx * lx + ny * ly
            q = m if wx * lx + wy * ly > 0.0 else -m
            place = (k + u) / last * along
            row = int(place)
            column = int((q * 0.5 + 0.5) * across + 0.5)
            opaque = texture[row, column, 3] * (0.35 + 0.65 * chord)
            act = left[row] * max(0.0, lean) + right[row] * max(0.0, -lean)
            act = min(1.0, 1.15 * act)
            diffuse = max(0.0, 0.25 + 0.75 * (nx * light[0] + ny * light[1] + nz * light[2]))
            bright = 0.40 + 0.16 * nz + 0.50 * diffuse
            hx, hy, hz = light[0] - dx, light[1] - dy, light[2] - dz
            shine = (nx * hx + ny * hy + nz * hz) / math.sqrt(hx * hx + hy * hy + hz * hz)
            shine = max(0.0, shine) ** 60 * 34.0
            edge = (1.0 - chord) ** 3
            alpha = cover[j, i] * max(least, 0.80 + 0.16 * opaque + 0.16 * act - 0.38 * edge)
            for c in range(3):
                base = colour[c] + opaque * (texture[row, column, c] - colour[c])
                base += 0.55 * act * (highlight[c] - base)
                out = base * bright * (1.0 - 0.22 * edge) + shine
                image[j, i, c] = int(min(255.0, max(0.0, image[j, i, c] * (1.0 - alpha) + out * alpha + 0.5)))
