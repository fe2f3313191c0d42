"""A training task: a run, its reward, and the observations and actions of the learner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from neuromech import tasks
from neuromech._lib.errors import InputError, unknown
from neuromech.controllers.policy_plan import LEARNERS, OF_CONTROLLERS, PolicyPlan
from neuromech.specs import content
from neuromech.specs.controller import WiredSpec
from neuromech.specs.run import Run, resolve
from neuromech.training import train_spec
from neuromech.world import body as bodies


@dataclass(frozen=True)
class TrainingTask:
    """One learner with one experiment.

    Parameters
    ----------
    run : the experiment as it is evaluated; training episodes last `episode_s`.
    reward : `{kind: weight}` of neuromech/tasks.
    learner : one of LEARNERS.
    spec : the learner's section of configs/task/NAME.yaml, checked.
    plan : the observations and actions of a network; None for numbers of a controller.
    under : the merged controller.yaml of the controller under it; None for muscles.
    """

    run: Run
    reward: Mapping[str, float]
    learner: str
    spec: Mapping[str, Any]
    plan: PolicyPlan | None
    under: WiredSpec | None
    config_dirs: tuple[Path, ...] = ()

    @property
    def training(self) -> Run:
        """The run of a training episode."""
        return replace(self.run, duration_s=float(self.spec["episode_s"]))


def read(config: Mapping[str, Any], config_dirs: Sequence[Path] = ()) -> TrainingTask:
    """Read a composed configs/train.yaml.

    Raises
    ------
    InputError
        The experiment has no task for this learner, or a key is missing, unknown or out of range.
    """
    given = train_spec.checked(content.plain(config))
    run = resolve(config, config_dirs)
    learner, sections = given.learner, given.learners or {}
    if learner not in LEARNERS:
        raise unknown("learner", learner, LEARNERS)
    if learner not in sections:
        raise InputError(
            f"no settings for learner={learner} on {run.experiment}: write them in a configs/task file, "
            "as in configs/task/worm_chemotaxis.yaml"
        )
    spec = sections[learner]
    keys = train_spec.check_task(learner, spec)
    reward = given.reward or run.environment.task.weights
    tasks.build({"reward": reward})
    under = None
    if "under" in spec:
        under = content.wired(str(spec["under"]), config_dirs=config_dirs)
    plan = None
    if learner not in OF_CONTROLLERS:
        asked = {field.name for field in fields(PolicyPlan)}
        own = {key: value for key, value in vars(keys).items() if key in asked and value is not None}
        plan = PolicyPlan.of(bodies.load(run.body), told=run.environment.told, **own)
        plan.periods_per_decision(run.clock.control_s)
    return TrainingTask(run, reward, learner, spec, plan, under, tuple(config_dirs))
