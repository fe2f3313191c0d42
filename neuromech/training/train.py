"""``neuromech train``: from a composed configuration to a trained controller and its evaluation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from neuromech._lib.errors import InputError
from neuromech.experiment import run_experiment
from neuromech.specs import content
from neuromech.specs import run as configs
from neuromech.training import curves, evolution, export, rl
from neuromech.training.training_task import Lesson, read

EVALUATION_SEED = 10_000
"""First seed of the evaluation's episodes; training draws its own far from these."""


def run_train(config: Mapping[str, Any], config_dirs: Sequence[Path] = (), progress: bool = True) -> Path:
    """Train what a composed configs/train.yaml describes, or go on; returns the controller's folder.

    The output folder keeps checkpoint.npz, progress.csv and .png, tensorboard/, settings.json, the trained
    controller under controllers/ and, at the end, evaluation/ as `neuromech run` leaves it.

    Raises
    ------
    InputError
        A setting is wrong, or the output folder is of a training with other settings.
    """
    lesson = read(config, config_dirs)
    tree = content.plain(config)
    algorithm = tree.get("algorithm")
    if not isinstance(algorithm, Mapping) or not tree.get("train"):
        raise InputError("which algorithm? add train=ppo, train=sac or train=evolution")
    evolves = algorithm.get("kind") == "evolution"
    if evolves != (lesson.learner == "parameters"):
        need = "train=evolution" if lesson.learner == "parameters" else "train=ppo or train=sac"
        raise InputError(f"learner={lesson.learner} is trained with {need}, not with train={tree['train']}")
    seed, steps = lesson.run.seed, _whole(tree, "steps", int(lesson.spec["steps"]))
    envs, chunk = _whole(tree, "envs", 1), _whole(tree, "checkpoint_steps", 1)
    folder = output(tree, lesson)
    folder.mkdir(parents=True, exist_ok=True)
    _same_settings(folder, tree, lesson)
    spawn = bool(tree["spawn"])
    try:
        if evolves:
            workers = envs if spawn else 1
            result: Any = evolution.evolve(lesson, algorithm, folder, seed, steps, workers, progress)
        else:
            result = rl.learn(lesson, algorithm, folder, seed, steps, chunk, envs, spawn, progress)
    finally:
        curves.plot(folder, "episodes tried" if evolves else "decisions")
    last = curves.read(folder)[-1]
    about = {
        "command": command(tree, lesson, config_dirs),
        "algorithm": str(tree["train"]),
        "seed": seed,
        "steps": int(last["steps"]),
        "simulated_s": round(last["simulated_s"], 1),
        "wall_time_min": round(last["wall_s"] / 60, 1),
        "reward": {str(key): float(value) for key, value in lesson.reward.items()},
        "reward_per_s": float(f"{last[curves.REWARD]:.5g}"),
    }
    controller = export.write(folder / "controllers" / folder.name, lesson, result, about)
    if tree["evaluate"]:
        evaluate(lesson, controller, folder / "evaluation", progress)
    return controller


def evaluate(lesson: Lesson, controller: Path, folder: Path, progress: bool = True) -> Path:
    """Run the lesson's experiment with a trained controller on seeds that no training has met."""
    beside = controller.parent.parent / "configs"
    spec = content.load("controllers", controller.name, config_dirs=[beside])
    return run_experiment(
        replace(lesson.run, controller=spec, seed=EVALUATION_SEED, output=folder), progress=progress
    )


def output(tree: Mapping[str, Any], lesson: Lesson) -> Path:
    """Return the folder of a training."""
    given = tree.get("output")
    name = f"{lesson.run.experiment}_{lesson.learner}_{tree['train']}_{lesson.run.seed}"
    return Path(str(given)).expanduser() if given else Path("trainings") / name


def command(tree: Mapping[str, Any], lesson: Lesson, config_dirs: Sequence[Path] = ()) -> str:
    """Return the command that makes a training again, but for overrides of single keys."""
    words = [f"neuromech train train={tree['train']} experiment={lesson.run.experiment}"]
    words += [f"learner={lesson.learner} seed={lesson.run.seed}"]
    words += [f"--config-dir {path}" for path in config_dirs]
    return " ".join(words)


def _same_settings(folder: Path, tree: Mapping[str, Any], lesson: Lesson) -> None:
    """Refuse to go on with a training of other settings; more steps are welcome."""
    free = {"output", "steps", "video", "episodes", "evaluate", "title"}
    kept = {key: value for key, value in tree.items() if key not in free}
    for section in content.SECTION.values():
        kept[section] = configs.dump(lesson.run) if section == "body" else None
    kept["learners"] = {key: value for key, value in lesson.spec.items() if key != "steps"}
    mark = hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()[:16]
    path = folder / "settings.json"
    if not path.exists():
        path.write_text(json.dumps({"mark": mark, "config": OmegaConf.to_yaml(tree)}, indent=1) + "\n")
    elif json.loads(path.read_text()).get("mark") != mark:
        raise InputError(f"{folder} is from a training with other settings; choose another output")


def _whole(tree: Mapping[str, Any], key: str, default: int) -> int:
    value = tree.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(f"{key} must be a whole number of at least 1, not {value!r}")
    return value
