"""Gratings: luminance at a point and time, the frames they move in, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.specs import content
from neuromech.specs.environment import read_environment
from neuromech.world import stimuli
from neuromech.world.stimuli import Scene
from neuromech.world.stimuli.gratings import Grating, GratingScene

places = st.floats(-50, 50)
angles = st.floats(-np.pi, np.pi)


def shown(**changes: Any) -> GratingScene:
    found = stimuli.build(content.load("environments", "optomotor_tank", changes))
    assert isinstance(found, GratingScene)
    return found


def tank(**stimulus: Any) -> GratingScene:
    return shown(stimulus=stimulus)


def at(scene: GratingScene, x: float, y: float, t: float) -> float:
    return float(scene.value(x, y, t))


@given(x=places, y=places, t=st.floats(0, 100), direction=st.floats(-360, 360), speed=st.floats(0, 40),
       wavelength=st.floats(1, 50), contrast=st.floats(0, 1), mean=st.floats(0, 1))  # fmt: skip
def test_a_grating_is_its_formula(
    x: float, y: float, t: float, direction: float, speed: float, wavelength: float, contrast: float,
    mean: float,
) -> None:  # fmt: skip
    scene = tank(direction=direction, speed_mm_s=speed, wavelength_mm=wavelength, contrast=contrast,
                 luminance=mean)  # fmt: skip
    along = x * np.cos(np.radians(direction)) + y * np.sin(np.radians(direction))
    expected = mean * (1 + contrast * np.sin(2 * np.pi * (along - speed * t) / wavelength))
    assert at(scene, x, y, t) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("word", "way"), [("forward", (1, 0)), ("left", (0, 1)), ("backward", (-1, 0)), ("right", (0, -1))]
)
def test_a_grating_moves_the_way_its_word_says(word: str, way: tuple[int, int]) -> None:
    scene = tank(direction=word, speed_mm_s=4.0)
    assert at(scene, 1 + way[0] * 2.0, 2 + way[1] * 2.0, 0.5) == pytest.approx(at(scene, 1, 2, 0.0))


def test_each_side_may_have_its_own_grating_and_start_late() -> None:
    scene = tank(speed_mm_s=5.0, left={"direction": "left", "speed_mm_s": 2.0}, start_s=1.0)
    left, right = scene.gratings
    assert (left.speed_mm_s, left.direction, right.speed_mm_s, right.direction) == (2, "left", 5, "forward")
    assert at(scene, 3.0, -1.0, 1.0) == at(scene, 3.0, -1.0, 0.0)
    assert at(scene, 3.0 + 5, -1.0, 2.0) == pytest.approx(at(scene, 3.0, -1.0, 1.0))
    assert at(scene, 3.0, 1.0 + 2, 2.0) == pytest.approx(at(scene, 3.0, 1.0, 1.0))


@given(x=places, y=places, t=st.floats(0, 60))
def test_a_floor_that_drifts_with_the_water_is_the_still_one_elsewhere(x: float, y: float, t: float) -> None:
    drifting = shown(stimulus={"drifts_with_water": True}, medium={"current_mm_s": [3.0, -1.0, 0.0]})
    assert at(drifting, x + 3 * t, y - t, t) == pytest.approx(at(tank(), x, y, 0.0), abs=1e-9)


@given(turn=angles, shift=places, x=places, y=places)
def test_in_the_body_frame_the_pattern_turns_with_the_animal_about_it(
    turn: float, shift: float, x: float, y: float
) -> None:
    keys: dict[str, Any] = {"frame": "body", "wavelength_mm": 7.0, "left": {"direction": "left"}}
    scene, reference = tank(**keys), tank(**keys)
    scene.reset(shift, 1.0, 0.3)
    scene.follow(shift, 1.0, turn)
    c, s = np.cos(turn), np.sin(turn)
    if abs(y) > 1e-6:  # on the line itself rounding decides
        assert at(scene, shift + c * x - s * y, 1 + s * x + c * y, 0.4) == pytest.approx(
            at(reference, x, y, 0.4), abs=1e-6
        )


@pytest.mark.parametrize("feedback", [0.0, 0.5, 1.0])
def test_feedback_is_the_share_of_its_own_swimming_that_the_animal_sees(feedback: float) -> None:
    scene, still = (tank(frame="body", feedback=feedback) for _ in range(2))
    for each in (scene, still):
        each.reset(2.0, -3.0, 0.0)
    for step in range(1, 11):
        scene.follow(2.0 + 0.4 * step, -3.0, 0.0)
    # What lies below it now is what lay ahead of it by that share of the way.
    ahead = np.linspace(-5, 5, 11)
    assert scene.value(6.0 + ahead, np.full(11, -3.5), 0.0) == pytest.approx(
        still.value(2.0 + ahead + feedback * 4.0, np.full(11, -3.5), 0.0)
    )


def test_swimming_after_a_turn_is_seen_along_the_new_heading() -> None:
    scene = tank(frame="body")
    scene.reset(0.0, 0.0, 0.0)
    scene.follow(0.0, 0.0, np.pi / 2)
    before = scene.value(np.zeros(9), np.arange(9.0), 0.0)
    scene.follow(0.0, 3.0, np.pi / 2)
    assert scene.value(np.zeros(9), np.arange(9.0), 0.0) == pytest.approx(before)


def test_dark_is_dark_and_other_stimuli_show_nothing() -> None:
    dark = tank(dark=True)
    assert not dark.value(np.arange(5.0), np.arange(5.0), 1.0).any() and dark.room[3] == 0
    hill = stimuli.build(read_environment({"name": "plate", "stimulus": {"kind": "gaussian"}}))
    assert not isinstance(hill, Scene)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"wavelength_mm": 0.0}, "stimulus.wavelength_mm must be a number above 0"),
        ({"wavelength_mm": -1}, "above 0"),
        ({"wavelength_mm": float("inf")}, "finite"),
        ({"contrast": -0.1}, "contrast must be a number between 0 and 1"),
        ({"contrast": 1.1}, "between 0 and 1"),
        ({"luminance": 2.0}, "luminance must be a number between"),
        ({"speed_mm_s": -3.0}, "speed_mm_s must be a number of at least 0"),
        ({"speed_mm_s": True}, "number of at least 0, not true"),
        ({"start_s": -1.0}, "start_s"),
        ({"direction": float("nan")}, "stimulus.direction must be a finite number"),
        ({"direction": "lft"}, "nearest: left"),
        ({"left": {"contrast": 3.0}}, "contrast"),
        ({"left": {"contrst": 1.0}}, "nearest: environment.stimulus.left.contrast"),
        ({"wavelenth_mm": 3.0}, "nearest: environment.stimulus.wavelength_mm"),
        ({"frame": "fish"}, "stimulus.frame must be world or body, not .fish"),
        ({"feedback": -1.0}, "feedback"),
        ({"above": float("nan")}, "above"),
    ],
)
def test_a_wrong_grating_is_one_clear_line(spec: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        stimuli.build(read_environment({"name": "tank", "stimulus": {"kind": "grating", **spec}}))
    assert "\n" not in str(caught.value)


def test_a_pattern_that_follows_the_animal_cannot_drift_too() -> None:
    with pytest.raises(InputError, match="frame=world"):
        shown(stimulus={"frame": "body", "drifts_with_water": True}, medium={"current_mm_s": [1.0, 0.0, 0.0]})
    assert Grating(direction="left").direction_rad == pytest.approx(np.pi / 2)


def test_the_velocity_is_that_of_the_stripes_in_the_world() -> None:
    scene = tank(direction="left", speed_mm_s=6.0, start_s=1.0, frame="body")
    scene.reset(0.0, 0.0, 0.3)
    assert scene.velocity(0.5) == pytest.approx([0.0, 0.0])
    assert scene.velocity(2.0) == pytest.approx([-6 * np.sin(0.3), 6 * np.cos(0.3)])
    apart = tank(
        left={"direction": "forward", "speed_mm_s": 4.0}, right={"direction": "backward", "speed_mm_s": 2.0}
    )
    assert apart.velocity(0.0) == pytest.approx([1.0, 0.0])
    assert tank(speed_mm_s=6.0, dark=True).velocity(0.0) == pytest.approx([0.0, 0.0])


def test_stripes_on_a_floor_that_drifts_move_with_it() -> None:
    scene = shown(medium={"current_mm_s": [2.0, -1.0, 0.0]}, stimulus={"drifts_with_water": True})
    assert scene.velocity(3.0) == pytest.approx([2.0, -1.0])


def test_the_line_between_the_halves_stays_below_an_animal_that_swims() -> None:
    scene = tank(frame="body", left={"luminance": 0.8}, right={"luminance": 0.2}, contrast=0.0)
    scene.reset(0.0, 0.0, 0.0)
    for x, y, heading in ((4.0, 3.0, 0.5), (8.0, 9.0, 1.0)):
        scene.follow(x, y, heading)
        aside = np.array([-np.sin(heading), np.cos(heading)])
        for far in (0.1, 5.0):
            for side, mean in ((1, 0.8), (-1, 0.2)):
                there = side * far * aside
                assert at(scene, x + there[0], y + there[1], 0.0) == pytest.approx(mean)
    # The stripes themselves are left behind.
    striped = tank(frame="body", direction="left", speed_mm_s=0.0)
    striped.reset(0.0, 0.0, 0.0)
    before = at(striped, 1.0, 2.0, 0.0)
    striped.follow(3.0, 1.0, 0.0)
    assert at(striped, 1.0, 2.0, 0.0) == pytest.approx(before)
