"""A floor with a pattern within a round wall: the frame that the pattern moves in, and where rays meet it.

The frame `world` fixes the pattern and the line between its halves (the x axis) to the tank, or to the water
that drifts through it. The frame `body` lets both turn with the animal and keeps the line below its axis, as
closed-loop experiments do, in which the larva is tracked and each eye gets its own pattern (Orger et al.
2008, doi:10.1038/nn2048; Naumann et al. 2016, doi:10.1016/j.cell.2016.10.019). `feedback` is then the share
of its own translation that the animal sees.
"""

from dataclasses import fields, replace
from math import cos, sin
from typing import Any, Literal

import numba
import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.kernels import Call, bind, fused, kernel, unpack
from neuromech._lib.state import Stateful
from neuromech.specs.environment import EnvironmentSpec
from neuromech.world.stimuli.base import Pose, Scene

Array = np.ndarray
DIRECTIONS = {"forward": 0.0, "left": 90.0, "backward": 180.0, "right": -90.0}
"""The directions that have names, degrees counter-clockwise from the frame's x axis."""
Direction = float | Literal["forward", "left", "backward", "right"]
"""Degrees counter-clockwise from the frame's x axis, or a word."""


def direction_rad(direction: Direction) -> float:
    """Return a direction as an angle, rad counter-clockwise from the frame's x axis."""
    return float(np.radians(DIRECTIONS[direction] if isinstance(direction, str) else direction))


def one_side(whole: Any, own: Any) -> Any:
    """Return a pattern, a dataclass, with what `own` says of one side; null there is as in the whole."""
    different = {each.name: value for each in fields(own) if (value := getattr(own, each.name)) is not None}
    return replace(whole, **different)


def surroundings(environment: EnvironmentSpec, drifts_with_water: bool) -> dict[str, Any]:
    """Return the keywords `drift_mm_s`, `radius_mm` and `wall_mm` of a scene: the water and the wall."""
    drift = (0.0, 0.0)
    if drifts_with_water:
        x, y, _ = environment.medium.options.get("current_mm_s", (0.0, 0.0, 0.0))
        drift = float(x), float(y)
    plate = environment.plate
    wall = (plate.radius_mm, plate.wall_mm) if plate else (0.0, 0.0)
    return {"drift_mm_s": drift, "radius_mm": wall[0], "wall_mm": wall[1]}


class FloorScene(Scene, Stateful):
    """A floor at height 0 and, where the world has one, a round wall about the origin.

    A ray that meets neither sees the luminance `above`.

    Parameters
    ----------
    frame : "world" or "body": whether the pattern is fixed to the world or turns with the animal.
    feedback : share of its own translation that the animal sees, in the frame "body".
    drift_mm_s : velocity of a pattern that drifts through the world, (2,).
    dark : nothing is seen anywhere.
    above : luminance where there is neither floor nor wall.
    radius_mm, wall_mm : of the wall; radius 0 for none.
    walls : whether the pattern goes on up the wall, which else has the mean luminance.
    """

    state_names = ("_body", "_seen")

    def __init__(
        self, *, frame: str, feedback: float, drift_mm_s: tuple[float, float], dark: bool, above: float,
        radius_mm: float, wall_mm: float, walls: bool,
    ) -> None:  # fmt: skip
        if frame == "body" and any(drift_mm_s):
            raise InputError("stimulus.drifts_with_water needs stimulus.frame=world")
        self._frame, self._feedback, self._drift = frame, float(feedback), np.asarray(drift_mm_s, float)
        self._dark, self._light = dark, 0.0 if dark else float(above)
        self.room = np.array([radius_mm, wall_mm, float(walls), self._light])
        """Radius and height of the wall, whether it is patterned, the luminance above: for ray casters."""
        self._body, self._seen = np.zeros(3), np.zeros(2)
        self._still = np.array([*self._drift, float(frame == "world")])
        """The drift, and whether the pattern does not turn with the animal: for `pose_at`."""

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

    def pose(self, t_s: float) -> Pose:
        """Return where the pattern is."""
        if self._frame == "world":
            x, y = self._drift * t_s
            return float(x), float(y), 0.0, 0.0
        return frame_of(self._body, self._seen)

    def _mean_velocity(self, t_s: float, speeds: list[float], angles: list[float]) -> np.ndarray:
        """Return the velocity in the world of a pattern whose sides move at these speeds (mm/s, rad)."""
        own = np.mean(
            [v * np.array([np.cos(a), np.sin(a)]) for v, a in zip(speeds, angles, strict=True)], axis=0
        )
        return turn(self.pose(t_s)[2]) @ own + self._drift


def turn(angle_rad: float) -> np.ndarray:
    """Return the matrix (2, 2) that turns a vector counter-clockwise."""
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[c, -s], [s, c]])


@numba.njit(cache=True, fastmath=True)
def ray_in_world(rays: Array, i: int, axes: Array) -> tuple[float, float, float]:
    """Return ray `i` of unit vectors (ray, 3) of an eye whose frame is `axes` (9,), in the world."""
    a, b, e = rays[i, 0], rays[i, 1], rays[i, 2]
    return (
        axes[0] * a + axes[1] * b + axes[2] * e,
        axes[3] * a + axes[4] * b + axes[5] * e,
        axes[6] * a + axes[7] * b + axes[8] * e,
    )


@numba.njit(cache=True, fastmath=True)
def meet(
    centre: Array, dx: float, dy: float, dz: float, room: Array
) -> tuple[float, float, float, float]:  # fmt: skip
    """Return where a ray from `centre` (3,) meets floor or wall: its length and the surface's normal.

    `room` is that of a `FloorScene`. The length is -1 where it meets neither.
    """
    radius, top = room[0], room[1]
    ox, oy, oz = centre[0], centre[1], max(centre[2], 1e-6)
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
        r = -1.0
    return r, nx, ny, nz


@numba.njit(cache=True)
def _turned(angle_rad: float, x: float, y: float) -> tuple[float, float]:
    """Return a vector turned counter-clockwise."""
    c, s = cos(angle_rad), sin(angle_rad)
    return fused(c, x, -s * y), fused(s, x, c * y)


@numba.njit(cache=True)
def frame_of(body: Array, seen: Array) -> tuple[float, float, float, float]:
    """Return the frame of a pattern that turns with the animal: its pose less what it has seen of its way.

    The line between the halves stays below the animal, wherever the pattern has gone.
    """
    x, y = _turned(body[2], seen[0], seen[1])
    return body[0] - x, body[1] - y, body[2], seen[1]


@numba.njit(cache=True)
def pose_at(still: Array, body: Array, seen: Array, t_s: float) -> tuple[float, float, float, float]:
    """Return what `FloorScene.pose` does."""
    if still[2] != 0.0:
        return still[0] * t_s, still[1] * t_s, 0.0, 0.0
    return frame_of(body, seen)


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
