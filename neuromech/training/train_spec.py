"""The keys of a training that a run has not, as configs/train.yaml and configs/task give them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt, Le, Lt

from neuromech.specs.checking import Origin, check, strict
from neuromech.specs.controller import CommandSpec
from neuromech.specs.values import Count, Interval, Name, Positive


@strict
@dataclass(frozen=True, kw_only=True)
class TrainSpec:
    """What is trained, how long, and on how many processors."""

    train: Name | None = None
    """A file of configs/train."""
    task: Name | None = None
    """A file of configs/task."""
    learner: Name
    """muscles, descending, parameters or wiring."""
    learners: dict[str, dict[str, Any]] | None = None
    """What each kind of learner sees and moves."""
    reward: dict[str, float] | None = None
    """{kind: weight}; empty: what the experiment's environment rewards."""
    algorithm: dict[str, Any] | None = None
    """What trains; its keys are the learner's own."""
    steps: Count | None = None
    """When it ends; null: the task's own."""
    checkpoint_steps: Count = 1
    """From one checkpoint to the next."""
    envs: Annotated[int, Ge(1), Le(1024)] = 1
    """Environments side by side."""
    spawn: bool = False
    """Whether each has a process of its own."""
    evaluate: bool = True
    """Whether the result is played at the end."""
    controls: bool = False
    """Whether the same is trained on rewired and random wirings, too."""
    seeds: Count = 5
    """With `controls`: how many trainings of each, from `seed` on."""
    page: Name | None = None
    """With `controls`: a text in Markdown into which the comparison is put, between its markers."""


@dataclass(frozen=True, kw_only=True)
class _Task:
    episode_s: Positive
    """How long an episode of the training lasts."""
    steps: Count
    """When the training ends."""
    horizon_s: Positive | None = None
    """How far rewards count ahead."""
    log_std: float | None = None
    """Spread of the first actions, as a logarithm."""


@strict
@dataclass(frozen=True, kw_only=True)
class MusclesTask(_Task):
    """A network that excites the muscles."""

    period_s: Positive
    """From one decision to the next."""
    senses: tuple[Name, ...]
    """What it is told."""
    lags_s: tuple[Positive, ...] | None = None
    """How long ago it is told the same of."""
    strength: Annotated[float, Gt(0), Le(1)] = 1.0
    """The most that it excites."""
    synergies: dict[Name, dict[str, float]] | None = None
    """Groups of muscles that one action moves together: {group: {muscle or pattern: weight}}."""


@strict
@dataclass(frozen=True, kw_only=True)
class DescendingTask(_Task):
    """A network that passes currents into neurons of a controller."""

    under: Name
    """That controller."""
    period_s: Positive
    """From one decision to the next."""
    senses: tuple[Name, ...]
    """What it is told."""
    commands: dict[str, CommandSpec]
    """What it does."""
    lags_s: tuple[Positive, ...] | None = None
    """How long ago it is told the same of."""
    neurons: tuple[Name, ...] | None = None
    """Neurons whose activity it is told."""


@strict
@dataclass(frozen=True, kw_only=True)
class ParametersTask(_Task):
    """Parameters of a controller, searched."""

    under: Name
    """That controller."""
    bounds: dict[str, Interval]
    """{name: [low, high]}."""
    start: Annotated[float, Gt(0), Lt(1)] | None = None
    """Where the search begins, as a share of every range; null: at what was fitted."""


@strict
@dataclass(frozen=True, kw_only=True)
class WiringTask(_Task):
    """Strengths of the chemical synapses of a controller, trained; who connects to whom and signs stay."""

    under: Name
    """That controller."""
    per: Literal["synapse", "class"] = "synapse"
    """Whether every connection has a strength of its own, or all those between two classes share one."""
    reach: Annotated[float, Gt(1)] = 4.0
    """How many times stronger or weaker than at the beginning a strength may become."""
    start: Literal["fitted", "even"] = "fitted"
    """Whether strengths begin as they are in parameters.yaml, or all alike, so that nothing is known but who
    connects to whom, and signs."""


TASKS = {
    "muscles": MusclesTask,
    "descending": DescendingTask,
    "parameters": ParametersTask,
    "wiring": WiringTask,
}
"""What the section of each learner in configs/task/NAME.yaml may say."""


@strict
@dataclass(frozen=True, kw_only=True)
class EvolutionSpec:
    """The key `algorithm` of an evolution."""

    kind: Name
    """evolution."""
    population: Annotated[int, Ge(2), Le(10_000)]
    """Candidates in each generation."""
    sigma: Positive
    """First step, in units of the logit of a parameter's place between its bounds."""
    episodes: Count
    """How many each candidate plays."""


@strict
@dataclass(frozen=True, kw_only=True)
class PolicyGradientSpec(EvolutionSpec):
    """The key `algorithm` of a policy gradient."""

    rate: Positive
    """Step of Adam, in the same units as sigma."""
    hidden: tuple[Count, ...] = (64,)
    """Units of each layer, where what is trained is a network that moves the muscles."""


def checked(tree: Mapping[str, Any]) -> TrainSpec:
    """Return the keys of a composed configs/train.yaml that are no run's, checked.

    Raises
    ------
    InputError
        A value is of the wrong type or out of range.
    """
    known = {each.name for each in dataclasses.fields(TrainSpec)}
    return check(TrainSpec, {key: tree[key] for key in tree if key in known})


def check_task(learner: str, section: Any) -> MusclesTask | DescendingTask | ParametersTask | WiringTask:
    """Return what configs/task/NAME.yaml says of a learner, checked.

    Raises
    ------
    InputError
        A key is unknown or missing, or a value is of the wrong type or out of range.
    """
    return check(TASKS[learner], section, Origin(above=("learners", learner)))
