"""The card of an evaluation: what each controller's rows came to, as data, tables and text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from neuromech import __version__
from neuromech._lib.errors import InputError
from neuromech._lib.files import write_text
from neuromech.evaluation.declarations import Declaration
from neuromech.evaluation.episode_values import Values
from neuromech.evaluation.verdicts import Number, Verdict
from neuromech.specs.evaluation import KINDS, RowSpec

FILE, PAGE = "scorecard.json", "scorecard.html"
"""What a card leaves in its folder, beside its picture."""
NOT_ASKED = "not asked"
"""What tables say of a row that cannot be asked of a controller."""
SIDE_BY_SIDE = 3
"""So many controllers fit into one table with their numbers."""
REFERENCE = "reference"
"""What they say of a row that others are judged against, and that has no bounds itself."""
OLDER = "‡"
"""The mark of a row that was played earlier, by another program or content."""


@dataclass(frozen=True)
class Share:
    """How many rows of a kind pass, references left out.

    `asked` are those that can be asked of the controller.
    """

    passed: int
    asked: int
    rows: int

    def __str__(self) -> str:
        """Return it in words."""
        less = f" ({self.rows - self.asked} cannot be asked)" if self.asked < self.rows else ""
        return f"{self.passed} of {self.rows}{less}"


@dataclass(frozen=True)
class Card:
    """What one controller does in an evaluation.

    name: of the controller. verdicts: of its rows, in order. results: the values of each episode, by row.
    declarations: what the model is. told: texts in Markdown that say more than a row's numbers, by row.
    older: rows that another state of the program or of the content played, and that were not played again.
    """

    name: str
    verdicts: Sequence[Verdict]
    results: Mapping[str, Sequence[Values]]
    declarations: Sequence[Declaration]
    told: Mapping[str, str] = field(default_factory=dict)
    older: frozenset[str] = frozenset()

    def share(self, kind: str = "", goals: bool = True) -> Share:
        """Return how many rows pass, of a kind or of all, with or without those that were goals of a fit."""
        mine = [each for each in self.verdicts if each.row.judged and kind in ("", each.row.kind)]
        mine = [each for each in mine if goals or not each.row.goal_of_fit]
        asked = [each for each in mine if each.passed is not None]
        return Share(sum(bool(each.passed) for each in asked), len(asked), len(mine))

    @property
    def kinds(self) -> list[str]:
        """The kinds of rows there are, in the order of cards."""
        there = {each.row.kind for each in self.verdicts if each.row.judged}
        return [kind for kind in KINDS if kind in there]


@dataclass(frozen=True)
class Scorecard:
    """An evaluation of one or several controllers; a notebook shows it as a page.

    evaluation: its name. cards: one for each controller, by name. played: how many episodes were played for
    it now, and not in an earlier start.
    """

    evaluation: str
    title: str
    about: str
    folder: Path
    cards: Mapping[str, Card]
    played: int = field(default=0, compare=False)

    @property
    def table(self) -> pd.DataFrame:
        """A row per controller, row and number: value, sd, count, bounds, and whether the row passes."""
        rows = []
        for card in self.cards.values():
            for verdict in card.verdicts:
                about = {
                    "controller": card.name, "row": verdict.key, "kind": verdict.row.kind,
                    "passed": verdict.passed,
                }  # fmt: skip
                rows += [about | _number(each) for each in verdict.numbers] or [about]
        return pd.DataFrame(rows)

    def card(self, name: str | None = None) -> Card:
        """Return the card of a controller, of the only one if no name is given.

        Raises
        ------
        InputError
            There is no card of that name, or there are several.
        """
        if name is None and len(self.cards) == 1:
            return next(iter(self.cards.values()))
        if name not in self.cards:
            raise InputError(f"which card? there are {', '.join(self.cards)}")
        return self.cards[str(name)]

    def as_plain(self) -> dict[str, Any]:
        """Return all of it as plain data: what scorecard.json holds."""
        return {
            "evaluation": self.evaluation,
            "title": self.title,
            "about": self.about,
            "neuromech": __version__,
            "controllers": {name: _card(card) for name, card in self.cards.items()},
        }

    def write_json(self) -> Path:
        """Write scorecard.json into the folder; returns its path."""
        write_text(self.folder / FILE, json.dumps(self.as_plain(), indent=1, ensure_ascii=False))
        return self.folder / FILE

    def summary(self) -> str:
        """Return the shares in a few lines, as the command prints them."""
        lines = []
        for card in self.cards.values():
            parts = [f"{kind} {card.share(kind)}" for kind in card.kinds]
            free = card.share(goals=False)
            less = f", {free} of those that were no goal of a fit" if free.rows < card.share().rows else ""
            lines.append(f"{card.name}: {card.share()} rows pass{less}; {', '.join(parts)}")
        return "\n".join(lines)

    def __str__(self) -> str:
        """Return the table in Markdown and the shares."""
        return f"{markdown(self)}\n\n{self.summary()}"

    def _repr_html_(self) -> str | None:
        page = self.folder / PAGE
        return page.read_text("utf-8") if page.is_file() else None


def markdown(found: Scorecard) -> str:
    """Return the table in Markdown: a row of the evaluation per line, a pair of columns per controller.

    Of more controllers than fit on a page there are two tables: what is shown, then the numbers.
    """
    cards = list(found.cards.values())
    seeds = {each.question.seeds for card in cards for each in card.verdicts}
    same = len(seeds) == 1
    said = f"{min(seeds)} seeds each" if same else "its seeds"
    names = [card.name for card in cards]
    lines: list[str] = []
    if len(cards) > SIDE_BY_SIDE:
        lines += _table(cards, f"run ({said})", names, lambda verdict: [shown(verdict)], same)
        lines += ["", *_table(cards, "numbers", names, lambda verdict: [_result(verdict)], same)]
    else:
        heads = ["result", "shown"] if len(cards) == 1 else [x for name in names for x in (name, "shown")]
        lines += _table(
            cards, f"run ({said})", heads, lambda verdict: [_result(verdict), shown(verdict)], same
        )
    if any(each.row.goal_of_fit for each in cards[0].verdicts):
        lines += ["", "† a goal of the fit: no evidence for the wiring."]
    if cards[0].older:
        lines += ["", f"{OLDER} played by an earlier state of the program or of the content, and not again."]
    said_of: set[tuple[str, str]] = set()
    for card in cards:
        for verdict in card.verdicts:
            text = card.told.get(verdict.key, "")
            if text and (card.name, text) not in said_of:  # rows that ask the same tell the same
                said_of.add((card.name, text))
                whose = f" ({card.name})" if len(cards) > 1 else ""
                lines += ["", f"**{verdict.row.title}{whose}**", "", text]
    return "\n".join(lines)


def _table(
    cards: Sequence[Card],
    first: str,
    heads: Sequence[str],
    cells: Callable[[Verdict], list[str]],
    same: bool,
) -> list[str]:
    """Return the lines of a table: of every row its title, its target and the cells of each controller.

    `same` says whether all rows have as many seeds; else each says its number.
    """
    lines = [f"| {first} | target | {' | '.join(heads)} |", f"|{'---|' * (2 + len(heads))}"]
    for together in zip(*(card.verdicts for card in cards), strict=True):
        row = together[0].row
        title = row.title if same else f"{row.title} ({together[0].question.seeds})"
        title = f"{title} †" if row.goal_of_fit else title
        title = f"{title} {OLDER}" if together[0].key in cards[0].older else title
        told = [cell for verdict in together for cell in cells(verdict)]
        lines.append(f"| {title} | {row.target} | {' | '.join(told)} |")
    return lines


def by_seed(row: RowSpec, values: Sequence[Values]) -> str:
    """Return the numbers of every seed of a row that lists them, in Markdown, "" of another row."""
    if not row.list_seeds:
        return ""
    once = {each.metric: each for each in reversed(row.measure)}
    lines = [f"| seed | {' | '.join(once)} |", "|---" * (1 + len(once)) + "|"]
    for seed, each in enumerate(values):
        known = ((each.get(name), spec.digits) for name, spec in once.items())
        cells = ["none" if value is None else f"{value:.{digits}f}" for value, digits in known]
        lines.append(f"| {seed} | {' | '.join(cells)} |")
    return "\n".join(lines)


def shown(verdict: Verdict) -> str:
    """Return whether a row passes, as tables show it."""
    if verdict.passed is None:
        return REFERENCE if not verdict.row.judged and not verdict.why else NOT_ASKED
    return "yes" if verdict.passed else "**no**"


def _result(verdict: Verdict) -> str:
    why = " ".join(verdict.why.replace("|", "/").split())
    return "; ".join(str(each) for each in verdict.numbers) if verdict.numbers else why


def _number(each: Number) -> dict[str, Any]:
    spec = each.spec
    return {
        "metric": spec.metric, "label": spec.name, "reduce": spec.reduce, "against": spec.against,
        "how": spec.how if spec.against else None, "value": each.value, "sd": each.sd, "count": each.count,
        "at_least": spec.at_least, "at_most": spec.at_most, "met": each.met,
    }  # fmt: skip


def _card(card: Card) -> dict[str, Any]:
    return {
        "shares": {
            "all": vars(card.share()),
            "no_goal_of_a_fit": vars(card.share(goals=False)),
            **{kind: vars(card.share(kind)) for kind in card.kinds},
        },
        "declarations": [vars(each) for each in card.declarations],
        "rows": {
            each.key: {
                "title": each.row.title, "kind": each.row.kind, "target": each.row.target,
                "source": each.row.source, "goal_of_fit": each.row.goal_of_fit, "control": each.row.control,
                "passed": each.passed, "why_not_asked": each.why or None, "seeds": each.question.seeds,
                "run": list(each.question.texts), "result": f"results/{each.question.address}.json",
                "numbers": [_number(number) for number in each.numbers],
                **({"told": card.told[each.key]} if each.key in card.told else {}),
                **({"older": True} if each.key in card.older else {}),
            }
            for each in card.verdicts
        },
    }  # fmt: skip
