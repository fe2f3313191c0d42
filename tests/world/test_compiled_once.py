"""What numba has just compiled and what it takes from the disk must be the same program, to the bit."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PLAY = """
import hashlib
from neuromech.loop import Loop
from neuromech.specs.compose import load_run
for name in ("fish_optomotor", "worm_crawl"):
    loop = Loop.of(load_run([f"experiment={name}"]))
    loop.begin()
    # From rest, where forces all but cancel each other: another order of sums shows at once.
    for _ in range(3):
        loop.went_on(loop.animal.step(loop.controller.act(loop.observed)))
    print(name, hashlib.sha256(loop.world.data.qpos.tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_a_process_that_compiles_plays_the_same_bits_as_one_that_reads_what_was_compiled(
    tmp_path: Path,
) -> None:
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    played = [
        subprocess.run(
            [sys.executable, "-c", PLAY], env=environment, capture_output=True, text=True, check=True
        )
        for _ in range(2)
    ]
    assert played[0].stdout.count("\n") == 2 and played[0].stdout == played[1].stdout
