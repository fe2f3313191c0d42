"""What the animal senses: channels, units, and readings against the world they are taken from."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.senses import Surroundings
from neuromech.specs import content
from neuromech.world import body as bodies
from neuromech.world.body import Body
from neuromech.world.stimuli.fields import Gaussian


@pytest.fixture(scope="module")
def worm() -> Body:
    return bodies.load(content.load("bodies", "worm"))


NOTHING = Surroundings()


def posed(worm: Body, bends: np.ndarray | None = None) -> mujoco.MjData:
    data = mujoco.MjData(worm.model)
    if bends is not None:
        data.qpos[worm.joint_addresses([f"bend_{i:02d}" for i in range(1, 25)])] = bends
    mujoco.mj_forward(worm.model, data)
    return data


def test_the_worm_has_the_senses_of_its_yaml(worm: Body) -> None:
    data = posed(worm)
    built = worm.senses
    assert list(built) == ["salt", "food", "glycerol", "bend", "touch"]
    assert [sense.unit for sense in built.values()] == ["mM", "1", "mM", "1/mm", "nN"]
    assert [len(sense.channels) for sense in built.values()] == [1, 2, 1, 24, 2]
    for sense in built.values():
        value = sense.read(data, 0.0, NOTHING)
        assert value.dtype == np.float32 and value.shape == (len(sense.channels),)
        assert (sense.low <= value).all() and (value <= sense.high).all()


def test_a_sense_of_one_substance_senses_that_alone_and_others_never_do(worm: Body) -> None:
    data = posed(worm)
    salt, glycerol = worm.senses["salt"], worm.senses["glycerol"]
    hill, other = (Surroundings(Gaussian(substance=name)) for name in ("glycerol", "quinine"))
    assert glycerol.read(data, 0.0, hill) == salt.read(data, 0.0, Surroundings(Gaussian())) > 0
    assert not salt.read(data, 0.0, hill).any() and not glycerol.read(data, 0.0, other).any()
    assert not glycerol.read(data, 0.0, Surroundings(Gaussian())).any()


def test_salt_is_that_of_the_field_at_the_nose_now(worm: Body) -> None:
    data = posed(worm)
    around = Surroundings(Gaussian(centre_mm=(1.0, 0.0), velocity_mm_s=(0.0, 0.5)))
    salt = worm.senses["salt"]
    nose = data.site("spine_00").xpos
    for t in (0.0, 2.0):
        squared = (nose[0] - 1.0) ** 2 + (nose[1] - 0.5 * t) ** 2
        assert salt.read(data, t, around) == pytest.approx(25 * np.exp(-squared / 18))
    data.qpos[0] += 1.0
    mujoco.mj_kinematics(worm.model, data)
    assert salt.read(data, 0.0, around) == pytest.approx(25 * np.exp(-((nose[0] - 1.0) ** 2) / 18))
    assert not salt.read(data, 0.0, NOTHING).any()


def test_bend_is_the_curvature_of_the_midline_dorsal_positive(worm: Body) -> None:
    bends = 0.2 * np.sin(np.arange(24) / 3)
    data = posed(worm, bends)
    felt = worm.senses["bend"].read(data, 0.0, NOTHING)
    # From the places of the segments alone: the angle between neighbours over their distance.
    centres = data.xpos[worm.body_ids(worm.segments.names)]
    axes = data.xmat[worm.body_ids(worm.segments.names)].reshape(-1, 3, 3)[:, :2, 0]
    angles = np.unwrap(np.arctan2(axes[:, 1], axes[:, 0]))
    assert centres[0, 0] > centres[-1, 0]  # nose first; dorsal is to the left, so a left bend is positive
    assert felt == pytest.approx((angles[:-1] - angles[1:]) / 0.04, abs=1e-4)


def test_touch_is_the_force_on_each_half(worm: Body) -> None:
    data = posed(worm)
    touch = worm.senses["touch"]
    assert touch.channels == ("anterior", "posterior") and not touch.read(data, 0.0, NOTHING).any()
    data.xfrc_applied[worm.body_ids(["segment_02"])[0], :3] = [3.0, 4.0, 0.0]
    data.xfrc_applied[worm.body_ids(["segment_05"])[0], :3] = [0.0, 0.0, -2.0]
    data.xfrc_applied[worm.body_ids(["segment_24"])[0], :3] = [0.0, 6.0, 8.0]
    assert touch.read(data, 0.0, NOTHING) == pytest.approx([7.0, 10.0])
    data.xfrc_applied[:] = 0.0
    data.xfrc_applied[worm.body_ids(["segment_12"])[0], 0] = 5.0  # the middle belongs to neither
    assert touch.read(data, 0.0, NOTHING) == pytest.approx([0.0, 0.0])


def test_a_reading_does_not_change_afterwards(worm: Body) -> None:
    data = posed(worm)
    built, around = worm.senses, Surroundings(Gaussian())
    before = {name: sense.read(data, 0.0, around) for name, sense in built.items()}
    kept = {name: value.copy() for name, value in before.items()}
    data.qpos[:] += 0.3
    data.xfrc_applied[5] = 1.0
    mujoco.mj_forward(worm.model, data)
    for name, sense in built.items():
        sense.read(data, 1.0, around)
        assert np.array_equal(before[name], kept[name])


def test_writing_to_a_reading_does_not_change_the_next_one(worm: Body) -> None:
    data = posed(worm)
    built = worm.senses
    for sense in built.values():
        value = sense.read(data, 0.0, NOTHING)
        value += 1.0  # a wrapper that normalises in place
        assert not sense.read(data, 0.0, NOTHING).any()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"salt": {"kind": "chemicl", "sites": ["spine_00"], "unit": "mM"}}, "chemical"),
        ({"salt": {"kind": "chemical", "sites": ["spine_0"], "unit": "mM"}}, "nearest: spine_"),
        ({"bend": {"kind": "joint", "joints": ["bend_1"], "unit": "1/mm"}}, "nearest: bend_"),
        (
            {"touch": {"kind": "touch", "fields": {"anterior": ["segment_0"]}, "unit": "nN"}},
            "nearest: segment_",
        ),
    ],
    ids=["kind", "site", "joint", "segment"],
)
def test_a_wrong_sense_is_one_clear_line(worm: Body, change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        bodies.load(content.load("bodies", "worm", {"senses": change})).senses.values()
