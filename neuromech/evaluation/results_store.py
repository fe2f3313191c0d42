"""Finished episodes on disk, each kept as soon as it is there.

A file per question, named by what is asked: the overrides of the run, the stretch that counts, the
controller. In it stand what answered (a hash of the program, the content and the configuration) and the
values of every seed. After a change of what answers a question's first seed is played again: if its every
number comes out as before, to nine digits, what changed does nothing to this question, as words, pictures and
looks do, and the other seeds stand. Else they are dropped.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from neuromech._lib.errors import InputError
from neuromech._lib.files import make_folder, write_text
from neuromech.evaluation.episode_values import Values
from neuromech.evaluation.questions import Question
from neuromech.evaluation.row_metrics import CLOCKED
from neuromech.evaluation.told import Told

SAME = 1e-9
"""Numbers are the same if they differ by less than this share.

Another order of a sum, on another processor or in another version of a library, changes the last bits. In an
episode in which a difference grows it grows far beyond this.
"""


@dataclass
class Answers:
    """What is known of a question: who answered, the values of each seed, and the texts of those with one."""

    made_by: str
    seeds: dict[int, Values] = field(default_factory=dict)
    told: dict[int, str] = field(default_factory=dict)

    def take(self, seed: int, answer: Values | Told) -> None:
        """Take what a worker found for a seed."""
        found = answer if isinstance(answer, Told) else Told(answer)
        self.seeds[seed] = dict(found.values)
        self.told.pop(seed, None)
        if found.text:
            self.told[seed] = found.text


class ResultsStore:
    """The results in a folder; one process writes to it.

    Raises
    ------
    InputError
        Nothing can be written to the folder, or a file in it is no result.
    """

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._folder = folder
        self._held: dict[str, Answers] = {}

    def answers(self, question: Question) -> Answers:
        """Return what is known of a question; nothing, if it was never asked."""
        if question.address not in self._held:
            self._held[question.address] = self._read(question) or Answers(question.made_by)
        return self._held[question.address]

    def forget(self, question: Question) -> None:
        """Drop what is known of a question; the file is replaced when the next episode comes."""
        self._held[question.address] = Answers(question.made_by)

    def first_outdated(self, question: Question) -> int | None:
        """Return the seed that is to be played again because something else answers now, or None."""
        known = self.answers(question)
        changed = known.made_by != question.made_by or question.own is not None
        return min(known.seeds) if changed and known.seeds else None

    def confirm(self, question: Question, seed: int, answer: Values | Told) -> bool:
        """Keep a question's answers if a seed came out as before, else only what was played now."""
        known = self.answers(question)
        before = known.seeds[seed]
        values = answer.values if isinstance(answer, Told) else answer
        compared = (before.keys() & values.keys()) - set(CLOCKED)
        stands = all(_same(values[name], before[name]) for name in compared)
        if not stands:
            known.seeds, known.told = {}, {}
        known.made_by = question.made_by
        known.take(seed, answer)
        self._write(question)
        return stands

    def missing(self, question: Question) -> list[int]:
        """Return the seeds that are still to be played: those without some metric that is asked for."""
        known = self.answers(question).seeds
        return [k for k in range(question.seeds) if k not in known or not question.metrics <= known[k].keys()]

    def add(self, question: Question, values: Mapping[int, Values | Told]) -> None:
        """Keep the answers of finished episodes."""
        known = self.answers(question)
        for seed, each in values.items():
            known.take(seed, each)
        self._write(question)

    def values(self, question: Question) -> list[Values]:
        """Return the values of the seeds that were asked for, as far as they are known."""
        known = self.answers(question).seeds
        return [known[seed] for seed in range(question.seeds) if seed in known]

    def told(self, question: Question) -> str:
        """Return the text of the first seed that has one, "" if none has."""
        known = self.answers(question).told
        return next((known[seed] for seed in range(question.seeds) if seed in known), "")

    def file(self, question: Question) -> Path:
        """Return where the answers of a question lie."""
        return self._folder / f"{question.address}.json"

    def _read(self, question: Question) -> Answers | None:
        file = self.file(question)
        if not file.is_file():
            return None
        try:
            found: Any = json.loads(file.read_text())
            seeds: dict[int, Values] = {int(seed): dict(values) for seed, values in found["seeds"].items()}
            told = {int(seed): str(text) for seed, text in found.get("told", {}).items()}
            return Answers(str(found["made_by"]), seeds, told)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise InputError(
                f"{file} is no result of an evaluation; delete it, and it is made anew"
            ) from None

    def _write(self, question: Question) -> None:
        """Write a line for every episode, so that a change of the file can be read."""
        known = self.answers(question)
        lines = [f'"{seed}": {_text(known.seeds[seed])}' for seed in sorted(known.seeds)]
        head = f'"asked": {_text(question.asked)},\n"made_by": "{known.made_by}",\n"seeds": {{\n'
        told = [f'"{seed}": {_text(known.told[seed])}' for seed in sorted(known.told)]
        tail = ',\n"told": {\n' + ",\n".join(told) + "\n}" if told else ""
        write_text(self.file(question), "{" + head + ",\n".join(lines) + "\n}" + tail + "}")


def _same(one: float | None, other: float | None) -> bool:
    return one == other or (one is not None and other is not None and math.isclose(one, other, rel_tol=SAME))


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
