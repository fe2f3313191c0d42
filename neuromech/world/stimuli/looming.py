"""A dark disc that grows as an object does that comes nearer at a constant speed.

An object of half-width l that approaches at speed v and would arrive after a time t has an angular size of
2 atan(l / (v t)): all that matters is l/v, a time. The disc keeps its direction from the animal, as on a
screen whose picture turns with it.
"""

from math import acos, cos, degrees, erf, radians, sin, sqrt, tan
from typing import Annotated

import numba
import numpy as np
from annotated_types import Ge, Gt, Le, Lt

from neuromech._lib.errors import InputError
from neuromech._lib.kernels import Call, bind, kernel, unpack
from neuromech.specs.environment import EnvironmentSpec
from neuromech.specs.values import NotNegative, Positive, Share
from neuromech.world.stimuli.base import Place, Pose
from neuromech.world.stimuli.floor import FloorScene, ray_in_world, surroundings

Array = np.ndarray
Azimuth = Annotated[float, Ge(-180), Le(180)]
Elevation = Annotated[float, Ge(-90), Le(90)]
Size = Annotated[float, Gt(0), Lt(180)]
EYE_MM = 3.0
"""Height above the floor, mm, from which the disc is drawn on the floor of a film: where a larva swims."""


@numba.njit(cache=True)
def half_size_rad(numbers: Array, t_s: float) -> float:
    """Return half of the angular size of the disc, rad; 0 before it is there.

    `numbers` are azimuth and elevation (rad), l/v (s), when it appears and when it would arrive (s), its half
    size at the end (rad), the luminance around it and its own.
    """
    if t_s < numbers[3]:
        return 0.0
    left = numbers[4] - t_s
    most = numbers[5]
    return min(np.arctan2(numbers[2], left), most) if left > 0.0 else most


@numba.njit(cache=True)
def look_at_disc(
    rays: Array, axes: Array, heading: float, numbers: Array, t_s: float, blur: float, seen: Array
) -> None:
    """Write what unit `rays` (ray, 3) of a frame `axes` (9,) see to `seen` (ray,); the edge is soft."""
    half = half_size_rad(numbers, t_s)
    way, up = heading + numbers[0], numbers[1]
    x, y, z = cos(up) * cos(way), cos(up) * sin(way), sin(up)
    around, disc = numbers[6], numbers[7]
    for i in range(rays.shape[0]):
        dx, dy, dz = ray_in_world(rays, i, axes)
        cover = 0.0
        if half > 0.0:
            off = acos(min(max(x * dx + y * dy + z * dz, -1.0), 1.0))
            cover = 0.5 * (1.0 + erf((half - off) / (sqrt(2.0) * blur + 1e-6)))
        seen[i] = around + cover * (disc - around)


class Looming(FloorScene):
    """An evenly lit place and a disc on it.

    Parameters
    ----------
    numbers : float64 (8,), see `half_size_rad`.
    radius_mm, wall_mm : of the wall, which is as bright as everything.
    """

    def __init__(self, numbers: Array, *, radius_mm: float = 0.0, wall_mm: float = 0.0) -> None:
        super().__init__(
            frame="body", feedback=0.0, drift_mm_s=(0.0, 0.0), dark=False, above=float(numbers[6]),
            radius_mm=radius_mm, wall_mm=wall_mm, walls=False,
        )  # fmt: skip
        self.numbers = numbers

    def size_deg(self, t_s: float) -> float:
        """Return the angular size of the disc, degrees."""
        return degrees(2 * half_size_rad(self.numbers, t_s))

    def time_of_s(self, size_deg: float) -> float:
        """Return when the disc has a size, degrees."""
        return float(self.numbers[4] - self.numbers[2] / tan(radians(size_deg) / 2))

    def velocity(self, t_s: float) -> np.ndarray:
        """Return zero, mm/s (2,): nothing moves along the floor."""
        return np.zeros(2)

    def look(
        self, rays: np.ndarray, centre: np.ndarray, axes: np.ndarray, t_s: float, blur: float,
        seen: np.ndarray,
    ) -> None:  # fmt: skip
        """Write what the rays of an eye see, as `Scene.look`."""
        look_at_disc(rays, axes, float(self._body[2]), self.numbers, t_s, blur, seen)

    def looked(
        self, rays: Array, centre: Array, axes: Array, clock_s: Array, blur: float, seen: Array
    ) -> tuple[Call, ...]:
        """Return the call that casts the rays, as `Scene.looked`."""
        return (bind(_look, LOOK, rays, axes, self._body, self.numbers, clock_s, blur, seen),)

    def value_from(self, pose: Pose, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Return the luminance of the floor as the animal at `pose` sees it."""
        dx, dy = np.asarray(x_mm) - pose[0], np.asarray(y_mm) - pose[1]
        azimuth, elevation = pose[2] + self.numbers[0], self.numbers[1]
        far = np.sqrt(dx**2 + dy**2 + EYE_MM**2)
        along = np.cos(elevation) * (np.cos(azimuth) * dx + np.sin(azimuth) * dy)
        inside = (along - np.sin(elevation) * EYE_MM) / far > np.cos(half_size_rad(self.numbers, t_s))
        return np.where(inside, self.numbers[7], self.numbers[6])

    def recorded(self, x_mm: float, y_mm: float, t_s: float) -> dict[str, float]:
        """Return where the animal's frame is, and the size of the disc."""
        return {**super().recorded(x_mm, y_mm, t_s), "disc_deg": self.size_deg(t_s)}


def looming(
    environment: EnvironmentSpec, *, azimuth_deg: Azimuth = 90.0, elevation_deg: Elevation = -30.0,
    l_v_s: Positive = 0.5, start_s: NotNegative = 2.0, smallest_deg: Size = 10.0, largest_deg: Size = 120.0,
    contrast: Share = 1.0, luminance: Share = 0.5,
) -> Looming:  # fmt: skip
    """Return the disc that environment.yaml shows under `stimulus` (`kind: looming`), within its `plate`.

    Parameters
    ----------
    environment : which may have a wall.
    azimuth_deg, elevation_deg : direction of the disc from the animal's axis: left and up are positive.
    l_v_s : half-width over speed of approach.
    start_s : when it appears, as large as `smallest_deg`.
    smallest_deg, largest_deg : angular size at first, and at the end, which then stays.
    contrast : share by which it is darker than what is around it.
    luminance : of what is around it.

    Raises
    ------
    InputError
        The disc is to be smaller at the end than at first.
    """
    if largest_deg <= smallest_deg:
        raise InputError(f"stimulus.largest_deg={largest_deg:g} must exceed smallest_deg={smallest_deg:g}")
    arrives = start_s + l_v_s / tan(radians(smallest_deg) / 2)
    numbers = np.array([
        radians(azimuth_deg), radians(elevation_deg), l_v_s, start_s, arrives, radians(largest_deg) / 2,
        luminance, luminance * (1 - contrast),
    ])  # fmt: skip
    around = surroundings(environment, False)
    return Looming(numbers, radius_mm=around["radius_mm"], wall_mm=around["wall_mm"])


LOOK = "f8[:,:] f8[:] f8[:] f8[:] f8[:] f8 f4[:]"


@kernel
def _look(row):
    rays, axes, body, numbers, clock_s, blur, seen = unpack(row, LOOK)
    look_at_disc(rays, axes, body[2], numbers, clock_s[0], blur, seen)
