"""The keys of a fit, as configs/fit/NAME.yaml and `neuromech fit` give them, with their types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Le, MinLen

from neuromech._lib.errors import InputError
from neuromech._lib.files import make_folder, user_path
from neuromech.specs.checking import check, strict
from neuromech.specs.values import Count, Interval, Name, NotNegative, Positive, Whole


@dataclass(frozen=True)
class Search:
    """How CMA-ES searches."""

    generations: Count
    """After how many it ends."""
    population: Annotated[int, Ge(2), Le(10_000)]
    """Sets of parameters that are tried in each."""
    sigma: Positive
    """First step, in units of the logit of a parameter's place between its bounds."""
    workers: Annotated[int, Ge(1), Le(1024)] | None = None
    """Processes; null uses all cores."""
    diagonal: bool = False
    """Whether each parameter gets a step of its own, and none goes with another (sep-CMA-ES)."""


@dataclass(frozen=True, kw_only=True)
class GoalSpec:
    """A measure of the animal and where it should lie."""

    measure: Name
    """A metric of the run's tracker."""
    low: float | None = None
    """Below it, the cost grows."""
    high: float | None = None
    """Above it, the cost grows."""
    scale: Positive = 1.0
    """How far outside costs one `weight`."""
    weight: NotNegative = 1.0
    """How much the goal counts."""
    relative_to: Name | None = None
    """An earlier scenario, by whose measure this one is divided."""


@strict
@dataclass(frozen=True, kw_only=True)
class ScenarioSpec:
    """One simulated situation and its goals."""

    name: Name
    """What later scenarios call it."""
    run: tuple[str, ...]
    """`key=value` texts of a run."""
    window_s: Interval
    """The stretch that counts."""
    goals: Annotated[tuple[GoalSpec, ...], MinLen(1)]
    """What the animal must do."""
    seeds: Annotated[tuple[Whole, ...], MinLen(1)] = (0,)
    """Played one after the other."""
    gate: NotNegative | None = None
    """A cost above which the later scenarios are not simulated."""


@strict
@dataclass(frozen=True, kw_only=True)
class FitSpec:
    """The configuration of a fit."""

    fit: Name
    """A file of configs/fit."""
    controller: Name | dict[str, Any]
    """A folder of controllers/."""
    title: str = ""
    """What it is, in one line."""
    method: Name = "evolution"
    """A fit method."""
    search: Search | None = None
    """How an evolution searches."""
    parameters: dict[str, Interval] = field(default_factory=dict)
    """Which parameters are free, and between which ends."""
    scenarios: tuple[ScenarioSpec, ...] = ()
    """What the animal must do."""
    run: tuple[str, ...] = ()
    """`key=value` texts that every scenario's run gets beside its own, and over them: shuffled wiring."""
    gradient: dict[str, Any] | None = None
    """What a fit by gradient trains on."""
    seed: Whole = 0
    """Of the search."""
    cluster: Name | None = None
    """Where an evolution is worked out: null for the cores of this machine, tcp://HOST:PORT, slurm ..."""

    @property
    def controller_name(self) -> str:
        """The folder of controllers/ whose parameters are the start."""
        given = self.controller
        name = given.get("name") if isinstance(given, Mapping) else given
        if not isinstance(name, str):
            raise InputError(f"fit {self.fit}: controller.name must name a controller")
        return name


def checked(settings: Mapping[str, Any]) -> FitSpec:
    """Return a composed configs/fit.yaml with every key checked.

    Raises
    ------
    InputError
        A key is unknown or missing, or a value is of the wrong type or out of range.
    """
    if not settings.get("controller"):
        raise InputError(f"fit {settings.get('fit')}: controller is missing")
    # A folder may have a name that is no text in any encoding, which the check could not read.
    return check(FitSpec, {key: value for key, value in settings.items() if key != "output"})


def folder(settings: Mapping[str, Any], otherwise: Path) -> Path:
    """Return the output folder of a fit or a training, made if it is not there.

    Raises
    ------
    InputError
        It is no text, or nothing can be written to it.
    """
    given = settings.get("output")
    if given is not None and not isinstance(given, str | Path):
        raise InputError(f"output must be text, not {str(given)[:60]!r}")
    found = user_path(str(given)) if given else otherwise
    make_folder(found)
    return found
