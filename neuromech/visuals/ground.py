"""The floor of a scene: a stimulus field in colours, agar grain, the animal's track and its shadow."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache

import matplotlib
import numpy as np
from numba import njit

from neuromech.specs.environment import EnvironmentSpec, Relief
from neuromech.world import stimuli
from neuromech.world.relief import heights_mm

Field = Callable[[np.ndarray, np.ndarray, float], np.ndarray]
"""A stimulus: value(x, y, t) with x, y in mm (any equal shapes) and t in s."""

_CONTOURS = 20.0  # lines between the lowest and the highest value
_WINDOW = 72  # field samples along each side of the visible floor, denser than any visible gradient
_FINE_WINDOW = 480  # the same for a pattern of stripes
_MARCHED = 400.0  # as many steps a ray takes at most through the height of a relief
_AGAR = (0.59, 0.57, 0.51)
_LIGHT = np.array([-0.42, 0.36, 0.83])


@dataclass(frozen=True)
class Ground:
    """The floor under the animal.

    `value` is the stimulus field, or None for a bare floor of `colour` (0 to 1); `low` and `high` are the
    ends of the colour scale; `radius_mm` is the radius of a round plate (0 for none); `z` is its height, mm;
    `tracks` says whether an animal that lies on it leaves a track. A `picture` is luminance for eyes: grey,
    without contour lines. A `relief` is how much higher than `z` the floor is, mm, where it has bumps.
    """

    value: Field | None = None
    low: float = 0.0
    high: float = 1.0
    radius_mm: float = 0.0
    z: float = 0.0
    colour: tuple[float, float, float] = _AGAR
    tracks: bool = True
    picture: bool = False
    relief: Patch | None = None
    lut: np.ndarray = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Compute the table of colours, muted so that pale things stay visible on the floor."""
        colours = matplotlib.colormaps["viridis"](np.linspace(0, 1, 1024))[:, :3]
        grey = colours.mean(axis=1, keepdims=True)
        muted = 0.82 * (0.72 * colours + 0.28 * grey) + 0.13 * np.array(self.colour)
        if self.picture:
            muted = np.linspace(0.12, 0.88, 1024)[:, None] * (np.array(self.colour) / max(self.colour))
        lut = muted if self.value is not None else np.broadcast_to(np.array(self.colour), (1024, 3))
        object.__setattr__(self, "lut", np.ascontiguousarray(lut * 255, dtype=np.float32))

    @staticmethod
    def of_environment(
        environment: EnvironmentSpec, *, value: Field | None = None, extent_mm: float = 30.0, t: float = 0.0
    ) -> Ground:
        """Return the ground of an environment: its `stimulus`, its `plate` and its `floor`.

        `value` takes the place of the stimulus; colours span what lies on the plate, or within `extent_mm` of
        (0, 0) where there is none.
        """
        radius = environment.plate.radius_mm if environment.plate else 0.0
        shown = stimuli.build(environment)
        picture = isinstance(shown, stimuli.Scene)
        if value is None and isinstance(shown, stimuli.Scene | stimuli.Field):
            value = _changing(environment)
        if value is None or picture:
            bare = Ground(value, picture=picture)
        else:
            bare = Ground.of_field(value, radius or extent_mm, t=t)
        floor = environment.floor
        bare = replace(bare, radius_mm=radius, colour=floor.colour, tracks=floor.tracks)
        return bare if environment.relief is None else bare.with_relief(environment.relief)

    def with_relief(self, relief: Relief) -> Ground:
        """Return this ground with bumps and hollows, whose mean is where it was level."""
        heights = heights_mm(relief) + 0.5 * relief.bumps_mm
        corner, per_mm = -relief.extent_mm, (len(heights) - 1) / (2 * relief.extent_mm)
        patch = Patch(heights.astype(np.float32), np.array([corner, corner, per_mm]))
        return replace(self, relief=patch, z=self.z - 0.5 * relief.bumps_mm)

    @staticmethod
    def of_field(value: Field, extent_mm: float, *, t: float = 0.0) -> Ground:
        """Return the ground of a field with its colours spanning the values within `extent_mm` of (0, 0)."""
        axis = np.linspace(-extent_mm, extent_mm, 241)
        seen = np.asarray(value(*np.meshgrid(axis, axis), t))
        low, high = float(np.nanmin(seen)), float(np.nanmax(seen))
        return Ground(value, low, high if high > low else low + 1.0)

    def sample(self, x: np.ndarray, y: np.ndarray, t: float) -> np.ndarray:
        """Return the field at points in mm, scaled to 0..1 between `low` and `high`, float32."""
        if self.value is None:
            return np.zeros(x.shape, np.float32)
        scaled = (np.asarray(self.value(x, y, t)) - self.low) / (self.high - self.low)
        return np.clip(np.broadcast_to(scaled, x.shape), 0, 1).astype(np.float32)

    def colours(self, x: np.ndarray, y: np.ndarray, t: float) -> np.ndarray:
        """Return the ground's colours (..., 3) uint8 at points in mm."""
        rgb = self.lut[(self.sample(x, y, t) * 1023).astype(int)]
        if self.radius_mm > 0:
            rgb = np.where((np.hypot(x, y) > self.radius_mm)[..., None], 0.35 * rgb, rgb)
        return rgb.astype(np.uint8)


def _changing(environment: EnvironmentSpec) -> Field:
    """Return the value of a stimulus as it is at each time, with the changes of the environment."""
    all_ = stimuli.through(environment)

    def value(x: np.ndarray, y: np.ndarray, t: float) -> np.ndarray:
        shown = stimuli.shown_at(all_, t)
        assert isinstance(shown, stimuli.Scene | stimuli.Field)
        return shown.value(x, y, t)

    return value


@dataclass
class Patch:
    """A grid of values over a rectangle of floor: `grid` (ny, nx) and `box` (x0, y0, cells per mm)."""

    grid: np.ndarray
    box: np.ndarray

    @staticmethod
    def over(low: np.ndarray, high: np.ndarray, cell_mm: float, limit: int = 2048) -> Patch:
        """Return a zero patch between two corners (2,), mm, of at most `limit` cells a side."""
        cell = max(cell_mm, float((high - low).max()) / limit)
        nx, ny = np.maximum(2, np.ceil((high - low) / cell).astype(int) + 1)
        return Patch(np.zeros((ny, nx), np.float32), np.array([low[0], low[1], 1.0 / cell]))

    @staticmethod
    def none() -> Patch:
        """Return the patch that changes nothing."""
        return Patch(np.zeros((2, 2), np.float32), np.array([0.0, 0.0, 1.0]))

    def stamp(
        self, start: np.ndarray, stop: np.ndarray, radius: np.ndarray, core: float, edge: float
    ) -> None:
        """Draw soft rods (n,) into the grid: fully within `core` radii of their axis, not at all past `edge`.

        `start`, `stop` (n, 2) and `radius` (n,) are in mm.
        """
        _stamp(self.grid, self.box, start, stop, radius, core, edge)


@lru_cache(maxsize=1)
def grain() -> np.ndarray:
    """Return a (512, 512) tile of agar grain, mean 0, that repeats without seams."""
    rng = np.random.default_rng(7)
    freq = np.hypot(*np.meshgrid(np.fft.fftfreq(512), np.fft.fftfreq(512)))
    band = np.exp(-((freq / 0.11) ** 2)) * 0.7 + np.exp(-((freq / 0.012) ** 2)) * 9.0
    tile = np.fft.ifft2(np.fft.fft2(rng.standard_normal((512, 512))) * band).real
    return np.ascontiguousarray(tile / tile.std(), dtype=np.float32)


def draw_ground(
    image: np.ndarray, depth: np.ndarray, basis: np.ndarray, ground: Ground, t: float, shadow: Patch,
    track: Patch, grain_mm: float,
) -> None:  # fmt: skip
    """Paint the floor over a whole picture (H, W, 3) uint8 as seen from `basis` (see View.basis).

    `grain_mm` is the side of one tile of agar grain; where a ray misses the floor the sky is painted. A
    relief is written to `depth` (H, W) float32, mm along the ray, too: it hides what is behind it.
    """
    low, high = footprint(basis, ground.z)
    count, contours = (_FINE_WINDOW, 0.0) if ground.picture else (_WINDOW, _CONTOURS)
    x, y = np.meshgrid(np.linspace(low[0], high[0], count), np.linspace(low[1], high[1], count))
    size = np.append(low, (count - 1) / np.maximum(high - low, 1e-9))
    relief = ground.relief or Patch.none()
    _paint(
        image, depth, basis, ground.z, ground.sample(x, y, t), size, ground.lut, contours,
        ground.radius_mm, grain(), 512.0 / grain_mm, shadow.grid, shadow.box, track.grid, track.box,
        relief.grid, relief.box, float(relief.grid.max()), _LIGHT,
    )  # fmt: skip


def footprint(basis: np.ndarray, z: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners (2,) of the floor rectangle that holds everything the picture shows of it."""
    eye, forward, right, up = basis
    corners = np.array([forward + sx * right + sy * up for sx in (-1, 1) for sy in (-1, 1)])
    reach = 12.0 * max(eye[2] - z, 1e-6)
    down = np.minimum(corners[:, 2], -1e-9)
    t = np.minimum((z - eye[2]) / down, reach / np.linalg.norm(corners, axis=1))
    floor = eye[:2] + t[:, None] * corners[:, :2]
    return floor.min(axis=0), floor.max(axis=0)


@njit(cache=True, fastmath=True)
def _bilinear(grid: np.ndarray, u: float, v: float) -> tuple[float, float, float]:
    """Return a grid's value and its two slopes per cell at column u and row v; clamped at the edges."""
    u = min(max(u, 0.0), grid.shape[1] - 1.001)
    v = min(max(v, 0.0), grid.shape[0] - 1.001)
    i, j = int(u), int(v)
    a, b = u - i, v - j
    g00, g01, g10, g11 = grid[j, i], grid[j, i + 1], grid[j + 1, i], grid[j + 1, i + 1]
    low, high = g00 + a * (g01 - g00), g10 + a * (g11 - g10)
    return low + b * (high - low), (g01 - g00) * (1 - b) + (g11 - g10) * b, high - low


@njit(cache=True, fastmath=True)
def _inside(grid: np.ndarray, u: float, v: float) -> bool:
    return 0.0 <= u <= grid.shape[1] - 1 and 0.0 <= v <= grid.shape[0] - 1


@njit(cache=True, fastmath=True)
def _tile(grid: np.ndarray, u: float, v: float) -> float:
    """Return a repeating grid's value; its side is a power of two."""
    fu, fv = math.floor(u), math.floor(v)
    a, b = u - fu, v - fv
    mask = grid.shape[0] - 1
    i, j = int(fu) & mask, int(fv) & mask
    k, m = (i + 1) & mask, (j + 1) & mask
    low = grid[j, i] + a * (grid[j, k] - grid[j, i])
    high = grid[m, i] + a * (grid[m, k] - grid[m, i])
    return float(low + b * (high - low))


@njit(cache=True, fastmath=True)
def _height(grid: np.ndarray, box: np.ndarray, x: float, y: float) -> tuple[float, float, float]:
    """Return how high a relief is at a place and its two slopes; it is level beyond its edges."""
    u, v = (x - box[0]) * box[2], (y - box[1]) * box[2]
    if not _inside(grid, u, v):
        return 0.0, 0.0, 0.0
    height, along, across = _bilinear(grid, u, v)
    return height, along * box[2], across * box[2]


@njit(cache=True, fastmath=True)
def _meet(
    grid: np.ndarray, box: np.ndarray, top: float, x: float, y: float, z: float, dx: float, dy: float,
    dz: float,
) -> float:  # fmt: skip
    """Return how far a falling ray goes until it meets a relief; `z` is its height above the lowest point."""
    t, end = max(0.0, (top - z) / dz), -z / dz
    # Half a cell at a time: a hill that is no wider than this cannot be in the table.
    step = max(0.5 / (box[2] * math.sqrt(dx * dx + dy * dy) + 1e-12), (end - t) / _MARCHED)
    before = t
    while t < end:
        if z + t * dz <= _height(grid, box, x + t * dx, y + t * dy)[0]:
            break
        before, t = t, t + step
    t = min(t, end)
    for _ in range(12):
        middle = 0.5 * (before + t)
        if z + middle * dz <= _height(grid, box, x + middle * dx, y + middle * dy)[0]:
            t = middle
        else:
            before = middle
    return t


@njit(cache=True, fastmath=True)
def _paint(
    image: np.ndarray, depth: np.ndarray, basis: np.ndarray, z: float, values: np.ndarray, box: np.ndarray,
    lut: np.ndarray, contours: float, plate: float, tile: np.ndarray, per_mm: float, shadow: np.ndarray,
    shadow_box: np.ndarray, track: np.ndarray, track_box: np.ndarray, relief: np.ndarray,
    relief_box: np.ndarray, top: float, light: np.ndarray,
) -> None:  # fmt: skip
    height, width = image.shape[0], image.shape[1]
    ox, oy, oz = basis[0, 0], basis[0, 1], basis[0, 2]
    pixel = 2.0 * math.sqrt(basis[3, 0] ** 2 + basis[3, 1] ** 2 + basis[3, 2] ** 2) / height
    for j in range(height):
        sy = 1.0 - 2.0 * (j + 0.5) / height
        ax, ay = basis[1, 0] + sy * basis[3, 0], basis[1, 1] + sy * basis[3, 1]
        az = basis[1, 2] + sy * basis[3, 2]
        for i in range(width):
            sx = 2.0 * (i + 0.5) / width - 1.0
            dx, dy, dz = ax + sx * basis[2, 0], ay + sx * basis[2, 1], az + sx * basis[2, 2]
            if dz > -1e-4 or oz <= z:
                rise = min(1.0, max(0.0, dz * 2.0))
                for c in range(3):
                    image[j, i, c] = int(150 + 15 * c - 60 * rise)
                continue
            t = (z - oz) / dz
            shade = 1.0
            if top > 0.0:
                t = _meet(relief, relief_box, top, ox, oy, oz - z, dx, dy, dz)
                _, sx_mm, sy_mm = _height(relief, relief_box, ox + t * dx, oy + t * dy)
                lit = (light[2] - sx_mm * light[0] - sy_mm * light[1]) / math.sqrt(1 + sx_mm**2 + sy_mm**2)
                shade += 0.9 * (lit - light[2])
                depth[j, i] = t * math.sqrt(dx * dx + dy * dy + dz * dz)
            x, y = ox + t * dx, oy + t * dy
            value, gu, gv = _bilinear(values, (x - box[0]) * box[2], (y - box[1]) * box[3])
            k = int(value * 1023.0)
            # Contour lines of constant width on the screen show the way the field runs.
            level = value * contours
            off = level - math.floor(level + 0.5)
            wide = (contours * t * pixel) ** 2 * ((gu * box[2]) ** 2 + (gv * box[3]) ** 2)
            if off * off < 1.21 * wide:
                shade += 0.09 * min(1.0, 1.1 - math.sqrt(off * off / wide))
            rough = _tile(tile, x * per_mm, y * per_mm)
            shade += 0.012 * rough
            u, v = (x - track_box[0]) * track_box[2], (y - track_box[1]) * track_box[2]
            if _inside(track, u, v):
                pressed, gx, gy = _bilinear(track, u, v)
                shade -= 0.06 * pressed - 0.6 * min(0.35, max(-0.35, gx * light[0] + gy * light[1]))
            u, v = (x - shadow_box[0]) * shadow_box[2], (y - shadow_box[1]) * shadow_box[2]
            if _inside(shadow, u, v):
                dark, _, _ = _bilinear(shadow, u, v)
                shade *= 1.0 - 0.52 * dark
            if plate > 0.0 and x * x + y * y > 0.98 * plate * plate:
                rim = (math.sqrt(x * x + y * y) - plate) / (0.004 * plate)
                if rim > 0.0:
                    shade *= 0.30
                elif rim > -1.0:
                    shade *= 1.25
            shade *= 1.06 - 0.10 * (sx * sx + sy * sy)
            for c in range(3):
                image[j, i, c] = int(min(255.0, max(0.0, lut[k, c] * shade + 0.5)))


@njit(cache=True, fastmath=True)
def _stamp(
    grid: np.ndarray, box: np.ndarray, start: np.ndarray, stop: np.ndarray, radius: np.ndarray, core: float,
    edge: float,
) -> None:  # fmt: skip
    ny, nx = grid.shape
    for n in range(start.shape[0]):
        ax, ay = (start[n, 0] - box[0]) * box[2], (start[n, 1] - box[1]) * box[2]
        bx, by = (stop[n, 0] - box[0]) * box[2], (stop[n, 1] - box[1]) * box[2]
        r = radius[n] * box[2]
        reach = r * edge
        vx, vy = bx - ax, by - ay
        vv = vx * vx + vy * vy + 1e-12
        for j in range(max(0, int(min(ay, by) - reach)), min(ny, int(max(ay, by) + reach) + 2)):
            for i in range(max(0, int(min(ax, bx) - reach)), min(nx, int(max(ax, bx) + reach) + 2)):
                s = min(1.0, max(0.0, ((i - ax) * vx + (j - ay) * vy) / vv))
                ex, ey = i - ax - s * vx, j - ay - s * vy
                far = (math.sqrt(ex * ex + ey * ey) / r - core) / (edge - core)
                if far < 1.0:
                    soft = 1.0 - max(0.0, far)
                    grid[j, i] = max(grid[j, i], soft * soft * (3.0 - 2.0 * soft))
