"""What an environment rewards: named terms computed from what the animal does."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from neuromech.errors import InputError, unknown
from neuromech.world import World


class Task(ABC):
    """A reward per control step, in named terms; ``reset`` at the start of an episode."""

    @abstractmethod
    def reset(self, world: World) -> None:
        """Remember where the episode starts."""

    @abstractmethod
    def terms(self, world: World) -> dict[str, float]:
        """Reward terms of the step just taken; the reward is their sum."""

    def over(self, world: World) -> bool:
        """Whether the step just taken ended the task, as a fall does; most end only with their time."""
        return False


class Approach(Task):
    """Progress of the first landmark (the nose) towards the peak of the field, mm per step."""

    def __init__(self) -> None:
        self._last = 0.0

    def reset(self, world: World) -> None:
        """Remember where the episode begins."""
        self._last = self._distance(world)

    def terms(self, world: World) -> dict[str, float]:
        """Progress since the last step, mm."""
        distance = self._distance(world)
        progress, self._last = self._last - distance, distance
        return {"approach": progress}

    @staticmethod
    def _distance(world: World) -> float:
        if world.field is None:
            raise InputError("task approach needs a stimulus with a peak, and this environment has none")
        nose = world.landmarks()[0]
        x, y = world.field.peak(world.time_s)
        return float(np.hypot(nose[0] - x, nose[1] - y))


class Forward(Task):
    """Progress of the body's centre along its own axis, mm per step."""

    def __init__(self) -> None:
        self._last = np.zeros(3)

    def reset(self, world: World) -> None:
        """Remember where the episode begins."""
        self._last = world.landmarks().mean(axis=0)

    def terms(self, world: World) -> dict[str, float]:
        """Progress since the last step, mm."""
        points = world.landmarks()
        centre = points.mean(axis=0)
        moved, self._last = centre - self._last, centre
        axis = points[0] - points[-1]
        return {"forward": float(moved @ axis / max(float(np.linalg.norm(axis)), 1e-9))}


class Follow(Task):
    """Progress of the body's centre along the motion of the pattern, mm per step; 0 while it rests."""

    def __init__(self) -> None:
        self._last = np.zeros(3)

    def reset(self, world: World) -> None:
        """Remember where the episode begins."""
        if world.scene is None:
            raise InputError("task follow needs a pattern that moves, and this environment has none")
        self._last = world.landmarks().mean(axis=0)

    def terms(self, world: World) -> dict[str, float]:
        """Progress since the last step, mm."""
        assert world.scene is not None
        velocity = world.scene.velocity(world.time_s)
        centre = world.landmarks().mean(axis=0)
        moved, self._last = centre - self._last, centre
        speed = float(np.linalg.norm(velocity))
        return {"follow": float(moved[:2] @ velocity) / speed if speed > 0 else 0.0}


class Hold(Task):
    """How much nearer the body's centre has come to where it began, mm per step: 0 in all for staying."""

    def __init__(self) -> None:
        self._start, self._last = np.zeros(3), 0.0

    def reset(self, world: World) -> None:
        """Remember where the episode begins."""
        self._start, self._last = world.landmarks().mean(axis=0), 0.0

    def terms(self, world: World) -> dict[str, float]:
        """Distance made good since the last step, mm; negative for drifting away."""
        distance = float(np.linalg.norm(world.landmarks().mean(axis=0) - self._start))
        nearer, self._last = self._last - distance, distance
        return {"hold": nearer}


class Walk(Forward):
    """Progress along the body's own axis, mm per step, less the tilt of the trunk; a fall ends it."""

    FALLEN = 0.5
    """An animal has fallen whose trunk is tilted beyond this cosine, or below this share of its height."""

    def terms(self, world: World) -> dict[str, float]:
        """Progress (mm) since the last step, and minus one minus the cosine of the trunk's tilt."""
        return {**super().terms(world), "upright": world.upright() - 1.0}

    def over(self, world: World) -> bool:
        """Whether the animal has fallen."""
        return min(world.upright(), world.height()) < self.FALLEN


KINDS: dict[str, type[Task]] = {
    "approach": Approach,
    "follow": Follow,
    "forward": Forward,
    "hold": Hold,
    "walk": Walk,
}


def build(spec: Mapping[str, Any]) -> Task:
    """Build the task that environment.yaml names under ``task.reward``."""
    kind = str(spec["reward"])
    if kind not in KINDS:
        raise unknown("task reward", kind, KINDS)
    return KINDS[kind]()
