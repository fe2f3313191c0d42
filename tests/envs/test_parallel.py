"""Two animals behind PettingZoo's interface, and in an environment of Gymnasium."""

from __future__ import annotations

import copy
import pickle
import sys
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.envs.environment import NeuromechEnv
from neuromech.envs.parallel import as_parallel_env

WORDS = ["duration_s=0.1", "environment.other.controller=random", "environment.other.at_mm=[0,3]"]


@cache
def first() -> NeuromechEnv:
    return NeuromechEnv("fish_follow", WORDS)


def made() -> NeuromechEnv:
    """An environment of its own; it is copied faster than made."""
    return copy.deepcopy(first())


@pytest.fixture
def zoo(monkeypatch: pytest.MonkeyPatch) -> type:
    """A PettingZoo that has nothing but the class, so that the tests need no more."""
    module: Any = ModuleType("pettingzoo")
    module.ParallelEnv = type("ParallelEnv", (), {"unwrapped": property(lambda self: self)})
    monkeypatch.setitem(sys.modules, "pettingzoo", module)
    return module.ParallelEnv


def test_both_act_observe_and_end_together(zoo: type) -> None:
    env = as_parallel_env(made())
    assert isinstance(env, zoo) and env.possible_agents == ["animal", "other"] and env.agents == []
    seen, infos = env.reset(seed=3)
    assert set(seen) == set(infos) == set(env.agents) == {"animal", "other"}
    rng, total = np.random.default_rng(0), 0.0
    for step in range(20):
        for agent in env.agents:
            assert env.observation_space(agent).contains(seen[agent])
        actions = {agent: rng.random(24).astype(np.float32) for agent in env.agents}
        assert all(env.action_space(agent).contains(action) for agent, action in actions.items())
        seen, rewards, over, late, infos = env.step(actions)
        assert set(seen) == {"animal", "other"} and rewards["animal"] == rewards["other"]
        assert rewards["animal"] == infos["animal"]["terms"]["near"] and not any(over.values())
        assert all(late.values()) == (step == 19)
        total += rewards["animal"]
    assert env.agents == [] and total != 0.0
    with pytest.raises(InputError, match="'other' is missing"):
        env.reset()
        env.step({"animal": np.zeros(24)})


def test_only_the_agent_moves_the_other_and_a_seed_gives_the_same(zoo: type) -> None:
    env = as_parallel_env(made())
    rest, act = np.zeros(24, np.float32), np.repeat([1.0, 0.0], 12).astype(np.float32)
    found = []
    for its in (rest, act, act):
        env.reset(seed=1)
        for _ in range(10):
            seen, *_, infos = env.step({"animal": rest, "other": its})
        found.append((seen["other"]["tail_bend"], infos["other"]["stimulus"]["other_heading_rad"]))
    assert np.abs(found[0][0]).max() < 1e-6 and np.abs(found[1][0]).max() > 0.1
    assert np.array_equal(found[1][0], found[2][0]) and found[1][1] == found[2][1] != found[0][1]


def test_what_cannot_be_is_one_line(zoo: type, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="has one animal"):
        as_parallel_env(NeuromechEnv("fish_optomotor", ["duration_s=0.1"]))
    with pytest.raises(InputError, match="environment of neuromech"):
        as_parallel_env(3)
    monkeypatch.setitem(sys.modules, "pettingzoo", None)
    with pytest.raises(InputError, match="pip install pettingzoo"):
        as_parallel_env(made())


def test_pettingzoos_own_check_is_content() -> None:
    checks = pytest.importorskip("pettingzoo.test", reason="PettingZoo is missing")
    env = as_parallel_env(made())
    reset = env.reset
    env.reset = lambda seed=None, options=None: reset(seed)  # it tries an option that we would refuse
    checks.parallel_api_test(env, 30)


def test_a_copy_and_a_saved_state_go_on_with_the_others_controller() -> None:
    env = made()

    def go_on(each: NeuromechEnv) -> list[bytes]:
        seen = [each.step(np.full(24, 0.3, np.float32))[0] for _ in range(6)]
        return [each["left_eye"].tobytes() + each["tail_bend"].tobytes() for each in seen]

    def played(seed: int) -> list[bytes]:
        env.reset(seed=seed)
        return go_on(env)

    assert played(4) == played(4) != played(5)
    env.reset(seed=4)
    go_on(env)
    state, twins = env.save_state(), [copy.deepcopy(env), pickle.loads(pickle.dumps(env))]
    expected = go_on(env)
    assert all(go_on(twin) == expected for twin in twins)
    env.restore_state(state)
    assert go_on(env) == expected
