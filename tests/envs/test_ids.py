"""The environments that Gymnasium knows by name, by the checkers of those who use them."""

from __future__ import annotations

import pickle
import re
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import wrappers
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv

import neuromech  # noqa: F401  (registers them)
from neuromech.envs.ids import IDS
from neuromech.specs.compose import load_run, options
from tests.experiments import marked

ONE_OF_EACH = [
    f"neuromech/{name}-v0" for name in ("WormChemotaxis", "FishOptomotor", "FlyOdour", "MouseGaits")
]


def make(name: str = "neuromech/WormChemotaxis-v0", **keywords: Any) -> Any:
    return gymnasium.make(name, overrides=["duration_s=0.1"], **keywords)


def test_every_experiment_without_a_brain_model_has_an_id_and_a_row_in_the_table(repository: Path) -> None:
    runs = {name: load_run([f"experiment={name}"]) for name in options("experiment")}
    without = {name for name, run in runs.items() if run.controller.model != "spiking"}
    assert set(IDS.values()) == without and len(IDS) == len(without)
    assert all(gymnasium.spec(name).kwargs["experiment"] == experiment for name, experiment in IDS.items())
    page = (repository / "docs" / "how-to" / "gymnasium.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (?:.*? )?\| `(neuromech/\w+-v0)` \| `(\w+)` \| (.+?) \|", page, re.MULTILINE)
    told = {name: (experiment, re.findall(r"`(\w+)`", reward)) for name, experiment, reward in rows}
    weights = {name: list(runs[experiment].environment.task.weights) for name, experiment in IDS.items()}
    assert told == {name: (experiment, weights[name]) for name, experiment in IDS.items()}


@pytest.mark.parametrize("name", marked(IDS))
@pytest.mark.filterwarnings("error::UserWarning")
def test_gymnasiums_checker_is_content(name: str) -> None:
    found = make(name)
    # Bounds at infinity are right for concentrations and curvatures, and what it warns of.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*infinity.*", UserWarning)
        check_env(found.unwrapped, skip_render_check=True)
    found.close()


@pytest.mark.parametrize("name", marked(IDS))
def test_baselines_checker_is_content(name: str) -> None:
    checker = pytest.importorskip("stable_baselines3.common.env_checker", reason="the extra rl is missing")
    found = make(name).unwrapped
    with warnings.catch_warnings():
        # It would have muscles pull from -1 to 1; training/policy_env.py does that.
        warnings.filterwarnings("ignore", ".*symmetric and normalized.*", UserWarning)
        checker.check_env(found, skip_render_check=True)
    found.close()


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_a_spec_and_a_run_travel_to_a_worker(name: str) -> None:
    # Spawned workers are told how to make it: by its spec, or by a run that is composed already.
    spec = pickle.loads(pickle.dumps(gymnasium.spec(name)))
    found = gymnasium.make(spec, overrides=["duration_s=0.1"])
    run = pickle.loads(pickle.dumps(found.unwrapped.run))  # type: ignore[attr-defined]
    assert run == found.unwrapped.run  # type: ignore[attr-defined]
    found.close()


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_gymnasiums_wrappers_work(name: str) -> None:
    env = wrappers.RecordEpisodeStatistics(
        wrappers.RescaleAction(wrappers.TimeLimit(wrappers.FlattenObservation(make(name)), 3), -1.0, 1.0)
    )
    plain = make(name)
    observation, info = env.reset(seed=5)
    first, own = plain.reset(seed=5)
    assert env.observation_space.contains(observation) and info == own
    assert np.array_equal(observation, gymnasium.spaces.flatten(plain.observation_space, first))
    low, high = plain.action_space.low, plain.action_space.high
    total = 0.0
    for k in range(3):
        action = np.random.default_rng(k).uniform(-1, 1, low.shape).astype(np.float32)
        observation, reward, terminated, truncated, info = env.step(action)
        after, earned, *_ = plain.step(low + (high - low) * (action + 1) / 2)
        total += earned
        for name_, term in info["terms"].items():
            assert np.isfinite(term), name_
        assert np.allclose(observation, gymnasium.spaces.flatten(plain.observation_space, after), atol=1e-3)
        assert reward == pytest.approx(earned, abs=1e-4) and not terminated and truncated == (k == 2)
    assert info["episode"]["l"] == 3 and info["episode"]["r"] == pytest.approx(total, abs=1e-3)
    env.close()


def test_a_video_of_an_environment_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The wrapper hands its frames to moviepy, which no longer goes with the pillow that we use.
    seen: list[tuple[list[np.ndarray], float]] = []

    class Clip:
        def __init__(self, frames: list[np.ndarray], fps: float) -> None:
            seen.append((frames, fps))

        def write_videofile(self, path: str, logger: Any) -> None:
            assert path.startswith(str(tmp_path))

    for name in ("moviepy", "moviepy.video", "moviepy.video.io", "moviepy.video.io.ImageSequenceClip"):
        module: Any = ModuleType(name)
        module.ImageSequenceClip = Clip
        monkeypatch.setitem(sys.modules, name, module)
    folder = str(tmp_path / "films")
    env = wrappers.RecordVideo(make(render_mode="rgb_array", width=160, height=96), folder)
    env.reset(seed=0)
    for _ in range(10):
        env.step(env.action_space.sample())
    env.close()
    ((frames, fps),) = seen
    assert len(frames) >= 10 and fps == 100
    assert all(frame.shape == (96, 160, 3) and frame.std() > 1 for frame in frames)


@pytest.mark.parametrize("kind", ["sync", pytest.param("async", marks=pytest.mark.thorough)])
def test_environments_in_a_vector_are_those_alone(kind: str) -> None:
    # JAX and fork do not go together.
    vector: Any = (
        SyncVectorEnv([make, make]) if kind == "sync" else AsyncVectorEnv([make, make], context="spawn")
    )
    try:
        first, about = vector.reset(seed=[3, 4])
        actions = np.random.default_rng(7).random((2, 95)).astype(np.float32)
        second, reward, terminated, truncated, info = vector.step(actions)
        assert reward.shape == (2,) and not terminated.any() and not truncated.any()
        for k in range(2):
            alone = make()
            observation, alone_about = alone.reset(seed=3 + k)
            after, own, _, _, alone_info = alone.step(actions[k])
            for name, value in observation.items():
                assert np.array_equal(first[name][k], value)
                assert np.array_equal(second[name][k], after[name])
            assert reward[k] == own == info["terms"]["approach"][k] == alone_info["terms"]["approach"]
            assert about["stimulus"]["peak_x_mm"][k] == alone_about["stimulus"]["peak_x_mm"]
            alone.close()
    finally:
        vector.close()


def test_make_vec_makes_them_by_id() -> None:
    vector = gymnasium.make_vec(
        "neuromech/WormCrawl-v0", num_envs=2, vectorization_mode="sync", overrides=["duration_s=0.1"]
    )
    observation, _ = vector.reset(seed=1)
    assert observation["bend"].shape == (2, 24)
    for k in range(12):  # over the end of an episode
        *_, truncated, _ = vector.step(np.full((2, 95), 0.5, np.float32))
        assert truncated.all() == (k == 9)
    vector.close()
