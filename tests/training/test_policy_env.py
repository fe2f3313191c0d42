"""The environment as a learner meets it."""

from __future__ import annotations

import pickle
from dataclasses import replace

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from neuromech.controllers import connectome
from neuromech.controllers.policy import DescendingPolicy, MusclePolicy
from neuromech.controllers.policy_network import Network
from neuromech.specs.compose import training
from neuromech.specs.run import Start
from neuromech.training.policy_env import PolicyEnv
from neuromech.training.training_task import TrainingTask, read


def task(learner: str = "muscles", experiment: str = "worm_chemotaxis") -> TrainingTask:
    words = [
        "train=ppo",
        f"experiment={experiment}",
        f"learner={learner}",
        f"learners.{learner}.episode_s=0.8",
    ]
    return read(training(words))


TASKS = [
    ("muscles", "worm_chemotaxis"),
    ("descending", "worm_chemotaxis"),
    ("descending", "fish_rheotaxis"),
]


@pytest.mark.parametrize(("learner", "experiment"), TASKS)
@pytest.mark.filterwarnings("error::UserWarning")
def test_both_checkers_are_content(learner: str, experiment: str) -> None:
    env = PolicyEnv(task(learner, experiment))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gymnasium.logger, "warn", lambda *a, **k: None)  # of bounds at infinity
        check_env(env, skip_render_check=True)
    baselines = pytest.importorskip("stable_baselines3.common.env_checker", reason="the extra rl is missing")
    baselines.check_env(env, skip_render_check=True)
    env.close()


def test_a_decision_is_the_sum_of_its_control_periods() -> None:
    given = task()
    env, alone = PolicyEnv(given), PolicyEnv(given).inner
    env.reset(seed=5)
    alone.reset(seed=5)
    action = np.linspace(-1, 1, 95).astype(np.float32)
    for _ in range(2):
        observation, reward, ended, cut, info = env.step(action)
        own = [alone.step(0.5 + 0.5 * action) for _ in range(10)]
        assert (
            reward
            == pytest.approx(sum(each[1] for each in own))
            == pytest.approx(sum(info["terms"].values()))
        )
        assert set(info["terms"]) == {"approach", "forward", "effort"} and not ended and not cut
        assert np.array_equal(observation[:25], np.concatenate([own[-1][0]["salt"], own[-1][0]["bend"]]))
    assert [env.step(action)[3] for _ in range(6)] == [False] * 5 + [True]  # the end of time is no death


@pytest.mark.parametrize("learner", ["muscles", "descending"])
def test_a_trained_network_does_in_a_run_what_it_did_in_training(learner: str) -> None:
    given, start = task(learner), {"x_mm": 3.0, "y_mm": 1.0, "heading": 20}
    assert given.plan is not None
    plan = replace(given.plan, strength=0.4)
    given = replace(given, plan=plan)
    env, animal = PolicyEnv(given), PolicyEnv(given).inner.animal
    world = animal.world
    seen, _ = env.reset(seed=1, options=start)
    observation = animal.reset(3.0, 1.0, np.radians(20))
    rng = np.random.default_rng(0)
    (actions,) = env.action_space.shape or ()
    layers = [(rng.normal(size=(actions, len(seen))) / 5, rng.normal(size=actions))]
    network = Network(np.ones(len(seen)), np.full(len(seen), 2.0), layers, "clip")
    if given.under is None:
        controller: MusclePolicy | DescendingPolicy = MusclePolicy(plan, network, 0.01)
    else:
        run = given.training
        under = connectome.build(given.under, world.body, run.clock, run.perturb, run.seed)
        controller = DescendingPolicy(plan, network, under, 0.01)
        assert env._port is not None
        env._port.controller.reset(7)  # one membrane noise for both
        seen = env._see()
    controller.reset(7)
    for _ in range(4):
        seen, *_ = env.step(network.act(seen))
        for _ in range(plan.periods_per_decision(0.01)):
            observation = animal.step(controller.act(observation))
        assert np.array_equal(world.landmarks(), env.inner.world.landmarks())


def test_a_seed_gives_the_same_bits_in_any_copy() -> None:
    given = task("descending")
    rng = np.random.default_rng(0)
    actions = rng.uniform(-1, 1, (3, 5)).astype(np.float32)

    def rollout(env: PolicyEnv, seed: int) -> list[bytes]:
        seen = [env.reset(seed=seed)[0].tobytes()]
        return seen + [env.step(action)[0].tobytes() for action in actions]

    env, copy = PolicyEnv(given), PolicyEnv(pickle.loads(pickle.dumps(given)))
    assert rollout(env, 3) == rollout(copy, 3) == rollout(env, 3) != rollout(env, 4)


def test_out_of_range_is_cut() -> None:
    env = PolicyEnv(task())
    ends = []
    for size in (1.0, 7.0):
        env.reset(seed=0)
        ends.append(env.step(np.full(95, size, np.float32))[0])
    assert np.array_equal(*ends)


def test_an_experiment_of_ones_own_is_taken_as_it_is() -> None:
    given = task()
    flowing = replace(given, run=replace(given.run, start=Start(x_mm=2.0, y_mm=0.0, heading=0)))
    env = PolicyEnv(flowing)
    env.reset(seed=0)
    assert env.inner.world.landmarks()[24, 0] == pytest.approx(2.0)
