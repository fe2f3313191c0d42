"""A comparison as lines of text: for the terminal, and as Markdown for README."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neuromech.comparison.baselines import TITLES
from neuromech.comparison.compare import Comparison
from neuromech.tracking.similarity.score import DYNAMICS, FeatureComparison
from neuromech.visuals.figures import number

HEADS = ("feature", "unit", "n: animal, simulated", "animal: median (5-95 %)", "simulated", "distance",
         "95 % over seeds", "KS", "percentile", "similarity")  # fmt: skip


def rows(found: Comparison) -> list[list[str]]:
    """Return the table's cells: a row per feature, then one per kind of dynamics, each with every floor's."""
    floors = list(found.floors)
    table = [[*HEADS, *(f"similarity, {TITLES[name]}" for name in floors)]]
    for each in found.similarity.features:
        similarities = {
            name: next(f.similarity for f in found.floors[name].features if f.name == each.name)
            for name in floors
        }
        table.append([*_feature(each), *(f"{similarities[name]:.2f}" for name in floors)])
    for name, similarity in found.similarity.dynamics.items():
        others = [f"{found.floors[key].dynamics.get(name, 0.0):.2f}" for key in floors]
        table.append([DYNAMICS[name], *[""] * 8, f"{similarity:.2f}", *others])
    return table


def verdict(found: Comparison) -> list[str]:
    """Return the score between floor and ceiling, or why it is not shown, and what was not compared."""
    lines = []
    if found.why_no_score:
        lines.append(f"no score: {found.why_no_score}")
    else:
        low_high = found.similarity.interval
        spread = f" (95 % over seeds, one animal: {low_high[0]:.2f} to {low_high[1]:.2f})" if low_high else ""
        floors = ", ".join(f"{TITLES[name]} {each.score:.2f}" for name, each in found.floors.items())
        lines.append(f"score {found.similarity.score:.2f}{spread}")
        lines.append(f"floor: {floors}")
        lines.append(f"ceiling: the animal against itself, half by half, {found.ceiling:.2f}")
        if found.share is None:
            lines.append("the ceiling is not above the floor: this recording cannot tell them apart")
        else:
            lines.append(f"from the higher floor to the ceiling: {100 * found.share:.0f} % of the way")
    if found.similarity.unseen:
        about = found.feature_set.features
        names = ", ".join(about[name].label for name in found.similarity.unseen)
        lines.append(f"not compared, the animal's recording does not show it: {names}")
    lines.append(f"episodes: {len(found.simulated)} simulated, {len(found.recorded)} recorded")
    return lines + [f"note: {note}" for note in found.notes]


def plain(found: Comparison) -> str:
    """Return the comparison for a terminal."""
    table = rows(found)
    widths = [max(len(row[k]) for row in table) for k in range(len(table[0]))]
    lines = [
        "  ".join(cell.ljust(width) if k < 2 else cell.rjust(width)
                  for k, (cell, width) in enumerate(zip(row, widths, strict=True))).rstrip()
        for row in table
    ]  # fmt: skip
    return "\n".join([*lines, "", *verdict(found)])


def markdown(found: Comparison) -> str:
    """Return the comparison as a Markdown table and a list."""
    head, *body = rows(found)
    lines = [_row(head), "|" + "---|" * len(head), *(_row(row) for row in body), ""]
    return "\n".join([*lines, *(f"- {line}" for line in verdict(found))])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _feature(each: FeatureComparison) -> list[str]:
    low, middle, high = (number(value) for value in np.percentile(each.animal, [5, 50, 95]))
    simulated = number(float(np.median(each.simulated))) if len(each.simulated) else "none"
    return [
        each.label,
        each.unit,
        f"{len(each.animal)}, {len(each.simulated)}",
        f"{middle} ({low} to {high})",
        simulated,
        "" if each.distance is None else f"{each.distance:.2f}",
        "" if each.interval is None else f"{each.interval[0]:.2f} to {each.interval[1]:.2f}",
        "" if each.ks is None else f"{each.ks:.2f}",
        "" if each.percentile is None else f"{each.percentile:.0f}",
        f"{each.similarity:.2f}",
    ]
