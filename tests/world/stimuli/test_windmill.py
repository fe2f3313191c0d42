"""A windmill on the floor: how it turns, and what an eye sees of its arms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.specs import content
from neuromech.world import stimuli
from neuromech.world.stimuli.windmill import Windmill, turned_rad
from tests.world.stimuli.compiled_eye import both


def windmill(**stimulus: Any) -> Windmill:
    environment = content.load(
        "environments", "optomotor_tank", {"stimulus": {"kind": "windmill", **stimulus}}
    )
    found = stimuli.build(environment)
    assert isinstance(found, Windmill)
    return found


def test_it_turns_on_and_on_or_to_and_fro() -> None:
    def turned(scene: Windmill, t_s: float) -> float:
        return float(np.degrees(turned_rad(scene.motion, t_s)))

    onward = windmill(speed_deg_s=10, start_s=1, stop_s=4)
    assert [turned(onward, t) for t in (0, 2, 4, 9)] == pytest.approx([0, 10, 30, 30])
    fro = windmill(way="triangle", speed_deg_s=7.5, period_s=8, direction="right")
    assert [turned(fro, t) for t in (2, 4, 6, 8, 10)] == pytest.approx([-15, -30, -15, 0, -15])
    sine = windmill(way="sine", speed_deg_s=10, period_s=2)
    times = np.arange(0, 4, 0.001)
    speed = np.gradient([turned(sine, t) for t in times], times)
    assert speed.max() == pytest.approx(10, rel=1e-3) and speed.min() == pytest.approx(-10, rel=1e-3)
    assert turned(sine, 2.0) == pytest.approx(0, abs=1e-9)


def test_arms_stand_about_the_place_where_the_animal_was_put() -> None:
    scene = windmill(arms=4, contrast=0.8, luminance=0.5, speed_deg_s=90)
    scene.reset(1.0, 2.0, 0.3)
    far, down = 4.0, 3.0
    for azimuth in (0.2, 1.5, -2.0):
        for t in (0.0, 0.5):
            expected = 0.5 * (1 + 0.8 * np.sin(4 * (azimuth - np.pi / 2 * t)))
            ray = np.array([[far * np.cos(azimuth), far * np.sin(azimuth), -down]]) / 5.0
            out = np.zeros(1, np.float32)
            scene.look(ray, np.array([1.0, 2.0, down]), np.eye(3).ravel(), t, 0.0, out)
            assert out[0] == pytest.approx(expected, abs=1e-5)
            x, y = 1.0 + far * np.cos(azimuth), 2.0 + far * np.sin(azimuth)
            assert scene.value(x, y, t) == pytest.approx(expected, abs=1e-5)
    # A patch that is wider than the arms, near the hub, sees their mean.
    out = np.zeros(1, np.float32)
    scene.look(np.array([[0.1, 0.0, -0.995]]), np.array([1.0, 2.0, 3.0]), np.eye(3).ravel(), 0.0, 0.5, out)
    assert out[0] == pytest.approx(0.5, abs=0.01)


def test_the_compiled_eye_sees_the_same() -> None:
    scene = windmill(way="sine", period_s=4)
    scene.reset(0.1, 0.2, 0.4)
    direct, compiled = both(scene, scene, (0.5, 0.2, 3.0), 3.3)
    assert np.array_equal(direct, compiled) and direct.std() > 0.05


def test_dark_is_dark_and_wrong_words_are_one_line() -> None:
    out = np.ones(1, np.float32)
    windmill(dark=True).look(
        np.array([[0.0, 0.6, -0.8]]), np.array([0, 0, 3.0]), np.eye(3).ravel(), 0.0, 0.0, out
    )
    assert out[0] == 0.0
    with pytest.raises(InputError, match="way"):
        windmill(way="square")
