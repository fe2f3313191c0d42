"""Copies and saved states of running environments: their future is the original's, to the bit."""

from __future__ import annotations

import copy
import os
import pickle
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv

import neuromech  # noqa: F401  (registers them)
from neuromech._lib.errors import InputError
from neuromech._lib.state import State
from neuromech.envs.environment import NeuromechEnv
from neuromech.envs.ids import IDS
from tests.experiments import marked

ANIMALS = ("WormChemotaxis", "FishOptomotor", "FlyOdour", "MouseGaits")
ONE_OF_EACH = [f"neuromech/{name}-v0" for name in ANIMALS]
STEPS = 8


def begun(name: str) -> Any:
    """An environment in the middle of an episode."""
    env = gymnasium.make(name)
    env.reset(seed=1)
    play(env, 0, STEPS)
    return env


def play(env: Any, seed: int, steps: int = STEPS, reset: bool = False) -> list[bytes]:
    """Take random steps; returns all that comes back, bit by bit."""
    rng = np.random.default_rng(seed)
    seen = []
    for _ in range(steps):
        low, high = env.action_space.low, env.action_space.high
        action = low + (high - low) * rng.random(low.shape, np.float32)
        observation, reward, terminated, truncated, info = env.step(action)
        seen += [observation[key].tobytes() for key in sorted(observation)]
        seen.append(repr((reward, terminated, truncated, info)).encode())
    if reset:  # the next episode begins where the random numbers say
        observation, info = env.reset()
        seen += [observation[key].tobytes() for key in sorted(observation)] + [repr(info).encode()]
    return seen


@pytest.mark.parametrize("name", marked(IDS))
def test_a_copy_goes_on_as_the_original_does(name: str) -> None:
    original = begun(name)
    copied, pickled = copy.deepcopy(original), pickle.loads(pickle.dumps(original))
    restored = gymnasium.make(name)
    state = original.unwrapped.save_state()  # type: ignore[attr-defined]
    restored.reset(seed=9)
    restored.unwrapped.restore_state(state)  # type: ignore[attr-defined]
    twin_of_a_twin = copy.deepcopy(pickled)
    future = play(copied, 5, reset=True)
    for other in (pickled, restored, twin_of_a_twin, original):
        assert play(other, 5, reset=True) == future
    original.unwrapped.restore_state(state)  # type: ignore[attr-defined]
    assert play(original, 5, reset=True) == future


def test_a_restored_environment_says_what_the_animal_senses_now() -> None:
    env = begun("neuromech/MouseGaits-v0").unwrapped
    last, _, _, _, info = env.step(np.full(44, 0.4, np.float32))
    state = env.save_state()
    play(env, 3)
    observation, about = env.restore_state(state)
    assert all(np.array_equal(observation[name], last[name]) for name in last)
    assert about == {"stimulus": info["stimulus"]}


def test_another_process_goes_on_from_a_file_and_from_a_pickle(tmp_path: Path) -> None:
    expected = []
    for name in ONE_OF_EACH:
        env = begun(name)
        folder = tmp_path / name
        folder.mkdir(parents=True)
        env.unwrapped.save_state().save(folder / "state.npz")
        (folder / "env.pickle").write_bytes(pickle.dumps(env))
        expected += [b"".join(play(env, 5, reset=True)).hex()] * 2
    code = (
        "import pickle, sys, gymnasium, neuromech\n"
        "from neuromech._lib.state import State\n"
        "from tests.envs.test_copies import play\n"
        "for name in sys.argv[2:]:\n"
        "    folder = f'{sys.argv[1]}/{name}'\n"
        "    env = gymnasium.make(name)\n"
        "    env.reset(seed=7)\n"
        "    env.unwrapped.restore_state(State.load(f'{folder}/state.npz'))\n"
        "    with open(f'{folder}/env.pickle', 'rb') as file:\n"
        "        twin = pickle.load(file)\n"
        "    for each in (env, twin):\n"
        "        print(b''.join(play(each, 5, reset=True)).hex())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path), *ONE_OF_EACH],
        capture_output=True, text=True, check=False, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == expected


@pytest.mark.parametrize("kind", ["sync", pytest.param("async", marks=pytest.mark.thorough)])
def test_copies_go_on_in_a_vector_and_so_do_restored_states(kind: str) -> None:
    originals = [begun("neuromech/WormChemotaxis-v0"), begun("neuromech/WormChemotaxis-v0")]
    play(originals[1], 4)  # so that they are not alike
    # functools.partial and not a lambda: a spawned process is sent what it is to call.
    makers = [partial(copy.deepcopy, env) for env in originals]
    vector: Any = SyncVectorEnv(makers) if kind == "sync" else AsyncVectorEnv(makers, context="spawn")
    actions = np.random.default_rng(3).random((6, 95)).astype(np.float32)
    expected = [[env.step(action)[:2] for action in actions] for env in originals]
    try:
        states = vector.call("save_state")
        for futures in (expected, [expected[1], expected[1]]):
            for step, action in enumerate(actions):
                observation, reward, *_ = vector.step(np.stack([action, action]))
                for k, future in enumerate(futures):
                    own, earned = future[step]
                    assert reward[k] == earned
                    assert all(np.array_equal(observation[name][k], own[name]) for name in own)
            vector.call("restore_state", states[1])
    finally:
        vector.close()


def test_a_vector_in_one_process_is_copied_as_a_whole() -> None:
    vector = SyncVectorEnv([partial(gymnasium.make, "neuromech/WormCrawl-v0")] * 2)
    vector.reset(seed=[1, 2])
    rng = np.random.default_rng(0)
    for _ in range(4):
        vector.step(rng.random((2, 95)).astype(np.float32))
    twin = copy.deepcopy(vector)
    for _ in range(4):
        action = rng.random((2, 95)).astype(np.float32)
        one, two = vector.step(action), twin.step(action)
        assert all(np.array_equal(one[0][name], two[0][name]) for name in one[0])
        assert np.array_equal(one[1], two[1])
    vector.close()
    twin.close()


def test_a_copy_draws_the_same_pictures_with_a_camera_of_its_own() -> None:
    env = NeuromechEnv("worm_crawl", render_mode="rgb_array", width=96, height=64)
    env.reset(seed=1)
    play(env, 0)
    env.render()
    play(env, 1, 40)
    twin, sent = copy.deepcopy(env), pickle.loads(pickle.dumps(env))
    for each in (env, twin, sent):
        play(each, 2, 20)
    frames = [each.render() for each in (env, twin, sent)]
    assert all(np.array_equal(frame, frames[0]) for frame in frames[1:])
    env.close()
    assert np.array_equal(twin.render(), frames[0])  # closing the one left the other alone


def test_a_state_can_be_gone_on_from_in_another_world() -> None:
    # The same animal at the same moment, with and without a current from then on.
    still = NeuromechEnv("fish_spontaneous")
    flowing = NeuromechEnv("fish_spontaneous", ["environment.medium.current_mm_s=[20,0,0]"])
    for env in (still, flowing):
        env.reset(seed=2)
    play(still, 1)
    state = still.save_state()
    flowing.restore_state(state)
    assert np.array_equal(flowing.world.data.qpos, still.world.data.qpos)


@pytest.mark.parametrize(
    ("other", "reward"), [("neuromech/FishOptomotor-v0", None), ("neuromech/WormCrawl-v0", "effort")]
)
def test_a_state_of_something_else_is_refused_and_nothing_changes(other: str, reward: str | None) -> None:
    env = gymnasium.make(other, **({"reward": reward} if reward else {}))
    env.reset(seed=3)
    play(env, 1)
    state = begun("neuromech/WormChemotaxis-v0").unwrapped.save_state()
    before = copy.deepcopy(env)
    with pytest.raises(InputError, match="does not fit|something else") as caught:
        env.unwrapped.restore_state(state)  # type: ignore[attr-defined]
    assert "\n" not in str(caught.value)
    assert play(env, 2, reset=True) == play(before, 2, reset=True)


def test_hostile_states_are_refused_and_nothing_changes() -> None:
    env = begun("neuromech/WormCrawl-v0").unwrapped
    good = env.save_state()
    expected = play(copy.deepcopy(env), 2, reset=True)
    for parts in (
        {}, {**good.parts, "more": 1}, {**good.parts, "task": {}}, {**good.parts, "random": {"state": 1}},
        {**good.parts, "animal": {**good.parts["animal"], "senses": {"salt": {}}}},
    ):  # fmt: skip
        with pytest.raises(InputError):
            env.restore_state(State(good.about, parts))
    with pytest.raises(InputError, match="kind 'loop'"):
        env.restore_state(State({"of": "loop"}, good.parts))
    restore = getattr(type(env).restore_state, "__wrapped__", type(env).restore_state)
    with pytest.raises(InputError, match=r"State\.load"):
        restore(env, {"animal": {}})
    assert play(env, 2, reset=True) == expected
