"""Rewards: named terms that are computed, after each step, from what the animal does in its world."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.numbers import number
from neuromech._lib.registry import Registry
from neuromech._lib.state import Stateful
from neuromech.tasks.motion import bounded, centres, changes, dot, length
from neuromech.world.course import Course
from neuromech.world.world import World

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

    @property
    def by_course(self) -> bool:
        """Whether `terms_of` may be asked for the terms of several steps that were played in one go."""
        return False

    def terms_of(self, world: World, course: Course) -> dict[str, np.ndarray]:
        """Return the terms (period,) of several steps; each is to the bit what `terms` returns after it."""
        raise NotImplementedError(f"{type(self).__name__} has to be asked after every step")

    def fall(self) -> tuple[float, float] | None:
        """Return when the animal has fallen, if `over` means that: as for `CourseMemory.begin`."""
        return None


class CourseTask(Task):
    """A task whose terms follow from the course of the animal: where it was at the end of each step."""

    @property
    def by_course(self) -> bool:
        """True, unless something ends the task that is no fall."""
        return type(self).over is Task.over or self.fall() is not None

    def terms(self, world: World) -> dict[str, float]:
        """Return the terms of the last step."""
        found = self.terms_of(world, Course.now(world))
        return {name: float(values[0]) for name, values in found.items()}

    @abstractmethod
    def terms_of(self, world: World, course: Course) -> dict[str, np.ndarray]:
        """Return the terms (period,) of the steps of a course, which began where the last one ended."""


class Approach(CourseTask):
    """Progress of the first landmark (the nose) towards the peak of the chemical field, mm per step."""

    def __init__(self) -> None:
        self._distance_mm = 0.0

    def reset(self, world: World) -> None:
        """Measure how far the peak is at the start; raises `InputError` where there is none."""
        if world.field is None:
            raise InputError("reward approach needs a stimulus with a peak, and this environment has none")
        self._distance_mm = float(self._distances(world, Course.now(world))[0])

    def terms_of(self, world: World, course: Course) -> dict[str, np.ndarray]:
        """Return the progress of each step, mm."""
        distances = self._distances(world, course)
        progress, self._distance_mm = -changes(self._distance_mm, distances), float(distances[-1])
        return {"approach": bounded(progress, world)}

    @staticmethod
    def _distances(world: World, course: Course) -> np.ndarray:
        field = world.field
        assert field is not None
        peaks = np.array([field.peak(t_s) for t_s in course.times_s.tolist()])
        from_peak = course.points_mm[:, 0, :2] - peaks
        return np.hypot(from_peak[:, 0], from_peak[:, 1])


class Forward(CourseTask):
    """Progress of the body's centre along the axis from the last landmark to the first, mm per step."""

    def __init__(self) -> None:
        self._centre_mm = np.zeros(3)

    def reset(self, world: World) -> None:
        """Note where the body's centre is at the start."""
        self._centre_mm = centres(Course.now(world))[0]

    def terms_of(self, world: World, course: Course) -> dict[str, np.ndarray]:
        """Return the progress of each step, mm."""
        middles, points = centres(course), course.points_mm
        moved, self._centre_mm = changes(self._centre_mm, middles), middles[-1]
        axes = points[:, 0] - points[:, -1]
        return {"forward": bounded(dot(moved, axes) / np.maximum(length(axes), 1e-9), world)}


class Follow(CourseTask):
    """Progress of the body's centre along the motion of the visual pattern, mm per step; 0 while it rests."""

    def __init__(self) -> None:
        self._centre_mm = np.zeros(3)

    def reset(self, world: World) -> None:
        """Note where the body's centre is at the start; raises `InputError` where there is no pattern."""
        if world.scene is None:
            raise InputError("reward follow needs a pattern that moves, and this environment has none")
        self._centre_mm = centres(Course.now(world))[0]

    def terms_of(self, world: World, course: Course) -> dict[str, np.ndarray]:
        """Return the progress of each step, mm."""
        assert world.scene is not None
        velocity = np.array([world.scene.velocity(t_s) for t_s in course.times_s.tolist()], float)
        middles = centres(course)
        moved, self._centre_mm = changes(self._centre_mm, middles), middles[-1]
        speed = length(velocity)
        progress = dot(moved[:, :2], velocity) / np.where(speed > 0, speed, np.inf)
        return {"follow": bounded(progress, world)}


class Hold(CourseTask):
    """How much nearer the body's centre has come to where it began, mm per step.

    The terms of an episode add up to minus the final distance, so that staying in place earns 0.
    """

    def __init__(self) -> None:
        self._start_mm, self._distance_mm = np.zeros(3), 0.0

    def reset(self, world: World) -> None:
        """Note where the body's centre is at the start."""
        self._start_mm, self._distance_mm = centres(Course.now(world))[0], 0.0

    def terms_of(self, world: World, course: Course) -> dict[str, np.ndarray]:
        """Return how much nearer to the start each step led, mm; it is negative for drifting away."""
        distances = length(centres(course) - self._start_mm)
        nearer, self._distance_mm = -changes(self._distance_mm, distances), float(distances[-1])
        return {"hold": bounded(nearer, world)}


class Walk(Forward):
    """Progress as in `Forward`, and a price for the tilt of the trunk; a fall ends the task."""

    def terms_of(self, world: World, course: Course) -> dict[str, np.ndarray]:
        """Return the progress of each step (mm), and the cosine of the trunk's tilt minus 1."""
        return {**super().terms_of(world, course), "upright": course.upright - 1.0}

    def over(self, world: World) -> bool:
        """Return whether the animal has fallen."""
        return min(world.upright(), world.height()) < FALLEN_SHARE

    def fall(self) -> tuple[float, float]:
        """Return when the animal has fallen."""
        return FALLEN_SHARE, 0.0


class Pace(CourseTask):
    """Progress of the body's centre the way the animal faced at the start, mm per step, up to a pace."""

    def __init__(self) -> None:
        self._centre_mm, self._ahead = np.zeros(3), np.zeros(2)

    def reset(self, world: World) -> None:
        """Note where the body's centre is at the start, and the direction from there to the nose."""
        course = Course.now(world)
        self._centre_mm = centres(course)[0]
        ahead = (course.points_mm[0, 0] - self._centre_mm)[:2]
        self._ahead = ahead / max(float(np.linalg.norm(ahead)), 1e-9)

    def terms_of(self, world: World, course: Course) -> dict[str, np.ndarray]:
        """Return the progress of each step, mm, at most `PACE_LENGTHS_S` times the control period."""
        middles = centres(course)
        moved, self._centre_mm = changes(self._centre_mm, middles), middles[-1]
        asked = PACE_LENGTHS_S * world.body.length_mm * world.control_s
        return {"pace": np.minimum(asked, bounded(dot(moved[:, :2], self._ahead), world))}


class Stand(CourseTask):
    """Time that the animal spends on its legs, s; a fall ends the task.

    A step counts in full while the animal is as level and as high as it was built, and less the lower it is.
    The height of the nose counts as well: an animal that leans on its nose has fallen.
    """

    def __init__(self) -> None:
        self._nose_mm = 1.0

    def reset(self, world: World) -> None:
        """Note how high the nose is at the start."""
        self._nose_mm = float(world.landmarks()[0, 2])

    def terms_of(self, world: World, course: Course) -> dict[str, np.ndarray]:
        """Return the time that counts of each control period, s."""
        nose = course.points_mm[:, 0, 2] / self._nose_mm
        left = np.minimum(np.minimum(course.upright, course.height), nose)
        share = (left - FALLEN_SHARE) / (1 - FALLEN_SHARE)
        return {"stand": np.minimum(np.maximum(share, 0.0), 1.0) * world.control_s}

    def over(self, world: World) -> bool:
        """Return whether the animal has fallen."""
        nose = float(world.data.site_xpos[world.landmark_sites[0], 2]) / self._nose_mm
        return min(world.upright(), world.height(), nose) < FALLEN_SHARE

    def fall(self) -> tuple[float, float]:
        """Return when the animal has fallen."""
        return FALLEN_SHARE, self._nose_mm


class Effort(CourseTask):
    """The price of excitation: minus the mean square of the excitations, times the control period, s."""

    def reset(self, world: World) -> None:
        """Begin an episode; this task remembers nothing."""

    def terms_of(self, world: World, course: Course) -> dict[str, np.ndarray]:
        """Return a number for each step, from minus the control period (all muscles fully excited) to 0."""
        excitation = world.data.ctrl[: len(world.body.muscles)]  # the same throughout
        price = -float(np.add.reduce(excitation * excitation) / len(excitation)) * world.control_s
        return {"effort": np.full(len(course.times_s), price)}


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

    @property
    def by_course(self) -> bool:
        """Whether all tasks are."""
        return all(task.by_course for task in self._tasks.values())

    def fall(self) -> tuple[float, float] | None:
        """Return when the first of the tasks is over by a fall."""
        falls = [fall for task in self._tasks.values() if (fall := task.fall()) is not None]
        return (max(share for share, _ in falls), max(nose_mm for _, nose_mm in falls)) if falls else None

    def terms_of(self, world: World, course: Course) -> dict[str, np.ndarray]:
        """Return all terms of the steps of a course, weighted, as `terms`."""
        found: dict[str, np.ndarray] = {}
        for kind, task in self._tasks.items():
            for name, values in task.terms_of(world, course).items():
                weighted = self._weights[kind] * values
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
        "near": "neuromech.tasks.near:Near",
        "pace": "neuromech.tasks:Pace",
        "posture": "neuromech.tasks.posture:Posture",
        "stand": "neuromech.tasks:Stand",
        "turn": "neuromech.tasks.turn:Turn",
        "velocity": "neuromech.tasks.velocity:Velocity",
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
