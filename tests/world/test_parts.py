"""The tables of a body's parts: sides, limbs and segments as data."""

from __future__ import annotations

import pytest

from neuromech.specs import content
from neuromech.world import body as bodies
from neuromech.world.body import Body


@pytest.fixture(scope="module")
def fly() -> Body:
    return bodies.load(content.load("bodies", "fly"))


def test_the_quadrants_of_the_worm_are_those_of_its_yaml_on_either_side() -> None:
    for mirrored in (False, True):
        worm = bodies.load(content.load("bodies", "worm", {"mirrored": mirrored}))
        table = worm.muscle_table.set_index("name")
        assert tuple(table.index) == worm.muscles
        assert table["side"].value_counts().to_dict() == {
            "dorsal-left": 24, "dorsal-right": 24, "ventral-right": 24, "ventral-left": 23
        }  # fmt: skip
        assert tuple(table.loc["MVL03", ["side", "segment", "joint"]]) == (
            "ventral-left",
            "segment_03",
            "bend_03",
        )
        assert set(worm.landmark_table["side"]) == {"midline"}
        # A muscle's place runs from nose to tail, as its number does.
        assert (table.loc[[f"MDL{k:02d}" for k in range(1, 25)], "x_mm"].diff().dropna() < 0).all()


def test_the_sides_of_the_larva_follow_from_its_model() -> None:
    larva = bodies.load(content.load("bodies", "larval_fish"))
    table = larva.muscle_table.set_index("name")
    for name, side in table["side"].items():
        assert side == ("left" if "left" in str(name) else "right")
    assert table.loc["eye_left_nasal", "joint"] == "eye_left"
    senses = larva.sense_table
    assert senses.groupby("sense", sort=False).size().to_dict() == {
        "tail_bend": 10, "eye_angle": 2, "left_eye": 320, "right_eye": 320, "touch": 2
    }  # fmt: skip
    assert set(senses[senses["sense"] == "left_eye"]["side"]) == {"left"}
    assert set(senses[senses["sense"] == "tail_bend"]["unit"]) == {"1/mm"}


def test_the_legs_of_the_fly_own_what_stands_on_them(fly: Body) -> None:
    muscles = fly.muscle_table.set_index("name")
    assert tuple(muscles.loc["rm_tibia_flexor", ["side", "limb", "segment", "joint"]]) == (
        "right", "rm", "rm_tibia", "rm_tibia"
    )  # fmt: skip
    assert tuple(muscles.loc["lf_grip", ["limb", "joint"]]) == ("lf", "")
    assert muscles.groupby("limb").size().to_dict() == {"": 14, **dict.fromkeys(fly.spec.limbs, 15)}
    landmarks = fly.landmark_table.set_index("name")
    assert tuple(landmarks.loc["lh_claw", ["side", "limb", "unit"]]) == ("left", "lh", "mm")
    assert landmarks.loc["labellum", "side"] == "midline"


def test_channels_know_where_they_are_felt(fly: Body) -> None:
    table = fly.sense_table.set_index(["sense", "channel"])
    load = table.loc[("load", "rh")]
    assert tuple(load[["side", "limb", "segment", "unit", "low"]]) == (
        "right", "rh", "rh_tarsus1", "body_weight", 0.0
    )  # fmt: skip
    assert tuple(table.loc[("odour", "l_antenna")][["kind", "side", "unit"]]) == ("chemical", "left", "1")
    assert table.loc[("gravity", "roll"), "segment"] == "thorax"
    assert len(fly.sense_table) == sum(len(sense.channels) for sense in fly.senses.values())
