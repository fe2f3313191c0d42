"""One episode: the order of things in the loop, the recording, and what an interruption leaves."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from neuromech import recording
from neuromech._lib.errors import InputError
from neuromech.loop import Loop
from neuromech.specs.compose import load_run
from neuromech.specs.run import Run


def run(*overrides: str, controller: str = "random") -> Run:
    return load_run(
        ["experiment=worm_chemotaxis", "duration_s=1", "video=false", f"controller={controller}", *overrides]
    )


def play(wanted: Run, path: Path) -> xr.Dataset:
    Loop.of(wanted).play(path, {"content_hash": "x"})
    return recording.load(path)


@pytest.fixture(scope="module")
def brain(tmp_path_factory: pytest.TempPathFactory) -> xr.Dataset:
    return play(run("seed=5", controller="worm_connectome"), tmp_path_factory.mktemp("brain") / "e.nc")


def test_the_recording_has_the_promised_variables(brain: xr.Dataset) -> None:
    assert dict(brain["landmarks"].sizes) == {"time": 20, "landmark": 49, "xyz": 3}
    assert dict(brain["muscle"].sizes) == {"time": 20, "muscle": 95}
    assert dict(brain["activity"].sizes) == {"time": 20, "neuron": 302}
    assert brain["qpos"].sizes["time"] == 20 and brain["qpos"].sizes["q"] == 27
    for name, size in {"salt": 1, "bend": 24, "touch": 2}.items():
        assert dict(brain[f"sense_{name}"].sizes) == {"time": 20, f"{name}_channel": size}
    assert list(brain["stimulus_channel"].values) == ["concentration_mM", "peak_x_mm", "peak_y_mm"]
    assert brain["time"].values == pytest.approx(np.arange(20) * 0.05)
    units = {
        name: brain[name].attrs["units"] for name in ("landmarks", "activity", "sense_salt", "sense_touch")
    }
    assert units == {"landmarks": "mm", "activity": "mV", "sense_salt": "mM", "sense_touch": "nN"}
    assert "AVAL" in brain["neuron"].values and "MDL01" in brain["muscle_name"].values


def test_the_recording_says_where_it_comes_from(brain: xr.Dataset) -> None:
    attrs = brain.attrs
    assert (attrs["animal"], attrs["seed"], attrs["units"]) == ("worm", 5, "mm mg s")
    assert (attrs["body_length_mm"], attrs["tracker"], attrs["record_s"]) == (1.0, "undulation", 0.05)
    assert attrs["complete"] == 1 and attrs["ended"] == "time limit"
    assert json.loads(attrs["environment"])["stimulus"]["kind"] == "gaussian"


def test_every_row_is_of_one_instant(brain: xr.Dataset) -> None:
    # The salt sensed and the stimulus recorded are those at the nose's place in the same row.
    nose = brain["landmarks"].sel(landmark="spine_00").values
    squared = nose[:, 0] ** 2 + nose[:, 1] ** 2
    expected = 25 * np.exp(-squared / 18)
    assert brain["sense_salt"].values[:, 0] == pytest.approx(expected, rel=1e-4)
    assert brain["stimulus"].values[:, 0] == pytest.approx(expected, rel=1e-4)
    names = [str(name) for name in brain["q"].values]
    assert len(names) == 27
    # And the felt bends are among the joint angles of the row.
    felt = brain["sense_bend"].values / 25.0
    angles = brain["qpos"].values
    for column in felt.T:
        assert np.abs(angles - column[:, None]).max(axis=0).min() < 1e-5


@pytest.mark.parametrize("controller", ["random", "worm_connectome"])
def test_one_seed_gives_the_same_bits(controller: str, tmp_path: Path) -> None:
    short = run("duration_s=0.5", "seed=2", controller=controller)
    one, again = play(short, tmp_path / "a.nc"), play(short, tmp_path / "b.nc")
    other = play(replace(short, seed=3), tmp_path / "c.nc")
    for name in ("landmarks", "muscle", "activity", "sense_bend"):
        if name in one:
            assert one[name].values.tobytes() == again[name].values.tobytes(), name
    assert not np.array_equal(one["landmarks"], other["landmarks"])


def test_the_controllers_noise_and_the_start_are_drawn_apart(tmp_path: Path) -> None:
    # A fixed start leaves the brain's random numbers as they were.
    free = play(run("seed=4"), tmp_path / "a.nc")
    fixed = play(run("seed=4", "start.heading=0"), tmp_path / "b.nc")
    assert np.array_equal(free["muscle"], fixed["muscle"])


def test_watching_sees_what_playing_records(tmp_path: Path) -> None:
    short = run("duration_s=0.5")
    kept, seen = play(short, tmp_path / "a.nc"), Loop.of(short).play_in_memory()
    assert np.array_equal(seen["landmarks"].values.astype(np.float32), kept["landmarks"].values)
    assert np.array_equal(seen["stimulus"].values.astype(np.float32), kept["stimulus"].values)
    assert seen.attrs["tracker"] == "undulation" and list(seen["time"].values) == list(kept["time"].values)


def test_a_loop_can_be_played_again(tmp_path: Path) -> None:
    loop = Loop.of(run("duration_s=0.3", controller="worm_connectome"))
    for name in ("a.nc", "b.nc"):
        loop.play(tmp_path / name, {})
    one, again = (recording.load(tmp_path / name) for name in ("a.nc", "b.nc"))
    assert np.array_equal(one["activity"], again["activity"])


def test_a_world_without_a_stimulus(tmp_path: Path) -> None:
    wanted = load_run(["experiment=worm_swim", "controller=random", "duration_s=0.2"])
    seen = play(wanted, tmp_path / "a.nc")
    assert "stimulus" not in seen and not seen["sense_salt"].values.any()
    assert "stimulus" not in Loop.of(wanted).play_in_memory()


def test_random_muscles_have_nothing_to_perturb() -> None:
    with pytest.raises(InputError, match="random moves muscles without neurons: there is nothing to perturb"):
        Loop.of(run("perturb.ablate=[AVA]"))


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), RuntimeError("the roof fell in")], ids=["ctrl-c", "error"]
)
def test_an_interruption_keeps_what_was_recorded(error: BaseException, tmp_path: Path) -> None:
    def tick(t: float) -> None:
        if t > 0.62:
            raise error

    with pytest.raises(type(error)):
        Loop.of(run()).play(tmp_path / "a.nc", {}, tick)
    kept = recording.load(tmp_path / "a.nc")
    assert kept["time"].values == pytest.approx(np.arange(14) * 0.05)
    assert kept.attrs["complete"] == 0
    assert kept.attrs["ended"] == (
        "interrupted" if isinstance(error, KeyboardInterrupt) else f"RuntimeError: {error}"
    )


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("perturb.ablate=[AVAX]", "AVA"),
        ("start={distance: 3}", "distance_mm"),
        ("environment.touch=[{segment: segment_99, start_s: 0, stop_s: 1, force_nN: [0, 0, 0]}]", "segment_"),
        ("environment.stimulus.width_mm=-1", "width_mm"),
        ("environment.medium.inertia_scale=0", "inertia_scale"),
    ],
)
def test_what_is_wrong_shows_when_the_loop_is_built(override: str, message: str) -> None:
    wanted = ["experiment=worm_chemotaxis", "duration_s=0.1", override]
    with pytest.raises(InputError, match=message):
        Loop.of(load_run(wanted))
