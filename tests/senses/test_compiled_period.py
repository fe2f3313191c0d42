"""A compiled control period against the Python path that it stands for: the same bits."""

import copy
import pickle

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.senses.animal import Animal
from neuromech.specs.compose import load_run, options
from neuromech.world import engine, initial_pose
from neuromech.world.world import World
from tests.experiments import marked

PERIODS = 60
BY_STEPS = {"fish_follow"}
"""Experiments with two animals, whose worlds have no compiled period."""
STATE = (
    "qpos",
    "qvel",
    "act",
    "ctrl",
    "qfrc_applied",
    "xfrc_applied",
    "sensordata",
    "site_xpos",
    "site_xmat",
)


def pair(*overrides: str) -> tuple[Animal, Animal]:
    """Return an animal that plays compiled periods and its twin that plays the reference."""
    run = load_run(list(overrides))
    one = Animal(World(run.body, run.environment, run.clock))
    other = Animal(copy.deepcopy(one.world), by_the_reference=True)
    pose = initial_pose.draw(run.start, one.world.goal(), np.random.default_rng(0))
    for animal in (one, other):
        animal.reset(pose.x_mm, pose.y_mm, pose.heading_rad)
    assert one.period is not None and other.period is None
    return one, other


def check(one: Animal, other: Animal, periods: int = PERIODS, seed: int = 1) -> None:
    """Play both with the same excitations and compare what they sense and where they are, to the bit."""
    rng = np.random.default_rng(seed)
    for k in range(periods):
        if k % 5 == 0:
            low, high = one.world.excitations
            # Beyond the limits, too: both clip.
            excitation = (low + (high - low) * rng.uniform(-0.1, 0.7, len(low))).astype(np.float32)
        seen, expected = one.step(excitation), other.step(excitation)
        assert seen.keys() == expected.keys()
        for name, values in expected.items():
            assert seen[name].dtype == values.dtype == np.float32, name
            np.testing.assert_array_equal(seen[name], values, name)
        for name in STATE:
            mine, its = getattr(one.world.data, name), getattr(other.world.data, name)
            np.testing.assert_array_equal(mine, its, name)
        assert one.world.time_s == other.world.time_s and one.world.stimulus() == other.world.stimulus()


@pytest.mark.parametrize("experiment", marked(sorted(set(options("experiment")) - BY_STEPS)))
def test_every_experiment_plays_the_same_bits(experiment: str) -> None:
    check(*pair(f"experiment={experiment}"))


@pytest.mark.parametrize(
    "overrides",
    [
        ("experiment=worm_chemotaxis", "environment.stimulus.flat=true"),
        ("experiment=worm_chemotaxis", "environment.stimulus.mirrored=true",
         "environment.stimulus.velocity_mm_s=[0.3,-0.1]"),
        ("experiment=worm_chemotaxis", "environment.plate.radius_mm=1.5", "start.distance_mm=1.2"),
        ("experiment=fish_optomotor", "environment.stimulus.dark=true"),
        ("experiment=fish_optomotor", "environment.stimulus.frame=world",
         "environment.stimulus.drifts_with_water=true"),
        ("experiment=fly_optomotor", "environment.stimulus.dark=true"),
        ("experiment=mouse_optomotor", "environment.stimulus.start_s=0.1", "environment.stimulus.stop_s=0.2"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_other_stimuli_and_walls_play_the_same_bits(overrides: tuple[str, ...]) -> None:
    check(*pair(*overrides), periods=40)


def test_pushes_begin_and_end_in_the_same_period() -> None:
    one, other = pair(
        "experiment=worm_touch", "environment.touch.0.start_s=0.1", "environment.touch.0.stop_s=0.3"
    )
    felt = []
    for _ in range(40):
        excitation = np.zeros(one.world.model.nu, np.float32)
        seen, expected = one.step(excitation), other.step(excitation)
        np.testing.assert_array_equal(seen["touch"], expected["touch"])
        felt.append(bool(seen["touch"].any()))
    assert felt.index(True) == 10 and sum(felt) == 20


def test_a_copy_and_a_restored_state_are_bound_to_their_own_memory() -> None:
    one, other = pair("experiment=worm_chemotaxis")
    check(one, other, 5)
    twin = pickle.loads(pickle.dumps(one))
    before = one.world.data.qpos.copy()
    check(twin, copy.deepcopy(other), 10, seed=2)
    np.testing.assert_array_equal(one.world.data.qpos, before)
    state = one.save_state()
    check(one, other, 10, seed=3)
    for animal in (one, other):
        animal.restore_state(state)
    check(one, other, 10, seed=4)


def test_what_the_reference_refuses_is_refused() -> None:
    animal, _ = pair("experiment=worm_crawl")
    muscles = animal.world.model.nu
    excitation = np.full(muscles, 0.5, np.float32)
    excitation[3] = np.nan
    before = animal.world.data.qpos.copy()
    with pytest.raises(InputError, match="holds NaN"):
        animal.step(excitation)
    with pytest.raises(InputError, match=f"each of {muscles} muscles, not \\(3,\\)"):
        animal.step(np.zeros(3, np.float32))
    np.testing.assert_array_equal(animal.world.data.qpos, before)
    animal.step(np.zeros(muscles, np.float32))
    animal.world.data.qvel[0] = np.inf
    with pytest.raises(InputError, match="physics broke down at 0.01 s"):
        animal.step(np.zeros(muscles, np.float32))


def test_without_the_library_of_the_engine_the_reference_plays(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = pair("experiment=worm_crawl")
    monkeypatch.setattr(engine, "found", lambda: False)
    plain = Animal(copy.deepcopy(one.world))
    assert plain.period is None
    check(plain, other, 3)


def test_the_library_is_looked_for_by_name() -> None:
    assert engine.found() and engine.address("mj_step1") != engine.address("mj_step2")
    with pytest.raises(InputError, match="has no function mj_stepp"):
        engine.address("mj_stepp")
