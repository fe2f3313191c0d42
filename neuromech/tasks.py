"""Rewards: named terms that are computed, after each step, from what the animal does in its world."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.numbers import number
from neuromech._lib.registry import Registry
from neuromech._lib.state import Stateful
from neuromech.world.world import World

FASTEST_LENGTHS_S = 20.0
"""Speed, in body lengths per second, up to which progress is rewarded.

It is a choice: high enough for every gait of the animals here, and a bound of every term whatever the physics
does.
"""
PACE_LENGTHS_S = 3.0
"""Speed, in body lengths per second, that the reward `pace` asks for: 0.3 m/s of a mouse, a trot."""
FALLEN_SHARE = 0.5
"""An animal has fallen when its trunk is tilted by more than the angle with this cosine (60 degrees), or is
lower than this share of the height at which it was built.
"""


class Task(ABC, Stateful):
    """A reward for every control step, as the sum of named terms.

    A task may remember what it needs in attributes of plain values (numbers, texts, arrays and lists of
    these): they are saved and restored with the simulation (`neuromech._lib.state.Stateful`).
    """

    @abstractmethod
    def reset(self, world: World) -> None:
        """Begin an episode, the animal being where it starts."""

    @abstractmethod
    def terms(self, world: World) -> dict[str, float]:
        """Return the terms of the step that was just taken; the reward is their sum."""

    def over(self, world: World) -> bool:
        """Return whether the last step ended the task, as a fall does; most tasks never end."""
        return False


class Approach(Task):
    """Progress of the first landmark (the nose) towards the peak of the chemical field, mm per step."""

    def __init__(self) -> None:
        self._distance_mm = 0.0

    def reset(self, world: World) -> None:
        """Measure how far the peak is at the start; raises `InputError` where there is none."""
        self._distance_mm = self._distance(world)

    def terms(self, world: World) -> dict[str, float]:
        """Return the progress since the last step, mm."""
        distance = self._distance(world)
        progress, self._distance_mm = self._distance_mm - distance, distance
        return {"approach": _bounded(progress, world)}

    @staticmethod
    def _distance(world: World) -> float:
        if world.field is None:
            raise InputError("reward approach needs a stimulus with a peak, and this environment has none")
        nose = world.landmarks()[0]
        x, y = world.field.peak(world.time_s)
        return float(np.hypot(nose[0] - x, nose[1] - y))


class Forward(Task):
    """Progress of the body's centre along the axis from the last landmark to the first, mm per step."""

    def __init__(self) -> None:
        self._centre_mm = np.zeros(3)

    def reset(self, world: World) -> None:
        """Note where the body's centre is at the start."""
        self._centre_mm = world.landmarks().mean(axis=0)

    def terms(self, world: World) -> dict[str, float]:
        """Return the progress since the last step, mm."""
        points = world.landmarks()
        centre = points.mean(axis=0)
        moved, self._centre_mm = centre - self._centre_mm, centre
        axis = points[0] - points[-1]
        return {"forward": _bounded(float(moved @ axis / max(float(np.linalg.norm(axis)), 1e-9)), world)}


class Follow(Task):
    """Progress of the body's centre along the motion of the visual pattern, mm per step; 0 while it rests."""

    def __init__(self) -> None:
        self._centre_mm = np.zeros(3)

    def reset(self, world: World) -> None:
        """Note where the body's centre is at the start; raises `InputError` where there is no pattern."""
        if world.scene is None:
            raise InputError("reward follow needs a pattern that moves, and this environment has none")
        self._centre_mm = world.landmarks().mean(axis=0)

    def terms(self, world: World) -> dict[str, float]:
        """Return the progress since the last step, mm."""
        assert world.scene is not None
        velocity = world.scene.velocity(world.time_s)
        centre = world.landmarks().mean(axis=0)
        moved, self._centre_mm = centre - self._centre_mm, centre
        speed = float(np.linalg.norm(velocity))
        progress = float(moved[:2] @ velocity) / speed if speed > 0 else 0.0
        return {"follow": _bounded(progress, world)}


class Hold(Task):
    """How much nearer the body's centre has come to where it began, mm per step.

    The terms of an episode add up to minus the final distance, so that staying in place earns 0.
    """

    def __init__(self) -> None:
        self._start_mm, self._distance_mm = np.zeros(3), 0.0

    def reset(self, world: World) -> None:
        """Note where the body's centre is at the start."""
        self._start_mm, self._distance_mm = world.landmarks().mean(axis=0), 0.0

    def terms(self, world: World) -> dict[str, float]:
        """Return how much nearer to the start the last step led, mm; it is negative for drifting away."""
        distance = float(np.linalg.norm(world.landmarks().mean(axis=0) - self._start_mm))
        nearer, self._distance_mm = self._distance_mm - distance, distance
        return {"hold": _bounded(nearer, world)}


class Walk(Forward):
    """Progress as in `Forward`, and a price for the tilt of the trunk; a fall ends the task."""

    def terms(self, world: World) -> dict[str, float]:
        """Return the progress since the last step (mm), and the cosine of the trunk's tilt minus 1."""
        return {**super().terms(world), "upright": world.upright() - 1.0}

    def over(self, world: World) -> bool:
        """Return whether the animal has fallen."""
        return min(world.upright(), world.height()) < FALLEN_SHARE


class Pace(Task):
    """Progress of the body's centre the way the animal faced at the start, mm per step, up to a pace."""

    def __init__(self) -> None:
        self._centre_mm, self._ahead = np.zeros(3), np.zeros(2)

    def reset(self, world: World) -> None:
        """Note where the body's centre is at the start, and the direction from there to the nose."""
        points = world.landmarks()
        self._centre_mm = points.mean(axis=0)
        ahead = (points[0] - self._centre_mm)[:2]
        self._ahead = ahead / max(float(np.linalg.norm(ahead)), 1e-9)

    def terms(self, world: World) -> dict[str, float]:
        """Return the progress since the last step, mm, at most `PACE_LENGTHS_S` times the control period."""
        centre = world.landmarks().mean(axis=0)
        moved, self._centre_mm = centre - self._centre_mm, centre
        asked = PACE_LENGTHS_S * world.body.length_mm * world.control_s
        return {"pace": min(asked, _bounded(float(moved[:2] @ self._ahead), world))}


class Stand(Task):
    """Time that the animal spends on its legs, s; a fall ends the task.

    A step counts in full while the animal is as level and as high as it was built, and less the lower it is.
    The height of the nose counts as well: an animal that leans on its nose has fallen.
    """

    def __init__(self) -> None:
        self._nose_mm = 1.0

    def reset(self, world: World) -> None:
        """Note how high the nose is at the start."""
        self._nose_mm = float(world.landmarks()[0, 2])

    def terms(self, world: World) -> dict[str, float]:
        """Return the time that counts of the last control period, s."""
        share = (self._left(world) - FALLEN_SHARE) / (1 - FALLEN_SHARE)
        return {"stand": float(np.clip(share, 0, 1)) * world.control_s}

    def over(self, world: World) -> bool:
        """Return whether the animal has fallen."""
        return self._left(world) < FALLEN_SHARE

    def _left(self, world: World) -> float:
        """Return the least of how level it is, its height and its nose's height, each 1 as it was built."""
        return min(world.upright(), world.height(), float(world.landmarks()[0, 2]) / self._nose_mm)


class Effort(Task):
    """The price of excitation: minus the mean square of the excitations, times the control period, s."""

    def reset(self, world: World) -> None:
        """Begin an episode; this task remembers nothing."""

    def terms(self, world: World) -> dict[str, float]:
        """Return a number between minus the control period (all muscles fully excited) and 0."""
        return {"effort": -float(np.mean(np.square(world.data.ctrl))) * world.control_s}


class Weighted(Task):
    """Several tasks at once, each term times the weight of its task; it is over when any of them is.

    Parameters
    ----------
    weights : a weight for each reward, by name.
    """

    state_names = ("_tasks",)

    def __init__(self, weights: Mapping[str, float]) -> None:
        self._tasks = {kind: build({"reward": kind}) for kind in weights}
        self._weights = {kind: float(weight) for kind, weight in weights.items()}

    def reset(self, world: World) -> None:
        """Begin an episode of every task."""
        for task in self._tasks.values():
            task.reset(world)

    def terms(self, world: World) -> dict[str, float]:
        """Return all terms, weighted; those of one name that several tasks have are added up."""
        found: dict[str, float] = {}
        for kind, task in self._tasks.items():
            for name, value in task.terms(world).items():
                weighted = self._weights[kind] * value
                found[name] = found[name] + weighted if name in found else weighted
        return found

    def over(self, world: World) -> bool:
        """Return whether any of the tasks is over."""
        return any(task.over(world) for task in self._tasks.values())


REWARDS: Registry[type[Task]] = Registry(
    "reward",
    {
        "approach": "neuromech.tasks:Approach",
        "effort": "neuromech.tasks:Effort",
        "follow": "neuromech.tasks:Follow",
        "forward": "neuromech.tasks:Forward",
        "hold": "neuromech.tasks:Hold",
        "pace": "neuromech.tasks:Pace",
        "stand": "neuromech.tasks:Stand",
        "walk": "neuromech.tasks:Walk",
    },
)
"""Every reward by name: a class derived from `Task` that is made without arguments."""


def build(spec: Mapping[str, Any]) -> Task:
    """Build the task that `reward` of a specification names.

    Parameters
    ----------
    spec : its key `reward` holds one name, or `{name: weight}` for a weighted sum.

    Raises
    ------
    InputError
        There is no reward of that name, or a weight is not a finite number.
    """
    reward = spec.get("reward")
    if isinstance(reward, Mapping) and reward:
        return Weighted({str(kind): number(f"reward.{kind}", weight) for kind, weight in reward.items()})
    if not isinstance(reward, str):
        raise InputError(f"reward must be a name or {{name: weight}}, not {reward!r}")
    task = REWARDS[reward]()
    if not isinstance(task, Task):
        raise InputError(f"reward {reward} must be a class derived from Task, not a {type(task).__name__}")
    return task


def _bounded(progress_mm: float, world: World) -> float:
    limit = FASTEST_LENGTHS_S * world.body.length_mm * world.control_s
    return float(np.clip(progress_mm, -limit, limit))
