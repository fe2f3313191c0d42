"""How much sooner several workers have an evaluation than one: python benchmarks/evaluation.py [seeds].

The intact worm and the one without a gradient, 300 s each, are played by one worker and then by as many as
there are cores, each into a folder of its own; the start of the scheduler and of the workers is in both
times. The results must be the same. It writes the table of docs/how-to/evaluate.md.
"""

from __future__ import annotations

import filecmp
import os
import sys
import tempfile
import time
from pathlib import Path

import neuromech as nm
from neuromech.evaluation.tables_in_pages import put

PAGE = Path(__file__).resolve().parents[1] / "docs/how-to/evaluate.md"
MARKS = ("<!-- workers: made by python benchmarks/evaluation.py -->", "<!-- /workers -->")


def lasted_s(workers: int, seeds: int, output: Path) -> float:
    """Return how long some workers take, s."""
    start = time.perf_counter()
    nm.evaluate("worm", rows=["intact"], seeds=seeds, workers=workers, output=output, progress=False)
    return time.perf_counter() - start


def main() -> None:
    """Measure, compare, and write the table."""
    seeds, cores = int(sys.argv[1]) if len(sys.argv) > 1 else 20, os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        places = {workers: Path(folder) / str(workers) for workers in (1, cores)}
        lasted = {workers: lasted_s(workers, seeds, place) for workers, place in places.items()}
        one, other = (place / "results" for place in places.values())
        names = sorted(each.name for each in one.iterdir())
        same, _, _ = filecmp.cmpfiles(one, other, names, shallow=False)
    assert same == names, "workers changed the results"
    simulated_s = 2 * seeds * 300.0
    lines = [
        "| workers | simulated, s | took, s | x real time | sooner than one |",
        "|---:|---:|---:|---:|---:|",
    ]
    for workers, took_s in lasted.items():
        ratios = f"{simulated_s / took_s:.3g} | {lasted[1] / took_s:.3g}"
        lines.append(f"| {workers} | {simulated_s:.0f} | {took_s:.0f} | {ratios} |")
    lines += ["", f"{cores} cores, load average {os.getloadavg()[0]:.1f} at the end; the same results."]
    print("\n".join(lines))
    put(PAGE, MARKS, "\n".join(lines))


if __name__ == "__main__":
    main()
