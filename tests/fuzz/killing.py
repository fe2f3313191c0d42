"""SIGKILL at random moments: what is there under its own name is whole, and what was cut short can be read.

A command is started in a folder that an earlier one left, is killed at a random moment between its start and
its end, and every file is opened. Files that a command replaces one by one are there at any moment; a run and
an evaluation first empty their folder.
"""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import imageio.v2 as imageio

from neuromech import recording
from neuromech._lib.errors import InputError
from neuromech.specs import content
from neuromech.training import checkpoint
from tests import poses
from tests.fuzz import kept
from tests.fuzz.watching import Tally

ROOT = Path(__file__).resolve().parents[2]
RUN = (
    "run",
    "experiment=worm_crawl",
    "controller=random",
    "duration_s=2",
    "episodes=2",
    "output=out",
    "--quiet",
)
TRAIN = (
    "train", "train=evolution", "experiment=worm_chemotaxis", "algorithm.population=3", "steps=2",
    "learners.parameters.episode_s=0.3", "episodes=1", "duration_s=0.5", "video=false", "output=out",
    "--quiet",
)  # fmt: skip
RECORD = "run, while it records"
ROWS: dict[str, tuple[str, ...]] = {
    "run": RUN,
    RECORD: (*RUN, "duration_s=60", "video=false"),
    "train": TRAIN,
    "compare": ("compare", "simulation=out", "animal=worm.wcon", "--quiet"),
    "video": ("video", "simulation=out", "--quiet"),
}
"""The command lines that are killed, by the row of the table. Most of a short run is not recording."""
RECORDED_S = 8.0
"""The longest that a run goes on recording before it is killed."""
EMPTIED = {"run": "", RECORD: "", "train": "evaluation/"}
"""What a command takes away before it writes it anew: its whole folder, or a part of it."""


def start(arguments: tuple[str, ...], folder: Path) -> subprocess.Popen[bytes]:
    """Start a command line in a folder, in a session of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words, quiet = [sys.executable, "-m", "neuromech", *arguments], subprocess.DEVNULL
    return subprocess.Popen(
        words, cwd=folder, env=environment, stdout=quiet, stderr=quiet, start_new_session=True
    )


def finish(arguments: tuple[str, ...], folder: Path) -> float:
    """Let a command line end, and return how long it took, s.

    Raises
    ------
    AssertionError
        It failed.
    """
    began = time.monotonic()
    code = start(arguments, folder).wait()
    assert code == 0, f"exit code {code} of {' '.join(arguments)}"
    return time.monotonic() - began


def whole(folder: Path) -> set[str]:
    """Open every file under its own name, and return the names.

    Raises
    ------
    Exception
        One is not whole: whatever opening it raises.
    """
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and not _hidden(file, folder)]
    for file in files:
        if file.suffix == ".nc":
            recording.load(file)
        elif file.suffix == ".json":
            json.loads(file.read_text())
        elif file.suffix in (".png", ".gif", ".mp4"):
            with imageio.get_reader(file) as pictures:
                assert pictures.get_data(0).size
        elif file.suffix == ".npz":
            assert checkpoint.load(file)
        elif file.suffix == ".yaml":
            content.read_yaml(file)
        elif file.suffix == ".csv":
            with file.open() as lines:
                rows = list(csv.DictReader(lines))
            assert rows and all(None not in (*row, *row.values()) for row in rows)
        elif file.suffix == ".html":
            assert file.read_text().rstrip().endswith("</html>")
    return {str(file.relative_to(folder)) for file in files}


def partial(folder: Path) -> int:
    """Read every recording that was cut short, and return how many there are.

    Raises
    ------
    InputError
        One cannot be read.
    """
    found = _cut_short(folder)
    for file in found:
        assert recording.load(file).attrs["ended"] == recording.KILLED
    return len(found)


def killed(command: str, folder: Path, after_s: float, expected: set[str]) -> tuple[str, int]:
    """Kill one command line; returns what is wrong, or "", and how many recordings were cut short."""
    out = folder / "out"
    process = start(ROWS[command], folder)
    while command == RECORD and process.poll() is None and not _cut_short(out):
        time.sleep(0.01)
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    try:
        missing = expected - whole(out)
        cut = partial(out)
    except InputError as error:
        return f"cannot be read: {error}", 0
    except Exception as error:
        return f"not whole: {type(error).__name__}: {str(error)[:200]}", 0
    return (f"gone: {', '.join(sorted(missing))}" if missing else ""), cut


def prepare(command: str, folder: Path) -> tuple[float, set[str], set[str]]:
    """Make `before`, what a command finds, and let it end once in `out`, a copy.

    Returns how long it takes, s, all files then, and those that no kill may take: what was there before,
    without what the command takes away first.
    """
    poses.wcon(folder / "worm.wcon", poses.crawl_mm(60))
    if command in ("compare", "video"):
        finish((*RUN, "controller=worm_connectome", "video=false"), folder)
    else:
        finish((*ROWS[command], "steps=1") if command == "train" else ROWS[command], folder)
    shutil.move(folder / "out", folder / "before")
    _again(folder)
    lasts_s = finish(ROWS[command], folder)
    emptied = EMPTIED.get(command)
    before = whole(folder / "before")
    lasting = {name for name in before if emptied is None or (emptied and not name.startswith(emptied))}
    return lasts_s, whole(folder / "out"), lasting


def run(command: str, moments: int, file: Path) -> None:
    """Kill a command at random moments until as many were tried as asked for; what came out is kept."""
    tally = kept.load(file).get(command, Tally())
    first = tally.counts["whole"] + tally.counts["wrong"]
    if first >= moments:
        return
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        lasts_s, complete, lasting = prepare(command, folder)
        for number in range(first, moments):
            _again(folder)
            share = random.Random(f"{command} {number}").uniform(0.0 if command == RECORD else 0.05, 1.0)
            after_s = share * (RECORDED_S if command == RECORD else lasts_s)
            problem, cut = killed(command, folder, after_s, lasting)
            more = Tally(Counter({"wrong" if problem else "whole": 1, "partial": cut}), lasts_s)
            if problem:
                more.failures.append((number, f"wrong: after {after_s:.2f} s: {problem}"))
            tally = kept.joined(tally, more)
            kept.save({**kept.load(file), command: tally}, file)
        finish(ROWS[command], folder)
        assert whole(folder / "out") == complete, f"{command} does not go on after a kill"


def _again(folder: Path) -> None:
    """Put back what the command found."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    shutil.copytree(folder / "before", folder / "out")


def _cut_short(folder: Path) -> list[Path]:
    return list(folder.rglob(".*.nc.part"))


def _hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)
