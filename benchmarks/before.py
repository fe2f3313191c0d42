"""How fast this state is beside the one before its loop was compiled: prints tables in markdown.

    python benchmarks/before.py [--quick] [--only start,loop,together,ppo,profile]

The earlier state is a clone of this repository's own history in the user's cache; where that is not there,
its columns say so. Both states are measured in turn, each number in a process of its own with its own modules
and content, and what is compared are ratios of medians of five. One core's work is timed by the processor's
clock, that of several by the wall's. speed.py puts the tables into docs/validation/speed.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from neuromech._lib.cache import user_cache

HERE = Path(__file__).resolve().parent
COMMIT = "526475ba52"
"""The last one before the control period was compiled, of 23 November 2026."""
NONE = "not measured"
LOOPS = {
    "worm": ("worm_chemotaxis", 20.0),
    "larval fish": ("fish_optomotor", 10.0),
    "mouse": ("mouse_gaits", 10.0),
    "fly on the floor": ("fly_walk", 4.0),
    "fly in the drum": ("fly_optomotor", 4.0),
}
ASKED = {"worm": 8, "larval fish": 6, "mouse": 5, "fly on the floor": 3, "fly in the drum": 3}
"""Simulated seconds per second of 32 animals over those of one before, as was asked for two cores."""
MEMORY = {"worm": (64, 2000), "fly on the floor": (16, 4000)}
"""Animals, and the MB that they may take."""
ANIMALS, FOUR, TRIES = 32, 4, 5
PARTS = ("start", "loop", "together", "ppo", "profile")


def earlier() -> Path | None:
    """Return a checkout of the earlier state, None where the history lacks it."""
    folder = user_cache() / f"before-{COMMIT}"
    if (folder / "neuromech").is_dir():
        return folder
    part = Path(tempfile.mkdtemp(dir=folder.parent))
    commands = [
        ["git", "clone", "--quiet", "--no-checkout", str(HERE.parent), str(part)],
        ["git", "-C", str(part), "checkout", "--quiet", COMMIT],
    ]
    try:
        for command in commands:
            subprocess.run(command, check=True, capture_output=True)
        return part.rename(folder)
    except (OSError, subprocess.CalledProcessError):
        shutil.rmtree(part, ignore_errors=True)
        return None


def measured(checkout: Path | None, *words: object) -> Any:
    """Return what one_state.py measures in a checkout; None where there is none or it cannot."""
    if checkout is None:
        return None
    command = [sys.executable, str(HERE / "one_state.py"), *map(str, words)]
    done = subprocess.run(
        command, cwd=checkout, env=environment(checkout), capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(f"{checkout.name}: {words}: {done.stderr.strip()[-300:]}", file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def environment(checkout: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(checkout)}


def start(old: Path | None, quick: bool) -> list[str]:
    """A second `neuromech run` of 0.1 s without a video: seconds of the processor and of the wall."""
    command = [
        sys.executable, "-m", "neuromech", "run", "experiment=worm_crawl", "duration_s=0.1", "video=false",
        "--quiet",
    ]  # fmt: skip
    found: dict[Path, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for turn in range(1 + (1 if quick else TRIES)):
            for checkout in filter(None, (old, HERE.parent)):
                before, began = children_s(), time.perf_counter()
                subprocess.run(
                    [*command, f"output={scratch}/out"],
                    cwd=checkout, env=environment(checkout), capture_output=True, check=True,
                )  # fmt: skip
                if turn:  # the first one fills the caches
                    took = children_s() - before, time.perf_counter() - began
                    found.setdefault(checkout, []).append(took)
    now = [statistics.median(each) for each in zip(*found[HERE.parent], strict=True)]
    then = [statistics.median(each) for each in zip(*found[old], strict=True)] if old else None
    lines = [
        "| start of `neuromech run`, 0.1 s, no video, warm caches | before | now | ratio, asked <= 0.5 |"
    ]
    lines += ["|---|---|---|---|"]
    for k, name in enumerate(("processor, s", "wall, s")):
        lines.append(
            row(
                name,
                shown(then[k] if then else None),
                shown(now[k]),
                ratio(now[k], then[k] if then else None),
            )
        )
    return [*lines, ""]


def loop(old: Path | None, quick: bool) -> list[str]:
    """One animal: its closed loop as a share of the bare `mj_step`."""
    lines = [
        "| one animal on one core | loop, x real time, before | now | bare `mj_step`, same excitations "
        "| loop / bare, before | now | now / before, asked >= 2, or 0.8 of bare |",
        "|---|---|---|---|---|---|---|",
    ]
    for animal, (experiment, seconds) in LOOPS.items():
        words = ("loop", experiment, 0.1 if quick else seconds)
        then, now = measured(old, *words), measured(HERE.parent, *words)
        lines.append(
            row(
                f"{animal}, `{experiment}`",
                shown(then and then["loop"]),
                shown(now["loop"]),
                shown(now["bare"]),
                shown(then and then["share"]),
                shown(now["share"]),
                ratio(now["share"], then and then["share"]),
            )
        )
    return [*lines, ""]


def together(old: Path | None, quick: bool) -> list[str]:
    """Many animals on all cores against one animal of the earlier state, and their memory."""
    cores = os.cpu_count() or 1
    lines = [
        f"| {ANIMALS} animals, {cores} cores | one before, s per s | {ANIMALS} now | ratio | asked |",
        "|---|---|---|---|---|",
    ]
    for animal, (experiment, seconds) in LOOPS.items():
        length = 0.1 if quick else seconds / 2
        then = measured(old, "loop", experiment, length)
        now = measured(HERE.parent, "together", experiment, length, 4 if quick else ANIMALS)
        one, all_ = then and then["loop"], now["s_per_s"]
        lines.append(
            row(f"{animal}, `{experiment}`", shown(one), shown(all_), ratio(all_, one), f">= {ASKED[animal]}")
        )
    lines += ["", "| memory of | animals | peak, MB | asked, MB |", "|---|---|---|---|"]
    for animal, (count, most) in MEMORY.items():
        now = measured(HERE.parent, "together", LOOPS[animal][0], 0.1, 4 if quick else count)
        lines.append(row(animal, str(count), f"{now['peak_mb']:.0f}", f"< {most}"))
    return [*lines, ""]


def ppo(old: Path | None, quick: bool) -> list[str]:
    """PPO on muscles, with its learning."""
    lines = [
        f"| PPO from muscles, decisions/s with learning | {FOUR} in turn, before | {ANIMALS} together, now "
        "| ratio, asked >= 8 | per second of one core, before | now | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for animal in ("worm", "mouse"):
        words = ("ppo", LOOPS[animal][0], 64 if quick else 1024)
        then, now = measured(old, *words, FOUR), measured(HERE.parent, *words, ANIMALS)
        if now is None:
            lines.append(row(animal, *[NONE] * 6))
            continue
        cells = []
        for key in ("per_s", "per_core_s"):
            was = then and then[key]
            cells += [shown(was), shown(now[key]), ratio(now[key], was)]
        lines.append(row(animal, *cells))
    return [*lines, ""]


def profile(old: Path | None, quick: bool) -> list[str]:
    """Own time of functions in the worm's loop, before and now."""
    experiment, seconds = LOOPS["worm"]
    lines = []
    for name, checkout in (("before", old), ("now", HERE.parent)):
        found = measured(checkout, "profile", experiment, 0.5 if quick else seconds / 2)
        if found is None:
            lines += [f"Profile {name}: {NONE}.", ""]
            continue
        lines += [
            f"| `{experiment}` {name}: {found['plain_us']:.0f} µs per control step, "
            f"{found['watched_us']:.0f} while it is watched | own time, µs | share | calls |",
            "|---|---|---|---|",
        ]
        lines += [
            row(
                f"`{each['name']}`",
                f"{each['us']:.1f}",
                f"{100 * each['share']:.0f} %",
                f"{each['calls']:.1f}",
            )
            for each in found["rows"]
        ]
        lines.append("")
    return lines


def children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def shown(value: float | None) -> str:
    return NONE if value is None else f"{value:.3g}"


def ratio(now: float, before: float | None) -> str:
    return NONE if before is None else f"{now / before:.2g}"


def tables(quick: bool, only: tuple[str, ...] = PARTS) -> str:
    """Measure and return all tables in markdown."""
    old = earlier()
    made = {"start": start, "loop": loop, "together": together, "ppo": ppo, "profile": profile}
    lines = [line for name in only for line in made[name](old, quick)]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="little of everything, for tests")
    parser.add_argument("--only", type=lambda text: tuple(text.split(",")), default=PARTS, metavar="PARTS")
    options = parser.parse_args()
    print(tables(options.quick, options.only))


if __name__ == "__main__":
    main()
