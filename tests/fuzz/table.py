"""The tables of docs/validation/robustness.md, from what is kept."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from neuromech._lib.files import write_text
from tests.fuzz import configuring, killing, seeds
from tests.fuzz.watching import Tally

PAGE = Path(__file__).resolve().parents[2] / "docs/validation/robustness.md"
MARKS = ("<!-- robustness: made by make robustness -->", "<!-- /robustness -->")
_KINDS = ("read", "refused", "traceback", "wrong", "crash", "hang", "memory")


def made(tallies: dict[str, Tally]) -> str:
    """Return the tables in Markdown."""
    readers = _tried("format", "read", [(name, tallies[name]) for name in seeds.SEEDS if name in tallies])
    keys = _tried("keys", "accepted", [(name, tallies[name]) for name in configuring.ROWS if name in tallies])
    kills = [
        "| command | moments | all that was there is whole | not | recordings cut short that were read |",
        "|---|---:|---:|---:|---:|",
    ]
    for name in killing.ROWS:
        if name in tallies:
            counts = tallies[name].counts
            cells = [
                name,
                counts["whole"] + counts["wrong"],
                counts["whole"],
                counts["wrong"],
                counts["partial"],
            ]
            kills.append(_row(cells))
    parts = ["### Damaged files", readers, "### Hostile values", keys, "### Kills", "\n".join(kills)]
    return "\n\n".join(parts)


def write(page: Path, tallies: dict[str, Tally]) -> None:
    """Put the tables between the marks of a page.

    Raises
    ------
    SystemExit
        The page has no such marks.
    """
    whole = page.read_text(encoding="utf-8")
    (before, _, rest), (_, _, after) = whole.partition(MARKS[0]), whole.partition(MARKS[1])
    if not rest or whole.count(MARKS[1]) != 1:
        raise SystemExit(f"{page} has no {MARKS[0]} and {MARKS[1]}")
    write_text(page, f"{before}{MARKS[0]}\n{made(tallies)}\n{MARKS[1]}{after}")


def _tried(what: str, taken: str, rows: list[tuple[str, Tally]]) -> str:
    lines = [
        f"| {what} | inputs | {taken} | refused in one line | tracebacks | wrong results | crashes | "
        "over 5 s | over 1 GB | slowest, s of processor time | peak memory, MB |",
        "|---|" + "---:|" * 10,
    ]
    total: Counter[str] = Counter()
    for name, tally in rows:
        total += tally.counts
        lines.append(_counted(name, tally.counts, tally.longest_s, tally.memory_mb))
    if rows:
        longest, largest = max(t.longest_s for _, t in rows), max(t.memory_mb for _, t in rows)
        lines.append(_counted("all", total, longest, largest))
    return "\n".join(lines)


def _counted(name: str, counts: Counter[str], longest_s: float, memory_mb: float) -> str:
    numbers = [counts[kind] for kind in _KINDS]
    return _row([name, counts.total(), *numbers, f"{longest_s:.2f}", f"{memory_mb:.0f}"])


def _row(cells: list[object]) -> str:
    return f"| {' | '.join(map(str, cells))} |"
