"""What ``make policies`` trains and publishes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from neuromech.loop import Loop
from neuromech.specs import content
from neuromech.specs.compose import load_run, training
from neuromech.specs.controller import PolicySpec
from neuromech.training.training_task import read
from tests import scripts

FILE = Path(__file__).resolve().parents[3] / "docs" / "validation" / "scripts" / "policies.py"


@pytest.fixture(scope="module")
def policies() -> ModuleType:
    return scripts.load(FILE)


def test_what_is_trained_is_what_the_tasks_offer(policies: ModuleType) -> None:
    for task in policies.TASKS:
        for learner, algorithm in task.learners:
            words = [f"train={algorithm}", f"experiment={task.experiment}", f"learner={learner}"]
            training_task = read(training(words))
            assert training_task.learner == learner and task.score in training_task.reward
        assert task.publishes in dict(task.learners)


def test_a_published_policy_is_of_its_task(policies: ModuleType) -> None:
    for task in policies.TASKS:
        spec = content.load("controllers", task.published)
        assert isinstance(spec, PolicySpec) and spec.learner == task.publishes
        assert f"experiment={task.experiment}" in spec.training["command"]
        size = sum(file.stat().st_size for file in spec.folder.iterdir())
        assert size < 1_000_000


def test_an_untrained_network_excites_every_muscle_alike(policies: ModuleType, tmp_path: Path) -> None:
    pytest.importorskip("stable_baselines3")
    mouse = next(task for task in policies.TASKS if not task.evolves)
    task = replace(mouse, publishes="muscles")
    name = policies.beginner(task, tmp_path)
    assert policies.beginner(task, tmp_path) == name
    words = [f"experiment={task.experiment}", f"controller={name}", "duration_s=0.05"]
    loop = Loop.of(load_run(words, [tmp_path / name / "configs"]))
    loop.controller.reset(0)
    excitation = loop.controller.act(loop.animal.reset())
    # Half of the 0.5 that configs/task/mouse_gaits.yaml lets it have.
    assert excitation.shape == (44,) and excitation == pytest.approx(np.full(44, 0.25), abs=0.05)
