"""Random dots on a floor of which a share moves together: motion evidence of a chosen strength.

Every dot lives for a while, then another one appears elsewhere. As it appears chance decides whether it moves
with the others or in a direction of its own; all move at the same speed, so that only the coherence says
where the whole goes. Such dots were made for primates (Newsome & Pare 1988, doi:10.1523/JNEUROSCI.08-06-
02201.1988) and shown to zebrafish larvae from below (Bahl & Engert 2020, doi:10.1038/s41593-019-0534-9;
Dragomir et al. 2020, doi:10.1038/s41593-019-0535-8).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.kernels import Call, bind, kernel, unpack
from neuromech.specs.environment import EnvironmentSpec
from neuromech.specs.options import check_fields
from neuromech.specs.values import NotNegative, Positive, Share, Whole
from neuromech.world.stimuli.base import Place, Pose
from neuromech.world.stimuli.dot_picture import OFFSETS, TILE_MM, cover, draw_both, look_at_dots, place
from neuromech.world.stimuli.floor import (
    Direction,
    FloorScene,
    direction_rad,
    one_side,
    pose_at,
    surroundings,
)  # fmt: skip

Array = np.ndarray
MOST_DOTS = 20_000
"""The highest number of dots in a tile: each of them is drawn at every step."""


@dataclass(frozen=True)
class Dots:
    """Dots of which the share `coherence` moves together between two times, and none before and after.

    Parameters
    ----------
    direction : of the common motion, degrees counter-clockwise from the frame's x axis or one of the words
        of a `Grating`.
    speed_mm_s : of every dot.
    coherence : share of dots that take the common direction; each of the others takes its own.
    start_s, stop_s : dots that appear before and after take directions of their own only.
    lifetime_s : how long a dot stays.
    density_mm2 : dots per square millimetre.
    radius_mm : of a dot.
    contrast : dots have the luminance `luminance` (1 + contrast), what is between them (1 - contrast).
    luminance : the middle of both, from 0 to 0.5.
    """

    direction: Direction = "forward"
    speed_mm_s: NotNegative = 10.0
    coherence: Share = 1.0
    start_s: NotNegative = 0.0
    stop_s: NotNegative = 1e9
    lifetime_s: Positive = 1.0
    density_mm2: Positive = 0.15
    radius_mm: Positive = 0.8
    contrast: Share = 1.0
    luminance: Share = 0.5

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        check_fields(self, "stimulus")
        if self.stop_s < self.start_s:
            raise InputError(
                f"stimulus.stop_s={self.stop_s:g} must not be earlier than start_s={self.start_s:g}"
            )
        if self.count > MOST_DOTS:
            raise InputError(
                f"stimulus.density_mm2={self.density_mm2:g} gives {self.count} dots on {TILE_MM:g} x "
                f"{TILE_MM:g} mm; at most {MOST_DOTS} are drawn"
            )
        if self.radius_mm > TILE_MM / 4:
            raise InputError(f"stimulus.radius_mm must not exceed {TILE_MM / 4:g}, not {self.radius_mm:g}")

    @property
    def count(self) -> int:
        """The number of dots in a tile."""
        return max(1, round(self.density_mm2 * TILE_MM**2))

    @property
    def direction_rad(self) -> float:
        """The direction of the common motion, rad counter-clockwise from the frame's x axis."""
        return direction_rad(self.direction)

    def numbers(self) -> np.ndarray:
        """Return what the compiled code needs, float64 (9,): see `place`."""
        return np.array([
            self.direction_rad, self.speed_mm_s, self.coherence, self.start_s, self.stop_s, self.lifetime_s,
            self.radius_mm, self.luminance * (1 - self.contrast), self.luminance * (1 + self.contrast),
        ])  # fmt: skip


@dataclass(frozen=True)
class DotsSide:
    """What of the dots is different on one side; null is as on the other."""

    direction: Direction | None = None
    speed_mm_s: NotNegative | None = None
    coherence: Share | None = None
    start_s: NotNegative | None = None
    stop_s: NotNegative | None = None
    contrast: Share | None = None
    luminance: Share | None = None

    def of(self, whole: Dots) -> Dots:
        """Return the dots of this side."""
        return one_side(whole, self)


class DotScene(FloorScene):
    """A floor with dots; a wall, where the world has one, has the luminance between them.

    Parameters
    ----------
    left, right : dots on either side of the line between the halves.
    draw : seed of all chances. Dots are a function of it and of time alone.

    The others are those of `FloorScene`.
    """

    def __init__(
        self, left: Dots, right: Dots, *, draw: int = 0, frame: str = "world", feedback: float = 1.0,
        drift_mm_s: tuple[float, float] = (0.0, 0.0), dark: bool = False, above: float = 0.5,
        radius_mm: float = 0.0, wall_mm: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(
            frame=frame, feedback=feedback, drift_mm_s=drift_mm_s, dark=dark, above=above,
            radius_mm=radius_mm, wall_mm=wall_mm, walls=False,
        )  # fmt: skip
        if left.luminance * (1 + left.contrast) > 1 or right.luminance * (1 + right.contrast) > 1:
            raise InputError("stimulus: luminance * (1 + contrast) of the dots must not exceed 1")
        self.sides, self._draw = (left, right), draw
        self._numbers = np.array([left.numbers(), right.numbers()])
        self._places = np.zeros((2, left.count, 2))
        # The last number of a side's pyramid is the time at which it was drawn.
        self._pyramid = np.full((2, OFFSETS[-1] + 1), np.nan)

    def velocity(self, t_s: float) -> np.ndarray:
        """Return the velocity of the common motion, mm/s (2,): the mean of both sides, zero in the dark."""
        if self._dark:
            return np.zeros(2)
        speeds = [
            each.speed_mm_s * (each.start_s <= t_s < each.stop_s) * (each.coherence > 0)
            for each in self.sides
        ]
        return self._mean_velocity(t_s, speeds, [each.direction_rad for each in self.sides])

    def places(self, t_s: float) -> np.ndarray:
        """Return where the dots of the left and of the right side are, mm (2, dot, 2), in their tile."""
        found = np.zeros_like(self._places)
        for side in range(2):
            place(self._numbers[side], self._draw, t_s, found[side])
        return found

    def look(
        self, rays: np.ndarray, centre: np.ndarray, axes: np.ndarray, t_s: float, blur: float,
        seen: np.ndarray,
    ) -> None:  # fmt: skip
        """Write what the rays of an eye see, as `Scene.look`."""
        if self._dark:
            seen[:] = 0.0
            return
        draw_both(self._numbers, self._draw, t_s, self._places, self._pyramid, OFFSETS)
        look_at_dots(
            rays, centre, axes, self.room, self.pose(t_s), self._numbers, self._pyramid, OFFSETS, blur, seen
        )

    def looked(
        self, rays: Array, centre: Array, axes: Array, clock_s: Array, blur: float, seen: Array
    ) -> tuple[Call, ...]:
        """Return the call that draws the dots and casts the rays, as `Scene.looked`."""
        if self._dark:
            return ()  # what is never written stays zero
        eye = (rays, centre, axes, self.room)
        drawn = (self._numbers, self._draw, self._places, self._pyramid, OFFSETS)
        return (bind(_look, LOOK, *eye, *drawn, self._still, self._body, self._seen, clock_s, blur, seen),)

    def value_from(self, pose: Pose, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Return the luminance of the floor, sharp, with the pattern's frame at `pose`."""
        c, s = np.cos(pose[2]), np.sin(pose[2])
        dx, dy = np.asarray(x_mm, float) - pose[0], np.asarray(y_mm, float) - pose[1]
        x, y = np.broadcast_arrays(c * dx + s * dy, c * dy - s * dx)
        if self._dark:
            return np.zeros(x.shape)
        found = np.empty(x.size)
        cover(np.ravel(x).copy(), np.ravel(y).copy(), pose[3], self.places(t_s), self._numbers, found)
        return found.reshape(x.shape)


def dot_scene(
    environment: EnvironmentSpec, *, frame: Literal["world", "body"] = "world", feedback: NotNegative = 1.0,
    direction: Direction = "forward", speed_mm_s: NotNegative = 10.0, coherence: Share = 1.0,
    start_s: NotNegative = 0.0, stop_s: NotNegative = 1e9, lifetime_s: Positive = 1.0,
    density_mm2: Positive = 0.15, radius_mm: Positive = 0.8, contrast: Share = 1.0, luminance: Share = 0.5,
    left: DotsSide | None = None, right: DotsSide | None = None, draw: Whole = 0,
    drifts_with_water: bool = False, dark: bool = False, above: NotNegative = 0.5,
) -> DotScene:  # fmt: skip
    """Return the dots that environment.yaml shows under `stimulus` (`kind: dots`), within its `plate`.

    The keys are those of `Dots`, for one side those of `DotsSide`, and those of `DotScene`. Dots that
    `drifts_with_water` move with the current of the medium besides.

    Raises
    ------
    InputError
        The numbers make no sense together.
    """
    whole = Dots(
        direction, speed_mm_s, coherence, start_s, stop_s, lifetime_s, density_mm2, radius_mm, contrast,
        luminance,
    )  # fmt: skip
    return DotScene(
        *((side or DotsSide()).of(whole) for side in (left, right)), draw=draw, frame=frame,
        feedback=feedback, dark=dark, above=above, **surroundings(environment, drifts_with_water),
    )  # fmt: skip


LOOK = "f8[:,:] f8[:] f8[:] f8[:] f8[:,:] i8 f8[:,:,:] f8[:,:] i8[:] f8[:] f8[:] f8[:] f8[:] f8 f4[:]"


@kernel
def _look(row):
    (
        rays, centre, axes, room, numbers, draw, places, pyramid, offsets, still, body, turned, clock_s, blur,
        seen,
    ) = unpack(row, LOOK)  # fmt: skip
    draw_both(numbers, draw, clock_s[0], places, pyramid, offsets)
    pose = pose_at(still, body, turned, clock_s[0])
    look_at_dots(rays, centre, axes, room, pose, numbers, pyramid, offsets, blur, seen)
