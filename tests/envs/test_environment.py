"""The Gymnasium environments."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Iterator

import gymnasium
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.envs.environment import NeuromechEnv


@pytest.fixture(scope="module")
def env() -> Iterator[NeuromechEnv]:
    found = NeuromechEnv("worm_chemotaxis", ["duration_s=0.1"])
    yield found
    found.close()


def test_spaces(env: NeuromechEnv) -> None:
    assert env.action_space == gymnasium.spaces.Box(0.0, 1.0, (95,), np.float32)
    observation, info = env.reset(seed=0)
    senses = {"salt", "food", "glycerol", "bend", "touch"}
    assert set(observation) == senses == set(env.observation_space.spaces)  # type: ignore[attr-defined]
    assert env.observation_space.contains(observation)
    # What the animal cannot sense is in info, not in the observation.
    assert set(info) == {"stimulus"}
    assert set(info["stimulus"]) == {"concentration_mM", "peak_x_mm", "peak_y_mm"}
    observation, reward, terminated, truncated, info = env.step(np.full(95, 0.5, np.float32))
    assert env.observation_space.contains(observation) and isinstance(reward, float)
    assert not terminated and not truncated and set(info) == {"terms", "stimulus"}
    assert info["terms"] == {"approach": reward} and set(info["stimulus"]) == set(env.world.stimulus())


def test_an_episode_ends_by_truncation_after_its_duration(env: NeuromechEnv) -> None:
    for _ in range(2):
        env.reset(seed=1)
        ends = [env.step(np.full(95, 0.5, np.float32))[2:4] for _ in range(10)]
        assert ends == [(False, False)] * 9 + [(False, True)]


def test_the_clock_does_not_creep(env: NeuromechEnv) -> None:
    # Adding 0.01 to itself is wrong in the last bits after six steps, and by whole steps after a day.
    env.reset(seed=0)
    for period in range(1, 31):
        env.world.step(np.zeros(95, np.float32))
        assert env.world.time_s == period * env.world.control_s


def rollout(found: NeuromechEnv, seed: int) -> list[bytes]:
    rng = np.random.default_rng(7)
    observation, _ = found.reset(seed=seed)
    seen = [value.tobytes() for value in observation.values()]
    for _ in range(5):
        observation, reward, *_ = found.step(rng.random(95).astype(np.float32))
        seen += [value.tobytes() for value in observation.values()] + [np.float64(reward).tobytes()]
    return seen


def test_a_seed_gives_the_same_bits(env: NeuromechEnv) -> None:
    assert rollout(env, 3) == rollout(env, 3) != rollout(env, 4)
    assert rollout(NeuromechEnv("worm_chemotaxis", ["duration_s=0.1"]), 3) == rollout(env, 3)


def test_options_replace_the_start(env: NeuromechEnv) -> None:
    env.reset(seed=0, options={"x_mm": 1.0, "y_mm": 2.0, "heading": 90})
    points = env.world.landmarks()
    assert points[24, :2] == pytest.approx([1.0, 2.0])
    assert points[0, 1] - points[-1, 1] == pytest.approx(1.0, abs=1e-6)
    with pytest.raises(InputError, match="distance_mm"):
        env.reset(options={"distance": 3})


@pytest.mark.parametrize("experiment", ["worm_crawl", "worm_touch"])
def test_a_plate_without_salt_has_none(experiment: str) -> None:
    found = NeuromechEnv(experiment, ["duration_s=0.1"])
    observation, about = found.reset(seed=0)
    after, *_ = found.step(np.zeros(95, np.float32))
    assert not observation["salt"].any() and not after["salt"].any() and about == {"stimulus": {}}
    found.close()


def test_a_weighted_reward_takes_the_place_of_the_experiments_own() -> None:
    found = NeuromechEnv("worm_chemotaxis", ["duration_s=0.1"], reward={"forward": 2.0, "effort": 0.5})
    found.reset(seed=0)
    _, reward, _, _, info = found.step(np.full(95, 0.5, np.float32))
    terms = info["terms"]
    assert set(terms) == {"forward", "effort"} and reward == pytest.approx(sum(terms.values()))
    assert terms["effort"] == pytest.approx(-0.5 * 0.25 * 0.01)
    with pytest.raises(InputError, match="forward"):
        NeuromechEnv("worm_chemotaxis", reward={"forwards": 2.0})


def test_a_composed_run_is_taken_as_it_is(env: NeuromechEnv) -> None:
    assert rollout(NeuromechEnv(env.run), 3) == rollout(env, 3)


def test_another_process_sees_the_same_bits() -> None:
    code = (
        "from tests.envs.test_environment import NeuromechEnv, rollout; import hashlib;"
        "seen = rollout(NeuromechEnv('worm_chemotaxis', ['duration_s=0.1']), 3);"
        "print(hashlib.sha256(b''.join(seen)).hexdigest())"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    own = b"".join(rollout(NeuromechEnv("worm_chemotaxis", ["duration_s=0.1"]), 3))
    assert told.strip() == hashlib.sha256(own).hexdigest()


def test_a_frame_shows_the_animal() -> None:
    found = NeuromechEnv("worm_chemotaxis", ["duration_s=0.1"], render_mode="rgb_array", width=160, height=96)
    try:
        found.reset(seed=0)
        frame = found.render()
        assert frame is not None and frame.shape == (96, 160, 3) and frame.dtype == np.uint8
        assert frame.std() > 1  # not a blank picture
        assert found.metadata["render_fps"] == 100
    finally:
        found.close()
        found.close()  # twice does no harm


def test_without_a_render_mode_there_is_no_picture(env: NeuromechEnv) -> None:
    env.reset(seed=0)
    assert env.render() is None
