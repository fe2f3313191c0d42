"""What came out so far, kept in one file between steps, so that hours of trying can be stopped and go on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from neuromech._lib.files import write_text
from tests.fuzz.watching import Tally

FILE = Path(__file__).with_name("robustness.json")
"""Every row of the table: how many inputs, what came out, and the inputs that failed."""


def load(file: Path = FILE) -> dict[str, Tally]:
    """Return what is kept, by row."""
    if not file.exists():
        return {}
    return {
        name: Tally(
            Counter(row["counts"]), row["longest_s"], row["memory_mb"],
            [(number, about) for number, about in row["failures"]],
        )
        for name, row in json.loads(file.read_text(encoding="utf-8")).items()
    }  # fmt: skip


def save(tallies: dict[str, Tally], file: Path = FILE) -> None:
    """Keep every row; the file is whole at any moment."""
    rows = {
        name: {
            "counts": dict(sorted(each.counts.items())),
            "longest_s": round(each.longest_s, 2),
            "memory_mb": round(each.memory_mb),
            "failures": each.failures,
        }
        for name, each in sorted(tallies.items())
    }
    write_text(file, json.dumps(rows, indent=1))


def joined(one: Tally, more: Tally) -> Tally:
    """Return what came out of two stretches of inputs of one row."""
    return Tally(
        one.counts + more.counts, max(one.longest_s, more.longest_s), max(one.memory_mb, more.memory_mb),
        [*one.failures, *more.failures],
    )  # fmt: skip


def without(tally: Tally, numbers: Iterable[int]) -> Tally:
    """Return a row without the failures of some inputs, which will be tried again."""
    counts, again = Counter(tally.counts), set(numbers)
    for number, about in tally.failures:
        if number in again:
            counts[about.partition(":")[0]] -= 1
    left = [each for each in tally.failures if each[0] not in again]
    return Tally(+counts, tally.longest_s, tally.memory_mb, left)
