"""What an environment cannot honour is refused in one line, and nothing is ignored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
import pytest

import neuromech  # noqa: F401  (registers them)
from neuromech._lib.errors import InputError
from neuromech.cli.main import main
from neuromech.envs.environment import NeuromechEnv
from neuromech.specs.compose import load_run
from neuromech.specs.environment import TaskSpec


@pytest.fixture(scope="module")
def env() -> Iterator[NeuromechEnv]:
    found = NeuromechEnv("worm_chemotaxis", ["duration_s=0.1"])
    yield found
    found.close()


@pytest.mark.parametrize(
    ("keywords", "told"),
    [
        ({"overrides": "duration_s=20"}, r'overrides must be a list .* \["duration_s=20"\]'),
        ({"overrides": ["duration=3"]}, "duration_s"),
        ({"overrides": ["duration_s=nan"]}, "duration_s must be a finite number above 0"),
        ({"overrides": ["perturb.ablate=[AVAL]"]}, "perturb.ablate: there is no brain"),
        ({"overrides": ["perturb.shuffle_wiring=true"]}, "perturb.shuffle_wiring: there is no brain"),
        ({"overrides": ["perturb={ablate: [AVAL]}"]}, "perturb: there is no brain"),
        ({"overrides": ["controller=random"]}, "there is no controller"),
        ({"overrides": ["controller.settle_s=1"]}, "controller.settle_s: there is no controller"),
        ({"overrides": ["seed=3"]}, r"reset\(seed=...\)"),
        ({"overrides": ["episodes=3"]}, "episodes: an episode begins"),
        ({"overrides": ["video=true"]}, "RecordVideo"),
        ({"overrides": ["output=x"]}, "output: an environment writes no files"),
        ({"overrides": ["experiment=worm_swim"]}, "first argument"),
        ({"render_mode": "rgb"}, "unknown render mode 'rgb'; nearest: rgb_array"),
        ({"width": 8}, "16 to 8192 pixels"),
        ({"height": 100_000}, "16 to 8192 pixels"),
        ({"width": True}, "16 to 8192 pixels"),
        ({"duration_s": 20}, "an environment got an unexpected keyword argument 'duration_s'.*overrides"),
        ({"rendermode": "human"}, "nearest: render_mode"),
        ({"reward": "forwards"}, "unknown reward 'forwards'; nearest: forward"),
        ({"reward": {"forwards": 1.0}}, "nearest: forward"),
        ({"reward": {"forward": float("nan")}}, "reward.forward must be a finite number"),
        ({"reward": {"forward": "1"}}, "reward.forward must be a number"),
        ({"reward": {"forward": True}}, "reward.forward must be a number"),
        ({"reward": {}}, "reward must be a name or"),
    ],
    ids=str,
)
def test_a_keyword_that_cannot_be_honoured_is_refused(keywords: dict[str, Any], told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        NeuromechEnv("worm_crawl", **keywords)
    assert "\n" not in str(caught.value)


def test_gymnasiums_make_passes_the_line_on() -> None:
    with pytest.raises(InputError, match="an environment got an unexpected keyword argument 'duration_s'"):
        gymnasium.make("neuromech/WormCrawl-v0", duration_s=20)
    with (
        pytest.raises(InputError, match="unknown render mode 'movie'"),
        pytest.warns(UserWarning, match="render_mode"),
    ):
        gymnasium.make("neuromech/WormCrawl-v0", render_mode="movie")


def test_a_wrong_experiment_is_refused() -> None:
    with pytest.raises(InputError, match="worm_crawl"):
        NeuromechEnv("worm_craw")


def test_a_composed_run_takes_no_overrides_and_no_perturbations() -> None:
    run = load_run(["experiment=worm_crawl", "duration_s=0.1", "perturb.ablate=[AVAL]"])
    with pytest.raises(InputError, match="perturb of worm_crawl: there is no brain"):
        NeuromechEnv(run)
    with pytest.raises(InputError, match="compose it with them"):
        NeuromechEnv(load_run(["experiment=worm_crawl"]), ["duration_s=0.1"])


def test_an_environment_without_a_task_asks_for_a_reward() -> None:
    run = load_run(["experiment=worm_crawl", "duration_s=0.1"])
    bare = replace(run, environment=replace(run.environment, task=TaskSpec()))
    with pytest.raises(InputError, match="agar_salt has no task: give reward="):
        NeuromechEnv(bare)
    found = NeuromechEnv(bare, reward="forward")
    found.reset(seed=0)
    *_, info = found.step(np.zeros(95, np.float32))
    assert set(info["terms"]) == {"forward"}


STARTS: list[tuple[str, Any, str]] = [
    ("heading", float("nan"), "nan"),
    ("heading", float("inf"), "inf"),
    ("heading", True, "true"),
    ("heading", "north", "north"),
    ("heading", None, "null"),
    ("heading", "90", '"90"'),
    ("heading", 1e300, "1e300"),
    ("distance_mm", -1, "-1"),
    ("distance_mm", [5, 3], "[5,3]"),
    ("distance_mm", float("nan"), "nan"),
    ("distance_mm", [0, float("inf")], "[0,inf]"),
    ("distance_mm", True, "true"),
    ("distance_mm", "far", "far"),
    ("distance_mm", [1000, 1000], "[1000,1000]"),
    ("x_mm", 1.0, "1.0"),
    ("x_mm", float("nan"), "nan"),
    ("distance", 3, "3"),
]


@pytest.mark.parametrize(("key", "value", "text"), STARTS, ids=str)
def test_reset_refuses_what_the_command_line_refuses(
    env: NeuromechEnv, key: str, value: Any, text: str, tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError, match="start") as caught:
        env.reset(seed=0, options={key: value})
    assert "\n" not in str(caught.value)
    chosen = ["experiment=worm_chemotaxis", "duration_s=0.1", f"start.{key}={text}", f"output={tmp_path}/x"]
    assert main(["run", *chosen]) == 2
    told = capsys.readouterr().err.strip()
    assert key in told and "\n" not in told


@pytest.mark.parametrize("options", [3, "heading=90", ["heading"], {"hedding": 3}, {3: 4}], ids=str)
def test_options_are_keys_of_start(env: NeuromechEnv, options: Any) -> None:
    unchecked = getattr(env.reset, "__wrapped__", None)  # the tests' own type checker would come first
    with pytest.raises(InputError, match="start"):
        env.reset(options=options) if unchecked is None else unchecked(env, options=options)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "3"], ids=str)
def test_a_seed_is_a_whole_number(env: NeuromechEnv, seed: Any) -> None:
    unchecked = getattr(type(env).reset, "__wrapped__", type(env).reset)
    with pytest.raises(InputError, match="seed must be a whole number of at least 0"):
        unchecked(env, seed=seed)


def test_a_seed_of_numpy_is_one_of_python(env: NeuromechEnv) -> None:
    unchecked = getattr(type(env).reset, "__wrapped__", type(env).reset)
    first, second = (unchecked(env, seed=seed)[0]["salt"] for seed in (3, np.int64(3)))
    assert np.array_equal(first, second)


def test_an_action_is_checked(env: NeuromechEnv) -> None:
    env.reset(seed=0)
    unchecked = getattr(type(env).step, "__wrapped__", type(env).step)
    for action, told in (
        (np.full(95, np.nan, np.float32), "NaN"),
        (np.zeros(94, np.float32), "95 muscles"),
        (np.zeros((95, 1), np.float32), "95 muscles"),
        ("left", "95 numbers"),
        ([[1.0], [1.0, 2.0]], "95 numbers"),
        (None, "NaN"),
    ):
        with pytest.raises(InputError, match=told):
            unchecked(env, action)


def test_a_step_needs_an_episode() -> None:
    found = NeuromechEnv("worm_crawl", ["duration_s=0.1"])
    with pytest.raises(InputError, match="call reset before step"):
        found.step(np.zeros(95, np.float32))
    with pytest.raises(InputError, match="call reset before save_state"):
        found.save_state()
