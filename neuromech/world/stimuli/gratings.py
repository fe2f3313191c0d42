"""Gratings that move over a floor and a round wall.

A grating is a sinusoid that drifts along a direction. The half-plane to the left and the one to the right of
a line may carry different ones, as in the optomotor experiments that stimulate the two eyes apart.

The frame `world` fixes the pattern and the line (the x axis) to the tank, or to the water that drifts
through it. The frame `body` lets both turn with the animal and keeps the line below its axis, as closed-loop
experiments do, in which the larva is tracked and each eye gets its own pattern (Orger et al. 2008,
doi:10.1038/nn2048; Naumann et al. 2016, doi:10.1016/j.cell.2016.10.019). `feedback` is then the share of
its own translation that the animal sees.
"""

from dataclasses import dataclass, fields, replace
from math import cos, sin
from typing import Literal

import numba
import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.kernels import Call, bind, fused, kernel, unpack
from neuromech._lib.state import Stateful
from neuromech.specs.environment import EnvironmentSpec
from neuromech.specs.options import check_fields
from neuromech.specs.values import NotNegative, Positive, Share
from neuromech.world.stimuli.base import Place, Scene, Stimulus

Array = np.ndarray
DIRECTIONS = {"forward": 0.0, "left": 90.0, "backward": 180.0, "right": -90.0}
"""The directions that have names, degrees counter-clockwise from the frame's x axis."""
Direction = float | Literal["forward", "left", "backward", "right"]
"""Degrees counter-clockwise from the frame's x axis, or a word."""


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
        return float(np.radians(DIRECTIONS[self.direction] if isinstance(self.direction, str)
                                else self.direction))  # fmt: skip

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
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return replace(whole, **{key: value for key, value in own.items() if value is not None})


class GratingScene(Scene, Stateful):
    """A floor at height 0 and, where the world has one, a round wall about the origin, with their pattern.

    The pattern of the floor goes on up the wall. A ray that meets neither sees the luminance `above`.

    Parameters
    ----------
    left, right : gratings at y >= 0 and y < 0 of the pattern's frame.
    frame : "world" or "body": whether the pattern is fixed to the world or turns with the animal.
    feedback : share of its own translation that the animal sees, in the frame "body".
    drift_mm_s : velocity of a pattern that drifts through the world, (2,).
    dark : nothing is seen anywhere.
    walls : whether the pattern goes on up the wall, which else has the mean luminance.
    radius_mm, wall_mm : of the wall; radius 0 for none.
    """

    state_names = ("_body", "_seen")

    def __init__(
        self, left: Grating, right: Grating, *, frame: str = "world", feedback: float = 1.0,
        drift_mm_s: tuple[float, float] = (0.0, 0.0), dark: bool = False, walls: bool = True,
        above: float = 0.5, radius_mm: float = 0.0, wall_mm: float = 0.0,
    ) -> None:  # fmt: skip
        if frame == "body" and any(drift_mm_s):
            raise InputError("stimulus.drifts_with_water needs stimulus.frame=world")
        self.gratings = (left, right)
        self._frame, self._feedback, self._drift = frame, float(feedback), np.asarray(drift_mm_s, float)
        self._dark, self._light = dark, 0.0 if dark else float(above)
        self.room = np.array([radius_mm, wall_mm, float(walls), self._light])
        """Radius and height of the wall, whether it is patterned, the luminance above: for ray casters."""
        self._body, self._seen = np.zeros(3), np.zeros(2)
        self._ahead = np.zeros(2)
        """Phase (rad) by which the left and the right stripes are ahead, of those that changed on the way."""

    def go_on_from(self, before: Stimulus, t_s: float) -> None:
        """Let the stripes go on from where those were that they replace, so that none jumps at the origin."""
        if isinstance(before, GratingScene) and not (self._dark or before._dark):
            self._ahead[:] = before.waves(t_s)[:, 2] - self.waves(t_s)[:, 2]

    def reset(self, x_mm: float, y_mm: float, heading_rad: float) -> None:
        """Put the animal at a place where an episode begins."""
        self._body[:] = x_mm, y_mm, heading_rad
        self._seen[:] = 0.0

    def follow(self, x_mm: float, y_mm: float, heading_rad: float) -> None:
        """Tell the pattern where the animal has moved."""
        _follow(self._body, self._seen, self._feedback, x_mm, y_mm, heading_rad)

    def followed(self, pose: Array) -> tuple[Call, ...]:
        """Return the call that does what `follow` does, as `Stimulus.followed`."""
        return (bind(_follow_pose, FOLLOW, self._body, self._seen, self._feedback, pose),)

    def pose(self, t_s: float) -> tuple[float, float, float]:
        """Return the origin (mm) and heading (rad) of the pattern's frame in the world."""
        if self._frame == "world":
            x, y = self._drift * t_s
            return float(x), float(y), 0.0
        return _frame_of(self._body, self._seen)

    def velocity(self, t_s: float) -> np.ndarray:
        """Return the velocity of the pattern, mm/s (2,): the mean of both sides, zero in the dark.

        In the frame of the body it is that of a pattern whose animal does not swim.
        """
        if self._dark:
            return np.zeros(2)
        speeds = [each.speed_mm_s * (t_s >= each.start_s) for each in self.gratings]
        angles = [each.direction_rad for each in self.gratings]
        own = np.mean(
            [v * np.array([np.cos(a), np.sin(a)]) for v, a in zip(speeds, angles, strict=True)], axis=0
        )
        return _turn(self.pose(t_s)[2]) @ own + self._drift

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
        waves, still = self.waves(0.0), np.array([*self._drift, float(self._frame == "world")])
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
                still,
                self._ahead,
                self._body,
                self._seen,
                clock_s,
                blur,
                seen,
            ),
        )

    def value_from(
        self, pose: tuple[float, float, float], x_mm: Place, y_mm: Place, t_s: float
    ) -> np.ndarray:
        """Return the luminance of the floor, sharp, with the pattern's frame at `pose`."""
        c, s = np.cos(pose[2]), np.sin(pose[2])
        dx, dy = np.asarray(x_mm) - pose[0], np.asarray(y_mm) - pose[1]
        x, y = c * dx + s * dy, c * dy - s * dx
        kx, ky, phase, amplitude, mean = (
            np.where(y >= 0, left, right) for left, right in zip(*self.waves(t_s), strict=True)
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
    drift = (0.0, 0.0)
    if drifts_with_water:
        x, y, _ = environment.medium.options.get("current_mm_s", (0.0, 0.0, 0.0))
        drift = float(x), float(y)
    plate = environment.plate
    return GratingScene(
        *((side or Side()).of(whole) for side in (left, right)), frame=frame, feedback=feedback,
        drift_mm_s=drift, dark=dark, walls=walls, above=above, radius_mm=plate.radius_mm if plate else 0.0,
        wall_mm=plate.wall_mm if plate else 0.0,
    )  # fmt: skip


def _turn(angle_rad: float) -> np.ndarray:
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[c, -s], [s, c]])


@numba.njit(cache=True, fastmath=True)
def look(
    rays: Array, centre: Array, axes: Array, room: Array, pose: tuple[float, float, float], waves: Array,
    blur: float, seen: Array,
) -> None:  # fmt: skip
    """Write what unit `rays` (ray, 3) of a frame at `centre` (3,), `axes` (9,) see to `seen` (ray,).

    `room`, `pose` and `waves` are those of a `GratingScene`. A sinusoid exp(i q.p) averaged over a Gaussian
    patch of angular standard deviation `blur` keeps exp(-(blur r |q - n (q.d) / (n.d)|)^2 / 2) of its
    amplitude, for a ray d that meets a surface of normal n at distance r: without it, stripes near the
    horizon would alias.
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


@numba.njit(cache=True)
def _turned(angle_rad: float, x: float, y: float) -> tuple[float, float]:
    """Return a vector turned counter-clockwise."""
    c, s = cos(angle_rad), sin(angle_rad)
    return fused(c, x, -s * y), fused(s, x, c * y)


@numba.njit(cache=True)
def _frame_of(body: Array, seen: Array) -> tuple[float, float, float]:
    """Return the frame of a pattern that turns with the animal: its pose less what it has seen of its way."""
    x, y = _turned(body[2], seen[0], seen[1])
    return body[0] - x, body[1] - y, body[2]


@numba.njit(cache=True)
def _follow(
    body: Array, seen: Array, feedback: float, x_mm: float, y_mm: float, heading_rad: float
) -> None:  # fmt: skip
    """Add the way of an animal, in its own frame, to what it has seen of it."""
    x, y = _turned(-heading_rad, x_mm - body[0], y_mm - body[1])
    seen[0] += feedback * x
    seen[1] += feedback * y
    body[0], body[1], body[2] = x_mm, y_mm, heading_rad


FOLLOW = "f8[:] f8[:] f8 f8[:]"


@kernel
def _follow_pose(row):
    body, seen, feedback, pose = unpack(row, FOLLOW)
    _follow(body, seen, feedback, pose[0], pose[1], pose[2])


LOOK = "f8[:,:] f8[:] f8[:] f8[:] f8[:,:] f8[:,:] f8[:] f8[:] f8[:] f8[:] f8[:] f8 f4[:]"


@kernel
def _look(row):
    rays, centre, axes, room, waves, moves, still, ahead, body, turned, clock_s, blur, seen = unpack(
        row, LOOK
    )
    for side in range(2):
        gone = moves[side, 0] * max(clock_s[0] - moves[side, 1], 0.0)
        waves[side, 2] = gone + ahead[side]
    drifted = (still[0] * clock_s[0], still[1] * clock_s[0], 0.0)
    pose = drifted if still[2] != 0.0 else _frame_of(body, turned)
    look(rays, centre, axes, room, pose, waves, blur, seen)
