"""Where episodes begin."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.world import initial_pose

GOAL = (1.0, -2.0)


def draw(seed: int = 0, **spec: Any) -> initial_pose.Pose:
    return initial_pose.draw(spec, GOAL, np.random.default_rng(seed))


@given(seed=st.integers(0, 1_000_000), low=st.floats(0, 10), more=st.floats(0, 10))
def test_the_distance_is_drawn_within_its_bounds(seed: int, low: float, more: float) -> None:
    pose = draw(seed, distance_mm=[low, low + more])
    distance = np.hypot(pose.x_mm - GOAL[0], pose.y_mm - GOAL[1])
    assert low - 1e-9 <= distance <= low + more + 1e-9
    assert -np.pi <= pose.heading_rad <= np.pi


def test_directions_distances_and_headings_are_even_and_independent() -> None:
    rng = np.random.default_rng(1)
    poses = [initial_pose.draw({"distance_mm": [3, 5], "heading": "random"}, GOAL, rng) for _ in range(4000)]
    offset = np.array([complex(pose.x_mm - GOAL[0], pose.y_mm - GOAL[1]) for pose in poses])
    headings = np.array([pose.heading_rad for pose in poses])
    # The standard error of each mean is 1/sqrt(4000) or less; five of them.
    for angles in (np.angle(offset), headings, headings - np.angle(offset)):
        assert abs(np.exp(1j * angles).mean()) < 5 / np.sqrt(4000)
    assert np.abs(offset).mean() == pytest.approx(4.0, abs=5 * 2 / np.sqrt(12 * 4000))
    assert np.abs(offset).var() == pytest.approx(4 / 12, rel=0.1)


def test_fixed_places_and_headings() -> None:
    fixed = draw(x_mm=3.0, y_mm=4.0, heading=90)
    assert (fixed.x_mm, fixed.y_mm, fixed.heading_rad) == pytest.approx((3.0, 4.0, np.pi / 2))
    pose = draw(x_mm=1.0, y_mm=5.0, heading="goal")
    assert pose.heading_rad == pytest.approx(-np.pi / 2)  # the goal lies straight below
    seen = draw(seed=3, distance_mm=4, heading="goal")
    towards = np.array([np.cos(seen.heading_rad), np.sin(seen.heading_rad)]) * 4
    assert np.array([seen.x_mm, seen.y_mm]) + towards == pytest.approx(GOAL)


def test_a_place_goes_before_a_distance_and_null_is_no_place() -> None:
    assert draw(distance_mm=[3, 5], x_mm=3.0, y_mm=4.0).x_mm == 3.0
    assert draw(2, distance_mm=[3, 5], x_mm=None, y_mm=None) == draw(2, distance_mm=[3, 5])


def test_one_seed_one_pose() -> None:
    assert draw(5, distance_mm=[3, 5]) == draw(5, distance_mm=[3, 5]) != draw(6, distance_mm=[3, 5])
    # What is fixed does not change what is drawn for the rest.
    assert draw(5, distance_mm=[3, 5], heading=10).x_mm == draw(5, distance_mm=[3, 5]).x_mm


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"distance": 3}, "distance_mm"),
        ({"distance_mm": -1}, "distance_mm"),
        ({"distance_mm": [5, 3]}, "distance_mm"),
        ({"distance_mm": [1, 2, 3]}, "distance_mm"),
        ({"distance_mm": "far"}, "distance_mm"),
        ({"distance_mm": float("nan")}, "distance_mm"),
        ({"distance_mm": None}, "distance_mm"),
        ({"heading": "north"}, "heading"),
        ({"heading": None}, "heading"),
        ({"heading": float("nan")}, "heading"),
        ({"heading": float("inf")}, "heading"),
        ({"heading": np.float32("nan")}, "heading"),
        ({"heading": 10**400}, "heading"),
        ({"heading": True}, "heading"),
        ({"heading": "90"}, "heading"),
        ({"heading": "nan"}, "heading"),
        ({"distance_mm": True}, "distance_mm"),
        ({"distance_mm": ["3", "5"]}, "distance_mm"),
        ({"distance_mm": [3, float("inf")]}, "distance_mm"),
        ({"x_mm": float("nan"), "y_mm": 0.0}, "x_mm"),
        ({"x_mm": 0.0, "y_mm": float("-inf")}, "y_mm"),
        ({"heading": [1, 2]}, "heading"),
        ({"x_mm": "left"}, "x_mm"),
        ({"x_mm": 1.0, "y_mm": True}, "y_mm must be a number"),
        ({"x_mm": 1.0}, "give start.x_mm and start.y_mm"),
        ({"distance_mm": 3, "x_mm": None, "y_mm": 2.0}, "start.y_mm is half a place"),
    ],
    ids=str,
)
def test_a_wrong_start_is_one_clear_line(spec: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        draw(**spec)


def test_numbers_of_numpy_are_numbers() -> None:
    plain = draw(x_mm=3.0, y_mm=4.0, heading=90.0)
    assert draw(x_mm=np.float64(3), y_mm=np.int32(4), heading=np.float32(90)) == plain


def test_what_is_refused_draws_no_random_number() -> None:
    rng, untouched = np.random.default_rng(1), np.random.default_rng(1)
    with pytest.raises(InputError):
        initial_pose.draw({"heading": "north"}, GOAL, rng)
    assert rng.random() == untouched.random()
