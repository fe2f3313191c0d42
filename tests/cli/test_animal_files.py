"""compare, video and data on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from neuromech.cli import main
from neuromech.experiment.episodes import run_experiment
from neuromech.specs import compose, content
from tests import poses

WORM = ["simulation={run}", "animal={worm}"]


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A random worm of 3 s, whose comparison needs no controls, and files of recorded animals."""
    folder = tmp_path_factory.mktemp("commands")
    options = [
        "experiment=worm_crawl",
        "controller=random",
        "duration_s=3",
        "video=false",
        f"output={folder / 'run'}",
    ]
    run_experiment(compose.load_run(options), progress=False)
    poses.wcon(folder / "worm.wcon", poses.crawl_mm(100))
    poses.wcon(folder / "microns.wcon", 1000 * poses.crawl_mm(100))
    poses.dlc_csv(folder / "dlc.csv", poses.keypoints(100))
    poses.wcon(folder / "two.wcon", poses.crawl_mm(2))
    (folder / "text.h5").write_text("no HDF5")
    (folder / "empty").mkdir()
    names = {"run": "run", "worm": "worm.wcon", "um": "microns.wcon", "dlc": "dlc.csv", "two": "two.wcon",
             "text": "text.h5", "empty": "empty"}  # fmt: skip
    return {name: str(folder / file) for name, file in names.items()} | {"folder": str(folder)}


def call(arguments: list[str], places: dict[str, str]) -> int:
    return main.main([each.format(**places) for each in arguments])


def test_compare_prints_the_table_and_leaves_the_files(
    places: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert call(["compare", *WORM, f"output={tmp_path}", "skip_s=0.5", "--quiet"], places) == 0
    text = capsys.readouterr().out
    assert text.startswith("feature") and "no score: this is a control itself" in text
    assert json.loads((tmp_path / "comparison.json").read_text())["score"] is None
    assert (tmp_path / "comparison.html").is_file()


def test_what_the_user_says_reaches_the_reader(
    places: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    said = ["fps=20", "mm_per_px=0.01", "spine=[nose,neck,middle,hip,tail]", "frames=[5,95]", "max_gap_s=0.1"]
    assert call(["compare", "simulation={run}", "animal={dlc}", f"output={tmp_path}", *said], places) == 0
    assert "bending of the body" in capsys.readouterr().out


def test_a_wrong_unit_is_a_warning_with_the_evidence(
    places: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert call(["compare", "simulation={run}", "animal={um}", f"output={tmp_path}"], places) == 0
    assert (
        "note: the recorded animal would be 999 mm long, the simulated one is 1 mm" in capsys.readouterr().out
    )


@pytest.mark.thorough
def test_what_was_made_of_ones_own_content_is_compared_filmed_and_named(
    places: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mine = tmp_path / "configs"
    (mine / "experiment").mkdir(parents=True)
    (mine / "experiment" / "mine.yaml").write_text(
        "# @package _global_\nbody: worm\nenvironment: {name: jelly}\n"
        "controller: {name: random}\nduration_s: 2\nvideo: false\n"
    )
    agar = content.find("environments", "agar_salt") / "environment.yaml"
    (tmp_path / "environments" / "jelly").mkdir(parents=True)
    (tmp_path / "environments" / "jelly" / "environment.yaml").write_text(agar.read_text())
    own, run = ["--config-dir", str(mine)], tmp_path / "elsewhere" / "run"
    assert main.main(["run", "experiment=mine", f"output={run}", "--quiet", *own]) == 0
    held = [f"simulation={run}", f"animal={places['worm']}"]
    capsys.readouterr()
    assert main.main(["compare", *held]) == 2
    assert "unknown environment 'jelly'" in capsys.readouterr().err
    assert main.main(["compare", *held, "--quiet", *own]) == 0
    assert main.main(["video", *held, "duration_s=0.2", "--quiet", *own]) == 0
    assert (run / "comparison.html").is_file() and (run / "comparison.mp4").is_file()


@pytest.mark.thorough
def test_a_film_of_both(places: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["video", *WORM, "duration_s=0.2", "--quiet"], places) == 0
    (printed,) = capsys.readouterr().out.splitlines()
    assert printed.endswith("comparison.mp4") and Path(printed).is_file()


def test_data_commands(
    places: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NEUROMECH_CACHE", str(tmp_path))
    monkeypatch.delenv("NEUROMECH_DATA", raising=False)
    assert call(["data", "list"], places) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) >= 15 and any(line.startswith("larva_bouts ") and "by hand" in line for line in lines)
    assert any("research use only, never redistribute  " in line for line in lines)
    assert call(["data", "path", "larva_bouts"], places) == 2
    assert capsys.readouterr().err.count("research use only") == 1
    assert call(["data", "export", "simulation={run}", f"output={tmp_path / 'a.wcon'}"], places) == 0
    assert (
        call(["compare", "simulation={run}", f"animal={tmp_path / 'a.wcon'}", f"output={tmp_path}"], places)
        == 0
    )
    # The simulation beside itself, by way of the export: no feature is away from its own.
    printed = capsys.readouterr().out.splitlines()
    (bend,) = (line.split() for line in printed if line.startswith("bending of the body"))
    assert "0.00" in bend and bend[-1] == "1.00"


# arguments, and what the one line must say
BAD = {
    "no animal": (["compare", "simulation={run}"], "add animal=FILE"),
    "no simulation": (["compare", "animal={worm}"], "add simulation=DIR"),
    "no folder": (["compare", "simulation=/nowhere", "animal={worm}"], "there is no folder /nowhere"),
    "empty folder": (["compare", "simulation={empty}", "animal={worm}"], "holds no episode_000.nc"),
    "no file": (["compare", "simulation={run}", "animal=/nowhere.h5"], "no recording at /nowhere.h5"),
    "no such name": (["compare", "simulation={run}", "animal=wormpose_sample_feature"],
                     "nearest: wormpose_sample_features"),
    "not HDF5": (["compare", "simulation={run}", "animal={text}"], "no recording that is known here"),
    "format": (["compare", *WORM, "format=wcom"], "nearest: wcon"),
    "format as a list": (["compare", *WORM, "format=[a]"], "format must be one name, not ['a']"),
    "format as a number": (["video", *WORM, "format=3"], "unknown recording format '3'"),
    "film size as a list": (["video", *WORM, "size=[1]"], "size must be 720 or 1080, not [1]"),
    "empty output": (["compare", *WORM, "output="], "output= is empty; write output=PATH, or leave it out"),
    "animal that is null": (["compare", "simulation={run}", "animal=null"], "which animal?"),
    "unit of a WCON": (["compare", *WORM, "unit=um"], "is read as wcon, for which unit= means nothing"),
    "config dir": (["compare", *WORM, "--config-dir", "/nowhere"], "there is no folder /nowhere"),
    "wrong format": (["compare", *WORM, "format=wormpose"], "cannot be read"),
    "two frames": (["compare", "simulation={run}", "animal={two}"], "has 2 frames; at least 10"),
    "key": (["compare", *WORM, "fsp=20"], "nearest: fps"),
    "zero rate": (["compare", *WORM, "fps=0"], "fps must be a number above 0"),
    "rate as a word": (["compare", *WORM, "fps=fast"], "fps must be a number"),
    "unit": (["compare", *WORM, "unit=furlong"], "unknown unit 'furlong'"),
    "spine as a word": (["compare", *WORM, "spine=nose"], "spine must be a list of names in brackets"),
    "limbs as a list": (["compare", *WORM, "limbs=[nose]"], "limbs must be a group of leg:keypoint"),
    "a leg without a place": (["compare", *WORM, "limbs={{leg1:nose}}"], "a leg is named by f, m or h"),
    "frames": (["compare", *WORM, "frames=[1]"], "frames must be [first,last]"),
    "frames turned round": (["compare", *WORM, "frames=[9,3]"], "first below last"),
    "likelihood": (["compare", *WORM, "likelihood=2"], "likelihood must lie between 0 and 1"),
    "skip": (["compare", *WORM, "skip_s=-1"], "skip_s must be a number of at least 0"),
    "skip all": (["compare", *WORM, "skip_s=60"], "has 0 samples"),
    "y_down": (["compare", *WORM, "y_down=3"], "y_down must be true or false"),
    "missing rate": (["compare", "simulation={run}", "animal={dlc}"], "add fps=NUMBER"),
    "missing scale": (["compare", "simulation={run}", "animal={dlc}", "fps=20"], "add mm_per_px=NUMBER"),
    "missing midline": (["compare", "simulation={run}", "animal={dlc}", "fps=20", "mm_per_px=0.01"],
                        "say which are the midline"),
    "keypoint": (["compare", "simulation={run}", "animal={dlc}", "fps=20", "mm_per_px=0.01",
                  "spine=[nose,neck,hip,tial]"], "nearest: tail"),
    "output": (["compare", *WORM, "output=/proc/here"], "cannot write output=/proc/here"),
    "film size": (["video", *WORM, "size=480"], "size must be 720 or 1080"),
    "film of nothing": (["video", *WORM, "animal_start_s=99"], "the film would be empty"),
    "film start": (["video", *WORM, "start_s=-1"], "start_s must be a number of at least 0"),
    "pictures": (["video", *WORM, "pictures=/nowhere.tar"], "no recording at /nowhere.tar"),
    "gif alone": (["video", "simulation={run}", "gif=true"], "add animal=FILE"),
    "data command": (["data", "lst"], "nearest: data list"),
    "data name": (["data", "path", "larva_bout"], "nearest: larva_bouts"),
    "data no name": (["data", "fetch"], "'neuromech data list' names them"),
    "never to be passed on": (["data", "fetch", "larva_bouts"], "research use only"),
    "export format": (["data", "export", "simulation={run}", "output=a.csv"], "unknown format '.csv'"),
    "export which": (
        ["data", "export", "simulation={run}", "episode=a", "output=a.wcon"],
        "episode must be a whole number",
    ),
    "export nowhere": (["data", "export", "simulation={run}"], "add output=FILE.wcon"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "says"), BAD.values(), ids=BAD)
def test_bad_input(
    arguments: list[str], says: str, places: dict[str, str], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEUROMECH_CACHE", str(tmp_path))
    monkeypatch.delenv("NEUROMECH_DATA", raising=False)
    code = call(arguments, places)
    output, errors = capsys.readouterr()
    assert errors.count("\n") == 1 and errors.startswith("neuromech: "), errors
    assert says in errors and code == 2 and output == ""
