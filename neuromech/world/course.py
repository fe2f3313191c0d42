"""The course of one or several control periods: where the animal was at the end of each, for its rewards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from neuromech._lib.kernels import Call, bind, kernel, unpack
from neuromech.world.world import World


@dataclass(frozen=True, eq=False)
class Course:
    """What the world was like at the end of some control periods that followed one another.

    Parameters
    ----------
    times_s : when each ended, (period,), s.
    points_mm : where the landmarks were, (period, landmark, 3), mm.
    upright : as `World.upright`, (period,).
    height : as `World.height`, (period,).
    """

    times_s: np.ndarray
    points_mm: np.ndarray
    upright: np.ndarray
    height: np.ndarray

    @staticmethod
    def now(world: World) -> Course:
        """Return the course of the last period alone."""
        return Course(
            np.array([world.time_s]),
            world.landmarks()[None],
            np.array([world.upright()]),
            np.array([world.height()]),
        )


class CourseMemory:
    """Where a compiled program writes the course of up to `periods` control periods.

    Parameters
    ----------
    world : whose course it is.
    periods : how many periods are played in one go at most.
    over : int64 (1,), in which the program writes 1 as soon as the animal has fallen.
    """

    def __init__(self, world: World, periods: int, over: np.ndarray) -> None:
        self.periods = periods
        """The longest course that it holds."""
        self._world, self._began = world, np.zeros(1, np.int64)
        self._points_mm = np.zeros((periods, len(world.body.landmarks), 3))
        self._trunk = np.zeros((periods, 2))
        self._fall = np.zeros(2)
        sites = np.ascontiguousarray(world.landmark_sites, np.int64)
        self.call: Call = bind(
            _note, NOTE, sites, world.data.site_xpos, world.data.xmat, world.data.xpos, world.middle,
            world.built_mm, world.period_memory.periods, self._began, self._points_mm, self._trunk,
            self._fall, over,
        )  # fmt: skip
        """Notes the period that was just played."""

    def begin(self, fallen_share: float, nose_mm: float) -> None:
        """Begin a course; where the animal falls it ends.

        Parameters
        ----------
        fallen_share : it has fallen when it is less upright or lower than this share of how it was built; 0
            where a fall ends nothing.
        nose_mm : the height of which its nose must have that share, too; 0 if it need not.
        """
        self._began[0] = self._world.periods
        self._fall[:] = fallen_share, nose_mm

    def taken(self) -> Course:
        """Return the course since `begin`; the arrays are views, which the next one overwrites."""
        began, now = int(self._began[0]), int(self._world.period_memory.periods[0])
        count = now - began
        return Course(
            np.arange(began + 1, now + 1) * self._world.control_s,
            self._points_mm[:count],
            self._trunk[:count, 0],
            self._trunk[:count, 1],
        )


NOTE = "i8[:] f8[:,:] f8[:,:] f8[:,:] i8 f8 i8[:] i8[:] f8[:,:,:] f8[:,:] f8[:] i8[:]"


@kernel
def _note(row):
    (
        sites, site_xpos, xmat, xpos, middle, built_mm, periods, began, points, trunk, fall, over,
    ) = unpack(row, NOTE)  # fmt: skip
    k = periods[0] - began[0] - 1
    for i in range(len(sites)):
        for j in range(3):
            points[k, i, j] = site_xpos[sites[i], j]
    trunk[k, 0] = xmat[middle, 8]
    trunk[k, 1] = xpos[middle, 2] / built_mm if built_mm != 0.0 else 1.0
    left = min(trunk[k, 0], trunk[k, 1])
    if fall[1] != 0.0:
        left = min(left, points[k, 0, 2] / fall[1])
    over[0] = 1 if left < fall[0] else 0
