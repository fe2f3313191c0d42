"""The dm_env face of an environment, by dm_env's own checks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import gymnasium
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.envs.environment import NeuromechEnv, as_dm_env

dm_env = pytest.importorskip("dm_env", reason="it comes with dm_control, up to Python 3.12")
absltest = pytest.importorskip("absl.testing.absltest")
from dm_env import test_utils  # noqa: E402


def make(seed: int | None = None) -> Any:
    return as_dm_env(NeuromechEnv("worm_chemotaxis", ["duration_s=0.1"]), seed)


class TestTheirs(test_utils.EnvironmentTestMixin, absltest.TestCase):
    """What dm_env asks of every environment, over two episodes and a half."""

    def make_object_under_test(self) -> Any:
        return make()

    def make_action_sequence(self) -> Iterator[np.ndarray]:
        for _ in range(25):
            yield self.make_action()


def test_specs_are_the_spaces() -> None:
    env = make()
    spec = env.action_spec()
    assert (
        spec.shape == (95,)
        and spec.dtype == np.float32
        and spec.minimum.max() == 0
        and spec.maximum.min() == 1
    )
    seen = env.observation_spec()
    assert (
        set(seen) == {"salt", "food", "glycerol", "bend", "touch"}
        and seen["bend"].shape == (24,)
        and seen["bend"].name == "bend"
    )


def test_an_episode_is_that_of_gymnasium_and_ends_by_time() -> None:
    env, twin = make(seed=3), NeuromechEnv("worm_chemotaxis", ["duration_s=0.1"])
    action = np.full(95, 0.5, np.float32)
    first = env.step(action)  # begins an episode, whatever the action
    own, _ = twin.reset(seed=3)
    assert first.first() and np.array_equal(first.observation["salt"], own["salt"])
    for k in range(10):
        step = env.step(action)
        own, reward, *_ = twin.step(action)
        assert step.reward == reward and np.array_equal(step.observation["bend"], own["bend"])
        assert step.last() == (k == 9) and step.discount == 1.0  # time is up, nobody died
    assert env.step(action).first()


def test_a_death_has_discount_zero() -> None:
    class Mortal(NeuromechEnv):
        def step(self, action: np.ndarray) -> Any:
            observation, reward, _, _, info = super().step(action)
            return observation, reward, True, False, info

    env = as_dm_env(Mortal("worm_crawl", ["duration_s=0.1"]))
    env.reset()
    step = env.step(np.zeros(95, np.float32))
    assert step.last() and step.discount == 0.0


def test_without_dm_env_one_line_says_where_it_comes_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dm_env", None)
    with pytest.raises(InputError, match="dm_control up to Python 3.12"):
        make()


def test_only_boxes_have_a_spec() -> None:
    class Counting(gymnasium.Env[Any, Any]):
        observation_space = gymnasium.spaces.Box(0.0, 1.0, (2,))
        action_space = gymnasium.spaces.Discrete(3)

    with pytest.raises(InputError, match="action is a Discrete"):
        as_dm_env(Counting())
