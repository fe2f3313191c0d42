"""Other libraries take our environments as they are; each is tried where it is installed."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

import neuromech  # noqa: F401  (registers them)
from neuromech._lib.errors import InputError
from neuromech.envs.environment import NeuromechEnv

CRAWL = "neuromech/WormCrawl-v0"


def test_gymnasium_finds_nothing_to_complain_about() -> None:
    check_env(NeuromechEnv("worm_crawl"), skip_render_check=True)


def test_an_unknown_keyword_is_what_libraries_expect_of_a_call() -> None:
    # TorchRL tries `frameskip`, and goes on without it if it reads these words in a TypeError.
    with pytest.raises(TypeError, match="unexpected keyword argument 'frameskip'") as told:
        gymnasium.make(CRAWL, frameskip=1)
    assert isinstance(told.value, InputError)
    for twin in (copy.deepcopy(told.value), pickle.loads(pickle.dumps(told.value))):
        assert str(twin) == str(told.value) and isinstance(twin, TypeError)  # as between processes


def test_an_id_brings_its_module_along() -> None:
    assert gymnasium.make(f"neuromech:{CRAWL}").action_space.shape == (95,)


def test_stable_baselines() -> None:
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    with pytest.warns(UserWarning, match="symmetric"):
        checker.check_env(gymnasium.make(CRAWL))


def test_torchrl() -> None:
    envs = pytest.importorskip("torchrl.envs")
    utils = pytest.importorskip("torchrl.envs.utils")
    env = envs.GymEnv(CRAWL)
    utils.check_env_specs(env)
    assert env.rollout(3)["action"].shape == (3, 95)


def test_tianshou() -> None:
    vectors = pytest.importorskip("tianshou.env")
    vector = vectors.DummyVectorEnv([lambda: gymnasium.make(CRAWL)] * 2)
    vector.reset()
    actions = np.stack([space.sample() for space in vector.action_space])
    _, reward, *_ = vector.step(actions)
    assert reward.shape == (2,)


def test_rllib() -> None:
    ppo: Any = pytest.importorskip("ray.rllib.algorithms.ppo")
    connectors: Any = pytest.importorskip("ray.rllib.connectors.env_to_module")
    flat = {"env_to_module_connector": lambda env, spaces=None, device=None: connectors.FlattenObservations()}
    config = ppo.PPOConfig().environment(f"neuromech:{CRAWL}")
    config = config.env_runners(num_env_runners=0, rollout_fragment_length=16, **flat)
    algorithm = config.training(train_batch_size=16, minibatch_size=16, num_epochs=1).build_algo()
    assert algorithm.train()["env_runners"]["num_env_steps_sampled"] == 16
    algorithm.stop()
