"""What a window costs a loop, and how many pictures it shows: python benchmarks/window.py [experiment ...].

The loop runs as fast as it can, in turns alone and beside a page of 1280 x 720 in a headless Chromium that
draws without a graphics card, and then in real time beside the page, all in one run. It needs Playwright and
a Chromium (NEUROMECH_CHROMIUM, or `chromium` on the path), and writes the table of docs/how-to/watch.md.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from neuromech.evaluation.tables_in_pages import put
from neuromech.experiment.experiment import Experiment
from neuromech.viewer.window import Window

# By its name, so that the type checker does not miss it where it is not installed.
sync_playwright: Any = import_module("playwright.sync_api").sync_playwright
ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
PICTURES = "Number(document.documentElement.dataset.pictures || 0)"
TURNS, SECONDS = 3, 5.0
PAGE = Path(__file__).resolve().parents[1] / "docs/how-to/watch.md"
MARKS = ("<!-- window: made by python benchmarks/window.py -->", "<!-- /window -->")


def speed(window: Window) -> float:
    """Simulated seconds per second, over some seconds."""
    before, start = window.session.time_s, time.perf_counter()
    time.sleep(SECONDS)
    return (window.session.time_s - before) / (time.perf_counter() - start)


def pictures_shown(page: Any, wait: Callable[[], object]) -> float:
    """Pictures that a page shows per second while something waits."""
    first, start = page.evaluate(PICTURES), time.perf_counter()
    wait()
    return (page.evaluate(PICTURES) - first) / (time.perf_counter() - start)


def measure(experiment: str) -> dict[str, Any]:
    """Return speeds alone and watched, their ratio, and pictures per second."""
    alone: list[float] = []
    watched: list[float] = []
    pictures: list[float] = []
    in_real_time = 0.0
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
            pictures.append(pictures_shown(page, lambda: watched.append(speed(window))))
            if len(watched) == TURNS:
                window.session.set_speed(1.0)
                in_real_time = pictures_shown(page, lambda: time.sleep(SECONDS))
            page.close()
            time.sleep(2.5)  # until its socket is closed
        browser.close()
    ratio = statistics.median(watched) / statistics.median(alone)
    return {
        "experiment": experiment,
        "loop alone, x real time": statistics.median(alone),
        "beside the page, x real time": statistics.median(watched),
        "ratio": ratio,
        "pictures/s, as fast as it can": statistics.median(pictures),
        "pictures/s, in real time": in_real_time,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """Return what was measured, a row for each experiment, in Markdown."""
    head = list(rows[0])
    lines = ["| " + " | ".join(head) + " |", "|---|" + "---:|" * (len(head) - 1)]
    for row in rows:
        shown = [each if isinstance(each, str) else f"{each:.3g}" for each in row.values()]
        lines.append("| " + " | ".join(shown) + " |")
    about = f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at the end, medians of {TURNS}."
    return "\n".join([*lines, "", about])


if __name__ == "__main__":
    asked = sys.argv[1:] or ["worm_chemotaxis"]
    measured = table([measure(name) for name in asked])
    print(measured)
    put(PAGE, MARKS, measured)
