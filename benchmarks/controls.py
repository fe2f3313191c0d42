"""``make controls``: run every control of the worm and write the table of README.md.

Each row is a run of the command line, played with 20 seeds (or shuffles); what is judged is always the motion
of the body. Finished episodes are kept in benchmarks/controls.json under a hash of the content and of the
overrides, so the command can be stopped and goes on where it was. Usage: python benchmarks/controls.py
[--seeds 20] [--only KEY ...]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import numpy as np
from tqdm import tqdm

HERE = Path(__file__).resolve().parent
README = HERE.parent / "README.md"
STORE = HERE / "controls.json"
MARKERS = ("<!-- controls: made by make controls -->", "<!-- /controls -->")

Values = dict[str, float | None]
Results = dict[str, list[Values]]


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


@dataclass(frozen=True)
class Row:
    """A row of the table: how it is run, which stretch counts, and what it must show."""

    key: str
    title: str
    target: str
    run: tuple[str, ...]
    checks: tuple[Check, ...]
    window_s: tuple[float, float] = (0.0, np.inf)
    needs: tuple[str, ...] = ()


SALT = ("experiment=worm_chemotaxis",)
CRAWL = ("experiment=worm_crawl", "duration_s=60")
SWIM = ("experiment=worm_swim", "duration_s=30")
SETTLED = (5.0, np.inf)
AVA = "perturb.stimulate=[{neurons:[AVA],start_s:10,stop_s:18,current_pA:30}]"
TAIL_TOUCH = "environment.touch=[{segment:segment_21,start_s:10,stop_s:10.5,force_nN:[0,0,-1000]}]"
BACKWARD = (11.0, 18.0)
CI = "chemotaxis_index"
SPEED = "speed_mm_s"


def ci(low: float = -np.inf, high: float = np.inf) -> Check:
    return Check(CI, low, high, label="CI")


def speed(of: str, low: float = -np.inf, high: float = np.inf) -> Check:
    return Check(SPEED, low, high, of=of, label="speed / intact")


ROWS = (
    Row("intact", "intact, chemotaxis", "CI >= 0.35; reaches the peak in >= 70 %", SALT,
        (ci(0.35), Check("reached_peak", 0.7, label="reached"), Check(SPEED, label="mm/s"))),
    Row("no_ase", "ASEL + ASER ablated", "CI <= 0.1 at >= 70 % of intact speed",
        (*SALT, "perturb.ablate=[ASEL,ASER]"), (ci(high=0.1), speed("intact", 0.7)), needs=("intact",)),
    Row("shuffle_central", "sensory and interneuron wiring shuffled, motor circuit spared",
        "CI <= 0.1 at >= 70 % of intact speed", (*SALT, "perturb.shuffle_wiring=[sensory,interneuron]"),
        (ci(high=0.1), speed("intact", 0.7)), needs=("intact",)),
    Row("shuffle_all", "whole wiring shuffled", "no crawling (< 30 % of intact speed), CI <= 0.1",
        (*SALT, "perturb.shuffle_wiring=true"), (ci(high=0.1), speed("intact", high=0.3)), needs=("intact",)),
    Row("flat", "flat gradient", "CI <= 0.1", (*SALT, "environment.stimulus.flat=true"),
        (ci(high=0.1), speed("intact"))),
    Row("swapped", "ASEL and ASER swapped", "CI below the flat gradient's",
        (*SALT, "perturb.swap=[[ASEL,ASER]]"),
        (ci(), speed("intact")), needs=("flat",)),
    Row("wide", "never fitted: width 5 mm", "CI >= 0.25",
        (*SALT, "environment.stimulus.width_mm=5"), (ci(0.25),)),
    Row("mirrored", "never fitted: body mirrored", "CI >= 0.25", (*SALT, "body.mirrored=true"), (ci(0.25),)),
    Row("moved", "never fitted: peak moved to (6, -4) mm", "CI >= 0.25",
        (*SALT, "environment.stimulus.centre_mm=[6,-4]"), (ci(0.25),)),
    Row("weak", "never fitted: peak 10 mM", "CI >= 0.25",
        (*SALT, "environment.stimulus.peak_mM=10"), (ci(0.25),)),
    Row("crawl", "crawl on agar", "0.2-0.8 Hz; 0.1-0.3 mm/s; 0.5-0.9 L; forward >= 80 %", CRAWL,
        (Check("undulation_hz", 0.2, 0.8, label="Hz"), Check(SPEED, 0.1, 0.3, label="mm/s"),
         Check("wavelength_body_lengths", 0.5, 0.9, label="L"),
         Check("forward_fraction", 0.8, label="forward")),
        SETTLED),
    Row("swim", "swim in water, same parameters",
        ">= 2x the crawl's frequency, longer wavelength; aim 1.7-2 Hz", SWIM,
        (Check("undulation_hz", 2.0, of="crawl", label="Hz / crawl"),
         Check("wavelength_body_lengths", 1.0, of="crawl", label="L / crawl"),
         Check("undulation_hz", label="Hz")),
        SETTLED, ("crawl",)),
    Row("no_b", "DB + VB ablated", "forward speed < 30 %", (*CRAWL, "perturb.ablate=[DB,VB]"),
        (Check("axial_speed_mm_s", high=0.3, of="crawl", label="forward / intact"),), SETTLED, ("crawl",)),
    Row("no_a", "DA + VA ablated", "forward kept (70-140 %)", (*CRAWL, "perturb.ablate=[DA,VA]"),
        (Check("axial_speed_mm_s", 0.7, 1.4, of="crawl", label="forward / intact"),), SETTLED, ("crawl",)),
    Row("no_a_back", "DA + VA ablated, AVA stimulated", "no reversal (backward < 0.02 mm/s)",
        ("experiment=worm_crawl", "duration_s=20", AVA, "perturb.ablate=[DA,VA]"),
        (Check("axial_speed_mm_s", -0.02, label="axial mm/s"),), BACKWARD),
    Row("no_d_swim", "DD + VD ablated, swimming", "frequency or amplitude down >= 25 %",
        (*SWIM, "perturb.ablate=[DD,VD]"),
        (Check("undulation_hz", of="swim", label="Hz / intact"),
         Check("bend_rms_per_mm", of="swim", label="amplitude / intact")), SETTLED, ("swim",)),
    Row("no_d_crawl", "DD + VD ablated, crawling", "crawling survives (>= 50 % of the speed)",
        (*CRAWL, "perturb.ablate=[DD,VD]"),
        (Check("axial_speed_mm_s", 0.5, of="crawl", label="forward / intact"),), SETTLED, ("crawl",)),
    Row("no_avb", "AVB ablated", "forward impaired (< 50 %)", (*CRAWL, "perturb.ablate=AVB"),
        (Check("axial_speed_mm_s", high=0.5, of="crawl", label="forward / intact"),), SETTLED, ("crawl",)),
    Row("back", "AVA stimulated (30 pA), intact", "reversal within 2 s, backward > 0.05 mm/s",
        ("experiment=worm_crawl", "duration_s=20", AVA),
        (Check("axial_speed_mm_s", high=-0.05, label="axial mm/s"),
         Check("reversal_latency_s", high=2.0, stat=np.median, label="latency s")), BACKWARD),
    Row("head_touch", "gentle touch of the head", "reversal",
        ("experiment=worm_touch", "duration_s=20"),
        (Check("least_axial_speed_mm_s", high=-0.02, label="axial mm/s, lowest 1 s"),), (10.0, 14.0)),
    Row("tail_touch", "gentle touch of the tail", "forward acceleration",
        ("experiment=worm_touch", "duration_s=20", TAIL_TOUCH),
        (Check("acceleration_mm_s", 0.005, label="after - before, mm/s"),), (10.0, 14.0)),
)  # fmt: skip


def known(values: list[Values], measure: str) -> list[float]:
    return [value for one in values if (value := one.get(measure)) is not None]


def play(job: tuple[str, tuple[str, ...], tuple[float, float], int]) -> tuple[str, int, Values]:
    """One episode of one row: what its body did."""
    from neuromech.compose import load_run
    from neuromech.episode import Loop
    from neuromech.tracking.measures import measure
    from neuromech.tracking.undulation import analyse

    key, overrides, window, seed = job
    dataset = Loop.of(load_run([*overrides, f"seed={seed}"])).watch()
    values = measure(dataset, *window)
    if window[0] > SETTLED[0]:
        seen = analyse(dataset)
        during = (seen.times >= window[0]) & (seen.times <= window[1])
        before = (seen.times >= window[0] - 5) & (seen.times < window[0] - 1)
        onset = 10.0
        back = seen.times[(seen.times >= onset) & (seen.axial_speed < -0.02)]
        values["reversal_latency_s"] = float(back[0] - onset) if len(back) else 99.0
        values["least_axial_speed_mm_s"] = float(np.nanmin(seen.axial_speed[during]))
        values["acceleration_mm_s"] = float(
            np.nanmean(seen.axial_speed[during]) - np.nanmean(seen.axial_speed[before])
        )
    return key, seed, values


def digest(row: Row) -> str:
    """What a stored result depends on: the content, the program and the row's own overrides."""
    from neuromech import content

    folders = [HERE.parent / name for name in ("bodies", "environments", "controllers", "configs")]
    code = hashlib.sha256()
    for file in sorted((HERE.parent / "neuromech").rglob("*.py")):
        if not {"render", "cli.py", "report.py"} & set(file.parts):
            code.update(file.read_bytes())
    return hashlib.sha256(
        f"{content.digest(folders)}{code.hexdigest()}{row.run}{row.window_s}".encode()
    ).hexdigest()[:12]


def collect(rows: tuple[Row, ...], seeds: int, workers: int) -> Results:
    """Play what is not stored yet; returns {row: values of each seed}."""
    stored: dict[str, Any] = json.loads(STORE.read_text()) if STORE.exists() else {}
    marks = {row.key: digest(row) for row in rows}
    for row in rows:
        if stored.get(row.key, {}).get("digest") != marks[row.key]:
            stored[row.key] = {"digest": marks[row.key], "seeds": {}}
    jobs = [
        (row.key, row.run, row.window_s, seed)
        for row in rows
        for seed in range(seeds)
        if str(seed) not in stored[row.key]["seeds"]
    ]
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for key, seed, values in tqdm(pool.imap_unordered(play, jobs), total=len(jobs), unit="episode"):
            stored[key]["seeds"][str(seed)] = values
            part = STORE.with_suffix(".part")
            part.write_text(json.dumps(stored, indent=0))
            os.replace(part, STORE)
    return {row.key: [stored[row.key]["seeds"][str(seed)] for seed in range(seeds)] for row in rows}


def verdict(row: Row, results: Results) -> str:
    """Whether the row shows what it must."""
    values = [check.value(row.key, results) for check in row.checks]
    if row.key == "swapped":
        flat = Check(CI).value("flat", results)
        return "yes" if values[0] is not None and flat is not None and values[0] < flat else "**no**"
    if row.key == "no_d_swim":
        return "yes" if any(value is not None and value <= 0.75 for value in values) else "**no**"
    fine = all(
        value is not None and check.low <= value <= check.high
        for check, value in zip(row.checks, values, strict=True)
        if np.isfinite(check.low) or np.isfinite(check.high)
    )
    return "yes" if fine else "**no**"


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
        lines.append(f"| {row.title} | {row.target} | {'; '.join(cells)} | {verdict(row, results)} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument(
        "--only", nargs="*", choices=[row.key for row in ROWS], help="rows; README is left alone"
    )
    options = parser.parse_args()
    wanted = set(options.only or [row.key for row in ROWS])
    for row in ROWS:
        if row.key in wanted:
            wanted |= {*row.needs, *(check.of for check in row.checks if check.of)}
    rows = tuple(row for row in ROWS if row.key in wanted)
    text = table(rows, collect(rows, options.seeds, options.workers), options.seeds)
    print(text)
    readme = README.read_text()
    if options.only or MARKERS[0] not in readme:
        return
    head, rest = readme.split(MARKERS[0])
    tail = rest.split(MARKERS[1])[1]
    README.write_text(f"{head}{MARKERS[0]}\n{text}\n{MARKERS[1]}{tail}")


if __name__ == "__main__":
    main()
