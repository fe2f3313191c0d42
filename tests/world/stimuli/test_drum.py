"""The striped drum: its luminance, its turning, what an eye sees of it, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.specs import content
from neuromech.world import stimuli
from neuromech.world.stimuli.drum import Drum


def drum(**stimulus: Any) -> Drum:
    found = stimuli.build(content.load("environments", "optomotor_drum", {"stimulus": stimulus}))
    assert isinstance(found, Drum)
    return found


def seen(
    scene: Drum, rays: np.ndarray, centre: tuple[float, float, float], blur: float = 0.0, t: float = 0.0
) -> Any:
    out = np.zeros(len(rays), np.float32)
    scene.look(rays, np.array(centre), np.eye(3).ravel(), t, blur, out)
    return out


@given(azimuth=st.floats(-np.pi, np.pi), t=st.floats(0, 30), speed=st.floats(0, 60),
       per_deg=st.floats(0.01, 0.6), contrast=st.floats(0, 1), mean=st.floats(0, 1))  # fmt: skip
def test_from_the_axis_it_is_its_formula(
    azimuth: float, t: float, speed: float, per_deg: float, contrast: float, mean: float
) -> None:
    scene = drum(speed_deg_s=speed, cycles_per_deg=per_deg, contrast=contrast, luminance=mean, start_s=2.0)
    turned = np.radians(speed) * max(t - 2.0, 0.0)
    expected = mean * (1 + contrast * np.sin(max(1, round(360 * per_deg)) * (azimuth - turned)))
    ray = np.array([[np.cos(azimuth), np.sin(azimuth), 0.0]])
    assert seen(scene, ray, (0.0, 0.0, 30.0), t=t)[0] == pytest.approx(expected, abs=2e-4)


def test_it_turns_left_counter_clockwise_and_only_between_start_and_stop() -> None:
    left, right = (
        drum(direction=way, speed_deg_s=10.0, start_s=1.0, stop_s=3.0) for way in ("left", "right")
    )
    turned = [np.degrees(left.turned_rad(t)) for t in (0.5, 2.0, 3.0, 9.0)]
    assert turned == pytest.approx([0.0, 10.0, 20.0, 20.0])
    assert left.pose(2.0)[2] == -right.pose(2.0)[2] > 0
    ray = np.array([[1.0, 0.0, 0.0]])
    ahead = np.array([[np.cos(0.1), np.sin(0.1), 0.0]])
    later = drum(speed_deg_s=np.degrees(0.1), start_s=0.0)
    assert seen(later, ahead, (0, 0, 9.0), t=1.0) == pytest.approx(seen(later, ray, (0, 0, 9.0)), abs=1e-5)


def test_floor_wall_and_what_lies_above_are_where_they_are() -> None:
    scene = drum(floor=0.1, above=0.9, contrast=0.0, luminance=0.4)
    steep, flat = np.array([[0.6, 0.0, -0.8]]), np.array([[1.0, 0.0, 0.0]])
    assert seen(scene, steep, (0, 0, 30.0)) == pytest.approx([0.1])
    assert seen(scene, flat, (0, 0, 30.0)) == pytest.approx([0.4])
    assert seen(scene, -steep, (0, 0, 30.0)) == pytest.approx([0.4])  # up to 500 mm at 250 mm
    assert seen(scene, np.array([[0.1, 0.0, 0.995]]), (0, 0, 30.0)) == pytest.approx([0.9])
    assert seen(drum(dark=True), flat, (0, 0, 30.0)) == pytest.approx([0.0])


@pytest.mark.parametrize("centre", [(0.0, 0.0, 30.0), (60.0, -40.0, 20.0)])
@pytest.mark.parametrize("direction", [(1.0, 0.2, 0.1), (-0.4, 0.8, 0.3)])
def test_a_blurred_ray_is_the_mean_of_sharp_ones(
    centre: tuple[float, float, float], direction: tuple[float, float, float]
) -> None:
    scene, blur = drum(cycles_per_deg=0.1), np.radians(1.5)
    ray = np.array(direction) / np.linalg.norm(direction)
    across = np.cross(ray, [0, 0, 1.0])
    across /= np.linalg.norm(across)
    spread = np.random.default_rng(0).normal(size=(40_000, 2)) * blur
    many = ray + spread[:, :1] * across + spread[:, 1:] * np.cross(ray, across)
    many /= np.linalg.norm(many, axis=1, keepdims=True)
    sharp = seen(scene, many, centre)
    assert seen(scene, ray[None], centre, blur)[0] == pytest.approx(float(sharp.mean()), abs=0.01)


def test_seen_from_above_the_wall_is_folded_down() -> None:
    scene = drum(floor=0.2, luminance=0.6)
    assert float(scene.value(10.0, 0.0, 0.0)) == pytest.approx(0.2)
    angle = np.pi / 2 / scene.stripes
    assert float(scene.value(300 * np.cos(angle), 300 * np.sin(angle), 0.0)) == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("stimulus", "message"),
    [
        ({"direction": "forward"}, "stimulus.direction must be left or right, not 'forward'"),
        ({"cycles_per_deg": 0.0}, "cycles_per_deg must be a number above 0"),
        ({"speed_deg_s": -1.0}, "speed_deg_s must be a number of at least 0"),
        ({"contrast": 1.5}, "contrast must be a number between 0 and 1"),
        (
            {"speed": 1.0},
            "unknown key 'environment.stimulus.speed'; nearest: environment.stimulus.speed_deg_s",
        ),
    ],
)
def test_what_makes_no_sense_is_one_clear_line(stimulus: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        drum(**stimulus)
