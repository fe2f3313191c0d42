"""A comparison as a row: episodes beside a recording of the animal, between floor and ceiling."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

import numpy as np

from neuromech.comparison import table
from neuromech.comparison.baselines import RANDOM, SHUFFLED
from neuromech.comparison.compare import compare
from neuromech.evaluation.questions import Question
from neuromech.evaluation.told import Told
from neuromech.experiment.episodes import run_experiment
from neuromech.specs import datasets
from neuromech.tracking.recordings import reader_options


def answer(question: Question, seed: int) -> Told:
    """Return how like a recording some episodes are.

    score: similarity, 0 to 1, None where the recording is too short for one. shuffled_floor, random_floor:
    that of the same run with its wiring shuffled, or with random muscles. ceiling: of the animal's first half
    to its second. place: where the score lies between its higher floor, 0, and its ceiling, 1. FEATURE.ratio:
    the simulated median of a feature over the animal's. FEATURE.percentile: where the simulated median lies
    in the animal's distribution, 0 to 100. A table of all features is told beside them.

    Raises
    ------
    InputError
        The recording cannot be read, or is of another animal.
    """
    spec = question.row.comparison
    assert spec is not None
    animal = datasets.locate(spec.measured)
    run = question.run(seed)
    with tempfile.TemporaryDirectory() as folder:
        made = dataclasses.replace(
            run, output=Path(folder) / "run", video=False, episodes=spec.episodes, seed=seed * spec.episodes
        )
        run_experiment(made, progress=False, controller=question.own)
        found = compare(
            made.output, [animal], reader_options(spec.options), spec.format, question.row.window_s[0],
            progress=False, config_dirs=question.config_dirs,
        )  # fmt: skip
    floors = {name: each.score for name, each in found.floors.items()}
    values = {
        "score": None if found.why_no_score else found.similarity.score,
        "shuffled_floor": floors.get(SHUFFLED),
        "random_floor": floors.get(RANDOM),
        "ceiling": found.ceiling,
        "place": found.share,
    }
    for each in found.similarity.features:
        shown = len(each.simulated) > 0
        values[f"{each.name}.ratio"] = (
            float(np.median(each.simulated) / np.median(each.animal))
            if shown and np.median(each.animal)
            else None
        )
        values[f"{each.name}.percentile"] = each.percentile
    return Told(values, table.markdown(found))
