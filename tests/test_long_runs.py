"""A long episode takes no more memory than a short one: what is recorded goes to the disk."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from neuromech import batch
from neuromech.loop import Loop
from neuromech.specs.compose import load_run

LONG_S = 3600.0
SETTLED_S = 300.0
"""By then everything is compiled and every buffer has its size."""
MORE_MB = 20.0


def resident_mb() -> float:
    """Memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def growth_mb(duration_s: float, settled_s: float, folder: Path, animals: int = 2) -> float:
    """How much more memory some worms hold at the end of an episode than after a while."""
    loops = [
        Loop.of(load_run(["experiment=worm_crawl", f"duration_s={duration_s}", f"seed={k}"]))
        for k in range(animals)
    ]
    held: list[float] = []

    def tick(path: Path, t_s: float) -> None:
        if t_s >= settled_s and not held or t_s > duration_s - 0.2:
            held.append(resident_mb())

    batch.play(loops, [folder / f"{k}.nc" for k in range(animals)], {"content_hash": "x"}, tick)
    return max(held[1:]) - held[0]


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_memory_stays_flat_over_an_hour(tmp_path: Path) -> None:
    assert growth_mb(LONG_S, SETTLED_S, tmp_path) < MORE_MB
