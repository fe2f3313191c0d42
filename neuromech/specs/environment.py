"""What environment.yaml says: what surrounds an animal, as typed, checked data."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from neuromech._lib.errors import InputError
from neuromech.specs.body import Norm
from neuromech.specs.checking import Origin, check, strict
from neuromech.specs.options import Part, read_parts
from neuromech.specs.other import OtherSpec
from neuromech.specs.values import Colour, Interval, Name, NotNegative, Number, Positive, Vector3, Whole

MOST_BUMPS = 100
"""How many times the distance between bumps a relief may reach: its heights are kept as one table."""
ASKED_VELOCITY = "asked_velocity"
"""What an animal is told of the velocity that it is asked for, by the name under which it is observed."""
REFERENCE = "reference"
"""What an animal is told of the movement that it is to imitate, by the name under which it is observed."""
RANDOM = "random"
"""The draw of a stimulus that is another one in every episode."""
MOST_AHEAD, LONGEST_AHEAD_S = 100, 60.0
"""How many times ahead an animal may be told of a movement, and how far: each is an array of all joints."""
NOTHING = "none"
"""The kind of stimulus, and the law of a medium, where there is none."""


@dataclass(frozen=True)
class MediumSpec(Part):
    """What a body moves through; the keys beside these are those of the law."""

    inertia_scale: Positive = 1.0
    """What every mass and inertia is multiplied by; overdamped bodies do not notice it."""

    REGISTRY: ClassVar[str] = "medium"
    KEY: ClassVar[str] = "law"
    USUAL: ClassVar[str | None] = "drag"
    SUPPLIED: ClassVar[tuple[str, ...]] = ("body", "data")


@dataclass(frozen=True)
class StimulusSpec(Part):
    """What there is to see, smell or taste; its keys are those of its kind."""

    REGISTRY: ClassVar[str] = "stimulus"
    SUPPLIED: ClassVar[tuple[str, ...]] = ("environment",)


@dataclass(frozen=True)
class Plate:
    """A round place whose edge holds the animal back."""

    radius_mm: Positive
    """Its radius."""
    stiffness_nN_mm: NotNegative
    """Force per mm that a segment is outside."""
    wall_mm: NotNegative = 0.0
    """Height of the wall, for the eye and the animal's eyes."""


@dataclass(frozen=True)
class Touch:
    """A force on one segment between two times: an eyebrow hair, a push."""

    segment: Name
    """Body of the model."""
    start_s: NotNegative
    """When it begins."""
    stop_s: Positive
    """When it ends."""
    force_nN: Vector3
    """The force along the world's axes."""

    def __post_init__(self) -> None:
        """Refuse one that ends before it begins."""
        if self.stop_s <= self.start_s:
            raise InputError(f"stop_s={self.stop_s:g} must be later than start_s={self.start_s:g}")


@dataclass(frozen=True)
class Pushes:
    """Pushes at times, of sizes and from sides that are drawn anew for every episode, all evenly."""

    segment: Name
    """Body of the model that is pushed."""
    every_s: Interval
    """The shortest and longest time from the end of one, or the start, to the beginning of the next."""
    lasts_s: Positive
    """How long each lasts."""
    force_nN: Interval
    """The smallest and largest force; it is level, in any direction."""

    def __post_init__(self) -> None:
        """Refuse intervals in the wrong order, and times of no length."""
        for name, least in (("every_s", 0.0), ("force_nN", 0.0)):
            low, high = getattr(self, name)
            if not least <= low <= high or high == 0:
                raise InputError(f"{name} must satisfy 0 <= low <= high and 0 < high, not {[low, high]}")


@dataclass(frozen=True)
class Change:
    """What of the surroundings becomes different during an episode, and stays so until the next change."""

    at_s: NotNegative
    """When: the first control period that begins at this time or later has it."""
    stimulus: dict[str, Any] = dataclasses.field(default_factory=dict)
    """Keys of the stimulus that get other values; its kind stays."""
    current_mm_s: Vector3 | None = None
    """Velocity of the water, in a medium that flows."""
    belt_mm_s: Number | None = None
    """How fast the floor runs backwards, towards -x."""

    def __post_init__(self) -> None:
        """Refuse one that changes nothing."""
        if not self.stimulus and self.current_mm_s is None and self.belt_mm_s is None:
            raise InputError("a change needs stimulus, current_mm_s or belt_mm_s beside at_s")


@dataclass(frozen=True)
class ReferenceSpec:
    """A recorded movement that the animal is to imitate, and is told of."""

    file: Name | None = None
    """What `neuromech retarget` made of a recording: angles of joints, frame by frame. Without it there is no
    movement."""
    ahead_s: tuple[NotNegative, ...] = (0.0,)
    """How far ahead of the present it is told."""

    def __post_init__(self) -> None:
        """Refuse one that tells nothing."""
        if not 0 < len(self.ahead_s) <= MOST_AHEAD or max(self.ahead_s) > LONGEST_AHEAD_S:
            raise InputError(f"ahead_s must be 1 to {MOST_AHEAD} times of at most {LONGEST_AHEAD_S:g} s")


@dataclass(frozen=True)
class TaskSpec:
    """What a learner is rewarded for."""

    reward: Name | dict[Name, float] = dataclasses.field(default_factory=dict)
    """A kind of reward, or several with their weights."""
    velocity_mm_s: Interval | None = None
    """From which to which velocity along its own axis, negative backwards, the animal is asked for; one is
    drawn evenly for every episode, and told to the animal as `asked_velocity`.
    """

    def __post_init__(self) -> None:
        """Refuse velocities in the wrong order."""
        if self.velocity_mm_s is not None and self.velocity_mm_s[0] > self.velocity_mm_s[1]:
            raise InputError(f"velocity_mm_s must satisfy low <= high, not {list(self.velocity_mm_s)}")

    @property
    def weights(self) -> dict[str, float]:
        """Every kind of reward with its weight."""
        return {self.reward: 1.0} if isinstance(self.reward, str) else self.reward


@dataclass(frozen=True)
class Floor:
    """How the floor is drawn."""

    colour: Colour = (0.59, 0.57, 0.51)
    """Its colour."""
    tracks: bool = True
    """Whether an animal that lies on it leaves a track."""


@dataclass(frozen=True)
class Relief:
    """Bumps and hollows of the floor of a scene."""

    bumps_mm: Positive
    """Height from the lowest to the highest point."""
    spacing_mm: Positive
    """Distance from one bump to the next."""
    extent_mm: Positive
    """How far it reaches from the origin along x and y; beyond it the floor is level, and half of bumps_mm
    lower.
    """
    flat_mm: NotNegative = 0.0
    """Radius around the origin in which the floor is level, so that an animal can begin as it was built."""
    seed: Whole = 0
    """Where the bumps are: the same seed gives the same floor."""

    def __post_init__(self) -> None:
        """Refuse one whose bumps are too many to be kept."""
        if self.extent_mm / self.spacing_mm > MOST_BUMPS:
            raise InputError(
                f"extent_mm={self.extent_mm:g} must be at most {MOST_BUMPS} times "
                f"spacing_mm={self.spacing_mm:g}"
            )


@strict
@dataclass(frozen=True, kw_only=True)
class EnvironmentSpec:
    """An environment.yaml. Only `name` is needed: what else is not said is not there.

    Units are mm, mg and s; forces nN.
    """

    name: Name
    """Name of the folder, by which runs call it."""
    title: str = ""
    """What it is, in one line."""
    scene: Name | None = None
    """An MJCF file in the same folder whose world the body joins: a floor, things."""
    medium: MediumSpec = dataclasses.field(default_factory=lambda: MediumSpec(NOTHING))
    """What the body moves through."""
    plate: Plate | None = None
    """A round place whose edge holds the animal back."""
    belt_mm_s: Number = 0.0
    """How fast the floor runs backwards, towards -x."""
    relief: Relief | None = None
    """Bumps and hollows of the scene's floor, which cannot run then."""
    held: bool = False
    """Whether the animal is held by the part that carries its root, as on a tether."""
    other: OtherSpec | None = None
    """Another animal that is there, to be seen and touched."""
    stimulus: StimulusSpec = dataclasses.field(default_factory=lambda: StimulusSpec(NOTHING))
    """What there is to see, smell or taste."""
    touch: tuple[Touch, ...] = ()
    """Forces from outside."""
    pushes: Pushes | None = None
    """Forces from outside that are drawn anew for every episode."""
    changes: tuple[Change, ...] = ()
    """What becomes different during an episode, in the order of their times."""
    reference: ReferenceSpec | None = None
    """A recorded movement to imitate."""
    task: TaskSpec = dataclasses.field(default_factory=TaskSpec)
    """What a learner is rewarded for."""
    floor: Floor = dataclasses.field(default_factory=Floor)
    """How the floor is drawn."""
    norms: dict[Name, Norm | None] = dataclasses.field(default_factory=dict)
    """What the animal does here, in the place of the body's norms; null where nobody measured it."""
    folder: Path = dataclasses.field(default=Path(), metadata={"hidden": True})
    folders: tuple[Path, ...] = dataclasses.field(default=(), metadata={"hidden": True})

    def __post_init__(self) -> None:
        """Refuse changes whose times do not rise, and bumps that run."""
        times = [change.at_s for change in self.changes]
        if any(later <= earlier for earlier, later in zip(times, times[1:], strict=False)):
            raise InputError(f"changes: their times at_s must rise, not {times}")
        runs = self.belt_mm_s or any(change.belt_mm_s for change in self.changes)
        if self.relief is not None and runs:
            raise InputError("relief: a floor with bumps cannot run; leave belt_mm_s at 0")

    @property
    def told(self) -> tuple[str, ...]:
        """Names of what the animal observes here beside what its body senses."""
        asked = {
            ASKED_VELOCITY: self.task.velocity_mm_s is not None,
            REFERENCE: self.reference is not None and self.reference.file is not None,
        }
        return tuple(name for name, told in asked.items() if told)

    def stages(self) -> list[tuple[float, EnvironmentSpec]]:
        """Return the environments that follow each other in an episode, each with its beginning, s.

        Raises
        ------
        InputError
            A change has a key that the stimulus or the medium has not, or would make another kind of it.
        """
        now: EnvironmentSpec = self
        found: list[tuple[float, EnvironmentSpec]] = [(0.0, dataclasses.replace(self, changes=()))]
        for number, change in enumerate(self.changes):
            now = _changed(now, change, Origin("environment").below("changes", number))
            found.append((change.at_s, dataclasses.replace(now, changes=())))
        return found


def _changed(now: EnvironmentSpec, change: Change, origin: Origin) -> EnvironmentSpec:
    """Return an environment after a change."""
    kind = now.stimulus.kind
    if change.stimulus.get("kind", kind) != kind:
        raise origin.error(("stimulus", "kind"), f"{{}} must stay {kind}: a change has no other kind")
    stimulus, medium = now.stimulus, now.medium
    if change.stimulus:
        tree = laid_over(stimulus.as_plain(), change.stimulus)
        stimulus = StimulusSpec.read(tree, origin.below("stimulus"))
    if change.current_mm_s is not None:
        tree = {**medium.as_plain(), "current_mm_s": list(change.current_mm_s)}
        medium = MediumSpec.read(tree, origin)
    belt = now.belt_mm_s if change.belt_mm_s is None else change.belt_mm_s
    return dataclasses.replace(now, stimulus=stimulus, medium=medium, belt_mm_s=belt)


def laid_over(tree: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Return a tree with new values; a group takes values for some of its keys."""
    merged = dict(tree)
    for key, value in new.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = laid_over(old, value)
        else:
            merged[key] = value
    return merged


def recorded_environment(attributes: Mapping[Any, Any]) -> EnvironmentSpec:
    """Return what the attributes of a recording say that there was to see, an empty place where they do not.

    It has the name, plate, floor, relief and stimulus of the environment, and the current of its medium. What
    another version of this program wrote, or a package that is not installed here, is left out.

    Raises
    ------
    InputError
        The attribute was edited and is no description of an environment any more.
    """
    origin = Origin("the recording's environment")
    written = attributes.get("environment")
    try:
        tree = json.loads(written) if written else {}
    except (TypeError, ValueError):
        raise origin.error((), "{} is not valid JSON") from None
    if not isinstance(tree, dict):
        raise origin.error((), "{} is no group of keys")
    shown = {key: tree[key] for key in ("name", "plate", "floor", "relief") if tree.get(key)}
    if isinstance(shown.get("plate"), dict):
        shown["plate"] = {"stiffness_nN_mm": 0.0, **shown["plate"]}  # nobody is held back any more
    stimulus = tree.get("stimulus")
    if isinstance(stimulus, dict) and stimulus.get("kind") in set(StimulusSpec.kinds()) - {NOTHING}:
        shown["stimulus"] = stimulus
        # Of the changes those that could be seen; a current and a belt leave no picture.
        changes = tree.get("changes")
        shown["changes"] = [
            {"at_s": each["at_s"], "stimulus": each["stimulus"]}
            for each in (changes if isinstance(changes, list) else ())
            if isinstance(each, dict) and each.get("stimulus") and "at_s" in each
        ]
    spec = check(EnvironmentSpec, {"name": "nowhere", **shown}, origin, lenient=True)
    medium = tree.get("medium")
    current = check(
        _Current, medium if isinstance(medium, dict) else {}, origin.below("medium"), lenient=True
    )
    water = MediumSpec(NOTHING, {"current_mm_s": current.current_mm_s})
    return dataclasses.replace(read_parts(spec, origin, lenient=True), medium=water)


@strict
@dataclass(frozen=True)
class _Current:
    """What of a medium is still of interest when an episode is over."""

    current_mm_s: Vector3 = (0.0, 0.0, 0.0)


def read_environment(tree: Mapping[str, Any], origin: Origin | None = None) -> EnvironmentSpec:
    """Return the environment that a merged environment.yaml describes.

    Raises
    ------
    InputError
        A key is unknown or missing, or a value is of the wrong type or out of range.
    """
    origin = origin or Origin("environment")
    return read_parts(check(EnvironmentSpec, tree, origin), origin)
