"""The interface of stimuli: fields to smell, taste or feel the wind of, and scenes to see."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from neuromech._lib.kernels import Call

Place = np.ndarray | float
Pose = tuple[float, ...]
"""Where a pattern is: x and y (mm) of its frame's origin in the world, its heading (rad) and, of a pattern
with two halves, the y (mm) in that frame of the line between them."""
PATTERN_CHANNELS = ("pattern_x_mm", "pattern_y_mm", "pattern_heading_rad")
"""The origin and heading of a pattern's frame in the world, as the recorder keeps them."""
PATTERN_MIDDLE = "pattern_middle_mm"
"""The line between the halves of a pattern, in its frame, as the recorder keeps it."""


class Stimulus(ABC):
    """One stimulus of a world; the two kinds that built-in senses know are `Field` and `Scene`.

    Its class is registered as a "stimulus", and takes the keys of environment.yaml as keywords, and
    `environment` (an `EnvironmentSpec`) where it asks for that.
    """

    def reset(self, x_mm: float, y_mm: float, heading_rad: float) -> None:  # noqa: B027  (most ignore it)
        """Be told where the animal is put as an episode begins."""

    def follow(self, x_mm: float, y_mm: float, heading_rad: float) -> None:  # noqa: B027
        """Be told where the animal has moved."""

    def goal(self, t_s: float) -> tuple[float, float]:
        """Return the place (mm) from which starts are measured; the origin where the stimulus has none."""
        return 0.0, 0.0

    def go_on_from(self, before: Stimulus, t_s: float) -> None:  # noqa: B027
        """Be told which stimulus this one takes the place of at a time: what moves may go on from there."""

    def followed(self, pose: np.ndarray) -> Sequence[Call] | None:
        """Return calls that do what `follow` does with a pose, float64 (3,); None if it has no kernel.

        Where `follow` does nothing there is nothing to call.
        """
        return () if type(self).follow is Stimulus.follow else None

    @abstractmethod
    def recorded(self, x_mm: float, y_mm: float, t_s: float) -> dict[str, float]:
        """Return what the recorder keeps, by channel, the animal's nose being at a place."""


class Field(Stimulus):
    """A scalar field over the plane, such as a concentration."""

    unit: str
    """Unit of its values."""
    smells: bool = True
    """Whether it is sensed without being touched."""
    tastes: bool = False
    """Whether it is there for what touches it."""
    substance: str = ""
    """What it is made of, for senses of one substance; "" is what all other senses sense."""

    @abstractmethod
    def value(self, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Return the value at places `x_mm`, `y_mm` (any broadcastable shapes) and time `t_s`."""

    def sampled(
        self, places: np.ndarray, sites: np.ndarray, clock_s: np.ndarray, seen: np.ndarray
    ) -> Sequence[Call] | None:
        """Return calls that write what `value` returns at some places; None, as here, if it has no kernel.

        Parameters
        ----------
        places : of all sites of the body, float64 (site, 3), mm.
        sites : rows of those that sample, int64 (channel,).
        clock_s : the time, float64 (1,), s.
        seen : where the values are written, float32 (channel,).
        """
        return None

    @abstractmethod
    def peak(self, t_s: float) -> tuple[float, float]:
        """Return the place (x, y in mm) that counts as the goal, at time `t_s`."""

    def wind(self, t_s: float) -> tuple[float, float]:
        """Return the mean velocity (mm/s) of the medium that carries the field; most are at rest."""
        return 0.0, 0.0

    def goal(self, t_s: float) -> tuple[float, float]:
        """Return the place of the peak, mm."""
        return self.peak(t_s)

    def recorded(self, x_mm: float, y_mm: float, t_s: float) -> dict[str, float]:
        """Return the value at the nose, and where the peak is of what can lead there."""
        value = float(self.value(x_mm, y_mm, t_s))
        if not self.smells:  # an animal can find a peak only if it senses the field at a distance
            return {f"concentration_{self.unit}": value}
        x, y = self.peak(t_s)
        return {f"concentration_{self.unit}": value, "peak_x_mm": x, "peak_y_mm": y}


class Scene(Stimulus):
    """Something to see: luminance along rays, and on the floor seen from above."""

    @abstractmethod
    def look(
        self,
        rays: np.ndarray,
        centre: np.ndarray,
        axes: np.ndarray,
        t_s: float,
        blur: float,
        seen: np.ndarray,
    ) -> None:
        """Write what the rays of an eye see to `seen`, float32 (ray,).

        Parameters
        ----------
        rays : unit vectors in the eye's frame, (ray, 3).
        centre : place of the eye, mm (3,).
        axes : the eye's frame in the world, row by row, (9,).
        t_s : time, s.
        blur : standard deviation of the Gaussian patch over which a ray averages, rad.
        seen : where luminance, 0 to 1, is written.
        """

    def looked(
        self,
        rays: np.ndarray,
        centre: np.ndarray,
        axes: np.ndarray,
        clock_s: np.ndarray,
        blur: float,
        seen: np.ndarray,
    ) -> Sequence[Call] | None:
        """Return calls that write what `look` does, at the time (1,) of a clock; None without a kernel."""
        return None

    @abstractmethod
    def pose(self, t_s: float) -> Pose:
        """Return where the pattern is."""

    @abstractmethod
    def velocity(self, t_s: float) -> np.ndarray:
        """Return the velocity of the pattern along the floor, mm/s (2,)."""

    @abstractmethod
    def value_from(self, pose: Pose, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Return the luminance of the floor seen from above, the pattern being at `pose`."""

    def value(self, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Return the luminance of the floor at places in the world, seen from above."""
        return self.value_from(self.pose(t_s), x_mm, y_mm, t_s)

    def recorded(self, x_mm: float, y_mm: float, t_s: float) -> dict[str, float]:
        """Return where the pattern is."""
        return dict(zip((*PATTERN_CHANNELS, PATTERN_MIDDLE), self.pose(t_s), strict=False))


def nothing() -> None:
    """Return the stimulus of a world without one: `kind: none`."""
