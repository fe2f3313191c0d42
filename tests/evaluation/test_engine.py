"""What is asked is played once, kept at once, and asked again only where something else answers."""

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from neuromech import InputError
from neuromech.evaluation import engine as engines
from neuromech.evaluation.engine import Engine
from neuromech.evaluation.questions import Contender, Question, ask
from neuromech.evaluation.results_store import ResultsStore
from neuromech.evaluation.row_player import Refusal
from neuromech.specs import evaluation as specs
from tests.evaluation.wrong_evaluations import RIGHT

PLAYED: list[tuple[str, int]] = []
"""What was played, in this process."""


def play(question: Question, seeds: Sequence[int]) -> Any:
    PLAYED.extend((question.key, seed) for seed in seeds)
    return {seed: {"speed_mm_s": 0.1 * seed + len(question.texts), "other": None} for seed in seeds}


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    monkeypatch.setattr(engines, "play", play)
    PLAYED.clear()
    return ask(specs.read({**RIGHT, "seeds": 5}), Contender())


def test_every_seed_is_played_once_and_kept(client: Any, questions: list[Question], tmp_path: Path) -> None:
    Engine(client, ResultsStore(tmp_path)).work(questions)
    assert sorted(PLAYED) == [(key, seed) for key in ("crawl", "still") for seed in range(5)]
    store = ResultsStore(tmp_path)
    assert [each["speed_mm_s"] for each in store.values(questions[0])] == [2.0, 2.1, 2.2, 2.3, 2.4]
    assert all(store.missing(each) == [] for each in questions)
    PLAYED.clear()
    Engine(client, ResultsStore(tmp_path)).work(questions)
    assert PLAYED == []


def test_what_is_finished_is_not_played_again(client: Any, questions: list[Question], tmp_path: Path) -> None:
    store = ResultsStore(tmp_path)
    store.add(questions[0], play(questions[0], [1, 3]))
    PLAYED.clear()
    Engine(client, ResultsStore(tmp_path)).work(questions[:1])
    assert sorted(PLAYED) == [("crawl", 0), ("crawl", 2), ("crawl", 4)]


@pytest.mark.parametrize(("same", "again"), [(True, 1), (False, 5)])
def test_after_a_change_the_first_seed_says_whether_the_others_stand(
    client: Any, questions: list[Question], tmp_path: Path, same: bool, again: int
) -> None:
    Engine(client, ResultsStore(tmp_path)).work(questions[:1])
    file = ResultsStore(tmp_path).file(questions[0])
    kept = json.loads(file.read_text())
    kept["made_by"] = "another program"
    kept["seeds"]["0"]["speed_mm_s"] *= 1 + 1e-15  # the last bits are those of a processor
    if not same:
        kept["seeds"]["0"]["speed_mm_s"] *= 1 + 1e-8
    file.write_text(json.dumps(kept))
    PLAYED.clear()
    Engine(client, ResultsStore(tmp_path)).work(questions[:1])
    assert len(PLAYED) == again and PLAYED[0] == ("crawl", 0)
    assert json.loads(file.read_text())["made_by"] == questions[0].made_by


def test_only_rows_that_use_a_changed_folder_are_outdated(
    questions: list[Question], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from neuromech.specs import content

    store = ResultsStore(tmp_path)
    for each in questions:
        store.add(each, play(each, range(5)))
    digest = content.digest
    monkeypatch.setattr(content, "digest", lambda folders: digest(folders) + "x" * ("worm" in str(folders)))
    fresh = [dataclasses.replace(each) for each in questions]
    swim = dataclasses.replace(
        fresh[0], row=dataclasses.replace(fresh[0].row, run={"experiment": "fly_walk"})
    )
    before = dataclasses.replace(swim)
    assert ResultsStore(tmp_path).first_outdated(fresh[0]) == 0
    assert swim.made_by == before.made_by != fresh[0].made_by


def test_a_metric_that_is_new_in_a_row_is_measured(
    client: Any, questions: list[Question], tmp_path: Path
) -> None:
    store = ResultsStore(tmp_path)
    store.add(questions[0], {seed: {"undulation_hz": 1.0} for seed in range(5)})
    Engine(client, ResultsStore(tmp_path)).work(questions[:1])
    assert len(PLAYED) == 5


def test_rows_that_ask_the_same_are_played_once(
    client: Any, questions: list[Question], tmp_path: Path
) -> None:
    twin = dataclasses.replace(questions[0], key="twin", seeds=7)
    Engine(client, ResultsStore(tmp_path)).work([questions[0], twin])
    assert sorted(seed for _, seed in PLAYED) == list(range(7))


def test_what_cannot_be_asked_is_told_or_raised(
    client: Any, questions: list[Question], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "play", lambda question, seeds: Refusal("no such neuron"))
    with pytest.raises(InputError, match="rows.crawl: no such neuron"):
        Engine(client, ResultsStore(tmp_path)).work(questions[:1])
    other = dataclasses.replace(questions[0], contender=Contender("mine", own=object()))
    engine = Engine(client, ResultsStore(tmp_path))
    engine.work([other])
    assert engine.refused == {other.address: "no such neuron"}


def test_a_result_that_is_none_is_one_line(questions: list[Question], tmp_path: Path) -> None:
    ResultsStore(tmp_path).file(questions[0]).write_text("{}")
    with pytest.raises(InputError, match="is no result of an evaluation; delete it"):
        ResultsStore(tmp_path).answers(questions[0])


def test_seeds_are_dealt_out_evenly() -> None:
    question = ask(specs.read(RIGHT), Contender())[0]
    assert [len(each.seeds) for each in engines.batches(question, range(20), 16)] == [10, 10]
    assert [each.seeds for each in engines.batches(question, [3, 4, 9], 2)] == [(3, 9), (4,)]
