"""What an environment rewards: named terms computed from what the animal does."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.world.world import World

FASTEST_L_S = 20.0
"""Progress counts up to this many body lengths per second, far above any swimming: every term is bounded."""
PACE_L_S = 3.0
"""What ``pace`` asks for, body lengths per second: 0.3 m/s of a mouse."""
FALLEN = 0.5
"""An animal has fallen whose trunk is tilted beyond this cosine, or below this share of its height."""


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
        return {"approach": _bounded(progress, world)}

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
        return {"forward": _bounded(float(moved @ axis / max(float(np.linalg.norm(axis)), 1e-9)), world)}


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
        progress = float(moved[:2] @ velocity) / speed if speed > 0 else 0.0
        return {"follow": _bounded(progress, world)}


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
        return {"hold": _bounded(nearer, world)}


class Walk(Forward):
    """Progress along the body's own axis, mm per step, less the tilt of the trunk; a fall ends it."""

    def terms(self, world: World) -> dict[str, float]:
        """Progress (mm) since the last step, and minus one minus the cosine of the trunk's tilt."""
        return {**super().terms(world), "upright": world.upright() - 1.0}

    def over(self, world: World) -> bool:
        """Whether the animal has fallen."""
        return min(world.upright(), world.height()) < FALLEN


class Pace(Task):
    """Progress of the body's centre along the way it faced at the start, mm per step, up to a pace."""

    def __init__(self) -> None:
        self._last, self._ahead = np.zeros(3), np.zeros(2)

    def reset(self, world: World) -> None:
        """Remember where the episode begins, and which way the body faces: from its centre to its nose."""
        points = world.landmarks()
        self._last = points.mean(axis=0)
        ahead = (points[0] - self._last)[:2]
        self._ahead = ahead / max(float(np.linalg.norm(ahead)), 1e-9)

    def terms(self, world: World) -> dict[str, float]:
        """Progress since the last step, mm; PACE_L_S times the control period at most."""
        centre = world.landmarks().mean(axis=0)
        moved, self._last = centre - self._last, centre
        asked = PACE_L_S * world.body.length_mm * world.control_s
        return {"pace": min(asked, _bounded(float(moved[:2] @ self._ahead), world))}


class Stand(Task):
    """Time spent on its legs, s: none when it falls, which ends it, all of it as tall and level as built.

    Its nose counts, too: an animal that leans on it has fallen.
    """

    def __init__(self) -> None:
        self._nose_mm = 1.0

    def reset(self, world: World) -> None:
        """Remember how high the nose is as the animal stands."""
        self._nose_mm = float(world.landmarks()[0, 2])

    def terms(self, world: World) -> dict[str, float]:
        """Between 0 and the control period."""
        return {"stand": float(np.clip((self._left(world) - FALLEN) / (1 - FALLEN), 0, 1)) * world.control_s}

    def over(self, world: World) -> bool:
        """Whether the animal has fallen."""
        return self._left(world) < FALLEN

    def _left(self, world: World) -> float:
        """How much of its stance is left: the least of level, height and the nose's height, 1 as built."""
        return min(world.upright(), world.height(), float(world.landmarks()[0, 2]) / self._nose_mm)


class Effort(Task):
    """What excitation costs: minus the mean square excitation of the muscles, times the control period, s."""

    def reset(self, world: World) -> None:
        """Nothing is remembered."""

    def terms(self, world: World) -> dict[str, float]:
        """Between minus the control period, all muscles fully excited, and 0."""
        return {"effort": -float(np.mean(np.square(world.data.ctrl))) * world.control_s}


class Weighted(Task):
    """Several tasks at once, each term times its weight."""

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._tasks = [(build({"reward": kind}), float(weight)) for kind, weight in weights.items()]

    def reset(self, world: World) -> None:
        """Remember where the episode begins."""
        for task, _ in self._tasks:
            task.reset(world)

    def terms(self, world: World) -> dict[str, float]:
        """All terms, weighted."""
        return {
            name: weight * value for task, weight in self._tasks for name, value in task.terms(world).items()
        }

    def over(self, world: World) -> bool:
        """Whether any of them is over."""
        return any(task.over(world) for task, _ in self._tasks)


KINDS: dict[str, type[Task]] = {
    "approach": Approach,
    "effort": Effort,
    "follow": Follow,
    "forward": Forward,
    "hold": Hold,
    "pace": Pace,
    "stand": Stand,
    "walk": Walk,
}


def build(spec: Mapping[str, Any]) -> Task:
    """Build the task that ``reward`` names: one kind, or ``{kind: weight}`` for a weighted sum.

    Raises
    ------
    InputError
        There is no such reward, or a weight is no finite number.
    """
    reward = spec["reward"]
    if isinstance(reward, Mapping):
        for kind, weight in reward.items():
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not np.isfinite(weight):
                raise InputError(f"reward.{kind} must be a finite number, not {weight!r}")
        return Weighted(reward)
    kind = str(reward)
    if kind not in KINDS:
        raise unknown("task reward", kind, KINDS)
    return KINDS[kind]()


def _bounded(progress_mm: float, world: World) -> float:
    limit = FASTEST_L_S * world.body.length_mm * world.control_s
    return float(np.clip(progress_mm, -limit, limit))
