"""Evolution of class-shared parameters on a reward."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.controllers import ConnectomeController
from neuromech.loop import Loop
from neuromech.training import checkpoint, curves, evolution
from neuromech.training.learners import Settings
from neuromech.training.rewarded_episode import BrokeDown, play
from neuromech.training.training_task import TrainingTask, read
from tests.training.tasks_for_tests import evolution as small

ALGORITHM = {"kind": "evolution", "population": 4, "sigma": 0.8, "episodes": 1}


@pytest.fixture(scope="module")
def task() -> TrainingTask:
    return read(small())


def hill(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Replace the animal by a hill whose top is at 1 in every coordinate; returns the seeds asked for."""
    seen: list[tuple[int, ...]] = []

    def height(
        task: TrainingTask, search: Any, point: np.ndarray, seeds: tuple[int, ...]
    ) -> dict[str, float]:
        seen.append(seeds)
        return {"approach": -float(np.sum((point - 1) ** 2)), "effort": 0.0}

    monkeypatch.setattr(evolution, "_evaluate", height)
    return seen


def evolve(
    task: TrainingTask, folder: Path, generations: int, workers: int = 1, **change: Any
) -> dict[str, Any]:
    folder.mkdir(exist_ok=True)
    algorithm = {**ALGORITHM, **change}
    settings = Settings(algorithm, folder, 5, generations, envs=workers, spawn=workers > 1, progress=False)
    return evolution.learn(task, settings)


def test_it_climbs(task: TrainingTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = hill(monkeypatch)
    found = evolve(task, tmp_path, 90, population=8)
    search = evolution.problem(task)
    assert search.encode(found) == pytest.approx(np.ones(8), abs=0.1)
    rows = curves.read(tmp_path)
    assert rows[-1]["reward_per_s"] > -0.01 > rows[0]["reward_per_s"] and rows[-1]["steps"] == 720
    assert len(set(seeds)) == 90 and min(min(each) for each in seeds) >= 1_000_000
    # What was not free is as it was.
    assert {k: v for k, v in found.items() if k not in ("salt", "chemical_nS")} == {
        k: v for k, v in search.base.items() if k not in ("salt", "chemical_nS")
    }


def test_who_breaks_the_physics_counts_as_the_worst(
    task: TrainingTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hill(monkeypatch)
    height, asked = evolution._evaluate, []

    def breaking(*given: Any) -> Any:
        asked.append(given)
        return None if len(asked) % 4 == 2 else height(*given)

    monkeypatch.setattr(evolution, "_evaluate", breaking)
    evolve(task, tmp_path / "some", 3)
    kept = checkpoint.load(tmp_path / "some" / "checkpoint.npz")
    assert kept is not None and kept["costs"].shape == (3, 4)
    assert all(row[1] == max(row[0], row[2], row[3]) for row in kept["costs"])
    monkeypatch.setattr(evolution, "_evaluate", lambda *given: None)
    with pytest.raises(InputError, match="every candidate"):
        evolve(task, tmp_path / "all", 1)


def test_an_episode_that_breaks_down_says_so(task: TrainingTask, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(self: Loop) -> None:
        raise InputError("physics broke down at 1 s")

    monkeypatch.setattr(Loop, "play_in_memory", burst)
    with pytest.raises(BrokeDown, match="broke down at 1 s"):
        play(task.training, task.reward)
    search = evolution.problem(task)
    assert evolution._evaluate(task, search, evolution.beginning(task, search), (1,)) is None


def test_stopping_changes_nothing(
    task: TrainingTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hill(monkeypatch)
    whole = evolve(task, tmp_path / "whole", 12)
    for generations in (3, 7, 12):
        parts = evolve(task, tmp_path / "parts", generations)
    assert parts == whole
    columns = [
        [(row["steps"], row["reward_per_s"], row["sigma"]) for row in curves.read(tmp_path / name)]
        for name in ("whole", "parts")
    ]
    assert columns[0] == columns[1] and len(columns[0]) == 12


def test_the_search_begins_where_it_is_told(task: TrainingTask) -> None:
    search = evolution.problem(task)
    started = search.decode(list(evolution.beginning(task, search)))
    assert started["salt"]["gain"] == pytest.approx(30.0)  # a tenth of [0, 300]
    fitted = read(small("learners.parameters.start=null"))
    assert search.decode(list(evolution.beginning(fitted, search)))["salt"]["gain"] == pytest.approx(193.41)
    with pytest.raises(InputError, match="start"):
        evolution.beginning(read(small("learners.parameters.start=2")), search)


@pytest.mark.thorough
def test_the_animal_is_what_is_scored(task: TrainingTask, tmp_path: Path) -> None:
    found = evolve(task, tmp_path, 1, workers=2)
    assert isinstance(Loop.of(task.training, found).controller, ConnectomeController)
    (row,) = curves.read(tmp_path)
    assert row["effort_per_s"] < 0 and row["simulated_s"] == pytest.approx(4 * 0.3)
    search = evolution.problem(task)
    point = evolution.beginning(task, search)
    one, other = (evolution._evaluate(task, search, point, (seed,)) for seed in (7, 8))
    assert one == evolution._evaluate(task, search, point, (7,))
    both = evolution._evaluate(task, search, point, (7, 8))
    assert one is not None and other is not None and both is not None and one != other
    mean = (one["approach"] + other["approach"]) / 2
    assert both["approach"] == pytest.approx(mean)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"population": 0}, "population"),
        ({"popsize": 4}, "population"),
        ({"sigma": "wide"}, "sigma"),
        ({"episodes": 1.5}, "algorithm.episodes must be a whole number"),
    ],
)
def test_a_wrong_setting_is_refused(task: TrainingTask, tmp_path: Path, change: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        evolve(task, tmp_path, 1, **change)


def test_bounds_name_parameters_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"salt\.gain"):
        evolve(read(small("learners.parameters.bounds={salt.gian: [0, 1]}")), tmp_path, 1)


def test_a_checkpoint_of_another_search_is_refused(
    task: TrainingTask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hill(monkeypatch)
    evolve(task, tmp_path, 1)
    with pytest.raises(InputError, match="population"):
        evolve(task, tmp_path, 2, population=6)
