"""The pages in a browser: a session that is played, acted on, saved and repeated; a recording on disk."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuromech.experiment.experiment import Experiment
from neuromech.specs.compose import load_run, options
from neuromech.specs.perturb import Pathway
from neuromech.viewer.window import Window
from tests.viewer.replaying import moment, replayed

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = os.environ.get("NEUROMECH_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
if CHROMIUM is None:
    pytest.skip("there is no Chromium on this machine", allow_module_level=True)
ARGUMENTS = ["--no-sandbox", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Page:
    """A page of a browser, and what went wrong on it."""

    def __init__(self, browser: Any, address: str, **context: Any) -> None:
        self.context = browser.new_context(**context)
        self.page, self.wrong, self.asked = self.context.new_page(), [], []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", lambda said: said.type == "error" and self.wrong.append(said.text))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(address)
        self.wait("document.documentElement.dataset.pictures > 0")

    def wait(self, truth: str, seconds: float = 60.0) -> None:
        """Wait for a truth of the page, whose policy forbids the browser's own way of waiting for one."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(truth):
            assert time.monotonic() < end, (truth, self.text("#word"), self.wrong)
            self.page.wait_for_timeout(50)

    def text(self, what: str) -> str:
        return str(self.page.text_content(what))

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *error: object) -> None:
        self.context.close()


def check_in_a_browser(browser: Any, experiment: str, folder: Path) -> None:
    """Open, run, stimulate or push, save, reset; and find that the saved YAML repeats every bit."""
    with (
        Window(load_run([f"experiment={experiment}", "seed=3"]), speed=None) as window,
        Page(browser, window.url, viewport={"width": 800, "height": 500}) as shown,
    ):
        page = shown.page
        page.click("#play")
        shown.wait("parseFloat(document.getElementById('clock').textContent) > 0.03")
        page.click("#play")
        shown.wait("document.getElementById('play').getAttribute('aria-label') === 'Play'")
        done = 0
        for name in ("Stimulate the chosen neurons for a time", "Push towards +y"):
            act = page.get_by_role("button", name=name)
            if act.count() and (name.startswith("Push") or shown.text("#chosen")):
                act.click()
                done += 1
                shown.wait(f"document.querySelectorAll('#hands ol li').length >= {done}")
        assert done, shown.text("#word")
        page.click("#step")
        page.get_by_role("button", name="Save as experiment…").click()
        page.wait_for_selector("#saved[open]")
        yaml, command = page.input_value("#yaml"), page.input_value("#command")
        page.click("#close-saved")
        seen = window.session.ask(lambda: moment(window.session._player.loop))
        page.click("#reset")
        shown.wait("document.getElementById('clock').textContent === '0.00 s'")
        assert shown.wrong == []
        assert all(url.startswith(window.url.partition("?")[0]) for url in shown.asked)
    (folder / "config.yaml").write_text(yaml, encoding="utf-8")
    assert command.startswith(f"neuromech run experiment={experiment} ")
    np.testing.assert_array_equal(replayed(load_run([], [folder]))[-1], seen)


@pytest.mark.thorough
def test_what_is_done_in_a_browser_is_repeated_by_what_it_saves(chromium: Any, tmp_path: Path) -> None:
    check_in_a_browser(chromium, "worm_chemotaxis", tmp_path)


@pytest.mark.thorough
def test_a_pathway_is_cut_by_names(chromium: Any, tmp_path: Path) -> None:
    with (
        Window(load_run(["experiment=worm_crawl", "seed=3"]), speed=None) as window,
        Page(chromium, window.url, viewport={"width": 800, "height": 500}) as shown,
    ):
        page = shown.page
        page.get_by_label("pathway from").fill("AVB")
        page.get_by_label("pathway onto").fill("DB, nobody")
        begin = page.get_by_role("button", name="Begin again with these")
        begin.click()
        shown.wait("document.getElementById('word').textContent.includes('nobody')")
        page.get_by_label("pathway onto").fill("DB, VB")
        begin.click()
        shown.wait("document.getElementById('hands').textContent.includes('scale_pathways')")
        page.click("#step")
        page.get_by_role("button", name="Save as experiment…").click()
        page.wait_for_selector("#saved[open]")
        yaml = page.input_value("#yaml")
    (tmp_path / "config.yaml").write_text(yaml, encoding="utf-8")
    saved = load_run([], [tmp_path]).perturb.scale_pathways
    assert saved == (Pathway(("AVB",), ("DB", "VB"), 0.0),)


@pytest.mark.slow
@pytest.mark.parametrize("experiment", options("experiment"))
def test_every_experiment_lives_in_a_browser(
    chromium: Any, experiment: str, tmp_path: Path, data: Path
) -> None:
    check_in_a_browser(chromium, experiment, tmp_path)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("recorded")
    experiment = Experiment.load(
        "worm_chemotaxis", duration_s=1.5, silence=[{"neurons": ["AVB"], "start_s": 1.0}]
    )
    return experiment.run(output=folder / "run").view().save(folder / "page.html")


@pytest.mark.thorough
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (400, "dark")])
def test_a_recording_plays_from_the_disk_without_a_network(
    chromium: Any, recorded: Path, width: int, scheme: str
) -> None:
    with Page(
        chromium,
        recorded.as_uri(),
        viewport={"width": width, "height": 720},
        color_scheme=scheme,
        offline=True,
    ) as shown:
        page = shown.page
        page.click("#play")
        shown.wait("parseFloat(document.getElementById('clock').textContent) >= 1.4")
        assert "silence" in shown.text("#hands") and "AVB" in shown.text("#hands")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert shown.wrong == []
        assert [url for url in shown.asked if not url.startswith(("file:", "data:", "blob:"))] == []
        colours = page.evaluate(
            "() => { picture.draw(camera); const gl = picture.gl, all = new Uint8Array(4 * 40 * 40);"
            " gl.readPixels(picture.canvas.width / 2 - 20, picture.canvas.height / 2 - 20, 40, 40, gl.RGBA,"
            " gl.UNSIGNED_BYTE, all); return new Set(new Uint32Array(all.buffer)).size; }"
        )
        assert colours > 50  # an animal on a floor, and no empty picture


NAMELESS = """() => [...document.querySelectorAll('button, input, select, textarea, a, canvas')]
.filter((node) => {
  const label = node.getAttribute('aria-label') || node.labels?.[0]?.textContent || node.textContent;
  return !label?.trim();
}).map((node) => node.outerHTML)"""
OUT_OF_REACH = """() => [...document.querySelectorAll('button, input, select')]
.filter((node) => !node.closest('dialog') && (node.tabIndex < 0 || node.offsetParent === null))
.map((node) => node.outerHTML)"""


def test_every_control_has_a_name_and_is_reached_by_keys(chromium: Any) -> None:
    with (
        Window(load_run(["experiment=worm_chemotaxis", "seed=3"])) as window,
        Page(chromium, window.url, viewport={"width": 1280, "height": 720}) as shown,
    ):
        shown.page.wait_for_selector("#hands fieldset")
        nameless = shown.page.evaluate(NAMELESS)
        assert nameless == []
        out_of_reach = shown.page.evaluate(OUT_OF_REACH)
        assert out_of_reach == []
        shown.page.focus("#body")
        before = shown.page.evaluate("camera.azimuth")
        shown.page.keyboard.press("ArrowLeft")
        assert shown.page.evaluate("camera.azimuth") != before
        for _ in range(3):
            shown.page.keyboard.press("Tab")
        assert shown.page.evaluate("document.activeElement.tagName") == "BUTTON"
