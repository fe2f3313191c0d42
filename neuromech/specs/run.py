"""What a run is: body, environment, controller, clock, start, and what is done to the wiring; all checked."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Ge, Le

from neuromech._lib.errors import InputError
from neuromech._lib.files import user_path
from neuromech.specs import content
from neuromech.specs.body import BodySpec
from neuromech.specs.checked import Checked
from neuromech.specs.checking import Origin, check, plain, strict
from neuromech.specs.controller import CommandingSpec, ControllerSpec
from neuromech.specs.environment import EnvironmentSpec
from neuromech.specs.perturb import Perturb, Perturbations, perturb
from neuromech.specs.values import (
    Count,
    Duration,
    Interval,
    Name,
    NotNegative,
    Number,
    Whole,
)
from neuromech.specs.yaml_files import dump_yaml

MOST_STEPS = 1e9
"""Steps of one clock in a step of another: nobody would see the end of more."""
EMPTY, RANDOM = "empty", "random"
"""The environment and the controller of a run that names a body and no experiment."""


@dataclass(frozen=True)
class Clock(Checked):
    """Step lengths in s, each an integer multiple of the one before, and brain steps per control step."""

    physics_s: Duration = 0.0025
    """Step of the physics."""
    control_s: Duration = 0.01
    """Step of senses, brain and muscles."""
    record_s: Duration = 0.05
    """Sampling of the recording."""
    brain_substeps: Annotated[int, Ge(1), Le(10_000)] = 2
    """Brain steps in one control step."""

    SECTION = "clock"

    def __post_init__(self) -> None:
        """Refuse steps that are no multiples of the one before."""
        super().__post_init__()
        for long, short in (("control_s", "physics_s"), ("record_s", "control_s")):
            long_s, short_s = getattr(self, long), getattr(self, short)
            ratio = long_s / short_s
            if ratio > MOST_STEPS:
                raise InputError(f"clock.{short}={short_s:g} is too short for clock.{long}={long_s:g}")
            if ratio < 0.5 or abs(ratio - round(ratio)) > 1e-6 * ratio:
                raise InputError(
                    f"clock.{long}={long_s:g} must be an integer multiple of clock.{short}={short_s:g}; "
                    f"nearest: {max(1, round(ratio)) * short_s:g}"
                )

    @property
    def physics_per_control(self) -> int:
        """Physics steps in one control step."""
        return round(self.control_s / self.physics_s)

    @property
    def control_per_record(self) -> int:
        """Control steps in one recorded sample."""
        return round(self.record_s / self.control_s)


@strict
@dataclass(frozen=True)
class Start(Checked):
    """How an episode begins."""

    distance_mm: NotNegative | Interval = 0.0
    """From the goal, in any direction: a number, or [low, high] to draw from."""
    heading: Number | Literal["random", "goal"] = "random"
    """Random, towards the goal, or degrees counter-clockwise from +x."""
    x_mm: Number | None = None
    """A place in the stead of a distance; goes with `y_mm`."""
    y_mm: Number | None = None
    """A place in the stead of a distance; goes with `x_mm`."""
    moment_s: NotNegative | Literal["random"] = 0.0
    """Time of the movement to imitate at which the episode begins; random: any at which it was seen."""

    SECTION = "start"

    def __post_init__(self) -> None:
        """Refuse distances in the wrong order, and half a place."""
        super().__post_init__()
        if isinstance(self.distance_mm, tuple) and not 0 <= self.distance_mm[0] <= self.distance_mm[1]:
            shown = list(self.distance_mm)
            raise InputError(f"start.distance_mm must satisfy 0 <= low <= high, not {shown}")
        given = {"x_mm": self.x_mm, "y_mm": self.y_mm}
        known = [key for key, value in given.items() if value is not None]
        if len(known) == 1:
            raise InputError(f"start.{known[0]} is half a place: give start.x_mm and start.y_mm, or neither")


@dataclass(frozen=True)
class Run(Checked):
    """One run, ready to be played."""

    experiment: Name
    body: BodySpec
    environment: EnvironmentSpec
    controller: ControllerSpec
    clock: Clock
    perturb: Perturb
    start: Start
    duration_s: Duration
    seed: Whole
    episodes: Count
    video: bool
    output: Path

    @property
    def folders(self) -> list[str]:
        """Every content folder that the run uses, those that others extend or command included."""
        other = self.environment.other
        used = [*self.body.folders, *self.environment.folders, *self.controller.folders]
        used += other.folders if other is not None else ()
        above, names = self.controller, {self.controller.name}
        while isinstance(above, CommandingSpec) and above.under and above.under not in names:
            names.add(above.under)
            above = content.under(above)
            used += above.folders
        return [str(folder) for folder in used]


@strict
@dataclass(frozen=True, kw_only=True)
class RunConfig:
    """The configuration of a run: configs/config.yaml with an experiment and whatever else a user sets."""

    experiment: Name | None = None
    """A file of configs/experiment."""
    title: str = ""
    """What it is, in one line."""
    body: Name | dict[str, Any] | None = None
    """A folder of bodies/; further keys are merged over its body.yaml."""
    environment: Name | dict[str, Any] | None = None
    """A folder of environments/; further keys are merged over its environment.yaml."""
    controller: Name | dict[str, Any] | None = None
    """A folder of controllers/; further keys are merged over its controller.yaml."""
    clock: Clock = field(default_factory=Clock)
    """Lengths of the steps."""
    duration_s: Duration = 60.0
    """How long an episode lasts."""
    seed: Whole = 0
    """Of the first episode; the next ones have the next numbers."""
    episodes: Count = 1
    """How many there are."""
    video: bool = True
    """Whether a film is made."""
    output: str | None = None
    """A folder; null makes one under simulations/."""
    start: Start = field(default_factory=Start)
    """How an episode begins."""
    perturb: Perturbations = field(default_factory=Perturbations)
    """What is done to the wiring."""


def resolve(config: Mapping[str, Any], config_dirs: Sequence[Path] = ()) -> Run:
    """Return the run that a composed configuration describes, with its content merged in.

    Keys that are no key of a run, as a training has them, are left alone.

    Raises
    ------
    InputError
        Something is missing, unknown, of the wrong kind or out of range.
    """
    tree = content.plain(config)
    known = {each.name for each in dataclasses.fields(RunConfig)}
    written = {key: tree[key] for key in tree if key in known}
    # A folder may have a name that is no text in any encoding, which the check could not read.
    output = written.pop("output", None)
    if output is not None and not isinstance(output, str):
        raise InputError(f"output must be text, not {output!r}")
    given = check(RunConfig, _written_out(written))
    named = {section: _name(getattr(given, section), section) for section in content.SECTION.values()}
    experiment = given.experiment or named["body"]
    if experiment is None:
        raise InputError("which experiment? add experiment=NAME; 'neuromech list experiments' names them")
    if given.experiment is None:
        named = {**named, "environment": named["environment"] or EMPTY,
                 "controller": named["controller"] or RANDOM}  # fmt: skip
    for section, name in named.items():
        if name is None:
            raise InputError(f"{section}.name must name a {section}; 'neuromech list' shows them")
    over = {
        section: value if isinstance(value := getattr(given, section), Mapping) else {} for section in named
    }
    if output is None:
        output = Path("simulations") / f"{experiment}_{datetime.now():%Y%m%d-%H%M%S}"
    return Run(
        experiment=experiment,
        body=content.load("bodies", str(named["body"]), over["body"], config_dirs),
        environment=content.load("environments", str(named["environment"]), over["environment"], config_dirs),
        controller=content.load("controllers", str(named["controller"]), over["controller"], config_dirs),
        clock=given.clock,
        perturb=perturb(given.perturb, given.duration_s),
        start=given.start,
        duration_s=given.duration_s,
        seed=given.seed,
        episodes=given.episodes,
        video=given.video,
        output=user_path(str(output)),
    )


def read_start(tree: Mapping[str, Any]) -> Start:
    """Return the start that the keys of `start` describe.

    Raises
    ------
    InputError
        A key is unknown, a value makes no sense, or half a place is given.
    """
    return check(Start, tree, Origin("start"))


def dump(run: Run) -> str:
    """Return YAML that describes a run fully.

    Saved as `DIR/config.yaml`, it is run again by `neuromech run --config-dir DIR`.
    """
    tree = plain(run)
    for window in tree["perturb"]["silence"]:
        del window["current_pA"], window["rate_Hz"]
    # Running it again must not overwrite the first result.
    tree["output"] = None
    return dump_yaml(tree)


def _written_out(tree: dict[str, Any]) -> dict[str, Any]:
    """Return the tree without nulls among its perturbations, and with single windows as lists of one."""
    perturb = tree.get("perturb")
    if not isinstance(perturb, dict):
        return tree
    given = {key: value for key, value in perturb.items() if value is not None}
    for key in ("silence", "stimulate", "scale_pathways"):
        if isinstance(given.get(key), dict):
            given[key] = [given[key]]
    return {**tree, "perturb": given}


def _name(value: Any, section: str) -> str | None:
    name = value.get("name") if isinstance(value, Mapping) else value
    if name is not None and not isinstance(name, str):
        raise InputError(f"{section}.name must name a {section}; 'neuromech list' shows them")
    return name
