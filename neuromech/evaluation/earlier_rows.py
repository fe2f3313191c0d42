"""Rows that an evaluation played earlier, shown beside those that were chosen now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from neuromech._lib.errors import InputError
from neuromech.evaluation.questions import Contender, Question, ask
from neuromech.evaluation.results_store import ResultsStore
from neuromech.specs.evaluation import EvaluationSpec

Asked = Mapping[str, Sequence[Question]]
"""The questions of each contender, by its name."""


def with_earlier(
    spec: EvaluationSpec,
    chosen: Asked,
    who: Sequence[Contender],
    config_dirs: Sequence[Path],
    store: ResultsStore,
) -> tuple[Asked, frozenset[str]]:
    """Return the chosen rows with all others of which every episode is known, in the order of the evaluation.

    The others are not played. Returned with them are the names of those that were played by another state of
    the program or of the content. Nothing is added for objects from Python, whose source may have changed.

    Parameters
    ----------
    spec : the whole evaluation.
    chosen : the rows that were chosen, as they were asked of each contender.
    who, config_dirs : as for `ask`.
    store : what is known.
    """
    if any(each.own is not None for each in who):
        return chosen, frozenset()
    now = {question.key for questions in chosen.values() for question in questions}
    every = {
        each.name: {one.key: one for one in (*ask(spec, each, config_dirs), *chosen[each.name])}
        for each in who
    }
    known = now | {
        key for key in spec.rows if key not in now
        and all(_complete(questions[key], store) for questions in every.values())
    }  # fmt: skip
    while alone := {key for key in known - now if not spec.rows[key].beside <= known}:
        known -= alone  # a row says nothing without those that it is judged against
    older = {
        key for key in known - now
        if any(store.first_outdated(questions[key]) is not None for questions in every.values())
    }  # fmt: skip
    asked = {name: [questions[key] for key in spec.rows if key in known] for name, questions in every.items()}
    return asked, frozenset(older)


def _complete(question: Question, store: ResultsStore) -> bool:
    try:
        return not store.missing(question)
    except InputError:  # it cannot be asked of this controller, or its content is not here
        return False
