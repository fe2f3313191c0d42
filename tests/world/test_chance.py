"""What an environment leaves to chance: another one in every episode, the same one for the same seed."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.envs.environment import NeuromechEnv
from neuromech.loop import Loop
from neuromech.recording import load
from neuromech.specs.compose import load_run
from neuromech.specs.environment import read_environment
from neuromech.world import chance

PUSHES = {"segment": "segment_12", "every_s": [0.1, 0.3], "lasts_s": 0.05, "force_nN": [500.0, 2000.0]}
DRAWN = {
    "name": "a test's",
    "stimulus": {"kind": "plume", "draw": "random"},
    "task": {"reward": "velocity", "velocity_mm_s": [-0.2, 0.1]},
    "pushes": PUSHES,
}
WORM = ["environment.pushes={segment: segment_12, every_s: [0.1, 0.3], lasts_s: 0.05, force_nN: [500, 2000]}"]


def test_a_seed_settles_everything_and_a_longer_episode_begins_alike() -> None:
    written = read_environment(DRAWN)
    assert chance.left(written)
    one, again, other = (chance.settled(written, seed, 5.0) for seed in (3, 3, 4))
    assert one == again and not chance.left(one.__class__(name="nothing"))
    for name in ("touch", "task", "stimulus"):
        assert getattr(one, name) != getattr(other, name)
    longer = chance.settled(written, 3, 9.0)
    assert longer.touch[: len(one.touch)] == one.touch and len(longer.touch) > len(one.touch)


def test_what_is_drawn_is_what_is_asked_for() -> None:
    written = read_environment(DRAWN)
    found = [chance.settled(written, seed, 20.0) for seed in range(30)]
    velocities = np.array([each.task.velocity_mm_s for each in found])
    assert (velocities[:, 0] == velocities[:, 1]).all()
    assert -0.2 <= velocities.min() < -0.15 and 0.05 < velocities.max() <= 0.1
    pushes = [push for each in found for push in each.touch]
    forces = np.array([push.force_nN for push in pushes])
    sizes, sides = np.hypot(*forces.T[:2]), np.arctan2(*forces.T[1::-1])
    assert 500 <= sizes.min() < 520 and 1980 < sizes.max() <= 2000 and not forces[:, 2].any()
    assert np.bincount(((sides + np.pi) / (np.pi / 2)).astype(int), minlength=4).min() > 0.2 * len(sides)
    for each in found:
        starts, stops = np.array([[push.start_s, push.stop_s] for push in each.touch]).T
        pauses = starts - np.concatenate([[0.0], stops[:-1]])
        assert stops - starts == pytest.approx(0.05) and pauses.min() >= 0.1 and pauses.max() <= 0.3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pushes": {**PUSHES, "every_s": [0.3, 0.1]}}, "every_s"),
        ({"pushes": {**PUSHES, "force_nN": [-1.0, 1.0]}}, "force_nN"),
        ({"pushes": {**PUSHES, "every_s": [0.0, 0.0]}}, "every_s"),
        ({"task": {"velocity_mm_s": [1.0, -1.0]}}, "velocity_mm_s"),
        ({"stimulus": {"kind": "plume", "draw": "rando"}}, "draw"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_environment({**DRAWN, **change})


@pytest.fixture(scope="module")
def env() -> NeuromechEnv:
    return NeuromechEnv("worm_velocity", [*WORM, "duration_s=1"])


def test_an_episode_is_told_its_velocity_and_a_seed_gives_the_same(env: NeuromechEnv) -> None:
    seen = []
    for seed in (1, 1, 2, None, None):
        observation, _ = env.reset(seed=seed)
        assert observation["asked_velocity"] == np.float32(env.world.asked_mm_s)
        assert env.observation_space.contains(observation)
        starts = [push.start_s for push in env.world.pushes]
        assert 3 <= len(starts) <= 10 and starts[-1] < 1.0
        seen.append((env.world.asked_mm_s, starts))
    assert seen[0] == seen[1] and len({velocity for velocity, _ in seen}) == 4


def test_a_push_moves_the_animal_the_same_in_a_compiled_period_and_from_a_saved_state(
    env: NeuromechEnv,
) -> None:
    env.reset(seed=5)
    assert env.animal.period is not None
    reference = copy.deepcopy(env)
    reference.animal.by_the_reference = True
    reference.reset(seed=5)
    rest, places = np.zeros(95, np.float32), []
    state = env.save_state()
    for _ in range(50):
        one, other = env.step(rest), reference.step(rest)
        assert one[1] == other[1] and one[0]["asked_velocity"] == other[0]["asked_velocity"]
        places.append(env.world.landmarks()[12].copy())
        assert np.array_equal(places[-1], reference.world.landmarks()[12])
    assert np.linalg.norm(places[-1] - places[0]) > 1e-4  # at rest it would stay
    env.reset(seed=6)
    env.restore_state(state)
    for place in places:
        env.step(rest)
        assert np.array_equal(env.world.landmarks()[12], place)


@pytest.mark.thorough
def test_a_recording_says_what_was_drawn(tmp_path: Path) -> None:
    run = load_run(["experiment=worm_velocity", "controller=random", *WORM, "duration_s=0.5", "seed=3"])
    loop, again = Loop.of(run), Loop.of(run)
    assert (
        loop.world.environment
        == again.world.environment
        != Loop.of(
            load_run(["experiment=worm_velocity", "controller=random", *WORM, "duration_s=0.5", "seed=4"])
        ).world.environment
    )
    loop.play(tmp_path / "episode.nc", {})
    told = load(tmp_path / "episode.nc")
    velocity = float(told["sense_asked_velocity"].values[0, 0])
    environment = json.loads(told.attrs["environment"])
    assert environment["task"]["velocity_mm_s"] == pytest.approx([velocity, velocity])
    assert [push["segment"] for push in environment["touch"]] == ["segment_12"] * len(loop.world.pushes)
    assert environment["pushes"] is None
