"""The reward for turning with what turns around the animal."""

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.tasks import CourseTask
from neuromech.tasks.motion import changes
from neuromech.world.course import Course
from neuromech.world.world import World

FASTEST_RAD_S = 100.0
"""Speed of turning up to which it counts, a bound of the term whatever the physics does: a larva's fastest
turns and a fly's saccades stay below it.
"""


class Turn(CourseTask):
    """How much of the turning of the visual pattern the animal has taken part in, rad per step.

    A step earns what the pattern turned, less the slip that was added: by how much the pattern and the body's
    axis, from the last landmark to the first, have turned apart since the start. Whoever keeps its heading
    earns 0, whoever turns with the pattern all that it turned, and whoever turns against it, or farther,
    loses.
    """

    def __init__(self) -> None:
        self._heading_rad, self._pattern_rad, self._slip_rad = 0.0, 0.0, 0.0

    def reset(self, world: World) -> None:
        """Note both headings at the start; raises `InputError` where there is no pattern."""
        if world.scene is None:
            raise InputError("reward turn needs a pattern that turns, and this environment has none")
        course = Course.now(world)
        self._heading_rad, self._slip_rad = float(_headings(course)[0]), 0.0
        self._pattern_rad = float(_patterns(world, course)[0])

    def terms_of(self, world: World, course: Course) -> dict[str, np.ndarray]:
        """Return what each step earned, rad."""
        headings, patterns = _headings(course), _patterns(world, course)
        limit = FASTEST_RAD_S * world.control_s
        own = np.clip(_turns(self._heading_rad, headings), -limit, limit)
        shown = np.clip(_turns(self._pattern_rad, patterns), -limit, limit)
        slips = np.add.accumulate(np.concatenate([[self._slip_rad], shown - own]))[1:]
        added = changes(abs(self._slip_rad), abs(slips))
        self._heading_rad, self._pattern_rad = float(headings[-1]), float(patterns[-1])
        self._slip_rad = float(slips[-1])
        return {"turn": abs(shown) - added}


def _headings(course: Course) -> np.ndarray:
    axes = course.points_mm[:, 0] - course.points_mm[:, -1]
    return np.arctan2(axes[:, 1], axes[:, 0])


def _patterns(world: World, course: Course) -> np.ndarray:
    assert world.scene is not None
    return np.array([world.scene.pose(t_s)[2] for t_s in course.times_s.tolist()])


def _turns(before: float, headings: np.ndarray) -> np.ndarray:
    """Return by how much each heading differs from that before it, the shorter way round."""
    return (changes(before, headings) + np.pi) % (2 * np.pi) - np.pi
