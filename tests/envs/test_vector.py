"""Vector environments: Gymnasium's own vector of single environments is the reference, to the bit."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import neuromech  # noqa: F401  (registers the ids)
from neuromech._lib.errors import InputError
from neuromech._lib.state import State
from neuromech.envs.environment import NeuromechEnv
from neuromech.envs.vector import NeuromechVectorEnv

SHORT = ["duration_s=0.05"]  # five periods of a worm


def compare(one: Any, other: Any) -> None:
    assert type(one) is type(other)
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            compare(one[key], other[key])
    elif isinstance(one, np.ndarray) and one.dtype == object or isinstance(one, tuple):
        for mine, its in zip(one, other, strict=True):
            compare(mine, its)
    else:
        np.testing.assert_array_equal(one, other)


@pytest.fixture(scope="module")
def worm() -> NeuromechEnv:
    return NeuromechEnv("worm_chemotaxis", SHORT)


def both(worm: NeuromechEnv, mode: AutoresetMode, count: int = 3) -> tuple[NeuromechVectorEnv, SyncVectorEnv]:
    mine = NeuromechVectorEnv(count, "worm_chemotaxis", SHORT, autoreset_mode=mode, threads=2)
    theirs = SyncVectorEnv([lambda: copy.deepcopy(worm)] * count, autoreset_mode=mode)
    return mine, theirs


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP])
def test_it_is_gymnasiums_vector_of_single_environments(worm: NeuromechEnv, mode: AutoresetMode) -> None:
    mine, theirs = both(worm, mode)
    assert mine.observation_space == theirs.observation_space and mine.action_space == theirs.action_space
    compare(mine.reset(seed=[5, 3, 9]), theirs.reset(seed=[5, 3, 9]))
    mine.action_space.seed(0)
    ended = 0
    for _ in range(14):
        actions = mine.action_space.sample()
        found = mine.step(actions)
        compare(found, theirs.step(actions))
        ended += int(found[3].sum())
    assert ended >= 6  # each of them at least twice


@pytest.mark.thorough
@pytest.mark.parametrize("experiment", ["worm_velocity", "mouse_pushes", "fly_plume", "fish_follow"])
def test_what_is_drawn_and_another_animal_are_the_same_in_a_vector(experiment: str) -> None:
    mine = NeuromechVectorEnv(2, experiment, ["duration_s=0.06"], threads=2)
    alone = NeuromechEnv(experiment, ["duration_s=0.06"])
    theirs = SyncVectorEnv([lambda: copy.deepcopy(alone)] * 2)
    compare(mine.reset(seed=[5, 3]), theirs.reset(seed=[5, 3]))
    mine.action_space.seed(0)
    for _ in range(30):
        actions = mine.action_space.sample()
        compare(mine.step(actions), theirs.step(actions))


def test_a_mask_resets_some_where_nothing_resets_by_itself(worm: NeuromechEnv) -> None:
    mine, theirs = both(worm, AutoresetMode.DISABLED)
    compare(mine.reset(seed=1), theirs.reset(seed=1))
    actions = np.full(mine.action_space.shape, 0.4, np.float32)
    for _ in range(5):
        found = mine.step(actions)
        compare(found, theirs.step(actions))
    assert found[3].all()
    with pytest.raises(InputError, match="reset_mask"):
        mine.step(actions)
    for env in (mine, theirs):
        env.reset(seed=2, options={"reset_mask": np.array([True, True, True])})
    compare(mine.step(actions), theirs.step(actions))


def test_where_all_end_at_once_no_animal_is_left_to_step(worm: NeuromechEnv) -> None:
    mine, theirs = both(worm, AutoresetMode.NEXT_STEP, 1)
    for env in (mine, theirs):
        env.reset(seed=6)
    actions = np.full(mine.action_space.shape, 0.4, np.float32)
    for _ in range(8):
        compare(mine.step(actions), theirs.step(actions))


def test_make_vec_makes_it_and_wrappers_take_it() -> None:
    envs = gymnasium.make_vec("neuromech/WormCrawl-v0", num_envs=2, overrides=SHORT)
    assert isinstance(envs.unwrapped, NeuromechVectorEnv)
    envs = gymnasium.wrappers.vector.RecordEpisodeStatistics(envs)
    envs.reset(seed=0)
    for _ in range(5):
        *_, infos = envs.step(envs.action_space.sample())
    assert infos["episode"]["l"].tolist() == [5, 5]
    envs.close()


def test_a_copy_a_pickle_and_a_saved_state_go_on_alike(worm: NeuromechEnv, tmp_path: Any) -> None:
    mine, _ = both(worm, AutoresetMode.NEXT_STEP)
    mine.reset(seed=4)
    actions = np.full(mine.action_space.shape, 0.4, np.float32)
    for _ in range(3):
        mine.step(actions)
    mine.save_state().save(tmp_path / "state.npz")
    twins = [copy.deepcopy(mine), pickle.loads(pickle.dumps(mine))]
    other, _ = both(worm, AutoresetMode.NEXT_STEP)
    other.restore_state(State.load(tmp_path / "state.npz"))
    for _ in range(6):
        expected = mine.step(actions)
        for twin in (*twins, other):
            compare(twin.step(actions), expected)


def test_what_is_wrong_is_one_line(worm: NeuromechEnv) -> None:
    for count in (0, -1):
        with pytest.raises(InputError, match="num_envs must be a whole number of at least 1"):
            NeuromechVectorEnv(count)
    with pytest.raises(InputError, match="unknown autoreset mode 'sameStep'; nearest: SameStep"):
        NeuromechVectorEnv(1, autoreset_mode="sameStep")
    with pytest.raises(InputError, match="perturb"):
        NeuromechVectorEnv(2, overrides=["perturb.ablate=[AVA]"])
    mine, _ = both(worm, AutoresetMode.NEXT_STEP, 2)
    with pytest.raises(InputError, match="call reset before step"):
        mine.step(mine.action_space.sample())
    mine.reset(seed=0)
    actions = mine.action_space.sample()
    actions[1, 3] = np.nan
    with pytest.raises(InputError, match="an action holds NaN"):
        mine.step(actions)
    three, _ = both(worm, AutoresetMode.NEXT_STEP, 3)
    with pytest.raises(InputError, match="animals"):
        three.restore_state(mine.save_state())
