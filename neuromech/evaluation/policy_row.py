"""The reward of a controller as a row: after a training, before it, or of a controller as it is."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.evaluation.episode_values import Values
from neuromech.evaluation.questions import Question
from neuromech.evaluation.told import Told
from neuromech.specs import content
from neuromech.specs.compose import training
from neuromech.specs.evaluation_trainings import PolicyRewardSpec
from neuromech.specs.run import Run
from neuromech.tracking import track
from neuromech.training import curves, export, rl
from neuromech.training.evolution import beginning, problem
from neuromech.training.learners import Settings
from neuromech.training.rewarded_episode import play
from neuromech.training.train import run_train
from neuromech.training.training_task import TrainingTask, read


def answer(question: Question, seed: int) -> Values | Told:
    """Return what a controller earns, and the metrics of its tracker, means over held-out episodes.

    With a training the seed is that of the training, and all seeds meet the same episodes; without one every
    seed meets episodes of its own. score: the term of the reward, per second. steps, simulated_s: decisions
    or episodes of the training, and the time that it simulated. cpu_min, wall_min: what it took. Its learning
    curve is told beside them.

    Raises
    ------
    InputError
        There is no such algorithm, learner or term, or the extra that the training needs is missing.
    """
    spec = question.row.policy
    assert spec is not None
    if question.own is not None:
        raise InputError("a policy row plays a controller by its name, and this one is your own")
    run = question.run(seed)
    if spec.train is None:
        return _played(run, None, spec, spec.first_seed + seed * spec.episodes)
    with tempfile.TemporaryDirectory() as folder:
        if not spec.trained:
            made = _beginner(run, question, spec, Path(folder))
            return _played(*made, spec, spec.first_seed + seed * spec.episodes)
        words = [*_words(question, spec), f"seed={seed}", "evaluate=false", f"output={folder}/trained"]
        controller = run_train(training(words, question.config_dirs), question.config_dirs, progress=False)
        rows = curves.read(Path(folder) / "trained")
        last = rows[-1]
        values = _played(with_trained(run, controller, question), None, spec, spec.first_seed)
        cost = {"cpu_min": last["cpu_s"] / 60, "wall_min": last["wall_s"] / 60}
        found = {**values, "steps": last["steps"], "simulated_s": last["simulated_s"], **cost}
        return Told(found, curve(rows))


def curve(rows: Sequence[Mapping[str, float]]) -> str:
    """Return the learning curve of a training in one line."""
    earned = ", ".join(f"{row[curves.REWARD]:.3g}" for row in rows)
    return f"Reward per s in training, evenly up to {rows[-1]['simulated_s']:,.0f} simulated s: {earned}."


def _words(question: Question, spec: PolicyRewardSpec) -> list[str]:
    given = question.row.run
    if not isinstance(given.get("experiment"), str):
        raise InputError("a row with a training names its experiment")
    return [f"train={spec.train}", f"experiment={given['experiment']}", f"learner={spec.learner}"]


def _played(
    run: Run, parameters: Mapping[str, Any] | None, spec: PolicyRewardSpec, first: int
) -> dict[str, float | None]:
    """Return the means of a run, with other parameters if some are given, over held-out episodes."""
    found: list[dict[str, float | None]] = []
    for seed in range(first, first + spec.episodes):
        earned, seen = play(replace(run, seed=seed), {spec.score: 1.0}, parameters)
        if spec.score not in earned:
            raise unknown("term of the reward", spec.score, earned)
        tracked = {name: value for name, value in track(seen).items() if not isinstance(value, str)}
        found.append({"score": earned[spec.score], **tracked})
    names = dict.fromkeys(name for each in found for name in each)
    return {name: _mean([each.get(name) for each in found]) for name in names}


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None and np.isfinite(value)]
    return float(np.mean(known)) if known else None


def with_trained(run: Run, controller: Path, question: Question) -> Run:
    """Return a run with the controller of a folder."""
    folders = [controller.parent.parent / "configs", *question.config_dirs]
    spec = content.load("controllers", controller.name, None, folders)
    return replace(run, controller=spec)


def _beginner(
    run: Run, question: Question, spec: PolicyRewardSpec, folder: Path
) -> tuple[Run, Mapping[str, Any] | None]:
    """Return the run of a learner as it begins, and the parameters from which evolution starts."""
    config = training(_words(question, spec), question.config_dirs)
    task: TrainingTask = read(config, question.config_dirs)
    if task.plan is None:
        search = problem(task)
        return run, search.decode(list(beginning(task, search)))
    tree = content.plain(config)
    network = rl.learn(task, Settings(tree["algorithm"], folder, 0, 0, envs=tree["envs"]))
    about = {
        "command": "", "algorithm": str(spec.train), "seed": 0, "steps": 0, "simulated_s": 0.0,
        "wall_time_min": 0.0, "reward": dict(task.reward), "reward_per_s": 0.0,
    }  # fmt: skip
    return with_trained(
        run, export.write(folder / "controllers" / "beginner", task, network, about), question
    ), None
