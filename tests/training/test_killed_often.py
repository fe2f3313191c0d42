"""A training that is killed ten times in the middle ends with the curve of one that was left alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from neuromech.training import curves
from tests.training.tasks_for_tests import words

pytest.importorskip("stable_baselines3", reason="the extra rl is not installed")

KILLS = 10
MORE = ("seed=3", "steps=768", "--quiet")
CLOCKS = {"wall_s", "cpu_s"}


def start(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "neuromech", "train", *words(*MORE), f"output={folder}"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)


def rows(folder: Path) -> int:
    file = folder / "progress.csv"
    return file.read_text().count("\n") if file.exists() else 0


def curve(folder: Path) -> list[dict[str, float]]:
    return [{k: v for k, v in row.items() if k not in CLOCKS} for row in curves.read(folder)]


@pytest.mark.thorough
def test_ten_kills_change_nothing(tmp_path: Path) -> None:
    killed, rng = tmp_path / "a" / "training", np.random.default_rng(0)
    for _ in range(KILLS):
        process, before = start(killed), rows(killed)
        until = time.monotonic() + 120
        while rows(killed) <= before and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)
        time.sleep(float(rng.uniform(0, 0.1)))  # anywhere in what comes next
        assert process.poll() is None, process.communicate()
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert 2 < rows(killed) < 26
    whole = tmp_path / "b" / "training"
    for folder in (killed, whole):
        process = start(folder)
        assert process.wait() == 0, process.communicate()
    assert curve(killed) == curve(whole) and len(curve(whole)) == 24
    networks = [np.load(folder / "controllers" / "training" / "policy.npz") for folder in (killed, whole)]
    assert set(networks[0]) == set(networks[1])
    assert all(np.array_equal(networks[0][name], networks[1][name]) for name in networks[0])
