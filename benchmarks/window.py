"""What a window costs a loop, and how many pictures it shows: python benchmarks/window.py [experiment].

The loop runs as fast as it can, in turns alone and beside a page of 1280 x 720 in a headless Chromium that
draws without a graphics card, all in one run. It needs Playwright and a Chromium (NEUROMECH_CHROMIUM, or
`chromium` on the path).
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import sys
import time
from importlib import import_module
from typing import Any

from neuromech.experiment.experiment import Experiment
from neuromech.viewer.window import Window

# By its name, so that the type checker does not miss it where it is not installed.
sync_playwright: Any = import_module("playwright.sync_api").sync_playwright
ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PICTURES = "Number(document.documentElement.dataset.pictures || 0)"
TURNS, SECONDS = 3, 5.0


def speed(window: Window) -> float:
    """Simulated seconds per second, over some seconds."""
    before, start = window.session.time_s, time.perf_counter()
    time.sleep(SECONDS)
    return (window.session.time_s - before) / (time.perf_counter() - start)


def measure(experiment: str) -> dict[str, Any]:
    """Return speeds alone and watched, their ratio, and pictures per second."""
    alone: list[float] = []
    watched: list[float] = []
    pictures: list[float] = []
    chromium = os.environ.get("NEUROMECH_CHROMIUM") or shutil.which("chromium")
    with Experiment.load(experiment).view(speed=None) as window, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        window.session.play()
        time.sleep(2.0)
        for _ in range(TURNS):
            alone.append(speed(window))
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(window.url)
            while page.evaluate(PICTURES) < 30:
                page.wait_for_timeout(100)
            first, start = page.evaluate(PICTURES), time.perf_counter()
            watched.append(speed(window))
            pictures.append((page.evaluate(PICTURES) - first) / (time.perf_counter() - start))
            page.close()
            time.sleep(2.5)  # until its socket is closed
        browser.close()
    ratio = statistics.median(watched) / statistics.median(alone)
    return {
        "experiment": experiment,
        "alone": [round(each, 2) for each in alone],
        "watched": [round(each, 2) for each in watched],
        "ratio": round(ratio, 2),
        "pictures_per_s": [round(each, 1) for each in pictures],
        "load_average": os.getloadavg()[0],
    }


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1] if len(sys.argv) > 1 else "worm_chemotaxis")))
