"""Animals whose decisions are held in one compiled call each: single environments are the reference."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from neuromech import tasks
from neuromech.batch import Animals
from neuromech.specs.compose import training
from neuromech.training.policy_env import PolicyEnv
from neuromech.training.policy_vector import PolicyVectorEnv
from neuromech.training.training_task import read
from neuromech.world.world import World

WORM = "{approach:1.0,forward:0.5,hold:0.1,effort:0.05}"
MOUSE = "{pace:1.0,stand:100.0,walk:1.0,effort:20.0}"


@pytest.mark.parametrize(
    ("experiment", "reward", "episode_s", "decisions"),
    # The worm's time is over within a decision, the mouse falls within one.
    [("worm_chemotaxis", WORM, 0.25, 7), ("mouse_gaits", MOUSE, 5.0, 24)],
)
def test_decisions_in_one_go_are_those_of_single_environments(
    experiment: str, reward: str, episode_s: float, decisions: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = [f"reward={reward}", f"learners.muscles.episode_s={episode_s}", "learner=muscles"]
    given = read(training(["train=ppo", f"experiment={experiment}", *words]))
    mine = PolicyVectorEnv(given, 3, threads=2)
    single = PolicyEnv(given)
    theirs = SyncVectorEnv([lambda: copy.deepcopy(single)] * 3, autoreset_mode=AutoresetMode.SAME_STEP)
    monkeypatch.setattr(Animals, "step", lambda *_: pytest.fail("periods were played one by one"))
    np.testing.assert_array_equal(mine.reset(seed=4)[0], theirs.reset(seed=4)[0])
    mine.action_space.seed(0)
    ended = 0
    for _ in range(decisions):
        actions = mine.action_space.sample()
        found, expected = mine.step(actions), theirs.step(actions)
        for one, other in zip(found[:4], expected[:4], strict=True):
            np.testing.assert_array_equal(one, other)
        for name, values in expected[4].get("terms", {}).items():  # of those that did not end
            np.testing.assert_array_equal(found[4]["terms"][name], values)
        ended += int(np.logical_or(found[2], found[3]).sum())
    assert ended


def test_surroundings_that_change_within_a_decision_do_so_in_time() -> None:
    # The salt's peak moves by a long way 0.05 s into the first decision of 0.1 s.
    change = "environment.changes=[{at_s:0.05,stimulus:{peak_mM:400.0}}]"
    given = read(training(["train=ppo", "experiment=worm_chemotaxis", "learner=muscles", change]))
    mine, single = PolicyVectorEnv(given, 1, threads=1), PolicyEnv(given)
    mine.reset(seed=4)
    single.reset(seed=4)
    mine.action_space.seed(0)
    for _ in range(2):
        actions = mine.action_space.sample()
        found, expected = mine.step(actions), single.step(actions[0])
        np.testing.assert_array_equal(found[0][0], expected[0])
        assert found[1][0] == expected[1]
    assert not mine.lanes[0].inner.world.changes_within(1000)


class Counting(tasks.Task):
    """A reward that counts the steps after which it was asked."""

    def reset(self, world: World) -> None:
        self.count = 0.0

    def terms(self, world: World) -> dict[str, float]:
        self.count += 1.0
        return {"count": self.count}


def test_a_reward_that_knows_no_courses_is_asked_after_every_period(monkeypatch: pytest.MonkeyPatch) -> None:
    given = read(training(["train=ppo", "experiment=worm_chemotaxis", "learner=muscles"]))
    monkeypatch.setitem(tasks.REWARDS._items, "approach", Counting)
    vector = PolicyVectorEnv(given, 2, threads=1)
    vector.reset(seed=0)
    repeat = given.plan.periods_per_decision(given.run.clock.control_s) if given.plan else 0
    rewards = vector.step(vector.action_space.sample())[1]
    # The price of the effort makes up the rest.
    assert repeat == 10 and rewards == pytest.approx(sum(range(1, repeat + 1)), abs=0.01)
