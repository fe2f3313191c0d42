"""A windmill: sectors on the floor that turn about the animal, as they are shown to a larva whose eyes move.

The luminance is a sinusoid of the azimuth, so that a whole number of arms goes round.
"""

from typing import Literal

import numba
import numpy as np

from neuromech._lib.kernels import Call, bind, kernel, unpack
from neuromech.specs.environment import EnvironmentSpec
from neuromech.specs.values import Count, NotNegative, Positive, Share
from neuromech.world.stimuli.base import Place, Pose
from neuromech.world.stimuli.drum import DIRECTIONS
from neuromech.world.stimuli.floor import FloorScene, meet, ray_in_world, surroundings

Array = np.ndarray
WAYS = ("constant", "triangle", "sine")
"""How the windmill turns: on and on, to and fro at one speed, to and fro as a sine."""


@numba.njit(cache=True)
def turned_rad(motion: Array, t_s: float) -> float:
    """Return how far a windmill has turned, rad.

    `motion` is its way, speed (rad/s), period, start and stop (s).
    """
    way, speed, period = motion[0], motion[1], motion[2]
    t = min(max(t_s - motion[3], 0.0), max(motion[4] - motion[3], 0.0))
    if way == 0.0:
        return speed * t
    if way == 1.0:
        rest = t % period
        return speed * (rest if rest < period / 2 else period - rest)
    return speed * period / (2 * np.pi) * (1.0 - np.cos(2 * np.pi * t / period))


@numba.njit(cache=True, fastmath=True)
def look_at_windmill(
    rays: Array, centre: Array, axes: Array, room: Array, hub: Array, light: Array, turned: float,
    blur: float, seen: Array,
) -> None:  # fmt: skip
    """Write what unit `rays` (ray, 3) of a frame at `centre` (3,), `axes` (9,) see to `seen` (ray,).

    `hub` is the place about which the arms turn (mm, 2), `light` the number of arms, amplitude and mean. At a
    distance p from the hub the arms are a grating of arms / p rad/mm across the radius.
    """
    arms, amplitude, mean = light[0], light[1], light[2]
    for i in range(rays.shape[0]):
        dx, dy, dz = ray_in_world(rays, i, axes)
        r, nx, ny, nz = meet(centre, dx, dy, dz, room)
        if r < 0.0:
            seen[i] = room[3]
            continue
        x, y = centre[0] + r * dx - hub[0], centre[1] + r * dy - hub[1]
        far = np.sqrt(x * x + y * y) + 1e-9
        if nz == 0.0 or abs(dz) < 1e-6:
            seen[i] = mean
            continue
        q = arms / far
        slip = q * (dy * x - dx * y) / far / dz
        kept = np.exp(-0.5 * blur * blur * r * r * (q * q + slip * slip))
        seen[i] = mean + kept * amplitude * np.sin(arms * (np.arctan2(y, x) - turned))


class Windmill(FloorScene):
    """A floor with arms about the place where the animal is put; a wall has their mean luminance.

    Parameters
    ----------
    motion : float64 (5,), see `turned_rad`.
    light : float64 (3,), see `look_at_windmill`.
    dark, above, radius_mm, wall_mm : as of `FloorScene`.
    """

    state_names = ("_body", "_seen", "_hub")

    def __init__(
        self, motion: Array, light: Array, *, dark: bool = False, above: float = 0.5, radius_mm: float = 0.0,
        wall_mm: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(
            frame="world", feedback=0.0, drift_mm_s=(0.0, 0.0), dark=dark, above=above, radius_mm=radius_mm,
            wall_mm=wall_mm, walls=False,
        )  # fmt: skip
        self.motion, self.light = motion, light * (not dark)
        self._hub = np.zeros(2)

    def reset(self, x_mm: float, y_mm: float, heading_rad: float) -> None:
        """Put the arms about the place where an episode begins."""
        super().reset(x_mm, y_mm, heading_rad)
        self._hub[:] = x_mm, y_mm

    def pose(self, t_s: float) -> Pose:
        """Return the place (mm) and heading (rad) of the arms, as the recorder keeps them."""
        return float(self._hub[0]), float(self._hub[1]), float(turned_rad(self.motion, t_s))

    def velocity(self, t_s: float) -> np.ndarray:
        """Return zero, mm/s (2,): the floor turns and goes nowhere."""
        return np.zeros(2)

    def look(
        self, rays: np.ndarray, centre: np.ndarray, axes: np.ndarray, t_s: float, blur: float,
        seen: np.ndarray,
    ) -> None:  # fmt: skip
        """Write what the rays of an eye see, as `Scene.look`."""
        turned = float(turned_rad(self.motion, t_s))
        look_at_windmill(rays, centre, axes, self.room, self._hub, self.light, turned, blur, seen)

    def looked(
        self, rays: Array, centre: Array, axes: Array, clock_s: Array, blur: float, seen: Array
    ) -> tuple[Call, ...]:
        """Return the call that casts the rays, as `Scene.looked`."""
        eye = (rays, centre, axes, self.room)
        return (bind(_look, LOOK, *eye, self._hub, self.light, self.motion, clock_s, blur, seen),)

    def value_from(self, pose: Pose, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Return the luminance of the floor, sharp, with the arms at `pose`."""
        arms, amplitude, mean = self.light
        angle = np.arctan2(np.asarray(y_mm) - pose[1], np.asarray(x_mm) - pose[0])
        return np.asarray(mean + amplitude * np.sin(arms * (angle - pose[2])))


def windmill(
    environment: EnvironmentSpec, *, direction: Literal["left", "right"] = "left",
    way: Literal["constant", "triangle", "sine"] = "constant", speed_deg_s: NotNegative = 10.0,
    period_s: Positive = 8.0, arms: Count = 8, contrast: Share = 1.0, luminance: Share = 0.5,
    start_s: NotNegative = 0.0, stop_s: NotNegative = 1e9, dark: bool = False, above: Share = 0.5,
) -> Windmill:  # fmt: skip
    """Return the windmill that environment.yaml shows under `stimulus` (`kind: windmill`).

    Parameters
    ----------
    environment : which may have a wall.
    direction : the first direction of turning, seen from above: left is counter-clockwise.
    way : how it turns: `constant`, or to and fro as a `triangle` or a `sine`.
    speed_deg_s, period_s : the speed, of a sine the highest; the time from one turn to the left to the next.
    arms : how many bright sectors there are.
    contrast, luminance : Michelson's contrast; the mean, from 0 to 1.
    start_s, stop_s : when it begins and ends to turn.
    dark : whether nothing is seen anywhere.
    above : luminance where there is neither floor nor wall.
    """
    speed = DIRECTIONS[direction] * np.radians(speed_deg_s)
    motion = np.array([float(WAYS.index(way)), speed, period_s, start_s, stop_s])
    light = np.array([float(arms), luminance * contrast, luminance])
    around = surroundings(environment, False)
    return Windmill(
        motion, light, dark=dark, above=above, radius_mm=around["radius_mm"], wall_mm=around["wall_mm"]
    )


LOOK = "f8[:,:] f8[:] f8[:] f8[:] f8[:] f8[:] f8[:] f8[:] f8 f4[:]"


@kernel
def _look(row):
    rays, centre, axes, room, hub, light, motion, clock_s, blur, seen = unpack(row, LOOK)
    turned = turned_rad(motion, clock_s[0])
    look_at_windmill(rays, centre, axes, room, hub, light, turned, blur, seen)
