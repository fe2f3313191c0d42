"""How fast ElegansBot's worm crawls: run by the Python of its own environment, prints one line of JSON.

    PYTHON benchmarks/elegansbot_crawl.py SECONDS

Chung, Chang & Kim 2024, doi:10.7554/eLife.92562: 25 rods on agar, without a brain, at its own default step.
"""

import json
import sys
import time
from importlib.metadata import PackageNotFoundError, version

import numpy as np
from elegansbot import Worm  # type: ignore[import-not-found]

FRAME_S = 0.01


def main() -> None:
    """Crawl under an imposed wave, and say how many times real time that was."""
    seconds = float(sys.argv[1])
    worm = Worm(simTime=seconds + 2 * FRAME_S, dt_snapshot=FRAME_S)

    def frames(count: int) -> None:
        for _ in range(count):
            worm.act = 0.7 * np.cos(2 * np.pi * (1.832 * np.linspace(0, 1, worm.n - 1) - worm.t / 1.6))
            worm.steps()

    frames(1)
    began = time.perf_counter()
    frames(round(seconds / FRAME_S))
    took = time.perf_counter() - began
    try:
        release = version("elegansbot")
    except PackageNotFoundError:
        release = ""
    step_ms = 1e3 * float(getattr(worm, "dt", 1e-5))
    print(json.dumps({"version": release, "step_ms": step_ms, "crawl": seconds / took}))


if __name__ == "__main__":
    main()
