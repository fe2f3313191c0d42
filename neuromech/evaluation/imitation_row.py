"""Imitation as a row: trained on one half of a recording, a policy is held beside the other half."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr

from neuromech import recording
from neuromech._lib.errors import InputError
from neuromech.comparison import baselines, table
from neuromech.comparison.baselines import RANDOM
from neuromech.comparison.compare import ceiling, compare
from neuromech.evaluation.policy_row import curve, with_trained
from neuromech.evaluation.questions import Question
from neuromech.evaluation.told import Told
from neuromech.experiment.episodes import run_experiment
from neuromech.replay.retarget import retarget
from neuromech.specs import datasets
from neuromech.specs.compose import training
from neuromech.specs.run import Run
from neuromech.tracking.io import recorded
from neuromech.tracking.io.base import ReaderOptions
from neuromech.tracking.recordings import reader_options
from neuromech.training import curves
from neuromech.training.train import run_train
from neuromech.world import body as bodies
from neuromech.world.recorded_motion import JointMotion


def answer(question: Question, seed: int) -> Told:
    """Return how like the second half of a recording a policy moves that was trained on the first half.

    The policy is told the movement of the second half while it is played, as it was told that of the first
    in its training. score: similarity, 0 to 1. random_floor: that of random muscles. ceiling: that of the
    recording's two halves. place: where the score lies between them, 0 to 1. apart_deg: root-mean-square
    difference of its joint angles from those it was told. steps, cpu_min, wall_min: what the training took;
    its learning curve is told beside a table of all features.

    Raises
    ------
    InputError
        The recording cannot be read or retargeted, or the extra that the training needs is missing.
    """
    spec = question.row.imitation
    assert spec is not None
    if question.own is not None:
        raise InputError("an imitation row trains its controller, and this one is your own")
    run = question.run(seed)
    if run.environment.reference is None:
        raise InputError(f"experiment {run.experiment} has no environment.reference: it imitates nothing")
    whole = recorded.read(
        datasets.locate(spec.measured), reader_options(spec.options), spec.format, str(run.body.tracker or "")
    )
    (first,), (second,) = baselines.halves([whole])
    with tempfile.TemporaryDirectory() as folder:
        learned = retarget(first, run.body).save(Path(folder) / "first.npz")
        told = retarget(second, run.body)
        words = [
            f"train={spec.train}", f"experiment={run.experiment}", "learner=muscles", f"seed={seed}",
            f"environment.reference.file={learned}", "evaluate=false", f"output={folder}/trained",
        ]  # fmt: skip
        words += [f"steps={spec.steps}"] if spec.steps is not None else []
        controller = run_train(training(words, question.config_dirs), question.config_dirs, progress=False)
        rows = curves.read(Path(folder) / "trained")
        made = _told_of(run, told, controller, Path(folder), question)
        run_experiment(made, progress=False)
        dirs = [controller.parent.parent / "configs", *question.config_dirs]
        found = compare(made.output, [second], ReaderOptions(), progress=False, config_dirs=dirs)
        apart_deg = _apart_deg(recording.load(made.output / "episode_000.nc"), told, run)
    # One half alone is too short to be held against itself; against the other half it is not.
    found = replace(found, ceiling=ceiling([first, second], found.feature_set), why_no_score="")
    last = rows[-1]
    values = {
        "score": found.similarity.score,
        "random_floor": found.floors[RANDOM].score,
        "ceiling": found.ceiling,
        "place": found.share,
        "apart_deg": apart_deg,
        "steps": last["steps"],
        "simulated_s": last["simulated_s"],
        "cpu_min": last["cpu_s"] / 60,
        "wall_min": last["wall_s"] / 60,
    }
    return Told(values, f"{curve(rows)}\n\n{table.markdown(found)}")


def _told_of(run: Run, movement: JointMotion, controller: Path, folder: Path, question: Question) -> Run:
    """Return a run of a trained controller that is told a movement, as long as that is."""
    asked = run.environment.reference
    assert asked is not None
    file = movement.save(folder / "second.npz")
    environment = replace(run.environment, reference=replace(asked, file=str(file)))
    made = replace(
        run, environment=environment, output=folder / "run", video=False, episodes=1,
        duration_s=int(movement.seconds / run.clock.control_s) * run.clock.control_s,
    )  # fmt: skip
    return with_trained(made, controller, question)


def _apart_deg(played: xr.Dataset, movement: JointMotion, run: Run) -> float:
    """Return the root-mean-square difference of joint angles from those of a movement, degrees."""
    places = bodies.load(run.body).joint_addresses(movement.joints)
    frames = np.round(played["time"].values * movement.fps).astype(int).clip(max=len(movement.angles) - 1)
    return float(
        np.degrees(np.sqrt(np.nanmean((played["qpos"].values[:, places] - movement.angles[frames]) ** 2)))
    )
