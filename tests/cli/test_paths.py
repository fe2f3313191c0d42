"""A file or folder is taken as it is written: no grammar of overrides or formats gets at its name."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from neuromech.cli import main
from neuromech.experiment.episodes import run_experiment
from neuromech.specs import compose
from tests import poses

NAMES = (
    "N2_fps=30, größe #1 日本", "it's 100% a&b;c", '["x"]', "'{x}'", "~tilde", "~", "http:x", "-${HOME}$x*?",
    "back\\slash\\${a}", " blank\n", "null",
)  # fmt: skip


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random worm of 2 s, whose comparison needs no controls."""
    folder = tmp_path_factory.mktemp("paths") / "run"
    options = [
        "experiment=worm_crawl",
        "controller=random",
        "duration_s=1",
        "video=false",
        f"output={folder}",
    ]
    run_experiment(compose.load_run(options), progress=False)
    poses.wcon(folder / "worm.wcon", poses.crawl_mm(60))
    return folder


def call(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    code = main.main(arguments)
    output, errors = capsys.readouterr()
    assert code == 0, errors
    return output


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_compared_and_exported(
    name: str, run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    shutil.copytree(run, name)
    animal = f"{name}.wcon"
    shutil.copy(run / "worm.wcon", animal)
    os.mkdir(f"{name} out")
    call(["compare", f"simulation={name}", f"animal={animal}", f"output={name} out", "--quiet"], capsys)
    assert {"comparison.json", "comparison.html"} <= set(os.listdir(f"{name} out"))
    call(["data", "export", f"simulation={name}", f"output={name} 2.wcon"], capsys)
    assert os.path.isfile(f"{name} 2.wcon")


@pytest.mark.parametrize("name", [each for each in NAMES if each not in ("~", "null")])
def test_any_name_is_written_to(
    name: str, run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["experiment=worm_crawl", "controller=random", "duration_s=0.1", "video=false"]
    call(["run", *words, f"output={name}", "--quiet"], capsys)
    assert {"summary.json", "report.png", "episode_000.nc"} <= set(os.listdir(name))


@pytest.mark.parametrize("name", [pytest.param("~", marks=pytest.mark.thorough), "-http:x it's % 1 日本"])
def test_a_video_goes_where_its_name_means_something_to_ffmpeg(
    name: str, run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(run, name)
    call(["video", f"simulation={name}", "--quiet"], capsys)
    assert os.path.getsize(f"{name}/video.mp4") > 0
    held = [f"simulation={name}", f"animal={name}/worm.wcon", "duration_s=0.5", "gif=true"]
    call(["video", *held, "--quiet"], capsys)
    assert os.path.getsize(f"{name}/comparison.gif") > 0


def test_a_tilde_is_the_home_directory_unless_a_file_is_called_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    words = ["experiment=worm_crawl", "output=~/out"]
    assert compose.load_run(words).output == tmp_path / "home" / "out"
    os.makedirs("~/out")
    assert compose.load_run(words).output == Path("~/out")


def test_several_animals_are_a_list_unless_a_file_is_called_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert compose.values(["animal=[a.csv,b.csv]"], ["animal"]) == {"animal": ["a.csv", "b.csv"]}
    Path("[a.csv,b.csv]").touch()
    assert compose.values(["animal=[a.csv,b.csv]"], ["animal"]) == {"animal": "[a.csv,b.csv]"}


def test_a_path_with_commas_is_no_list_of_jobs(capsys: pytest.CaptureFixture[str]) -> None:
    jobs = compose.expand(["experiment=worm_crawl", "seed=1,2", "output=a,b"])
    assert [job[1:] for job in jobs] == [["seed=1", "output=a,b"], ["seed=2", "output=a,b"]]


@pytest.mark.parametrize("name", ["my configs, größe", "it's 100% a=b", '["x"] #1'])
def test_a_config_dir_of_any_name(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / name / "experiment").mkdir(parents=True)
    (tmp_path / name / "experiment" / "mine.yaml").write_text(
        "# @package _global_\nbody: worm\nenvironment: {name: agar_salt}\ncontroller: {name: random}\n"
    )
    text = call(["run", "experiment=mine", "--config-dir", str(tmp_path / name), "--cfg", "job"], capsys)
    assert "experiment: mine" in text
