"""Rows that were played earlier stand beside those that are chosen now."""

from __future__ import annotations

from pathlib import Path

import pytest

from neuromech.evaluation.earlier_rows import Asked, with_earlier
from neuromech.evaluation.evaluate import evaluate
from neuromech.evaluation.questions import Contender, ask
from neuromech.evaluation.results_store import ResultsStore
from neuromech.evaluation.scorecard import OLDER, markdown
from neuromech.specs import evaluation as specs

NAME, WHO = "worm_lawn", [Contender()]

pytestmark = pytest.mark.thorough  # the questions of a whole evaluation take seconds to compose


def every(spec: specs.EvaluationSpec) -> Asked:
    return {each.name: ask(spec, each) for each in WHO}


@pytest.fixture
def store(tmp_path: Path) -> ResultsStore:
    """All rows of an evaluation, as if they had been played."""
    found = ResultsStore(tmp_path / "results")
    for question in every(specs.load(NAME))[""]:
        found.add(question, {seed: dict.fromkeys(question.metrics, 1.0) for seed in range(question.seeds)})
    return found


def test_others_are_shown_in_their_order_with_those_that_another_state_played(store: ResultsStore) -> None:
    spec = specs.load(NAME)
    keys = list(spec.rows)
    chosen = every(specs.replaced(spec, [keys[1]]))
    shown, older = with_earlier(spec, chosen, WHO, (), store)
    assert [each.key for each in shown[""]] == keys and older == frozenset()
    last = every(spec)[""][-1]
    store.answers(last).made_by = "another program"
    assert with_earlier(spec, chosen, WHO, (), store)[1] == {last.key}


def test_a_row_without_an_episode_or_without_its_control_is_not_shown(store: ResultsStore) -> None:
    spec = specs.load(NAME)
    questions = {each.key: each for each in every(spec)[""]}
    assert spec.rows["no_dopamine"].control == "on_food"
    store.forget(questions["on_food"])
    shown, _ = with_earlier(spec, every(specs.replaced(spec, ["off_food"])), WHO, (), store)
    there = {each.key for each in shown[""]}
    assert "off_food" in there and not {"on_food", "no_dopamine"} & there


def test_an_object_from_python_has_no_earlier_rows(store: ResultsStore) -> None:
    spec = specs.load(NAME)
    mine = [Contender("mine", own=object())]
    chosen = {"mine": ask(specs.replaced(spec, [next(iter(spec.rows))]), mine[0])}
    assert with_earlier(spec, chosen, mine, (), store) == (chosen, frozenset())


def test_the_table_marks_them(store: ResultsStore, tmp_path: Path) -> None:
    spec = specs.load(NAME)
    questions = every(spec)[""]
    first = questions[0]
    store.answers(questions[-1]).made_by = "another program"
    store.add(questions[-1], {})
    card = evaluate(NAME, rows=[first.key], output=tmp_path)
    assert card.played == 0
    lines = markdown(card).splitlines()
    marked = [line for line in lines if OLDER in line]
    assert questions[-1].row.title in marked[0] and len(marked) == 2
    assert first.row.title in "".join(lines)
