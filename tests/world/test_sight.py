"""What an eye sees of another body, against what geometry says."""

from __future__ import annotations

from math import erf, sqrt

import numpy as np
import pytest

from neuromech.specs import content
from neuromech.specs.run import Clock
from neuromech.world.sight import Sight, _cover
from neuromech.world.world import World

LEVEL = np.eye(3).ravel()


def seen(
    angles_deg: list[float], place: tuple[float, float, float] = (10.0, 0.0, 0.0), blur: float = 0.0,
    half: tuple[float, float, float] = (2.0, 2.0, 2.0), frame: np.ndarray = LEVEL,
) -> np.ndarray:  # fmt: skip
    """Look at an ellipsoid along some bearings, from the origin."""
    turns = np.radians(angles_deg)
    rays = np.column_stack([np.cos(turns), np.sin(turns), 0 * turns])
    found = np.full(len(rays), 0.8, np.float32)
    places, frames = np.array([place]), np.array([frame])
    _cover(rays, np.zeros(3), LEVEL, places, frames, np.array([half]), np.zeros((1, 3)), blur, 0.1, found)
    return found


def test_a_ball_has_the_edge_that_it_should() -> None:
    edge = float(np.degrees(np.arcsin(0.2)))  # 2 mm at 10 mm
    assert seen([0.0, edge - 0.01, edge + 0.01, 180.0]) == pytest.approx([0.1, 0.1, 0.8, 0.8])
    assert seen([0.0], place=(-10.0, 0.0, 0.0)) == pytest.approx([0.8])  # behind


def test_an_ellipsoid_turns_with_its_frame() -> None:
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]).ravel()
    long = (4.0, 1.0, 1.0)
    wide, narrow = np.degrees(np.arctan2(4.0, 10.0)), np.degrees(np.arcsin(1.0 / 10.0))
    assert seen([wide - 0.1, wide + 3.0], half=long, frame=turn) == pytest.approx([0.1, 0.8], abs=1e-6)
    assert seen([narrow - 2.0, narrow + 2.0], half=long) == pytest.approx([0.1, 0.8], abs=1e-6)


def test_a_patch_takes_a_share_and_small_things_fade() -> None:
    blur = np.radians(5.0)
    for size in (2.0, 0.2, 0.02):
        share = erf(size / (sqrt(2.0) * blur * 10.0))
        assert seen([0.0], half=(size,) * 3, blur=blur) == pytest.approx([0.8 - 0.7 * share], abs=1e-5)
    light = seen([0.0, 5.0, 10.0, 20.0, 40.0], blur=blur)
    assert (np.diff(light) > 0).all() and light[-1] == pytest.approx(0.8, abs=1e-3)


def test_a_body_is_seen_where_it_is_and_an_animal_does_not_see_itself() -> None:
    other = {"body": "larval_fish", "controller": "random", "at_mm": [0.0, 4.0]}
    tank = content.load("environments", "optomotor_tank", {"other": other, "stimulus": {"contrast": 0.0}})
    place = World(content.load("bodies", "larval_fish"), tank, Clock(0.0005, 0.005, 0.005, 1))
    assert place.second is not None and place.scene is not None
    place.reset()
    eyes = {
        (whose, side): body.senses[f"{side}_eye"].read(place.data, 0.0, around(place, seen_body)).min()
        for whose, body, seen_body in (
            ("first", place.body, place.second.body),
            ("second", place.second.body, place.body),
        )
        for side in ("left", "right")
    }
    assert eyes["first", "left"] < 0.2 and eyes["second", "right"] < 0.2
    assert eyes["first", "right"] == pytest.approx(0.5, abs=0.01) == eyes["second", "left"]


def around(place: World, body: object) -> object:
    from neuromech.senses.base import Surroundings

    assert place.scene is not None
    return Surroundings(Sight(place.scene, place, body, 0.0))  # type: ignore[arg-type]
