"""The picture of random dots: where each is, drawn once for a moment in every resolution, sampled by rays.

Everything here is compiled. A pyramid holds the picture of a tile and coarser and coarser ones of it, each of
half the resolution, so that a ray which averages over a wide patch costs no more than one over a narrow one
(Williams 1983, doi:10.1145/964967.801126).
"""

from math import ceil, cos, floor, hypot, log2, pi, sin, sqrt

import numba
import numpy as np

from neuromech.world.stimuli.base import Pose
from neuromech.world.stimuli.floor import meet, ray_in_world

Array = np.ndarray
TILE_MM = 64.0
"""The dots repeat after this distance in both directions: farther than an eye of a larva tells them apart."""
PIXELS = 128
"""Pixels along a side of the picture that the rays sample, a power of two: one every half millimetre."""
LEVELS = PIXELS.bit_length()
"""Pictures of half the resolution each, down to a single pixel."""
OFFSETS = np.cumsum([0, *((PIXELS >> level) ** 2 for level in range(LEVELS))]).astype(np.int64)
"""Where the picture of each level begins in a pyramid."""


@numba.njit(cache=True)
def _chance(draw: int, dot: int, life: int, what: int) -> float:
    """Return a number from 0 to 1 that is always the same for a dot's life (splitmix64)."""
    z = np.uint64(draw) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(dot) * np.uint64(0xBF58476D1CE4E5B9)
    z += np.uint64(life) * np.uint64(0x94D049BB133111EB) + np.uint64(what + 1) * np.uint64(0xD6E8FEB86659FD93)
    for _ in range(2):
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@numba.njit(cache=True)
def place(numbers: Array, draw: int, t_s: float, places: Array) -> None:
    """Write where the dots are at a time to `places` (dot, 2), mm from 0 to `TILE_MM`.

    `numbers` are direction (rad), speed, coherence, start, stop, lifetime, radius, and the luminance between
    and of the dots. Dots do not all change at once: each has its own moment.
    """
    heading, speed, coherence = numbers[0], numbers[1], numbers[2]
    start, stop, lifetime = numbers[3], numbers[4], numbers[5]
    for i in range(places.shape[0]):
        lives = t_s / lifetime + _chance(draw, i, 0, 0)
        life = int(floor(lives))
        age = (lives - life) * lifetime
        born = t_s - age
        way = 2 * pi * _chance(draw, i, life, 1)
        if start <= born < stop and _chance(draw, i, life, 2) < coherence:
            way = heading
        x = TILE_MM * _chance(draw, i, life, 3) + speed * age * cos(way)
        y = TILE_MM * _chance(draw, i, life, 4) + speed * age * sin(way)
        places[i, 0] = x - TILE_MM * floor(x / TILE_MM)
        places[i, 1] = y - TILE_MM * floor(y / TILE_MM)


@numba.njit(cache=True)
def _draw(places: Array, radius: float, pyramid: Array, offsets: Array) -> None:
    """Draw the dots, 1 on 0 with soft edges, and every coarser picture of them to a pyramid."""
    pixel = TILE_MM / PIXELS
    pyramid[: PIXELS * PIXELS] = 0.0
    reach = int(ceil(radius / pixel)) + 1
    for i in range(places.shape[0]):
        x, y = places[i, 0] / pixel - 0.5, places[i, 1] / pixel - 0.5
        first, last = int(floor(y)) - reach, int(floor(y)) + reach + 2
        for row in range(first, last):
            for column in range(int(floor(x)) - reach, int(floor(x)) + reach + 2):
                inside = radius / pixel + 0.5 - sqrt((column - x) ** 2 + (row - y) ** 2)
                if inside > 0.0:
                    at = (row % PIXELS) * PIXELS + column % PIXELS
                    pyramid[at] = max(pyramid[at], min(inside, 1.0))
    for level in range(1, LEVELS):
        size, fine, coarse = PIXELS >> level, offsets[level - 1], offsets[level]
        for row in range(size):
            for column in range(size):
                a = fine + 4 * row * size + 2 * column
                b = a + 2 * size
                pyramid[coarse + row * size + column] = 0.25 * (
                    pyramid[a] + pyramid[a + 1] + pyramid[b] + pyramid[b + 1]
                )


@numba.njit(cache=True)
def draw_both(
    numbers: Array, draw: int, t_s: float, places: Array, pyramid: Array, offsets: Array
) -> None:  # fmt: skip
    """Draw both sides, unless the other eye has had them drawn for this time."""
    for side in range(2):
        if pyramid[side, -1] != t_s:
            place(numbers[side], draw, t_s, places[side])
            _draw(places[side], numbers[side, 6], pyramid[side], offsets)
            pyramid[side, -1] = t_s


@numba.njit(cache=True)
def _in_level(pyramid: Array, begin: int, size: int, x: float, y: float) -> float:
    """Return a picture between its pixels; x and y in tiles."""
    px, py = x * size - 0.5, y * size - 0.5
    column, row = int(floor(px)), int(floor(py))
    fx, fy = px - column, py - row
    left, right = column % size, (column + 1) % size
    low, high = begin + (row % size) * size, begin + ((row + 1) % size) * size
    below = (1 - fx) * pyramid[low + left] + fx * pyramid[low + right]
    return (1 - fy) * below + fy * ((1 - fx) * pyramid[high + left] + fx * pyramid[high + right])


@numba.njit(cache=True)
def _sample(pyramid: Array, offsets: Array, x_mm: float, y_mm: float, sigma_mm: float) -> float:
    """Return the picture averaged over a round Gaussian patch.

    A pixel of width w, read between its neighbours, averages with a standard deviation of w / 2.
    """
    level = min(max(log2(max(2 * sigma_mm * PIXELS / TILE_MM, 1.0)), 0.0), LEVELS - 1.0)
    lower = min(int(level), LEVELS - 2)
    share = level - lower
    x, y = x_mm / TILE_MM, y_mm / TILE_MM
    fine = _in_level(pyramid, offsets[lower], PIXELS >> lower, x, y)
    return (1 - share) * fine + share * _in_level(
        pyramid, offsets[lower + 1], PIXELS >> (lower + 1), x, y
    )  # fmt: skip


@numba.njit(cache=True)
def look_at_dots(
    rays: Array, centre: Array, axes: Array, room: Array, pose: Pose, numbers: Array,
    pyramid: Array, offsets: Array, blur: float, seen: Array,
) -> None:  # fmt: skip
    """Write what unit `rays` (ray, 3) of a frame at `centre` (3,), `axes` (9,) see to `seen` (ray,).

    A patch that is seen at a slant is long: it is made of three round ones, whose variance along it is right.
    """
    light = room[3]
    c, s = cos(pose[2]), sin(pose[2])
    for i in range(rays.shape[0]):
        dx, dy, dz = ray_in_world(rays, i, axes)
        r, nx, ny, nz = meet(centre, dx, dy, dz, room)
        if r < 0.0:
            seen[i] = light
            continue
        x, y = centre[0] + r * dx - pose[0], centre[1] + r * dy - pose[1]
        px, py = c * x + s * y, c * y - s * x
        side = 0 if py >= pose[3] else 1
        between, dots = numbers[side, 7], numbers[side, 8]
        if nz == 0.0:
            seen[i] = between
            continue
        across, along = blur * r, blur * r / max(-dz, 1e-3)
        round_mm = max(across, 0.5 * along)
        flat = max(hypot(dx, dy), 1e-9)
        # Patches at -d, 0 and d, weighted 1, 2 and 1, have a variance of d^2 / 2 between them.
        d = sqrt(2 * max(along * along - round_mm * round_mm, 0.0))
        wx, wy = d * (c * dx + s * dy) / flat, d * (c * dy - s * dx) / flat
        mine = pyramid[side]
        share = 0.5 * _sample(mine, offsets, px, py, round_mm)
        share += 0.25 * _sample(mine, offsets, px - wx, py - wy, round_mm)
        share += 0.25 * _sample(mine, offsets, px + wx, py + wy, round_mm)
        seen[i] = between + (dots - between) * share


@numba.njit(cache=True)
def cover(x: Array, y: Array, middle: float, places: Array, numbers: Array, found: Array) -> None:
    """Write the luminance of the floor at places (mm, in the frame of the pattern) to `found`.

    `middle` is the y of the line between its halves.
    """
    for k in range(x.size):
        side = 0 if y[k] >= middle else 1
        squared = numbers[side, 6] ** 2
        found[k] = numbers[side, 7]
        for i in range(places.shape[1]):
            dx, dy = x[k] - places[side, i, 0], y[k] - places[side, i, 1]
            dx -= TILE_MM * np.round(dx / TILE_MM)
            dy -= TILE_MM * np.round(dy / TILE_MM)
            if dx * dx + dy * dy <= squared:
                found[k] = numbers[side, 8]
                break
