"""Recorded bouts as a row: the body bends as the animal did, and where it gets to is compared."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.comparison import table
from neuromech.comparison.compare import compare
from neuromech.evaluation.questions import Question
from neuromech.evaluation.told import Told
from neuromech.replay import bouts as replay
from neuromech.specs import datasets
from neuromech.tracking.io.base import ReaderOptions


def answer(question: Question, seed: int) -> Told:
    """Return where the body of a run gets to in its medium with the posture of recorded bouts.

    displacement_ratio: median ratio of simulated to recorded net displacement. turn_slope: slope of simulated
    on recorded change of heading. path_rms_mm, largest_path_rms_mm: distance of the two paths, mean and
    largest. feature_similarity: how like the features of the paths are, 0 to 1; feature_ceiling: that of the
    recording's one half to its other. Both are None unless features are asked for.

    Raises
    ------
    InputError
        The recording cannot be read, lacks a bout, or the body cannot replay one.
    """
    spec = question.row.replay
    assert spec is not None
    run, animal = question.run(seed), datasets.locate(spec.measured)
    there = replay.load(animal)
    if missing := [number for number in spec.bouts if number not in there]:
        raise unknown("bout", str(missing[0]), map(str, there))
    bouts = {number: there[number] for number in spec.bouts}
    swimmer = replay.Swimmer(run.body, run.environment, spec.physics_s)
    try:
        outcomes = {number: swimmer.swim(bout) for number, bout in bouts.items()}
    except FloatingPointError as error:
        raise InputError(f"the replay is unstable: {error}") from None
    paths = [each.path_rms_mm for each in outcomes.values()]
    slope = replay.slope(outcomes)
    values: dict[str, float | None] = {
        "displacement_ratio": replay.ratio(outcomes),
        "turn_slope": slope if np.isfinite(slope) else None,
        "path_rms_mm": float(np.mean(paths)),
        "largest_path_rms_mm": max(paths),
        "feature_similarity": None,
        "feature_ceiling": None,
    }
    if not spec.features:
        return Told(values)
    with tempfile.TemporaryDirectory() as folder:
        made = replay.save(Path(folder) / "replayed.npz", bouts, outcomes)
        found = compare(made, [animal], ReaderOptions(), progress=False)
    values |= {"feature_similarity": found.similarity.score, "feature_ceiling": found.ceiling}
    return Told(values, table.markdown(found))
