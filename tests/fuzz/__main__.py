"""Try thousands of damaged files, hostile values and kills, and write what came out as tables.

    python -m tests.fuzz readers [--inputs 10000] [--only 'wcon;nwb']
    python -m tests.fuzz keys [--only 'keys of a run']
    python -m tests.fuzz kills [--inputs 25] [--only 'run;train']
    python -m tests.fuzz write

What came out is kept after every step in `robustness.json`, so that a stopped command goes on where it
was; `--again` tries what failed once more, `--fresh` begins anew. Each row is tried in a process of its own,
watched from outside: a crash, an input that takes longer than 5 s of its processor's time, or memory above
1 GB would be seen and counted. The n-th input of a row is always the same, so that it can be made again.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.fuzz import configuring, kept, killing, seeds, table
from tests.fuzz.watching import Tally, run


def step(name: str, last: int, most: int, file: Path, again: bool) -> bool:
    """Try the next inputs of a row and keep what came out; returns whether there were any."""
    tallies = kept.load(file)
    tally = tallies.get(name, Tally())
    first = tally.counts.total()
    with tempfile.TemporaryDirectory() as folder:
        if again:
            numbers = [number for number, _ in tally.failures]
            tally = kept.without(tally, numbers)
            for number in numbers:
                tally = kept.joined(tally, run(name, number, number + 1, Path(folder)))
        elif first < last:
            tally = kept.joined(tally, run(name, first, min(first + most, last), Path(folder)))
    kept.save({**kept.load(file), name: tally}, file)
    return not again and tally.counts.total() < last


def main() -> int:
    """Run one command; the exit code is 1 if anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("what", choices=["readers", "keys", "kills", "write"])
    parser.add_argument(
        "--inputs", type=int, help="for each reader (10000), or moments for each command (25)"
    )
    parser.add_argument("--only", help="rows, separated by semicolons")
    parser.add_argument(
        "--step", type=int, default=1000, help="inputs between two times that results are kept"
    )
    parser.add_argument("--again", action="store_true", help="try once more what failed, and nothing else")
    parser.add_argument("--fresh", action="store_true", help="forget what came out of these rows before")
    parser.add_argument("--kept", type=Path, default=kept.FILE, help="where results are kept, as JSON")
    options = parser.parse_args()
    if options.what == "write":
        table.write(table.PAGE, kept.load(options.kept))
        return 0
    known = {"readers": list(seeds.SEEDS), "keys": list(configuring.ROWS), "kills": list(killing.ROWS)}[
        options.what
    ]
    rows = list(known)
    if options.only:
        rows = [name for name in rows if name in options.only.split(";")]
        if not rows:
            parser.error(f"--only names none of {'; '.join(known)}")
    if options.fresh:
        kept.save(
            {name: each for name, each in kept.load(options.kept).items() if name not in rows}, options.kept
        )
    rows.sort(key=lambda name: name == "nwb")  # thirty times slower than the others
    for name in rows:
        if options.what == "kills":
            killing.run(name, options.inputs or 25, options.kept)
            continue
        last = configuring.count(name) if options.what == "keys" else options.inputs or 10_000
        while step(name, last, options.step, options.kept, options.again):
            pass
    failed = {name: each.failures for name, each in kept.load(options.kept).items() if name in rows}
    for name, each in failed.items():
        for number, about in each[:20]:
            print(f"{name} {number}: {about}", file=sys.stderr)
    return int(any(failed.values()))


if __name__ == "__main__":
    sys.exit(main())
