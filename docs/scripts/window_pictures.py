"""Draw the pictures of the window for the site: python docs/scripts/window_pictures.py [NAME ...].

It needs Playwright and a Chromium (NEUROMECH_CHROMIUM, or one on the path): pip install playwright. They are
no extra of the program, because only who changes the page needs them. The pictures go to
docs/assets/pictures.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from pictures import TARGET, shrink

from neuromech.experiment.experiment import Experiment

# By its name, so that the type checker does not miss it where it is not installed.
sync_playwright: Any = import_module("playwright.sync_api").sync_playwright
ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


@dataclass(frozen=True)
class Shot:
    """One picture: the experiment, when it is taken (s), its size in pixels, colours, and a button."""

    experiment: str
    time_s: float
    width: int = 1280
    height: int = 860
    scheme: str = "light"
    press: str = ""


SHOTS = {
    "view_worm": Shot("worm_chemotaxis", 14.0, scheme="dark"),
    "view_larva": Shot("fish_optomotor", 3.0),
    "view_fly": Shot("fly_walk", 0.6, press="#tints"),
    "view_mouse": Shot("mouse_gaits", 2.0, scheme="dark", press="#tints"),
    "view_narrow": Shot("worm_chemotaxis", 14.0, width=400, height=1180),
}


def take(name: str, shot: Shot) -> None:
    """Play an experiment until its time, half a window's length of it in a browser, and keep the picture."""
    chromium = os.environ.get("NEUROMECH_CHROMIUM") or shutil.which("chromium")
    with Experiment.load(shot.experiment).view(speed=None) as window, sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        size = {"width": shot.width, "height": shot.height}
        page = browser.new_page(viewport=size, color_scheme="dark" if shot.scheme == "dark" else "light")
        page.goto(window.url)
        page.wait_for_selector("#hands fieldset")
        control_s = window.session.described["control_s"]
        seen_s = window.session.described["window_s"]
        window.session.step(max(1, round(max(shot.time_s - seen_s, 0) / control_s)))
        while window.session.time_s < shot.time_s:
            window.session.step(max(1, round(seen_s / 100 / control_s)))
            page.wait_for_timeout(30)
        if shot.press:
            page.click(shot.press)
        page.wait_for_timeout(1500)
        with tempfile.TemporaryDirectory() as folder:
            page.screenshot(path=Path(folder) / "page.png")
            shrink(Path(folder) / "page.png", TARGET / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    for chosen in sys.argv[1:] or SHOTS:
        take(chosen, SHOTS[chosen])
