"""What a page is told: the map of neurons, the scene, and a recording that is written in it."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import neuromech as nm
from neuromech._lib.errors import InputError
from neuromech.brain.connectome import Connectome
from neuromech.cli.main import main
from neuromech.viewer import brain_map, recorded
from neuromech.viewer.webpage import live_page


@pytest.fixture(scope="module")
def worm() -> Connectome:
    return Connectome.load("worm_connectome")


def test_signals_flow_down_the_map_and_sides_are_apart(worm: Connectome) -> None:
    made = brain_map.build(worm.neurons, {"salt": ["ASEL", "ASER"]}, worm)
    place = {name: (x, y) for name, x, y in zip(made.names, made.x, made.y, strict=True)}
    assert place["ASEL"][1] < place["AIYL"][1] < place["DB3"][1]
    assert place["ASEL"][0] < 0 < place["ASER"][0]
    assert len({(round(x, 3), round(y, 3)) for x, y in place.values()}) == 302  # nobody stands on another
    assert np.abs([made.x, made.y]).max() <= 1
    assert made.groups["salt"] == [worm.neurons.index("ASEL"), worm.neurons.index("ASER")]
    pre, post, weight, sign = next(edge for edge in made.edges if made.names[edge[0]] == "ASEL")
    assert weight == worm.chemical[pre, post] == worm.chemical[pre].max() and sign in (-1, 1)


def test_neurons_with_places_stand_there(worm: Connectome) -> None:
    rng = np.random.default_rng(0)
    x, y, z = rng.normal(size=(3, 302)) * [[10.0], [3.0], [1.0]]
    places = {key: tuple(map(str, values)) for key, values in zip("xyz", (x, y, z), strict=True)}
    made = brain_map.build(worm.neurons, {}, replace(worm, annotations={**worm.annotations, **places}))
    assert np.corrcoef(made.y, x)[0, 1] > 0.999 and np.corrcoef(made.x, y)[0, 1] > 0.999


def test_a_large_brain_is_shown_as_the_means_of_its_groups() -> None:
    names = [f"n{k}" for k in range(5000)]
    made = brain_map.build(names, {"first": names[:10], "second": names[10:30]})
    assert len(made.names) == 3 and made.edges == ()
    activity = np.arange(5000.0)
    np.testing.assert_allclose(made.shown(activity), [4.5, 19.5, activity[30:].mean()])


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> nm.Result:
    return nm.run("worm_crawl", duration_s=1.0, output=tmp_path_factory.mktemp("out") / "crawl")


def given(page: str) -> dict[str, Any]:
    found = re.search(r"const GIVEN = (.*);\n", page)
    assert found
    return json.loads(found[1])


def test_a_page_holds_the_recording(crawl: nm.Result) -> None:
    page = crawl.view()
    data = given(page.text)
    about, layout = data["about"], data["about"]["scene"]["layout"]
    size, count = sum(part[1] for part in layout.values()), len(about["times_s"])
    low, high = zlib.decompress(base64.b64decode(data["numbers"])), crawl.data
    apart = np.frombuffer(low, np.uint8).reshape(2, size, count)
    whole = np.cumsum(apart[0].astype(np.uint16) + 256 * apart[1].astype(np.uint16), axis=1, dtype=np.uint16)
    span = np.array(about["high"]) - about["low"]
    values = np.array(about["low"])[:, None] + span[:, None] * whole / 65535
    first, neurons = layout["activity"]
    recorded_values = high["activity"].values.T
    np.testing.assert_allclose(
        values[first : first + neurons], recorded_values, atol=2e-5 * np.ptp(recorded_values)
    )
    np.testing.assert_allclose(about["times_s"], high["time"], atol=1e-6)
    assert about["metrics"] and "://" not in page.text.partition("<body>")[0]
    assert "<iframe srcdoc=" in page._repr_html_() and len(page.text) < 2e6


def test_what_is_written_in_a_page_cannot_end_its_script(crawl: nm.Result) -> None:
    settings = replace(crawl.settings, experiment="</script><script>alert(1)</script>{{SCRIPT}}")
    page = recorded.page(settings, crawl.episode(0))
    assert page.count("<script") == 1 and page.count("</script>") == 1 and "{{SCRIPT}}" in page
    assert given(page)["about"]["scene"]["experiment"] == settings.experiment


def test_a_live_page_runs_its_own_script_alone() -> None:
    page = live_page("abc")
    assert page.count("<script") == page.count('<script nonce="abc"') == 1
    assert (
        re.search(r"\son\w+=", page.partition("<script")[0]) is None
        and "style=" not in page.partition("<style")[2].partition("</style>")[2].partition("<script")[0]
    )  # noqa: E501


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["experiment=worm_craw"], "worm_crawl"),
        (["experiment=worm_crawl", "output=x"], "simulation=DIR"),
        (["experiment=worm_crawl", "episode=1"], "simulation=DIR"),
        (["experiment=worm_crawl", "speed=0"], "speed must be above 0"),
        (["experiment=worm_crawl", "port=70000"], "port"),
        (["simulation=nowhere"], "there is no folder"),
        (["simulation=.", "host=0.0.0.0"], "experiment that runs"),
    ],
)
def test_a_wrong_command_is_one_line(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["view", *words]) == 2
    err = capsys.readouterr().err
    assert told in err and err.count("\n") == 1


def test_the_command_writes_a_page(
    crawl: nm.Result, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "page.html"
    assert main(["view", f"simulation={crawl.folder}", f"output={output}"]) == 0
    assert capsys.readouterr().out == f"{output}\n" and given(output.read_text())["live"] is False


def test_a_view_is_of_a_name_or_of_a_folder(crawl: nm.Result) -> None:
    for keys in ({}, {"name": "worm_crawl", "simulation": crawl.folder}):
        with pytest.raises(InputError, match="give the name"):
            nm.view(**keys)
    with pytest.raises(InputError, match="duration_s="):
        nm.view(simulation=crawl.folder, duration_s=3)
