"""An answer that is more than numbers: a text in Markdown stands below the table of the evaluation."""

from __future__ import annotations

from dataclasses import dataclass

from neuromech.evaluation.episode_values import Values


@dataclass(frozen=True)
class Told:
    """The values of a seed, and a text in Markdown that says more than they do, "" for none."""

    values: Values
    text: str = ""
