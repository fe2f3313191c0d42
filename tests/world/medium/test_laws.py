"""The force law that an environment names, and a fish that water carries, rights and lets swim."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.senses.animal import Animal
from neuromech.specs import content
from neuromech.specs.run import Clock
from neuromech.world import body as bodies
from neuromech.world.medium import hull as hulls
from neuromech.world.medium import laws
from neuromech.world.medium.base import Medium
from neuromech.world.medium.resistive import ImplicitDrag
from neuromech.world.medium.swimming import ElongatedBody
from neuromech.world.world import World

CLOCK = Clock(physics_s=0.0005, control_s=0.005, record_s=0.05, brain_substeps=1)


def tank(clock: Clock = CLOCK, **changes: Any) -> World:
    return World(
        content.load("bodies", "larval_fish"), content.load("environments", "optomotor_tank", changes), clock
    )


def built(body: str, environment: str, **changes: Any) -> Medium:
    spec = content.load("environments", environment, {"medium": changes}).medium
    found = bodies.load(content.load("bodies", body))
    data = mujoco.MjData(found.model)
    mujoco.mj_forward(found.model, data)
    return laws.build(spec, found, data)


def joint(place: World, name: str) -> int:
    return int(place.model.joint(name).qposadr[0])


def rest(place: World) -> np.ndarray:
    return np.zeros(len(place.body.muscles), np.float32)


@pytest.mark.parametrize(
    ("body", "environment", "kind"),
    [
        ("worm", "agar_salt", ImplicitDrag),
        ("larval_fish", "water", ImplicitDrag),
        ("larval_fish", "optomotor_tank", ElongatedBody),
    ],
)
def test_the_environment_says_the_law(body: str, environment: str, kind: type) -> None:
    assert isinstance(built(body, environment), kind)


def test_what_cannot_be_built_is_refused() -> None:
    with pytest.raises(
        InputError, match="unknown environment.medium.law 'elongated'; nearest: elongated_body"
    ):
        built("larval_fish", "optomotor_tank", law="elongated")
    with pytest.raises(InputError, match="medium.wake must be a number of at least 0, not -1"):
        built("larval_fish", "optomotor_tank", wake=-1.0)
    with pytest.raises(InputError, match="body worm cannot swim here: .* segments.up"):
        built("worm", "optomotor_tank")


def test_the_hull_is_cut_into_even_pieces_from_nose_to_tail() -> None:
    found = bodies.load(content.load("bodies", "larval_fish"))
    hull = hulls.hull(found)
    assert hull.length == pytest.approx(np.full(14, 0.3))
    data = mujoco.MjData(found.model)
    mujoco.mj_forward(found.model, data)
    places = data.xpos[hull.body] + hull.centre
    nose = data.site("spine_00").xpos
    assert nose[0] - places[:, 0] == pytest.approx(0.3 * (np.arange(14) + 0.5))
    assert places[:, 2] == pytest.approx(np.full(14, nose[2]))
    assert (hull.height_squared >= hull.height**2 - 1e-12).all() and hull.tip_height_mm == 0.25
    # The water it carries sideways is about twice its own mass.
    carried = (np.pi / 4 * hull.height_squared * hull.length).sum()
    assert 1.5 < carried / found.model.body_mass.sum() < 2.5


def test_a_fish_at_rest_stays_level_and_where_it_is() -> None:
    place = tank()
    place.reset(1.0, 2.0, 0.5)
    for _ in range(200):
        place.step(rest(place))
    assert place.data.qpos[:6] == pytest.approx([1.0, 2.0, 0.0, 0.5, 0.0, 0.0], abs=0.01)


@pytest.mark.parametrize("start", [1.0, -0.5])
@pytest.mark.parametrize("name", ["root_roll", "root_pitch", "root_z"])
def test_a_fish_put_out_of_its_place_comes_back(name: str, start: float) -> None:
    place = tank()
    place.reset()
    place.data.qpos[joint(place, name)] = start
    seen = [start]
    for _ in range(5):
        for _ in range(200):
            place.step(rest(place))
        seen.append(float(place.data.qpos[joint(place, name)]))
    assert abs(seen[-1]) < 0.2 * abs(start)
    assert (np.diff(np.abs(seen)) < 0.02).all()


def test_without_a_bladder_above_its_middle_nothing_rights_it() -> None:
    # The couple is that of the bladder and of nothing else: it grows as the sine of the roll.
    place = tank()
    lift = place.model.body_mass.sum() * (1 - 1 / 1.05) * 9810.0
    for roll in (0.1, 0.8):
        place.reset()
        place.data.qpos[joint(place, "root_roll")] = roll
        place.data.qfrc_applied[:] = 0.0
        mujoco.mj_step1(place.model, place.data)
        place.medium.apply()
        couple = place.data.qfrc_applied[place.model.joint("root_roll").dofadr[0]]
        assert couple == pytest.approx(-lift * 0.15 * np.sin(roll), rel=0.15)


def swum(place: World, left: float, right: float, seconds: float = 0.25, hertz: float = 26.0) -> np.ndarray:
    """Return place (mm) and heading (rad) after a wave runs down both sides of the tail in antiphase."""
    place.reset()
    number = np.arange(10)
    while place.time_s < seconds:
        wave = np.sin(2 * np.pi * (hertz * place.time_s - number / 12))
        action = rest(place)
        action[:10], action[10:20] = 0.4 * np.clip(wave, 0, 1) + left, 0.4 * np.clip(-wave, 0, 1) + right
        place.step(action)
    return place.data.qpos[:6].copy()


def test_a_wave_of_the_tail_swims_nose_first_and_a_bias_turns_to_its_side() -> None:
    clock = Clock(0.0005, 0.002, 0.05, 1)
    ahead, left, right = (swum(tank(clock), *bias) for bias in ((0, 0), (0.15, 0), (0, 0.15)))
    assert 2.5 < ahead[0] < 8.0 and abs(ahead[1]) < 1.0
    assert np.abs(ahead[2]) < 0.5 and np.abs(ahead[4:]).max() < 0.2
    assert left[3] > 0.5 and right[3] < -0.5


@pytest.mark.parametrize("step_s", [0.0005, 0.002])
def test_no_excitation_however_wild_makes_it_explode(step_s: float) -> None:
    place, rng = tank(Clock(step_s, 0.01, 0.05, 1)), np.random.default_rng(0)
    place.reset()
    for _ in range(150):
        place.step((rng.random(24) < 0.5).astype(np.float32))
        assert np.abs(place.data.qvel).max() < 2000
        assert np.abs(place.data.qpos[4:6]).max() < 1.5
    assert np.isfinite(place.data.qpos).all()


def test_the_current_carries_a_fish_that_does_nothing() -> None:
    place = tank(medium={"current_mm_s": [4.0, -3.0, 0.0]})
    place.reset()
    for _ in range(400):
        place.step(rest(place))
    drift = place.data.qvel[:2]
    assert drift == pytest.approx([4.0, -3.0], abs=0.3)


def test_eyes_turn_to_the_side_their_muscles_pull() -> None:
    place = tank()
    assert place.body.muscles[-4:] == tuple(
        f"eye_{s}_{d}" for s in ("left", "right") for d in ("nasal", "temporal")
    )
    for muscle, sign in (("eye_left_nasal", -1), ("eye_left_temporal", 1), ("eye_right_nasal", 1)):
        place.reset()
        action = rest(place)
        action[place.body.muscles.index(muscle)] = 1.0
        animal = Animal(place)
        observation = animal.step(action)
        for _ in range(60):
            observation = animal.step(action)
        angle = dict(zip(animal.senses["eye_angle"].channels, observation["eye_angle"], strict=True))
        assert angle[muscle.rsplit("_", 1)[0]] == pytest.approx(0.5 * sign, abs=0.05)


def test_tail_bend_is_felt_towards_the_side_that_contracts() -> None:
    place = tank()
    place.reset()
    action = rest(place)
    action[:10] = 0.3
    animal = Animal(place)
    observation = animal.observe()
    for _ in range(60):
        observation = animal.step(action)
    assert (observation["tail_bend"] > 0).all()
    left = [-np.sin(place.data.qpos[3]), np.cos(place.data.qpos[3])]
    assert (place.landmarks()[-1] - place.landmarks()[0])[:2] @ left > 0
