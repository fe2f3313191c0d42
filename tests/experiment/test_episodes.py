"""What a run leaves behind: other tools read it, so its schema is fixed."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from neuromech import recording
from neuromech._lib.errors import InputError
from neuromech.experiment import episodes as experiment
from neuromech.experiment.episodes import run_experiment, summarise
from neuromech.specs.compose import load_run
from neuromech.tracking import units
from neuromech.tracking.trackers import undulation
from neuromech.world.world import World

SHORT = ["experiment=worm_chemotaxis", "controller=random", "duration_s=1", "video=false", "seed=7"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "deep" / "result"
    return run_experiment(load_run([*SHORT, "duration_s=2", "episodes=2", f"output={out}"]), progress=False)


def summary(folder: Path) -> dict[str, Any]:
    def refuse(word: str) -> float:
        raise AssertionError(f"{word} is not JSON")

    return json.loads((folder / "summary.json").read_text(), parse_constant=refuse)


def test_the_files(folder: Path) -> None:
    names = {file.name for file in folder.iterdir()}
    assert names == {"summary.json", "config.yaml", "report.png", "episode_000.nc", "episode_001.nc"}
    assert (folder / "report.png").read_bytes().startswith(b"\x89PNG")


def test_the_summary(folder: Path) -> None:
    found = summary(folder)
    fixed = {
        "experiment",
        "seed",
        "duration_s",
        "perturb",
        "real_time_factor",
        "metrics",
        "episodes",
        "versions",
    }
    assert fixed <= set(found)
    assert (found["experiment"], found["seed"], found["duration_s"]) == ("worm_chemotaxis", 7, 2.0)
    assert found["real_time_factor"] > 0
    assert found["perturb"]["ablate"] == [] and found["perturb"]["shuffle_wiring"] is False
    assert {"neuromech", "mujoco", "jax", "numpy"} <= set(found["versions"])
    assert list(found["metrics"]) == list(undulation.UNITS)
    for name, values in found["metrics"].items():
        assert set(values) == {"mean", "sd", "n", "unit"} and values["unit"] == units()[name]
    assert [set(each) for each in found["episodes"]] == [{"seed", "recording", "metrics", "terminated"}] * 2
    assert [each["seed"] for each in found["episodes"]] == [7, 8]
    assert [each["recording"] for each in found["episodes"]] == ["episode_000.nc", "episode_001.nc"]
    assert all(each["terminated"] == "time limit" for each in found["episodes"])


def test_a_metric_that_cannot_be_computed_is_null(folder: Path) -> None:
    # Two seconds hold no two cycles of a crawl, and random muscles have no rhythm.
    found = summary(folder)
    for each in found["episodes"]:
        assert each["metrics"]["wavelength_body_lengths"] is None
    assert found["metrics"]["wavelength_body_lengths"] == {
        "mean": None,
        "sd": None,
        "n": 0,
        "unit": "body lengths",
    }
    assert found["metrics"]["reached_peak"]["n"] == 2


def test_the_means_are_those_of_the_episodes(folder: Path) -> None:
    found = summary(folder)
    values = [each["metrics"]["chemotaxis_index"] for each in found["episodes"]]
    assert found["metrics"]["chemotaxis_index"]["mean"] == pytest.approx(np.mean(values))
    assert found["metrics"]["chemotaxis_index"]["sd"] == pytest.approx(np.std(values, ddof=1))
    # The index again, from the recording and its definition alone.
    for index, value in enumerate(values):
        nose = recording.load(folder / f"episode_{index:03d}.nc")["landmarks"].sel(landmark="spine_00").values
        distance = np.hypot(nose[:, 0], nose[:, 1])
        assert 3 - 0.51 <= distance[0] <= 5 + 0.51
        assert value == pytest.approx(1 - distance.mean() / distance[0], abs=1e-6)


def test_the_configuration_runs_it_again(folder: Path, tmp_path: Path) -> None:
    again = run_experiment(load_run([f"output={tmp_path / 'again'}", "episodes=1"], [folder]), progress=False)
    one, other = (recording.load(each / "episode_000.nc") for each in (folder, again))
    for name in ("landmarks", "muscle", "sense_salt"):
        assert one[name].values.tobytes() == other[name].values.tobytes(), name
    assert one.attrs["content_hash"] == other.attrs["content_hash"]
    plain = yaml.safe_load((folder / "config.yaml").read_text())
    assert plain["duration_s"] == 2.0 and plain["seed"] == 7


def test_an_episode_of_a_series_is_that_seed_alone(folder: Path, tmp_path: Path) -> None:
    alone = run_experiment(
        load_run([*SHORT, "duration_s=2", "seed=8", f"output={tmp_path / 'alone'}"]), progress=False
    )
    one, other = recording.load(folder / "episode_001.nc"), recording.load(alone / "episode_000.nc")
    assert one["landmarks"].values.tobytes() == other["landmarks"].values.tobytes()


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), RuntimeError("the roof fell in")], ids=["ctrl-c", "error"]
)
def test_an_interrupted_run_keeps_its_recordings_and_says_so(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = World.finish_period

    def stop_in_the_second_episode(self: World) -> None:
        finish(self)
        if self.time_s == 0.4 and worlds.index(self) == 1:
            raise error

    worlds: list[World] = []
    build = World.__init__
    monkeypatch.setattr(World, "__init__", lambda self, *given: (build(self, *given), worlds.append(self))[0])
    monkeypatch.setattr(World, "finish_period", stop_in_the_second_episode)
    out = tmp_path / "out"
    with pytest.raises(type(error)):
        run_experiment(load_run([*SHORT, "episodes=3", f"output={out}"]), progress=False)
    reason = "interrupted" if isinstance(error, KeyboardInterrupt) else f"RuntimeError: {error}"
    found = summary(out)
    assert found["ended"] == reason
    # All were under way at once: one failed, the others were interrupted.
    assert [each["terminated"] for each in found["episodes"]] == ["interrupted", reason, "interrupted"]
    assert not [file.name for file in out.iterdir() if file.name.endswith(".part")]
    kept = recording.load(out / "episode_001.nc")
    assert kept.attrs["ended"] == reason and kept["time"].values[-1] == pytest.approx(0.35)
    assert found["metrics"] == {}  # those of a whole episode, of which there is none


def test_a_run_interrupted_at_once_still_names_its_metrics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(self: World, excitation: np.ndarray) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(World, "begin_period", stop)
    with pytest.raises(KeyboardInterrupt):
        run_experiment(load_run([*SHORT, f"output={tmp_path / 'out'}"]), progress=False)
    found = summary(tmp_path / "out")
    assert found["ended"] == "interrupted" and len(found["episodes"]) == 1


def test_a_run_replaces_the_results_of_an_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment, "write_report", lambda *args: None)
    ours = ("episode_000.nc", "episode_002.nc", "episode_1000.nc", "report.png", "video.mp4", "video_003.mp4")
    theirs = ("episode_2.nc", "my_episode_002.nc", "episode_002.nc.txt", "notes.md", "my video.mp4")
    for name in (*ours, *theirs):
        (tmp_path / name).write_text("old")
    with pytest.raises(InputError):
        run_experiment(load_run([*SHORT, "start.distance_mm=-1", f"output={tmp_path}"]), progress=False)
    assert (tmp_path / "episode_002.nc").exists()  # a mistake costs nothing
    run_experiment(load_run([*SHORT, "duration_s=0.2", f"output={tmp_path}"]), progress=False)
    names = {file.name for file in tmp_path.iterdir()}
    assert names == {"episode_000.nc", "summary.json", "config.yaml", *theirs}
    assert recording.load(tmp_path / "episode_000.nc").sizes["time"] == 4


def test_bad_input_writes_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(InputError):
        run_experiment(load_run([*SHORT, "start={distance: 3}", f"output={out}"]), progress=False)
    assert not out.exists()


def test_perturbations_are_in_the_summary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiment, "write_report", lambda *args: None)
    given = "perturb.stimulate=[{neurons: [AVAL], start_s: 0.1, stop_s: 0.2, current_pA: 20}]"
    overrides = ["experiment=worm_crawl", "duration_s=0.3", "video=false", given, "perturb.ablate=[ASE]"]
    out = run_experiment(load_run([*overrides, f"output={tmp_path / 'out'}"]), progress=False)
    perturb = summary(out)["perturb"]
    assert perturb["ablate"] == ["ASE"]
    window = {"neurons": ["AVAL"], "start_s": 0.1, "stop_s": 0.2, "current_pA": 20.0, "rate_Hz": 0.0}
    assert perturb["stimulate"] == [window]


def test_summaries_of_episodes() -> None:
    assert summarise([]) == {"mean": None, "sd": None, "n": 0}
    assert summarise([None, 3.0]) == {"mean": 3.0, "sd": None, "n": 1}
    found = summarise([1.0, None, 2.0, 6.0])
    assert found["mean"] == 3.0 and found["n"] == 3
    assert found["sd"] == pytest.approx(math.sqrt(7.0))
