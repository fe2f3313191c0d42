"""What the episodes of a row come to: numbers beside their bounds, and whether the row passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neuromech.evaluation.episode_values import Values
from neuromech.evaluation.questions import Question
from neuromech.specs.evaluation import MeasureSpec, RowSpec

REDUCTIONS: Mapping[str, Callable[[list[float]], float]] = {
    "mean": lambda values: float(np.mean(values)),
    "median": lambda values: float(np.median(values)),
    "max": lambda values: float(np.max(values)),
    "min": lambda values: float(np.min(values)),
}
"""What makes one number of those of the episodes, but for shares."""


@dataclass(frozen=True)
class Number:
    """One number of a row.

    value: None where no episode determines it. sd, count: over episodes; sd is None where the number is no
    plain mean. met: whether it lies in its bounds, None if it has none.
    """

    spec: MeasureSpec
    value: float | None
    sd: float | None
    count: int
    met: bool | None

    def __str__(self) -> str:
        """Return it as tables show it."""
        digits = self.spec.digits
        text = "none" if self.value is None else f"{self.value:.{digits}f}"
        if self.value is not None and self.sd is not None:
            text += f" ± {self.sd:.{digits}f}"
        return f"{self.spec.name} {text}"


@dataclass(frozen=True)
class Verdict:
    """A row of one controller: its numbers and whether it passes.

    passed: None for a reference, which is not judged, and where the row cannot be asked of this controller;
    why then says the reason.
    """

    question: Question
    numbers: tuple[Number, ...]
    passed: bool | None
    why: str = ""

    @property
    def row(self) -> RowSpec:
        """What the row is."""
        return self.question.row

    @property
    def key(self) -> str:
        """Its name."""
        return self.question.key


def judge(
    questions: Sequence[Question], results: Mapping[str, Sequence[Values]], refused: Mapping[str, str]
) -> list[Verdict]:
    """Return the verdicts of one controller.

    Parameters
    ----------
    questions : the rows, asked of it.
    results : the values of the episodes of each row, by its name.
    refused : why a row cannot be asked, by its name.
    """
    found = []
    for question in questions:
        if why := refused.get(question.key, ""):
            found.append(Verdict(question, (), None, why))
            continue
        numbers = tuple(number(each, question.key, results) for each in question.row.measure)
        bounded = [each.met for each in numbers if each.met is not None]
        passed = all(bounded) if question.row.passes == "all" else any(bounded)
        found.append(Verdict(question, numbers, passed if question.row.judged else None))
    return found


def number(spec: MeasureSpec, key: str, results: Mapping[str, Sequence[Values]]) -> Number:
    """Return one number of a row from the values of the episodes of all rows."""
    own = _known(results.get(key, ()), spec.metric)
    value = _reduced(spec, own)
    if spec.against is not None and value is not None:
        other = _reduced(spec, _known(results.get(spec.against, ()), spec.metric))
        value = _beside(spec, value, other)
    plain = spec.reduce == "mean" and spec.against is None and len(own) > 1
    sd = float(np.std(own, ddof=1)) if plain and value is not None else None
    return Number(spec, value, sd, len(own), _met(spec, value) if spec.bounded else None)


def _met(spec: MeasureSpec, value: float | None) -> bool:
    low = -np.inf if spec.at_least is None else spec.at_least
    high = np.inf if spec.at_most is None else spec.at_most
    return value is not None and bool(low <= value <= high)


def _beside(spec: MeasureSpec, value: float, other: float | None) -> float | None:
    if other is None:
        return None
    if spec.how == "difference":
        return value - other
    return value / other if other else None


def _reduced(spec: MeasureSpec, values: list[float]) -> float | None:
    if not values:
        return None
    if spec.threshold is not None:
        above = [value > spec.threshold for value in values]
        share = float(np.mean(above))
        return share if spec.reduce == "share_above" else 1.0 - share
    return REDUCTIONS[spec.reduce](values)


def _known(values: Sequence[Values], metric: str) -> list[float]:
    return [value for each in values if (value := each.get(metric)) is not None]
