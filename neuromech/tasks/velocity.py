"""The reward for going at a velocity that is asked for, forwards or backwards."""

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.tasks import Forward
from neuromech.tasks.motion import changes
from neuromech.world.course import Course
from neuromech.world.world import World


class Velocity(Forward):
    """How much of the way that is asked for the animal has made, mm per step.

    It is asked for a velocity along its own axis, negative backwards; the way that it has made is what
    `forward` adds up. A step earns what is asked of it, less what the animal then lags behind, or is ahead,
    more than before: whoever stands still earns 0, whoever keeps the velocity all of the way asked, and
    whoever goes the other way, or faster, loses. Over an episode the steps add up to the way asked less the
    last lag, so that swaying within a stride costs nothing.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lag_mm = 0.0

    def reset(self, world: World) -> None:
        """Begin at the animal's place; raises `InputError` where no velocity is asked for."""
        if world.environment.task.velocity_mm_s is None:
            raise InputError("reward velocity needs task.velocity_mm_s, and this environment has none")
        super().reset(world)
        self._lag_mm = 0.0

    def terms_of(self, world: World, course: Course) -> dict[str, np.ndarray]:
        """Return what each step earned, mm."""
        made = super().terms_of(world, course)["forward"]
        asked = world.asked_mm_s * world.control_s
        lags = np.add.accumulate(np.concatenate([[self._lag_mm], asked - made]))[1:]
        farther, self._lag_mm = changes(abs(self._lag_mm), abs(lags)), float(lags[-1])
        return {"velocity": abs(asked) - farther}
