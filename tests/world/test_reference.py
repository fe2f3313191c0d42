"""A movement to imitate: its file, what the animal is told of it, and how an episode begins in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.envs.environment import NeuromechEnv
from neuromech.senses.animal import Animal
from neuromech.specs.compose import load_run
from neuromech.world.recorded_motion import JointMotion
from neuromech.world.world import World

JOINTS = tuple(f"bend_{k:02d}" for k in range(1, 25))


def movement(frames: int = 41, fps: float = 20.0) -> JointMotion:
    """A wave along the worm, of which a second in the middle was not seen."""
    times, places = np.arange(frames)[:, None] / fps, np.arange(24)[None] / 24
    angles = 0.3 * np.sin(2 * np.pi * (places / 0.6 - 0.5 * times))
    angles[15:25] = np.nan
    return JointMotion(fps, angles, JOINTS)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return movement().save(tmp_path / "wave.npz")


def run_of(file: Path, *more: str):
    ahead = "environment.reference.ahead_s=[0,0.1]"
    return load_run(["experiment=worm_crawl", f"environment.reference.file={file}", ahead, *more])


def animal_of(file: Path, by_the_reference: bool = False) -> Animal:
    run = run_of(file)
    return Animal(World(run.body, run.environment, run.clock), by_the_reference)


def test_a_movement_comes_back_from_its_file(file: Path) -> None:
    found = JointMotion.load(file)
    assert found.fps == 20.0 and found.joints == JOINTS
    np.testing.assert_allclose(found.angles, movement().angles, atol=1e-6)
    late = found.cut(1.0, 2.0)
    assert len(late.angles) == 20 and late.angles[-1] == pytest.approx(found.angles[39])
    with pytest.raises(InputError, match="not every joint was seen between 0.8 and 1 s"):
        found.cut(0.8, 1.0)


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"fps": np.array(20.0)}, "holds no movement of joints"),
        ({"fps": np.array(0.0)}, "fps must be one number above 0"),
        ({"fps": np.array([1.0, 2.0])}, "fps must be one number above 0"),
        ({"joints": np.array(["a", "a"])}, "joints must be different names"),
        ({"joints": np.array(["a"])}, r"angles_rad must be \(frame, joint\)"),
        ({"joints": np.array([["a", "b"]])}, "joints must be different names"),
        ({"angles_rad": np.zeros((1, 2))}, "of two frames or more"),
        ({"angles_rad": np.full((4, 2), np.inf)}, "infinite"),
        ({"angles_rad": np.full((4, 2), np.nan)}, "missing in every frame"),
        ({"angles_rad": np.array([["x", "y"]] * 3)}, r"angles_rad must be \(frame, joint\)"),
    ],
)
def test_wrong_files_are_refused_in_one_line(tmp_path: Path, arrays: dict, told: str) -> None:
    whole = {"fps": np.array(20.0), "joints": np.array(["a", "b"]), "angles_rad": np.zeros((4, 2))}
    path = tmp_path / "wrong.npz"
    np.savez(path, **(arrays if len(arrays) == 1 and told.startswith("holds") else whole | arrays))
    with pytest.raises(InputError, match=told):
        JointMotion.load(path)


def test_what_is_no_archive_or_would_be_executed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.npz"
    path.write_text("not an archive")
    with pytest.raises(InputError, match="holds no movement"):
        JointMotion.load(path)
    np.savez(path, fps=np.array({"a": 1}, object), joints=np.array(["a"]), angles_rad=np.zeros((3, 1)))
    with pytest.raises(InputError, match="holds no movement"):
        JointMotion.load(path)
    with pytest.raises(InputError, match="no file"):
        JointMotion.load(tmp_path / "nowhere.npz")


def test_a_movement_of_other_joints_or_without_any_is_refused(tmp_path: Path) -> None:
    other = JointMotion(20.0, np.random.default_rng(0).normal(size=(9, 1)), ("knee_hl",)).save(
        tmp_path / "k.npz"
    )
    with pytest.raises(InputError, match="knee_hl"):
        animal_of(other)
    still = JointMotion(20.0, np.zeros((9, 24)), JOINTS).save(tmp_path / "still.npz")
    with pytest.raises(InputError, match="nothing to imitate"):
        animal_of(still)


def test_the_animal_begins_in_the_movement_and_is_told_what_follows(file: Path) -> None:
    animal, angles = animal_of(file), movement().angles
    seen = animal.reset(moment_s=0.5)
    world = animal.world
    assert world.reference is not None
    np.testing.assert_allclose(world.data.qpos[world.reference.address], angles[10], atol=1e-6)
    np.testing.assert_allclose(seen["reference"], np.concatenate([angles[10], angles[12]]), atol=1e-6)
    assert animal.senses["reference"].channels[:25:24] == ("bend_01+0s", "bend_01+0.1s")
    for _ in range(20):
        seen = animal.step(np.zeros(95))
    middle = angles[14] + (angles[25] - angles[14]) / 11  # in the gap, straight from one posture to the next
    np.testing.assert_allclose(seen["reference"][:24], angles[14], atol=1e-6)
    for _ in range(5):
        seen = animal.step(np.zeros(95))
    np.testing.assert_allclose(seen["reference"][:24], middle, atol=1e-6)
    assert world.reference.seen(20) and not world.reference.seen(25) and not world.reference.seen(1000)


def test_compiled_and_readable_periods_are_told_the_same(file: Path) -> None:
    one, other = animal_of(file), animal_of(file, by_the_reference=True)
    for moment_s in (0.0, 1.5):  # and past the end, where the last posture stays
        one.reset(moment_s=moment_s)
        other.reset(moment_s=moment_s)
        for _ in range(80):
            a, b = one.step(np.full(95, 0.3)), other.step(np.full(95, 0.3))
            assert all(np.array_equal(a[name], b[name]) for name in a)


def test_a_saved_state_goes_on_in_the_same_movement(file: Path) -> None:
    animal = animal_of(file)
    animal.reset(moment_s=1.3)
    animal.step(np.zeros(95))
    state = animal.save_state()
    then = animal.step(np.full(95, 0.5))
    animal.reset()
    animal.restore_state(state)
    again = animal.step(np.full(95, 0.5))
    assert all(np.array_equal(then[name], again[name]) for name in then)


def test_random_moments_are_among_those_that_were_seen(file: Path) -> None:
    env = NeuromechEnv(run_of(file, "start.moment_s=random"), reward="posture")
    begun = set()
    for seed in range(30):
        env.reset(seed=seed)
        movement_ = env.world.reference
        assert movement_ is not None and movement_.seen(0)
        assert movement_.error(env.world.data.qpos, 0) == 0.0
        begun.add(int(movement_.began[0]))
    assert len(begun) > 20
    env.reset(seed=3)
    first = int(env.world.reference.began[0])  # pyright: ignore[reportOptionalMemberAccess]
    env.reset(seed=3)
    assert int(env.world.reference.began[0]) == first  # pyright: ignore[reportOptionalMemberAccess]


def test_the_reward_is_the_time_in_the_posture_and_ends_when_it_is_lost(file: Path) -> None:
    env = NeuromechEnv(run_of(file), reward="posture")
    env.reset(seed=0)
    world = env.world
    assert world.reference is not None
    _, reward, over, _, info = env.step(np.zeros(95))
    error = world.reference.error(world.data.qpos, 1)
    assert reward == pytest.approx(0.005 * (np.exp(-error) + np.exp(-10 * error)))
    assert info["terms"] == {"posture": reward}
    assert not over
    world.data.qpos[world.reference.address] += 2.0
    _, reward, over, _, _ = env.step(np.zeros(95))
    assert reward < 1e-4 and over


def test_without_a_movement_there_is_nothing_to_imitate() -> None:
    with pytest.raises(InputError, match="reward posture needs a movement"):
        NeuromechEnv(load_run(["experiment=worm_crawl"]), reward="posture").reset(seed=0)
    with pytest.raises(InputError, match=r"start.moment_s=random needs environment.reference"):
        NeuromechEnv(load_run(["experiment=worm_crawl", "start.moment_s=random"])).reset(seed=0)
    with pytest.raises(InputError, match="ahead_s must be"):
        load_run(["experiment=worm_crawl", "environment.reference={file: a, ahead_s: []}"])
