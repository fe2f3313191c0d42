"""The reward for coming near another animal, and staying there."""

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.tasks import Task
from neuromech.tasks.motion import FASTEST_LENGTHS_S
from neuromech.world.world import World


class Near(Task):
    """How much nearer the middle of the body has come to that of the other animal, mm per step.

    The terms of an episode add up to the distance at the start less that at the end: whoever follows one that
    swims away earns 0, and whoever is left behind loses.
    """

    def __init__(self) -> None:
        self._distance_mm = 0.0

    def reset(self, world: World) -> None:
        """Measure how far it is at the start; raises `InputError` where there is no other animal."""
        if world.second is None:
            raise InputError("reward near needs another animal, and this environment has none")
        self._distance_mm = _distance_mm(world)

    def terms(self, world: World) -> dict[str, float]:
        """Return how much nearer the last step has brought them, mm."""
        distance = _distance_mm(world)
        nearer, self._distance_mm = self._distance_mm - distance, distance
        limit = FASTEST_LENGTHS_S * world.body.length_mm * world.control_s
        return {"near": min(max(nearer, -limit), limit)}


def _distance_mm(world: World) -> float:
    assert world.second is not None
    apart = world.landmarks().mean(axis=0) - world.second.landmarks(world.data).mean(axis=0)
    return float(np.linalg.norm(apart))
