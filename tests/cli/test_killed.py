"""SIGKILL at random moments: every file that is there under its own name is whole, and the command goes on.

Minutes long. `NEUROMECH_KILLS` says how many moments are tried for each command.
"""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import imageio.v2 as imageio
import pytest

from neuromech import recording
from neuromech.specs import content
from neuromech.training import checkpoint
from tests import poses

pytestmark = pytest.mark.slow
KILLS = int(os.environ.get("NEUROMECH_KILLS", "5"))
RUN = ["run", "experiment=worm_crawl", "controller=random", "duration_s=3", "episodes=2", "--quiet"]
TRAIN = [
    "train", "train=evolution", "experiment=worm_chemotaxis", "algorithm.population=3", "steps=2",
    "learners.parameters.episode_s=0.3", "episodes=1", "duration_s=0.5", "video=false", "--quiet",
]  # fmt: skip


def start(arguments: list[str], folder: Path, repository: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    words = [sys.executable, "-m", "neuromech", *arguments]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(words, cwd=folder, env=environment, stdout=quiet, stderr=quiet)


def whole(folder: Path) -> list[str]:
    """Open every file under its own name, and return the names."""
    files = [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)
    ]
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
    return [str(file.relative_to(folder)) for file in files]


@pytest.mark.parametrize("command", ["run", "train", "compare", "video"])
def test_whatever_the_moment_what_is_there_is_whole(command: str, tmp_path: Path, repository: Path) -> None:
    poses.wcon(tmp_path / "worm.wcon", poses.crawl_mm(60))
    arguments = {
        "run": [*RUN, "output=out"],
        "train": [*TRAIN, "output=out"],
        "compare": ["compare", "simulation=out", "animal=worm.wcon", "--quiet"],
        "video": ["video", "simulation=out", "--quiet"],
    }[command]
    out, chance = tmp_path / "out", random.Random(command)
    if command in ("compare", "video"):
        shown = [each if each != "controller=random" else "controller=worm_connectome" for each in RUN]
        assert start([*shown, "video=false", "output=out"], tmp_path, repository).wait() == 0
    before, began = set(whole(out)) if out.exists() else set(), time.monotonic()
    assert start(arguments, tmp_path, repository).wait() == 0
    lasts, complete = time.monotonic() - began, set(whole(out))
    assert complete > before
    for _ in range(KILLS):
        process = start(arguments, tmp_path, repository)
        time.sleep(chance.uniform(0.1, 1.0) * lasts)
        process.kill()
        process.wait()
        found = set(whole(out))
        # What a command replaces file by file is there at any moment; a run first empties its folder.
        kept = {name for name in complete if command != "run" and not name.startswith("evaluation/")}
        assert found >= before | kept
    assert start(arguments, tmp_path, repository).wait() == 0
    assert set(whole(out)) == complete
