"""An episode that is saved in its middle goes on as it would have, with brain, noise and body."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

import neuromech as nm
from neuromech import recording
from neuromech._lib.errors import InputError
from neuromech._lib.state import State
from neuromech.loop import Loop
from neuromech.specs.compose import load_run

# One experiment of every animal, with graded, rate and bursting neurons and several encoders; random muscles.
EXPERIMENTS = {
    "worm": ["experiment=worm_chemotaxis", "duration_s=3.2"],
    "random": ["experiment=worm_crawl", "duration_s=0.3", "controller=random"],
    "larva": ["experiment=fish_optomotor", "duration_s=0.3"],
    "fly": ["experiment=fly_odour", "duration_s=0.1"],
    "mouse": ["experiment=mouse_gaits", "duration_s=0.2"],
}


def loop(name: str, *more: str) -> Loop:
    return Loop.of(load_run([*EXPERIMENTS[name], "seed=3", *more]))


def play(subject: Loop, path: Path, tick: Callable[[float], object] = lambda t: None) -> xr.Dataset:
    subject.play(path, {}, tick)
    return recording.load(path)


def half(subject: Loop, path: Path) -> tuple[State, xr.Dataset, float]:
    """Play a whole episode; returns a state of its middle, its recording and that moment, s."""
    states: dict[float, State] = {}
    whole = play(subject, path, lambda t: states.setdefault(t, subject.save_state()))
    moment = sorted(states)[len(states) // 2]
    return states[moment], whole, moment


def same(one: xr.Dataset, other: xr.Dataset) -> None:
    assert len(other.time) > 1
    for name in one.variables:
        assert np.array_equal(one[name].values, other[name].values), name


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=() if n in ("worm", "random") else pytest.mark.thorough) for n in EXPERIMENTS],
)
def test_an_episode_goes_on_from_its_middle(name: str, tmp_path: Path) -> None:
    original = loop(name)
    state, whole, moment = half(original, tmp_path / "whole.nc")
    rest = whole.sel(time=whole.time > moment + 1e-9)
    fresh = loop(name)
    for k, subject in enumerate((fresh, original)):
        subject.restore_state(State.load(state.save(tmp_path / "state.npz")))
        same(rest, play(subject, tmp_path / f"rest{k}.nc"))
        same(whole, play(subject, tmp_path / f"again{k}.nc"))  # then episodes begin anew


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("worm", copy.deepcopy),
        pytest.param("mouse", lambda each: pickle.loads(pickle.dumps(each)), marks=pytest.mark.thorough),
    ],
)
def test_a_copied_loop_plays_the_same_episode(name: str, how: Callable[[Any], Any], tmp_path: Path) -> None:
    original = loop(name, "duration_s=0.4")
    state, whole, moment = half(original, tmp_path / "whole.nc")
    original.restore_state(state)
    twin = how(original)
    rest = whole.sel(time=whole.time > moment + 1e-9)
    same(rest, play(twin, tmp_path / "twin.nc"))
    same(rest, play(original, tmp_path / "own.nc"))


@pytest.mark.thorough
def test_another_process_goes_on_from_a_file(tmp_path: Path) -> None:
    state, whole, moment = half(loop("worm"), tmp_path / "whole.nc")
    state.save(tmp_path / "state.npz")
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from neuromech._lib.state import State\n"
        "from tests.test_loop_states import loop\n"
        "subject = loop('worm')\n"
        "subject.restore_state(State.load(sys.argv[1] + '/state.npz'))\n"
        "subject.play(Path(sys.argv[1]) / 'rest.nc', {})\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    same(whole.sel(time=whole.time > moment + 1e-9), recording.load(tmp_path / "rest.nc"))


def test_a_finished_episode_goes_on_with_more_time_and_a_lesion(tmp_path: Path) -> None:
    short, whole = loop("worm", "duration_s=0.5"), loop("worm", "duration_s=1")
    play(short, tmp_path / "short.nc")
    state = short.save_state()
    longer, injured = loop("worm", "duration_s=1"), loop("worm", "duration_s=1", "perturb.ablate=[AVB]")
    for subject in (longer, injured):
        subject.restore_state(state)
    later = play(longer, tmp_path / "longer.nc")
    full = play(whole, tmp_path / "full.nc")
    same(full.sel(time=full.time >= 0.5 - 1e-9), later)
    assert not np.array_equal(later.activity.values, play(injured, tmp_path / "injured.nc").activity.values)


def test_what_cannot_be_gone_on_from_is_refused(tmp_path: Path) -> None:
    worm = loop("worm", "duration_s=0.1")
    with pytest.raises(InputError, match="no episode has begun"):
        worm.save_state()
    _, before, _ = half(worm, tmp_path / "before.nc")
    for other in (loop("random", "duration_s=0.1"), loop("larva", "duration_s=0.1")):
        state, _, _ = half(other, tmp_path / "other.nc")
        with pytest.raises(InputError, match="something else|does not fit"):
            worm.restore_state(state)
    with pytest.raises(InputError, match="kind 'environment'"):
        worm.restore_state(State({"of": "environment"}, {}))
    same(before, play(worm, tmp_path / "after.nc"))


@pytest.mark.parametrize(
    ("about", "told"),
    [
        ({"mujoco": "1.0"}, "cannot be read by another version of MuJoCo: here is mujoco .* and not '1.0'"),
        ({"mujoco": None}, "cannot be read by another version of MuJoCo"),
        ({"body": "zebrafish"}, "something else: here is body worm and not 'zebrafish'"),
        ({"experiment": "worm_swim"}, "something else: here is experiment worm_crawl and not 'worm_swim'"),
        ({"seed": 4}, "something else: here is seed 3 and not 4"),
    ],
    ids=str,
)
def test_a_file_of_another_version_body_or_experiment_is_one_line(
    about: dict[str, Any], told: str, tmp_path: Path
) -> None:
    subject = loop("random", "duration_s=0.1")
    subject.advance(0.05)
    saved = subject.save_state()
    other = State({**saved.about, **about}, saved.parts).save(tmp_path / "other.npz")
    with pytest.raises(InputError, match=told) as caught:
        subject.restore_state(State.load(other))
    assert "\n" not in str(caught.value)


@pytest.mark.thorough
def test_an_experiment_goes_on_in_another_process_and_says_so(tmp_path: Path) -> None:
    names = {"controller": "random", "duration_s": 0.3, "seed": 5}
    experiment = nm.Experiment.load("worm_crawl", **names)
    whole = experiment.run(output=tmp_path / "whole").data
    experiment.state_at(0.1).save(tmp_path / "middle.npz")
    code = (
        "import sys, json, neuromech as nm\n"
        "experiment = nm.Experiment.load('worm_crawl', **json.loads(sys.argv[2]))\n"
        "state = nm.State.load(sys.argv[1] + '/middle.npz')\n"
        "print(experiment.run(output=sys.argv[1] + '/rest', state=state).summary['notes'][-1])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), json.dumps(names)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "the episode goes on from a saved state, at 0.1 s\n", done.stderr
    same(whole.sel(time=whole.time > 0.1 - 1e-9), nm.Result.load(tmp_path / "rest").data)


def test_a_state_is_that_of_one_episode_before_its_end(tmp_path: Path) -> None:
    experiment = nm.Experiment.load("worm_crawl", controller="random", duration_s=0.2)
    state = experiment.state_at(0.2)
    for changed, told in (({"episodes": 2}, "give episodes=1"), ({}, "duration_s must be longer than that")):
        again = nm.Experiment.load("worm_crawl", controller="random", duration_s=0.2, **changed)
        with pytest.raises(InputError, match=told):
            again.run(output=tmp_path / "x", state=state)
    with pytest.raises(InputError, match=r"time_s=0.3 is after the end, duration_s=0.2"):
        experiment.state_at(0.3)
    assert not (tmp_path / "x").exists()


def test_a_controller_without_a_state_says_what_it_lacks(tmp_path: Path) -> None:
    class Still:
        neuron_names, neuron_groups, traces, activity_unit = (), {}, (), "1"
        activity = np.zeros(0, np.float32)

        def reset(self, seed: int) -> None: ...

        def act(self, observation: Any) -> np.ndarray:
            return np.zeros(95, np.float32)

    still = replace(loop("random", "duration_s=0.1"), controller=Still())
    with pytest.raises(InputError, match="Still cannot save its state: give it save_state"):
        play(still, tmp_path / "x.nc", lambda t: still.save_state())
