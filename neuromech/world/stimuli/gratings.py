"""Gratings that move over a floor and a round wall.

A grating is a sinusoid that drifts along a direction. The half-plane to the left and the one to the right of
a line may carry different ones, as in the optomotor experiments that stimulate the two eyes apart.
"""

from dataclasses import dataclass
from typing import Literal

import numba
import numpy as np

from neuromech._lib.kernels import Call, bind, kernel, unpack
from neuromech.specs.environment import EnvironmentSpec
from neuromech.specs.options import check_fields
from neuromech.specs.values import NotNegative, Positive, Share
from neuromech.world.stimuli.base import Place, Pose, Stimulus
from neuromech.world.stimuli.floor import (
    Direction,
    FloorScene,
    direction_rad,
    meet,
    one_side,
    pose_at,
    ray_in_world,
    surroundings,
)  # fmt: skip

Array = np.ndarray


@dataclass(frozen=True)
class Grating:
    """Stripes whose luminance is mean (1 + contrast sin(2 pi (s - speed (t - start)) / wavelength)).

    Parameters
    ----------
    direction : the way in which s (mm) is measured and the stripes move: degrees counter-clockwise from the
        frame's x axis, or one of `DIRECTIONS`.
    speed_mm_s, wavelength_mm : speed and wavelength of the stripes.
    contrast : Michelson's contrast.
    luminance : the mean, from 0 to 1.
    start_s : when they begin to move.
    """

    direction: Direction = "forward"
    speed_mm_s: NotNegative = 10.0
    wavelength_mm: Positive = 10.0
    contrast: Share = 1.0
    luminance: Share = 0.5
    start_s: NotNegative = 0.0

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        check_fields(self, "stimulus")

    @property
    def direction_rad(self) -> float:
        """The direction of motion, rad counter-clockwise from the frame's x axis."""
        return direction_rad(self.direction)

    def wave(self, t_s: float) -> tuple[float, float, float, float, float]:
        """Return (kx, ky, phase, amplitude, mean) of mean + amplitude sin(k.p - phase), k in rad/mm."""
        k, angle = 2 * np.pi / self.wavelength_mm, self.direction_rad
        phase = k * self.speed_mm_s * max(t_s - self.start_s, 0.0)
        return k * np.cos(angle), k * np.sin(angle), phase, self.luminance * self.contrast, self.luminance


@dataclass(frozen=True)
class Side:
    """What of a grating is different on one side; null is as on the other."""

    direction: Direction | None = None
    speed_mm_s: NotNegative | None = None
    wavelength_mm: Positive | None = None
    contrast: Share | None = None
    luminance: Share | None = None
    start_s: NotNegative | None = None

    def of(self, whole: Grating) -> Grating:
        """Return the grating of this side."""
        return one_side(whole, self)


class GratingScene(FloorScene):
    """A floor with gratings; the pattern goes on up the wall, where the world has one.

    Parameters
    ----------
    left, right : gratings on either side of the line between the halves.
    walls : whether the pattern goes on up the wall, which else has the mean luminance.

    The others are those of `FloorScene`.
    """

    def __init__(
        self, left: Grating, right: Grating, *, frame: str = "world", feedback: float = 1.0,
        drift_mm_s: tuple[float, float] = (0.0, 0.0), dark: bool = False, walls: bool = True,
        above: float = 0.5, radius_mm: float = 0.0, wall_mm: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(
            frame=frame, feedback=feedback, drift_mm_s=drift_mm_s, dark=dark, above=above,
            radius_mm=radius_mm, wall_mm=wall_mm, walls=walls,
        )  # fmt: skip
        self.gratings = (left, right)
        self._ahead = np.zeros(2)
        """Phase (rad) by which the left and the right stripes are ahead, of those that changed on the way."""

    def go_on_from(self, before: Stimulus, t_s: float) -> None:
        """Let the stripes go on from where those were that they replace, so that none jumps at the origin."""
        if isinstance(before, GratingScene) and not (self._dark or before._dark):
            self._ahead[:] = before.waves(t_s)[:, 2] - self.waves(t_s)[:, 2]

    def velocity(self, t_s: float) -> np.ndarray:
        """Return the velocity of the pattern, mm/s (2,): the mean of both sides, zero in the dark.

        In the frame of the body it is that of a pattern whose animal does not swim.
        """
        if self._dark:
            return np.zeros(2)
        speeds = [each.speed_mm_s * (t_s >= each.start_s) for each in self.gratings]
        angles = [each.direction_rad for each in self.gratings]
        return self._mean_velocity(t_s, speeds, angles)

    def waves(self, t_s: float) -> np.ndarray:
        """Return `Grating.wave` of the left and the right side, (2, 5); zeros in the dark."""
        if self._dark:
            return np.zeros((2, 5))
        waves = np.array([each.wave(t_s) for each in self.gratings])
        waves[:, 2] += self._ahead
        return waves

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
        look(rays, centre, axes, self.room, self.pose(t_s), self.waves(t_s), blur, seen)

    def looked(
        self, rays: Array, centre: Array, axes: Array, clock_s: Array, blur: float, seen: Array
    ) -> tuple[Call, ...]:
        """Return the call that casts the rays, as `Scene.looked`."""
        waves = self.waves(0.0)
        # Phase grows at k v from the start on; in the dark there is nothing that could move.
        moves = np.array([[2 * np.pi / g.wavelength_mm * g.speed_mm_s, g.start_s] for g in self.gratings])
        moves[:, 0] *= not self._dark
        eye = (rays, centre, axes, self.room)
        return (
            bind(
                _look,
                LOOK,
                *eye,
                waves,
                moves,
                self._still,
                self._ahead,
                self._body,
                self._seen,
                clock_s,
                blur,
                seen,
            ),
        )

    def value_from(self, pose: Pose, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Return the luminance of the floor, sharp, with the pattern's frame at `pose`."""
        c, s = np.cos(pose[2]), np.sin(pose[2])
        dx, dy = np.asarray(x_mm) - pose[0], np.asarray(y_mm) - pose[1]
        x, y = c * dx + s * dy, c * dy - s * dx
        kx, ky, phase, amplitude, mean = (
            np.where(y >= pose[3], left, right) for left, right in zip(*self.waves(t_s), strict=True)
        )
        return np.asarray(mean + amplitude * np.sin(kx * x + ky * y - phase))


def grating_scene(
    environment: EnvironmentSpec, *, frame: Literal["world", "body"] = "world", feedback: NotNegative = 1.0,
    direction: Direction = "forward", speed_mm_s: NotNegative = 10.0, wavelength_mm: Positive = 10.0,
    contrast: Share = 1.0, luminance: Share = 0.5, start_s: NotNegative = 0.0, left: Side | None = None,
    right: Side | None = None, drifts_with_water: bool = False, dark: bool = False, walls: bool = True,
    above: NotNegative = 0.5,
) -> GratingScene:  # fmt: skip
    """Return the gratings that environment.yaml shows under `stimulus` (`kind: grating`), within its `plate`.

    The keys are those of `Grating`, for one side those of `Side`, and those of `GratingScene`. A pattern that
    `drifts_with_water` moves with the current of the medium.

    Raises
    ------
    InputError
        A pattern that turns with the animal is to drift through the world.
    """
    whole = Grating(direction, speed_mm_s, wavelength_mm, contrast, luminance, start_s)
    return GratingScene(
        *((side or Side()).of(whole) for side in (left, right)), frame=frame, feedback=feedback,
        dark=dark, walls=walls, above=above, **surroundings(environment, drifts_with_water),
    )  # fmt: skip


@numba.njit(cache=True, fastmath=True)
def look(
    rays: Array, centre: Array, axes: Array, room: Array, pose: Pose, waves: Array,
    blur: float, seen: Array,
) -> None:  # fmt: skip
    """Write what unit `rays` (ray, 3) of a frame at `centre` (3,), `axes` (9,) see to `seen` (ray,).

    `room`, `pose` and `waves` are those of a `GratingScene`. A sinusoid exp(i q.p) averaged over a Gaussian
    patch of angular standard deviation `blur` keeps exp(-(blur r |q - n (q.d) / (n.d)|)^2 / 2) of its
    amplitude, for a ray d that meets a surface of normal n at distance r: without it, stripes near the
    horizon would alias.
    """
    patterned, light = room[2], room[3]
    c, s = np.cos(pose[2]), np.sin(pose[2])
    for i in range(rays.shape[0]):
        dx, dy, dz = ray_in_world(rays, i, axes)
        r, nx, ny, nz = meet(centre, dx, dy, dz, room)
        if r < 0.0:
            seen[i] = light
            continue
        x, y = centre[0] + r * dx - pose[0], centre[1] + r * dy - pose[1]
        px, py = c * x + s * y, c * y - s * x
        side = 0 if py >= pose[3] else 1
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


LOOK = "f8[:,:] f8[:] f8[:] f8[:] f8[:,:] f8[:,:] f8[:] f8[:] f8[:] f8[:] f8[:] f8 f4[:]"


@kernel
def _look(row):
    rays, centre, axes, room, waves, moves, still, ahead, body, turned, clock_s, blur, seen = unpack(
        row, LOOK
    )
    for side in range(2):
        gone = moves[side, 0] * max(clock_s[0] - moves[side, 1], 0.0)
        waves[side, 2] = gone + ahead[side]
    pose = pose_at(still, body, turned, clock_s[0])
    look(rays, centre, axes, room, pose, waves, blur, seen)
