"""A training's result as a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuromech.controllers import policy
from neuromech.controllers.policy_network import Network
from neuromech.specs import content
from neuromech.specs.compose import training
from neuromech.specs.controller import PolicySpec
from neuromech.training import export
from neuromech.training.training_task import TrainingTask, read
from neuromech.world import body as bodies

ABOUT = {
    "command": "neuromech train train=ppo", "algorithm": "ppo", "seed": 3, "steps": 64, "simulated_s": 1234.5,
    "wall_time_min": 2.5, "reward": {"hold": 1.0}, "reward_per_s": -0.5,
}  # fmt: skip


@pytest.fixture(scope="module")
def task() -> TrainingTask:
    return read(training(["train=ppo", "experiment=fish_rheotaxis", "learner=descending"]))


def network(bias: float = 0.0) -> Network:
    return Network(np.zeros(3), np.ones(3), [(np.eye(7, 3), np.full(7, bias))], "clip")


def write(folder: Path, task: TrainingTask, result: Any) -> dict[str, Any]:
    export.write(folder, task, result, ABOUT)
    return content.read_yaml(folder / "controller.yaml")


def test_the_folder_says_what_its_task_said(task: TrainingTask, tmp_path: Path) -> None:
    spec = write(tmp_path / "controllers" / "held", task, network())
    assert spec["name"] == "held" and spec["under"] == "fish_optomotor" and spec["body"] == "larval_fish"
    read_back = content.load("controllers", "held", config_dirs=[tmp_path / "configs"])
    assert (
        isinstance(read_back, PolicySpec) and policy.plan(read_back, bodies.load(task.run.body)) == task.plan
    )
    assert spec["training"] == ABOUT and spec["squash"] == "clip"
    card = (tmp_path / "controllers" / "held" / "README.md").read_text()
    for said in (
        "Seed 3, 64 steps, 1,234 s simulated, 2.5 minutes",
        "tail_bend",
        "BI (up to 10 pA",
        "0.2 s ago",
    ):
        assert said in card, said
    assert max(len(line) for line in card.splitlines()) < 500


def test_a_second_one_takes_the_place_of_the_first(task: TrainingTask, tmp_path: Path) -> None:
    write(tmp_path / "held", task, network())
    write(tmp_path / "held", task, network(0.25))
    assert [file.name for file in tmp_path.iterdir()] == ["held"]
    assert sorted(file.name for file in (tmp_path / "held").iterdir()) == [
        "README.md", "controller.yaml", "policy.npz"
    ]  # fmt: skip
    found = Network.load(tmp_path / "held" / "policy.npz", "clip")
    assert found.act(np.zeros(3, np.float32)) == pytest.approx(np.full(7, 0.25))


@pytest.mark.parametrize("name", [n for n in content.names("controllers") if n.endswith("_commands")])
def test_a_policy_that_is_committed_is_small_and_has_a_card(name: str) -> None:
    folder = content.find("controllers", name)
    assert sum(file.stat().st_size for file in folder.iterdir()) < 2e6
    card = (folder / "README.md").read_text()
    for said in ("neuromech train", "Seed 0", "**Score**", "What it is not"):
        assert said in card
