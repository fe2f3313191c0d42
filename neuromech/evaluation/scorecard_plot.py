"""The picture of a card: how many rows of each kind pass, and every row by name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuromech._lib.files import replacing
from neuromech.comparison.plots import png
from neuromech.evaluation.scorecard import Scorecard
from neuromech.evaluation.verdicts import Verdict
from neuromech.visuals.figures import BAD, FAINT, GOOD, GRID, INK, plain

FILE = "scorecard.png"
EMPTY = "#c3c8d1"
"""The colour of rows that cannot be asked of a controller."""
MARKS = {True: ("o", GOOD, "passes"), False: ("X", BAD, "does not"), None: ("_", EMPTY, "not judged")}
"""Mark, colour and word of a row by whether it passes; the marks differ in shape, too."""
LONGEST = 70
"""Characters of a row's numbers that there is room for."""
ROW_IN, BAR_IN = 0.27, 0.34
"""Heights of a row and of a bar, inches."""


def write(found: Scorecard) -> Path:
    """Write scorecard.png into the folder of the card; returns its path."""
    with replacing(found.folder / FILE) as part:
        part.write_bytes(png(draw(found)))
    return found.folder / FILE


def draw(found: Scorecard) -> Figure:
    """Draw the picture."""
    cards = list(found.cards.values())
    kinds, rows = cards[0].kinds, cards[0].verdicts
    bars, marks = BAR_IN * len(kinds) * len(cards) + 0.5, ROW_IN * len(rows) + 0.6
    high = bars + marks + 1.3
    figure = Figure(figsize=(8.6, high))
    figure.text(0.03, 1 - 0.35 / high, found.title, fontsize=13, weight="bold", color=INK, va="center")
    shares = "; ".join(f"{card.name}: {card.share()}" for card in cards)
    figure.text(0.03, 1 - 0.62 / high, shares, fontsize=9, color=FAINT, va="center")
    _bars(figure.add_axes((0.34, 1 - (0.95 + bars) / high, 0.56, (bars - 0.35) / high)), found)
    _rows(figure.add_axes((0.46, 0.45 / high, 0.5, (marks - 0.5) / high)), [card.verdicts for card in cards],
          [card.name for card in cards])  # fmt: skip
    return figure


def _bars(axes: Axes, found: Scorecard) -> None:
    plain(axes, "rows that pass, by kind")
    place, labels = 0, []
    for kind in next(iter(found.cards.values())).kinds:
        for card in found.cards.values():
            share = card.share(kind)
            axes.barh(place, share.rows, color=GRID, height=0.62)
            axes.barh(place, share.asked, color="#e9b9b3", height=0.62)
            axes.barh(place, share.passed, color=GOOD, height=0.62)
            axes.text(share.rows, place, f"  {share}", va="center", fontsize=8, color=INK)
            labels.append(kind if len(found.cards) == 1 else f"{kind}, {card.name}")
            place += 1
    axes.set_yticks(range(place), labels, fontsize=8.5, color=INK)
    axes.invert_yaxis()
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.set_xticks([])


def _rows(axes: Axes, columns: list[Sequence[Verdict]], names: list[str]) -> None:
    plain(axes, "")
    for column, verdicts in enumerate(columns):
        for line, verdict in enumerate(verdicts):
            mark, colour, _ = MARKS[verdict.passed]
            axes.plot(column, line, mark, color=colour, ms=8, mew=2 if mark == "_" else 0.5)
            told = "; ".join(str(each) for each in verdict.numbers if each.met is not None)
            if len(columns) == 1:
                told = told if len(told) <= LONGEST else f"{told[: LONGEST - 4]} ..."
                axes.text(0.12, line, told, fontsize=7.5, color=FAINT, va="center")
    titles = [f"{each.row.title} †" if each.row.goal_of_fit else each.row.title for each in columns[0]]
    axes.set_yticks(range(len(titles)), titles, fontsize=8.5, color=INK)
    axes.set(
        xlim=(-0.12, 1.88) if len(columns) == 1 else (-0.5, len(columns) - 0.5),
        ylim=(len(titles) - 0.4, -0.6),
    )
    axes.set_xticks(
        range(len(names)), names if len(names) > 1 else [""] * len(names), fontsize=8.5, color=INK
    )
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.spines[["left", "bottom"]].set_visible(False)
    for line in range(len(titles)):
        axes.axhline(line + 0.5, color=GRID, lw=0.5, zorder=0)
    handles = [
        axes.plot([], [], mark, color=colour, ms=7, label=word)[0] for mark, colour, word in MARKS.values()
    ]
    axes.legend(
        handles=handles, loc="upper center", bbox_to_anchor=(0.5, -0.005), ncols=3, frameon=False, fontsize=8
    )
