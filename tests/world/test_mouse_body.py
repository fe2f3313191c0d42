"""The mouse's body: its measures, what it feels, and that it stands up to its muscles and to its weight."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
import pytest

from neuromech import tasks
from neuromech._lib.errors import InputError
from neuromech.senses import Surroundings
from neuromech.senses.animal import Animal
from neuromech.senses.muscle import MuscleSense
from neuromech.specs import content
from neuromech.specs.run import Clock
from neuromech.world.world import World

CLOCK = Clock(0.001, 0.005, 0.005, 1)
FOLDER = content.find("bodies", "mouse")


def world(clock: Clock = CLOCK, **changes: Any) -> World:
    return World(content.load("bodies", "mouse"), content.load("environments", "treadmill", changes), clock)


def between(place: World, one: str, other: str) -> float:
    return float(np.linalg.norm(place.data.site(one).xpos - place.data.site(other).xpos))


@pytest.mark.parametrize(
    ("one", "other", "length_mm"),
    [
        ("hip_hl", "knee_hl", 19.4),
        ("knee_hr", "heel_hr", 11.6),
        ("shoulder_fl", "elbow_fl", 15.3),
        ("elbow_fr", "wrist_fr", 9.9),
        ("spine_00", "spine_09", 103.0),
        ("spine_09", "spine_14", 95.0),
    ],
)
def test_it_has_the_measures_of_a_recorded_mouse(one: str, other: str, length_mm: float) -> None:
    assert between(world(), one, other) == pytest.approx(length_mm, rel=0.02)


def test_the_model_is_what_its_script_writes() -> None:
    assert runpy.run_path(str(FOLDER / "make_body.py"))["model"]() == Path(FOLDER / "mouse.xml").read_text()


def test_it_weighs_25_to_33_g_and_is_alike_left_and_right() -> None:
    model = world().model
    assert 25_000 < model.body_mass.sum() < 33_000
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    assert data.subtree_com[1][1] == pytest.approx(0, abs=1e-6)
    torques = {model.actuator(i).name: model.actuator_gainprm[i, 0] for i in range(model.nu)}
    for name, torque in torques.items():
        if name.endswith("l") and name[:-1] + "r" in torques:
            assert torque == torques[name[:-1] + "r"]


def test_every_muscle_has_an_antagonist_and_only_pulls() -> None:
    place = world()
    joints = [place.model.joint(int(i)).name for i in place.model.actuator_trnid[:, 0]]
    assert all(joints.count(name) == 2 for name in joints)
    torque = place.body.muscle_torques(sorted(set(joints)))
    for k in range(torque.shape[1]):
        pulls = torque[np.abs(torque[:, k]) > 0, k]
        assert len(pulls) == 2 and pulls[0] * pulls[1] < 0


def test_standing_still_the_feet_carry_its_weight() -> None:
    place = world()
    animal = Animal(place)
    seen = animal.reset()
    for _ in range(300):
        seen = animal.step(np.full(44, 0.4, np.float32))
    pushed = sum(
        place.data.contact[i].frame[2] * force[0]
        for i in range(place.data.ncon)
        if (force := _force(place, i)) is not None
    )
    assert pushed == pytest.approx(place.model.body_mass.sum() * 9810, rel=0.05)
    assert seen["load"].shape == (4,) and (seen["load"] >= 0).all() and seen["load"].sum() > 0.5
    assert abs(seen["load"][0] - seen["load"][1]) < 0.05


def _force(place: World, contact: int) -> np.ndarray:
    force = np.zeros(6)
    mujoco.mj_contactForce(place.model, place.data, contact, force)
    return force


@pytest.mark.parametrize(("joint", "channel", "sign"), [("root_roll", 0, 1), ("root_pitch", 1, 1)])
def test_the_labyrinths_feel_tilt_and_turning(joint: str, channel: int, sign: int) -> None:
    place = world()
    place.reset()
    place.data.qpos[place.model.joint(joint).qposadr[0]] = 0.2
    place.data.qvel[place.model.joint(joint).dofadr[0]] = 3.0
    mujoco.mj_forward(place.model, place.data)
    felt = Animal(place).observe()["vestibular"]
    assert felt[channel] == pytest.approx(sign * np.sin(0.2), abs=1e-4)
    assert felt[2 + channel] == pytest.approx(3.0, abs=1e-4)
    others = [k for k in range(5) if k not in (channel, 2 + channel)]
    assert felt[others] == pytest.approx(0, abs=1e-4)


def test_a_turn_to_the_left_is_positive_yaw() -> None:
    place = world()
    place.data.qvel[place.model.joint("root_yaw").dofadr[0]] = 2.0
    mujoco.mj_forward(place.model, place.data)
    assert Animal(place).observe()["vestibular"][4] == pytest.approx(2.0)


def test_spindles_feel_lengthening() -> None:
    place = world()
    bend = 0.3 * place.model.actuator("knee_extensor_hl").gear[0]
    place.data.qpos[place.model.joint("knee_hl").qposadr[0]] = 0.3
    place.data.qvel[place.model.joint("knee_hl").dofadr[0]] = 4.0
    mujoco.mj_forward(place.model, place.data)
    channel = list(Animal(place).senses["stretch"].channels).index("knee_extensor_hl")
    assert Animal(place).observe()["stretch"][channel] == pytest.approx(4.0 / 0.3 * bend)
    length = MuscleSense(place.body, muscles=("knee_extensor_hl",), quantity="length")
    assert length.unit == "mm" and length.read(place.data, 0.0, Surroundings())[0] == pytest.approx(bend)


@pytest.mark.parametrize(
    ("sense", "change", "says"),
    [
        ("load", {"fields": {"fl": ["load_flx"]}}, "load_flx"),
        ("vestibular", {"channels": ["rol"]}, "roll, pitch, roll_rate, pitch_rate or yaw_rate, not .rol."),
        ("stretch", {"quantity": "speed"}, "length or velocity"),
        ("stretch", {"muscles": ["knee_extender_hl"]}, "knee_extensor_hl"),
    ],
)
def test_a_sense_that_names_what_is_not_there_is_refused(
    sense: str, change: dict[str, Any], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        spec = content.load("bodies", "mouse", {"senses": {sense: change}})
        Animal(World(spec, content.load("environments", "treadmill"), CLOCK))


def test_a_push_of_3_mN_s_gives_a_tenth_of_a_metre_per_second() -> None:
    push = {"segment": "abdomen", "start_s": 0.0, "stop_s": 0.02, "force_nN": [0, 1.5e8, 0]}
    place = world(medium={"gravity_mm_s2": 0.0}, touch=[push])
    place.reset()
    place.data.qpos[2] = 20.0  # off the floor
    for _ in range(4):
        place.step(np.zeros(44, np.float32))
    mujoco.mj_subtreeVel(place.model, place.data)
    speed = place.data.subtree_linvel[1][1]
    # The armature of the joints, which belongs to no mass, takes a little of it.
    assert speed == pytest.approx(3e6 / place.model.body_mass.sum(), rel=0.06)


def test_the_belt_carries_a_limp_mouse_backwards() -> None:
    place = world(belt_mm_s=100.0)
    place.reset()
    for _ in range(200):
        place.step(np.zeros(44, np.float32))
    start = place.data.qpos[0]
    for _ in range(100):
        place.step(np.zeros(44, np.float32))
    assert place.data.qpos[0] - start == pytest.approx(-50.0, rel=0.02)


def test_a_fall_ends_the_task_of_walking() -> None:
    place = world()
    task = tasks.build({"reward": "walk"})
    place.reset()
    task.reset(place)
    assert not task.over(place)
    place.step(np.zeros(44, np.float32))
    assert task.terms(place).keys() == {"forward", "upright"}
    place.data.qpos[5] = 1.4
    mujoco.mj_kinematics(place.model, place.data)
    assert task.over(place) and task.terms(place)["upright"] == pytest.approx(np.cos(1.4) - 1, abs=1e-3)
    place.reset()
    for _ in range(200):
        place.step(np.zeros(44, np.float32))
    assert task.over(place)  # limp, it lies on its belly


def test_gravity_that_is_no_number_is_refused() -> None:
    with pytest.raises(InputError, match="gravity_mm_s2 must be a number of at least 0"):
        world(medium={"gravity_mm_s2": -9810.0})
