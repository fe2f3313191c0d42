"""What a training's configuration may say."""

from __future__ import annotations

from typing import Any

import pytest

from neuromech._lib.errors import InputError
from neuromech.controllers.policy_plan import OF_CONTROLLERS
from neuromech.specs import content
from neuromech.specs.compose import options, training
from neuromech.training.training_task import read
from tests.training.tasks_for_tests import evolution, small

BY_DEFAULT = ("fish_rheotaxis", "fly_odour", "mouse_gaits", "worm_chemotaxis", "worm_crawl")
"""Tasks that are read by default; the others need no more than these."""


def learners(name: str) -> dict[str, Any]:
    """What a task says of its learners, that of the task on which it is built included."""
    tree = content.read_yaml(options("task")[name])
    above = [learners(each) for each in tree.get("defaults", ()) if each != "_self_"]
    return {key: value for group in [*above, tree.get("learners", {})] for key, value in group.items()}


OFFERED = [
    pytest.param(name, learner, marks=() if name in BY_DEFAULT else pytest.mark.thorough)
    for name in options("task")
    for learner in learners(name)
]


@pytest.mark.parametrize(("name", "learner"), OFFERED)
def test_every_learner_of_every_task_can_be_taught(name: str, learner: str) -> None:
    algorithm = "evolution" if learner in OF_CONTROLLERS else "ppo"
    words = [f"train={algorithm}", f"experiment={name}", f"learner={learner}"]
    if name.endswith("imitation"):
        with pytest.raises(InputError, match="a policy that imitates is told a movement"):
            read(training(words))
        words.append("environment.reference.file=movement.npz")
    task = read(training(words))
    assert task.run.experiment == name and task.learner == learner
    assert task.training.duration_s == task.spec["episode_s"] < task.run.duration_s
    assert (task.plan is None) == (learner in OF_CONTROLLERS)
    assert (task.under is None) == (learner == "muscles")


def test_the_learner_follows_the_algorithm() -> None:
    assert read(small()).learner == "muscles"
    assert read(evolution()).learner == "parameters"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("learner=muscels", "muscles"),
        ("learners.muscles.senses=[salt,bent]", "bend"),
        ("learners.muscles.episode_s=0", "episode_s"),
        ("learners.muscles.period_s=0.015", "period_s=0.015"),
        ("reward={aproach: 1.0}", "approach"),
        ("algorithm=1", "algorithm must be a group of"),
        ("envs=0", "envs must be a whole number between 1 and 1024, not 0"),
        ("spawn=3", "spawn must be true or false, not 3"),
        ("learners.muscles.senses=salt", "learners.muscles.senses must be"),
        ("reward={approach: lots}", "reward.approach"),
        ("learners.muscles.episode_s=null", "episode_s must be a number above 0, not null"),
        ("learners.muscles={perod_s: 0.1}", "period_s"),
    ],
)
def test_what_makes_no_sense_is_refused(change: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(small(change))


def test_an_experiment_without_a_task_says_where_one_is_written() -> None:
    with pytest.raises(InputError, match="configs/task"):
        read(training(["train=ppo", "experiment=worm_swim"]))


def test_one_key_of_a_task_can_be_changed_on_the_command_line() -> None:
    assert read(small("learners.muscles.horizon_s=3.0")).spec["horizon_s"] == 3.0
    with pytest.raises(InputError, match=r"learners\.muscles\.horizon_s"):
        small("learners.muscles.horizon=3.0")
