"""A striped drum that turns about an animal: a grating on the inside of a cylinder.

The stripes are vertical, a sinusoid in the direction seen from the drum's axis, so that a whole number of
them goes round. The floor below and what lies above are evenly lit.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal

import numba
import numpy as np

from neuromech._lib.kernels import Call, bind, kernel, unpack
from neuromech.specs.environment import EnvironmentSpec
from neuromech.specs.options import check_fields
from neuromech.specs.values import NotNegative, Positive, Share
from neuromech.world.stimuli.base import Pose, Scene, Stimulus

Array = np.ndarray
DIRECTIONS = {"left": 1.0, "right": -1.0}
"""The sign of each direction of turning, seen from above: left is counter-clockwise and positive."""


@dataclass(frozen=True)
class Drum(Scene):
    """A wall about the origin whose luminance is luminance (1 + contrast sin(n (azimuth - turned))).

    Parameters
    ----------
    direction : "left" (counter-clockwise from above) or "right".
    speed_deg_s : how fast the drum turns.
    cycles_per_deg : stripes per degree; n is the whole number of stripes next to 360 of that.
    contrast : Michelson's contrast.
    luminance : the mean, from 0 to 1.
    start_s, stop_s : when the drum begins and ends to turn.
    dark : whether nothing is seen anywhere.
    above, floor : luminance above the wall and of the floor.
    radius_mm, wall_mm : radius and height of the wall.
    """

    direction: Literal["left", "right"] = "left"
    speed_deg_s: NotNegative = 12.0
    cycles_per_deg: Positive = 0.16
    contrast: Share = 1.0
    luminance: Share = 0.5
    start_s: NotNegative = 0.0
    stop_s: NotNegative = 1e9
    dark: bool = False
    above: Share = 0.5
    floor: Share = 0.5
    radius_mm: Positive = 150.0
    wall_mm: Positive = 300.0

    _ahead: ClassVar[np.ndarray]

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        check_fields(self, "stimulus")
        object.__setattr__(self, "_ahead", np.zeros(1))  # rad, of a drum that changed on the way

    def go_on_from(self, before: Stimulus, t_s: float) -> None:
        """Let the drum go on from where the one was that it replaces."""
        if isinstance(before, Drum):
            self._ahead[0] = before.turned_rad(t_s) - self.turned_rad(t_s)

    @property
    def stripes(self) -> int:
        """The number of stripes around the drum."""
        return max(1, round(360.0 * self.cycles_per_deg))

    def turned_rad(self, t_s: float) -> float:
        """Return how far the drum has turned, rad, left positive."""
        turning = min(max(t_s - self.start_s, 0.0), max(self.stop_s - self.start_s, 0.0))
        return float(np.radians(DIRECTIONS[self.direction] * self.speed_deg_s * turning) + self._ahead[0])

    def pose(self, t_s: float) -> Pose:
        """Return the place (mm) and heading (rad) of the stripes, as the recorder keeps them."""
        return 0.0, 0.0, self.turned_rad(t_s)

    def velocity(self, t_s: float) -> np.ndarray:
        """Return zero, mm/s (2,): nothing moves along the floor."""
        return np.zeros(2)

    def surface(self, t_s: float) -> np.ndarray:
        """Return radius, height, stripes, turned (rad), amplitude, mean, floor and above, (8,)."""
        if self.dark:
            return np.array([self.radius_mm, self.wall_mm, self.stripes, 0.0, 0.0, 0.0, 0.0, 0.0])
        light = (self.luminance * self.contrast, self.luminance, self.floor, self.above)
        return np.array([self.radius_mm, self.wall_mm, self.stripes, self.turned_rad(t_s), *light])

    def look(
        self,
        rays: np.ndarray,
        centre: np.ndarray,
        axes: np.ndarray,
        t_s: float,
        blur: float,
        seen: np.ndarray,
    ) -> None:
        """Write the luminance along the rays of an eye, as `Scene.look`."""
        look_round(rays, centre, axes, self.surface(t_s), blur, seen)

    def looked(
        self,
        rays: np.ndarray,
        centre: np.ndarray,
        axes: np.ndarray,
        clock_s: np.ndarray,
        blur: float,
        seen: np.ndarray,
    ) -> tuple[Call, ...]:
        """Return the call that casts the rays, as `Scene.looked`."""
        turning = np.array([DIRECTIONS[self.direction] * self.speed_deg_s, self.start_s, self.stop_s])
        surface = self.surface(0.0)
        eye = (rays, centre, axes, surface)
        return (bind(_look, LOOK, *eye, turning, self._ahead, clock_s, blur, seen),)

    def value_from(
        self, pose: Pose, x_mm: np.ndarray | float, y_mm: np.ndarray | float, t_s: float
    ) -> np.ndarray:
        """Return the luminance at places seen from above, the wall folded down outwards, at a heading."""
        radius, height, stripes, _, amplitude, mean, floor, above = self.surface(t_s)
        x, y = np.asarray(x_mm, float), np.asarray(y_mm, float)
        wall = mean + amplitude * np.sin(stripes * (np.arctan2(y, x) - pose[2]))
        out = np.hypot(x, y) - radius
        return np.where(out < 0, floor, np.where(out < height, wall, above))


def drum(
    environment: EnvironmentSpec, *, direction: Literal["left", "right"] = "left",
    speed_deg_s: NotNegative = 12.0, cycles_per_deg: Positive = 0.16, contrast: Share = 1.0,
    luminance: Share = 0.5, start_s: NotNegative = 0.0, stop_s: NotNegative = 1e9, dark: bool = False,
    above: Share = 0.5, floor: Share = 0.5,
) -> Drum:  # fmt: skip
    """Return the drum of environment.yaml (`kind: drum`); its `plate` says how wide and high it is."""
    plate = environment.plate
    size = {} if plate is None else {"radius_mm": plate.radius_mm}
    if plate is not None and plate.wall_mm > 0:
        size["wall_mm"] = plate.wall_mm
    return Drum(
        direction,
        speed_deg_s,
        cycles_per_deg,
        contrast,
        luminance,
        start_s,
        stop_s,
        dark,
        above,
        floor,
        **size,
    )


@numba.njit(cache=True, fastmath=True)
def look_round(rays: Array, centre: Array, axes: Array, surface: Array, blur: float, seen: Array) -> None:
    """Write what unit `rays` (ray, 3) of an eye see within a drum about the origin to `seen` (ray,).

    `centre` (3,) and `axes` (9,) are those of the eye, `surface` is that of a `Drum`, `blur` in rad.

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


LOOK = "f8[:,:] f8[:] f8[:] f8[:] f8[:] f8[:] f8[:] f8 f4[:]"
_RADIANS = np.pi / 180


@kernel
def _look(row):
    rays, centre, axes, surface, turning, ahead, clock_s, blur, seen = unpack(row, LOOK)
    if surface[4] != 0.0 or surface[5] != 0.0:  # it is not dark
        turned = min(max(clock_s[0] - turning[1], 0.0), max(turning[2] - turning[1], 0.0))
        gone = turning[0] * turned * _RADIANS
        surface[3] = gone + ahead[0]
    look_round(rays, centre, axes, surface, blur, seen)
