"""Feed every reader thousands of damaged files and write what came out as a table.

    python -m tests.fuzz [--inputs 10000] [--formats wcon,nwb] [--first 0] [--failures DIR] [--write FILE]

Each reader works in a process of its own, watched from outside: a crash, an input that takes longer than
5 s of its processor's time, or memory above 1 GB would be seen and counted. The n-th input of a format is
always the same file, so that one that failed can be made again.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.fuzz import seeds
from tests.fuzz.watching import Tally, run

MARKS = ("<!-- fuzz of readers: begin -->", "<!-- fuzz of readers: end -->")


def table(tallies: dict[str, Tally]) -> str:
    """Return the table in Markdown."""
    lines = [
        "| format | inputs | read | refused in one line | tracebacks | wrong results | crashes | over 5 s | "
        "over 1 GB | slowest input, s of processor time | peak memory, MB |",
        "|---|" + "---:|" * 10,
    ]
    total: Counter[str] = Counter()
    for name, tally in tallies.items():
        total += tally.counts
        lines.append(_row(name, tally.counts, f"{tally.longest_s:.2f}", f"{tally.memory_mb:.0f}"))
    worst = max(tally.longest_s for tally in tallies.values()), max(t.memory_mb for t in tallies.values())
    lines.append(_row("all", total, f"{worst[0]:.2f}", f"{worst[1]:.0f}"))
    return "\n".join(lines)


def _row(name: str, counts: Counter[str], *more: str) -> str:
    kinds = ("read", "refused", "traceback", "wrong", "crash", "hang", "memory")
    return f"| {' | '.join([name, str(counts.total()), *(str(counts[kind]) for kind in kinds), *more])} |"


def write(path: Path, made: str) -> None:
    """Put a table between the marks of a page."""
    whole = path.read_text(encoding="utf-8")
    (before, _, rest), (_, _, after) = whole.partition(MARKS[0]), whole.partition(MARKS[1])
    if not rest or not whole.count(MARKS[1]) == 1:
        raise SystemExit(f"{path} has no {MARKS[0]} and {MARKS[1]}")
    path.write_text(f"{before}{MARKS[0]}\n{made}\n{MARKS[1]}{after}", encoding="utf-8")


def main() -> int:
    """Run the fuzz; the exit code is 1 if anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=10_000, help="inputs for each format")
    parser.add_argument("--first", type=int, default=0, help="number of the first")
    parser.add_argument("--formats", default=",".join(seeds.SEEDS), help="names, separated by commas")
    parser.add_argument("--failures", type=Path, help="where to write what failed, as JSON")
    parser.add_argument("--write", type=Path, help="a page in Markdown, between whose marks the table is put")
    options = parser.parse_args()
    tallies = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in options.formats.split(","):
            tallies[name] = run(name, options.first, options.first + options.inputs, Path(folder))
    print(table(tallies))
    failures = {name: tally.failures for name, tally in tallies.items() if tally.failures}
    for name, each in failures.items():
        for number, about in each[:5]:
            print(f"{name} {number}: {about}", file=sys.stderr)
    if options.failures:
        options.failures.write_text(json.dumps(failures, indent=1))
    if options.write:
        write(options.write, table(tallies))
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
