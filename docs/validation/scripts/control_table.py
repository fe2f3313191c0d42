"""What the tables of controls share: rows and checks, a store of finished episodes, the page of the table.

Finished episodes are kept in controls.json beside this file, under a hash of what a row asks for, and one of
the program and the content that it was made by, so a command can be stopped and goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import numpy as np  # noqa: E402  (after the number of its threads)
from markers import VALIDATION, into  # noqa: E402
from tqdm import tqdm  # noqa: E402

from neuromech._lib.files import write_text  # noqa: E402

HERE = Path(__file__).resolve().parent
STORE = HERE / "controls.json"

Values = dict[str, float | None]
Results = dict[str, list[Values]]
Job = tuple[str, tuple[str, ...], tuple[float, float], int]
Play = Callable[[Job], tuple[str, int, Values]]
"""Plays one episode, (row, overrides, window, seed), and returns (row, seed, what its body did)."""

ASIDE = (
    "__init__.py", "__main__.py", "batch.py", "_lib/cache.py", "_lib/files.py", "_lib/interrupts.py",
    "_lib/progress.py", "cli/", "comparison/", "controllers/functions.py",
    "controllers/policy_network.py", "controllers/side_by_side.py", "envs/", "experiment/", "replay/",
    "specs/datasets.py", "specs/keywords.py", "tasks.py", "tracking/io/", "tracking/recordings.py",
    "training/", "visuals/",
)  # fmt: skip
"""Parts of the program, seen from its folder, that no episode of a row runs."""


@dataclass(frozen=True)
class Check:
    """One number of a row against its target: ``stat`` of ``measure`` within [low, high].

    With ``of`` it is divided by that row's.
    """

    measure: str
    low: float = -np.inf
    high: float = np.inf
    of: str | None = None
    stat: Callable[..., Any] = np.mean
    label: str = ""
    digits: int = 2

    def value(self, row: str, results: Results) -> float | None:
        values = known(results[row], self.measure)
        if not values:
            return None
        if self.of is None:
            return float(self.stat(values))
        whole = known(results[self.of], self.measure)
        return float(self.stat(values) / self.stat(whole)) if whole and self.stat(whole) else None

    def met(self, row: str, results: Results) -> bool:
        value = self.value(row, results)
        return value is not None and self.low <= value <= self.high


@dataclass(frozen=True)
class Row:
    """A row of the table: how it is run, which stretch counts, and what it must show.

    ``judge`` says whether it shows it, where that is not simply that every check is met.
    """

    key: str
    title: str
    target: str
    run: tuple[str, ...]
    checks: tuple[Check, ...]
    window_s: tuple[float, float] = (0.0, np.inf)
    needs: tuple[str, ...] = ()
    judge: Callable[[Row, Results], bool] | None = None

    def shown(self, results: Results) -> bool:
        if self.judge is not None:
            return self.judge(self, results)
        bounded = [check for check in self.checks if np.isfinite(check.low) or np.isfinite(check.high)]
        return all(check.met(self.key, results) for check in bounded)


def known(values: list[Values], measure: str) -> list[float]:
    return [value for one in values if (value := one.get(measure)) is not None]


def looked_at(rows: tuple[Row, ...], key: str) -> set[str]:
    """The measures of a row that its own checks and those of other rows look at.

    What a row stores must not change when another row looks at something new.
    """
    return {check.measure for row in rows for check in row.checks if key in (row.key, check.of)}


def asked(row: Row) -> str:
    """What a stored result was asked of: the overrides of the row, and the stretch that counts."""
    return hashlib.sha256(f"{row.run}{row.window_s}".encode()).hexdigest()[:12]


@cache
def program() -> str:
    """The code that an episode runs."""
    code = hashlib.sha256()
    package = HERE.parents[2] / "neuromech"
    for file in sorted(package.rglob("*.py")):
        if not file.relative_to(package).as_posix().startswith(ASIDE):
            code.update(file.read_bytes())
    return code.hexdigest()


def made_by(row: Row) -> str:
    """What a stored result was made by: the program, the content that the row uses and its configuration."""
    from neuromech.specs import content
    from neuromech.specs.compose import load_run
    from neuromech.specs.run import dump

    run = load_run(row.run)
    text = f"{program()}{content.digest(run.folders)}{dump(run)}"
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class Store:
    """Results on disk, as they come; a row of which something else is asked is dropped.

    After a change of code, content or configuration a row's first seed is played again: if its every number
    comes out to the last bit, what changed does nothing to this row (as words, pictures and looks do), and
    the other seeds stand.
    """

    def __init__(self, rows: tuple[Row, ...], afresh: bool) -> None:
        self.rows: dict[str, Any] = json.loads(STORE.read_text()) if STORE.exists() else {}
        self.made_by = {row.key: made_by(row) for row in rows}
        for row in rows:
            mark, held = asked(row), self.rows.get(row.key, {})
            if afresh or held.get("asked") != mark or not held.get("seeds"):
                self.rows[row.key] = {"asked": mark, "made_by": self.made_by[row.key], "seeds": {}}

    def outdated(self, rows: tuple[Row, ...]) -> list[Job]:
        """The first seed of every row that other code or content made."""
        return [
            (row.key, row.run, row.window_s, int(next(iter(self.rows[row.key]["seeds"]))))
            for row in rows
            if self.rows[row.key]["made_by"] != self.made_by[row.key]
        ]

    def confirm(self, key: str, seed: int, values: Values) -> None:
        """Keep a row if its first seed came out as before, else only what was played now."""
        row = self.rows[key]
        again, before = (json.dumps(each, sort_keys=True) for each in (values, row["seeds"][str(seed)]))
        if again != before:
            row["seeds"] = {str(seed): values}
        row["made_by"] = self.made_by[key]
        self._write()

    def missing(self, rows: tuple[Row, ...], seeds: int) -> list[Job]:
        """What is still to be played."""
        return [
            (row.key, row.run, row.window_s, seed)
            for row in rows
            for seed in range(seeds)
            if str(seed) not in self.rows[row.key]["seeds"]
        ]

    def add(self, key: str, seed: int, values: Values) -> None:
        """Keep the result of one episode."""
        self.rows[key]["seeds"][str(seed)] = values
        self._write()

    def _write(self) -> None:
        """One line for every episode, so that a change of the file can be read."""
        texts = []
        for key, row in self.rows.items():
            seeds = ",\n".join(f'"{seed}": {json.dumps(values)}' for seed, values in row["seeds"].items())
            marks = f'"asked": "{row["asked"]}", "made_by": "{row["made_by"]}"'
            texts.append(f'"{key}": {{{marks}, "seeds": {{\n{seeds}\n}}}}')
        write_text(STORE, "{\n" + ",\n".join(texts) + "\n}\n")


def collect(rows: tuple[Row, ...], seeds: int, workers: int, play: Play, afresh: bool = False) -> Results:
    """Play what is not stored yet; returns {row: values of each seed}."""
    store = Store(rows, afresh)
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for jobs, keep in ((store.outdated(rows), store.confirm), (None, store.add)):
            jobs = store.missing(rows, seeds) if jobs is None else jobs
            for done in tqdm(pool.imap_unordered(play, jobs), total=len(jobs), unit="episode"):
                keep(*done)
    return {row.key: [store.rows[row.key]["seeds"][str(seed)] for seed in range(seeds)] for row in rows}


def table(rows: tuple[Row, ...], results: Results, seeds: int) -> str:
    """The markdown table; sd over seeds where a number is a plain mean."""
    lines = [f"| run ({seeds} seeds each) | target | result | shown |", "|---|---|---|---|"]
    for row in rows:
        cells = []
        for check in row.checks:
            value = check.value(row.key, results)
            text = "none" if value is None else f"{value:.{check.digits}f}"
            values = known(results[row.key], check.measure)
            if value is not None and check.of is None and check.stat is np.mean and len(values) > 1:
                text += f" ± {np.std(values, ddof=1):.{check.digits}f}"
            cells.append(f"{check.label} {text}")
        shown = "yes" if row.shown(results) else "**no**"
        lines.append(f"| {row.title} | {row.target} | {'; '.join(cells)} | {shown} |")
    return "\n".join(lines)


def run_table(
    description: str, all_rows: tuple[Row, ...], play: Play, page: str, markers: tuple[str, str]
) -> None:
    """The command: play the rows, print their table, and put it between the markers of its page."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--only", nargs="*", choices=[row.key for row in all_rows], help="rows; the page is left alone"
    )
    parser.add_argument("--afresh", action="store_true", help="play every episode again")
    options = parser.parse_args()
    wanted = set(options.only or [row.key for row in all_rows])
    for row in all_rows:
        if row.key in wanted:
            wanted |= {*row.needs, *(check.of for check in row.checks if check.of)}
    rows = tuple(row for row in all_rows if row.key in wanted)
    results = collect(rows, options.seeds, options.workers, play, options.afresh)
    text = table(rows, results, options.seeds)
    print(text)
    if not options.only:
        into(VALIDATION / page, markers, text)
