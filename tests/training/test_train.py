"""`neuromech train`, from the command line to a controller that runs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.cli import main
from neuromech.loop import Loop
from neuromech.specs import content
from neuromech.specs.compose import load_run
from neuromech.training.train import run_train
from tests.training.tasks_for_tests import evolution, small, words


def test_an_evolution_leaves_a_controller_that_runs(tmp_path: Path) -> None:
    folder = run_train(evolution(f"output={tmp_path / 'grown'}", "seed=4"), progress=False)
    assert folder == tmp_path / "grown" / "controllers" / "grown"
    assert sorted(file.name for file in folder.iterdir()) == [
        "README.md",
        "controller.yaml",
        "parameters.yaml",
    ]
    spec = content.read_yaml(folder / "controller.yaml")
    assert spec["learner"] == "parameters" and spec["under"] == "worm_connectome"
    trained = content.read_yaml(folder / "parameters.yaml")
    (about,) = trained["trainings"]
    assert about == spec["training"] and about["steps"] == 12 and about["seed"] == 4
    assert about["command"] == (
        "neuromech train train=evolution experiment=worm_chemotaxis learner=parameters seed=4"
    )
    words = ["experiment=worm_chemotaxis", "controller=grown", "duration_s=0.3"]
    configs = tmp_path / "grown" / "configs"
    loop = Loop.of(load_run(words, [configs]))
    assert len(loop.controller.neuron_names) == 302
    more = ["video=false", f"output={tmp_path / 'run'}", "--config-dir", str(configs), "--quiet"]
    assert main.main(["run", *words, *more]) == 0
    assert not (tmp_path / "grown" / "evaluation").exists()


def test_another_training_does_not_go_on_in_the_same_folder(tmp_path: Path) -> None:
    output = f"output={tmp_path / 'a'}"
    run_train(evolution(output, "steps=1"), progress=False)
    run_train(evolution(output, "steps=2"), progress=False)
    for change in ("seed=1", "learners.parameters.start=0.2", "reward={approach: 2.0}", "duration_s=7"):
        with pytest.raises(InputError, match="other settings"):
            run_train(evolution(output, change), progress=False)


def test_learners_and_algorithms_belong_together() -> None:
    with pytest.raises(InputError, match="train=evolution"):
        run_train(small("learner=parameters"), progress=False)
    with pytest.raises(InputError, match="train=ppo"):
        run_train(evolution("learner=muscles"), progress=False)
    with pytest.raises(InputError, match="steps"):
        run_train(small("steps=0"), progress=False)


def test_a_policy_is_trained_evaluated_and_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("stable_baselines3", reason="the extra rl is not installed")
    folder = tmp_path / "climber"
    more = ["steps=32", "evaluate=true", "episodes=2", "duration_s=0.6", "video=false", f"output={folder}"]
    assert main.main(["train", *words(*more), "--quiet"]) == 0
    controller = folder / "controllers" / "climber"
    assert capsys.readouterr().out.strip() == str(controller)
    summary = json.loads((folder / "evaluation" / "summary.json").read_text())
    assert [each["seed"] for each in summary["episodes"]] == [10000, 10001]
    assert summary["ended"] == "complete"
    card = (controller / "README.md").read_text()
    assert "What it is not" in card and "neuromech train train=ppo" in card
    assert (folder / "progress.png").stat().st_size > 5000
    assert sum(file.stat().st_size for file in controller.iterdir()) < 2e6
    # Put beside other controllers it is found as they are.
    shutil.copytree(controller, tmp_path / "mine" / "controllers" / "climber")
    monkeypatch.setenv("NEUROMECH_CONTENT", str(tmp_path / "mine"))
    run = [
        "run",
        "experiment=worm_chemotaxis",
        "controller=climber",
        "duration_s=0.3",
        "video=false",
        "--quiet",
    ]
    assert main.main([*run, f"output={tmp_path / 'run'}"]) == 0
    assert (tmp_path / "run" / "episode_000.nc").exists()
    assert main.main([*run, f"output={tmp_path / 'p'}", "perturb.ablate=[AVA]"]) == 2
    assert "nothing to perturb" in capsys.readouterr().err
    assert "climber" in content.names("controllers")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["experiment=worm_chemotaxis"],
            "which train? add train=NAME; there are evolution, policy_gradient, ppo, ppo_imitation, ppo_long",
        ),
        (["train=ppo"], "which experiment?"),
        (["train=ppq", "experiment=worm_chemotaxis"], "unknown train 'ppq'; nearest: ppo"),
        (["train=ppo", "experiment=worm_chemotaxi"], "worm_chemotaxis"),
        (["train=ppo", "experiment=worm_chemotaxis", "learner=musles"], "muscles"),
        (["train=ppo", "experiment=worm_chemotaxis", "algorithm.gae_lamda=3"], "algorithm.gae_lambda"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main.main(["train", *arguments, f"output={tmp_path}"]) == 2
    said = capsys.readouterr().err
    assert message in said and said.count("\n") == 1


def test_the_configuration_can_be_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["train", "train=sac", "experiment=fish_rheotaxis", "seed=9", "--cfg", "job"]) == 0
    text = capsys.readouterr().out
    assert "learner: muscles" in text and "task: fish_rheotaxis" in text and "seed: 9" in text
    assert np.all([name in text for name in ("buffer_size", "nMLF_L", "current_mm_s")])
