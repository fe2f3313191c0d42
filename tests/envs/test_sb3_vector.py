"""The face for Stable-Baselines3 against its own vector of the same environments."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.envs.environment import NeuromechEnv
from neuromech.envs.sb3_vector import as_sb3_vec_env
from neuromech.training.policy_env import PolicyEnv
from neuromech.training.policy_vector import PolicyVectorEnv
from tests.training.test_policy_env import TASKS, task

vec_env = pytest.importorskip("stable_baselines3.common.vec_env", reason="the extra rl is not installed")


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    return np.array_equal(one, other)


def _steps_alike(ours: Any, theirs: Any, steps: int) -> int:
    """Step both with the same actions; return how many episodes ended."""
    rng, ended = np.random.default_rng(1), 0
    for each in (ours, theirs):
        each.seed(5)
    assert _equal(ours.reset(), theirs.reset())
    for _ in range(steps):
        actions = rng.uniform(-1, 1, (ours.num_envs, *ours.action_space.shape)).astype(np.float32)
        one, other = ours.step(actions), theirs.step(actions)
        for left, right in zip(one[:3], other[:3], strict=True):
            assert _equal(left, right)
        for left, right in zip(one[3], other[3], strict=True):
            assert _equal(left["terms"], right["terms"])
            assert left["TimeLimit.truncated"] == right["TimeLimit.truncated"]
            assert ("terminal_observation" in left) == ("terminal_observation" in right)
            assert _equal(left.get("terminal_observation"), right.get("terminal_observation"))
        ended += int(one[2].sum())
    return ended


@pytest.mark.parametrize(("learner", "experiment"), TASKS)
def test_a_policy_meets_the_same_worlds_to_the_bit(learner: str, experiment: str) -> None:
    given = task(learner, experiment)
    ours = as_sb3_vec_env(PolicyVectorEnv(given, 3))
    theirs = vec_env.DummyVecEnv([lambda: PolicyEnv(given)] * 3)
    assert _steps_alike(ours, theirs, 20) > 0
    ours.close()
    theirs.close()


def test_make_vec_has_it_too() -> None:
    overrides = ["duration_s=0.05"]
    ours = as_sb3_vec_env(
        gymnasium.make_vec(
            "neuromech/WormCrawl-v0", num_envs=2, overrides=overrides, autoreset_mode="SameStep"
        )
    )
    theirs = vec_env.DummyVecEnv([lambda: NeuromechEnv("worm_crawl", overrides)] * 2)
    assert _steps_alike(ours, theirs, 12) > 0
    assert ours.env_method("about")[1]["experiment"] == "worm_crawl"
    assert ours.get_attr("render_mode") == [None, None] and not any(ours.env_is_wrapped(gymnasium.Wrapper))


def test_another_rule_of_autoreset_is_refused() -> None:
    with pytest.raises(InputError, match='needs autoreset_mode="SameStep", not "NextStep"'):
        as_sb3_vec_env(gymnasium.make_vec("neuromech/WormCrawl-v0", num_envs=2))
