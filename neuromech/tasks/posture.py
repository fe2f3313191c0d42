"""The reward of an animal that imitates a recorded movement."""

from __future__ import annotations

import math

from neuromech._lib.errors import InputError
from neuromech.tasks import Task
from neuromech.world.reference import Reference
from neuromech.world.world import World

LOST = 4.0
"""Error of the posture (`Reference.error`) beyond which the animal has lost the movement.

It is a choice: two animals that move alike but know nothing of each other differ by 2 on average.
"""


class Posture(Task):
    """Time that the animal spends in the recorded posture, s; the episode ends when the movement is lost.

    A step counts as its length times (exp(-error) + exp(-10 error)) / 2, where the error is the mean square
    of the differences of angle over the variance of the recorded ones (`Reference.error`): the first shows
    the way from afar, the second asks for precision. Where the recording has a gap nothing counts or ends.
    """

    def reset(self, world: World) -> None:
        """Begin an episode; raises `InputError` where there is no movement to imitate."""
        _of(world)

    def terms(self, world: World) -> dict[str, float]:
        """Return the time that counts of the last step, s."""
        movement = _of(world)
        if not movement.seen(world.periods):
            return {"posture": 0.0}
        error = movement.error(world.data.qpos, world.periods)
        return {"posture": 0.5 * (math.exp(-error) + math.exp(-10.0 * error)) * world.control_s}

    def over(self, world: World) -> bool:
        """Return whether the animal has lost the movement."""
        movement, now = _of(world), world.periods
        return movement.seen(now) and movement.error(world.data.qpos, now) > LOST


def _of(world: World) -> Reference:
    if world.reference is None:
        raise InputError(
            "reward posture needs a movement: give environment.reference.file what 'neuromech retarget' wrote"
        )
    return world.reference
