"""Train a controller: from a composed configuration to its folder and its evaluation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.files import write_text
from neuromech.experiment.episodes import run_experiment
from neuromech.specs import content
from neuromech.specs import run as configs
from neuromech.training import LEARNERS, curves, export, train_spec
from neuromech.training.fit_spec import folder as made_output
from neuromech.training.learners import Learner, Settings
from neuromech.training.training_task import TrainingTask, read

EVALUATION_SEED = 10_000
"""The first seed of the evaluation's episodes; trainings draw their own seeds far from these."""

MAY_DIFFER = {"output", "steps", "video", "episodes", "evaluate", "title", "controls", "seeds", "page"}
"""The keys of a configuration that may change when a training is continued."""


def run_train(config: Mapping[str, Any], config_dirs: Sequence[Path] = (), progress: bool = True) -> Path:
    """Train what a composed configs/train.yaml describes, or go on; return the controller's folder.

    The output folder keeps checkpoint.npz, progress.csv and .png, tensorboard/, settings.json, the trained
    controller under controllers/ and, at the end, evaluation/ as `neuromech run` leaves it.

    Raises
    ------
    InputError
        A setting is wrong, or the output folder is of a training with other settings.
    """
    task = read(config, config_dirs)
    tree = content.plain(config)
    given = train_spec.checked(tree)
    learner = _learner(tree, task)
    settings = Settings(
        algorithm=tree["algorithm"],
        folder=output(tree, task),
        seed=task.run.seed,
        steps=given.steps or int(task.spec["steps"]),
        checkpoint_steps=given.checkpoint_steps,
        envs=given.envs,
        spawn=given.spawn,
        progress=progress,
    )
    folder = settings.folder
    _check_settings(folder, tree, task)
    try:
        result = learner.learn(task, settings)
    finally:
        curves.plot(folder, learner.steps_are)
    last = curves.read(folder)[-1]
    about = {
        "command": command(tree, task, config_dirs),
        "algorithm": str(tree["train"]),
        "seed": settings.seed,
        "steps": int(last["steps"]),
        "simulated_s": round(last["simulated_s"], 1),
        "wall_time_min": round(last["wall_s"] / 60, 1),
        "reward": {str(key): float(value) for key, value in task.reward.items()},
        "reward_per_s": float(f"{last[curves.REWARD]:.5g}"),
    }
    controller = export.write(folder / "controllers" / folder.name, task, result, about)
    # `--config-dir` takes the folder of configurations beside which controllers stand, and it must exist.
    (folder / "configs").mkdir(exist_ok=True)
    if tree["evaluate"]:
        evaluate(task, controller, folder / "evaluation", progress)
    return controller


def evaluate(task: TrainingTask, controller: Path, folder: Path, progress: bool = True) -> Path:
    """Run the task's experiment with a trained controller on seeds that no training has met."""
    configs_beside = controller.parent.parent / "configs"
    spec = content.load("controllers", controller.name, config_dirs=[configs_beside])
    return run_experiment(
        replace(task.run, controller=spec, seed=EVALUATION_SEED, output=folder), progress=progress
    )


def output(tree: Mapping[str, Any], task: TrainingTask) -> Path:
    """Return the folder of a training, made: the one that is given, or one under trainings/."""
    name = f"{task.run.experiment}_{task.learner}_{tree['train']}_{task.run.seed}"
    return made_output(tree, Path("trainings") / name)


def command(tree: Mapping[str, Any], task: TrainingTask, config_dirs: Sequence[Path] = ()) -> str:
    """Return the command that makes a training again, without overrides of single keys."""
    words = [f"neuromech train train={tree['train']} experiment={task.run.experiment}"]
    words += [f"learner={task.learner} seed={task.run.seed}"]
    words += [f"--config-dir {path}" for path in config_dirs]
    return " ".join(words)


def _learner(tree: Mapping[str, Any], task: TrainingTask) -> Learner:
    """Return what trains; raise `InputError` if it does not train what the task asks for."""
    algorithm = tree.get("algorithm")
    if not isinstance(algorithm, Mapping) or not tree.get("train"):
        raise InputError("which algorithm? add train=ppo, train=sac or train=evolution")
    kind = str(algorithm.get("kind"))
    if kind not in LEARNERS:
        raise unknown("algorithm.kind", kind, LEARNERS)
    if task.learner not in LEARNERS[kind].trains:
        suited = [f"train={name}" for name, each in LEARNERS.items() if task.learner in each.trains]
        need = " or ".join(suited) or "nothing that is installed"
        raise InputError(f"learner={task.learner} is trained with {need}, not with train={tree['train']}")
    return LEARNERS[kind]


def _check_settings(folder: Path, tree: Mapping[str, Any], task: TrainingTask) -> None:
    """Write the settings of a training, or refuse to go on with one of other settings."""
    settings = {key: value for key, value in tree.items() if key not in MAY_DIFFER}
    for section in content.SECTION.values():
        settings[section] = configs.dump(task.run) if section == "body" else None
    settings["learners"] = {key: value for key, value in task.spec.items() if key != "steps"}
    text = json.dumps(settings, sort_keys=True, default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    path = folder / "settings.json"
    if not path.exists():
        write_text(path, json.dumps({"sha256": digest, "config": OmegaConf.to_yaml(tree)}, indent=1))
        return
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(f"{path} cannot be read; choose another output") from None
    if not isinstance(found, Mapping) or found.get("sha256") != digest:
        raise InputError(f"{folder} is from a training with other settings; choose another output")
