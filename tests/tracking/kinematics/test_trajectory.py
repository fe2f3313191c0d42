"""Paths whose speed and index are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromech.tracking.kinematics import trajectory
from tests.crawler import crawl

TIMES = np.arange(0, 100, 0.05)


def still(points: int = 5) -> np.ndarray:
    """Return a straight worm at the origin, heading +x."""
    return np.stack([np.linspace(0, -1, points), np.zeros(points)], axis=-1)[None]


def along(path: np.ndarray) -> np.ndarray:
    """Return a rigid straight worm carried along `path` (time, 2)."""
    return still() + path[:, None]


def test_walking_straight_to_the_peak_has_a_known_index() -> None:
    # Distance falls linearly from 4 to 1 mm: its mean is 2.5.
    nose = np.stack([np.linspace(0, 3, 1001), np.zeros(1001)], axis=-1)
    peak = np.broadcast_to([4.0, 0.0], nose.shape).copy()
    assert trajectory.chemotaxis_index(nose, peak) == pytest.approx(1 - 2.5 / 4)
    assert trajectory.chemotaxis_index(-nose, peak) == pytest.approx(1 - 5.5 / 4)
    assert trajectory.chemotaxis_index(nose[:1].repeat(9, 0), peak[:9]) == 0


def test_the_index_is_not_clipped_and_needs_a_distance() -> None:
    nose = np.array([[1.0, 0.0], [31.0, 0.0]])
    assert trajectory.chemotaxis_index(nose, np.zeros((2, 2))) == pytest.approx(-15.0)
    assert trajectory.chemotaxis_index(np.zeros((3, 2)), np.zeros((3, 2))) is None
    assert trajectory.chemotaxis_index(np.full((3, 2), np.nan), np.zeros((3, 2))) is None
    assert trajectory.chemotaxis_index(np.zeros((0, 2)), np.zeros((0, 2))) is None


def test_a_moving_peak_is_measured_where_it_is() -> None:
    nose = np.stack([TIMES, 0 * TIMES], axis=-1)
    assert trajectory.chemotaxis_index(nose, nose + [0.0, 2.0]) == pytest.approx(0)


@pytest.mark.parametrize(("closest", "reached"), [(0.0, 1.0), (0.999, 1.0), (1.001, 0.0)])
def test_reaching_means_within_a_millimetre_at_any_time(closest: float, reached: float) -> None:
    nose = np.array([[5.0, 0.0], [closest, 0.0], [9.0, 0.0]])
    assert trajectory.reached_peak(nose, np.zeros((3, 2))) == reached


@settings(max_examples=25)
@given(turn=st.floats(-np.pi, np.pi), x=st.floats(-9, 9), mirror=st.sampled_from([1.0, -1.0]))
def test_metrics_do_not_depend_on_the_frame(turn: float, x: float, mirror: float) -> None:
    points = crawl(12.0, bend=0.4)["landmarks"].values[..., :2].astype(float)
    times = np.arange(len(points)) * 0.05
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    moved = points * [1.0, mirror] @ spin + [x, 2.0]
    peak = np.array([[2.0, 0.5]])
    there = peak * [1.0, mirror] @ spin + [x, 2.0]
    index = trajectory.chemotaxis_index(points[:, 0], peak.repeat(len(points), 0))
    assert trajectory.chemotaxis_index(moved[:, 0], there.repeat(len(points), 0)) == pytest.approx(index)
    assert trajectory.path_speed(times, moved, 2.0) == pytest.approx(
        trajectory.path_speed(times, points, 2.0)
    )
    both = [trajectory.axial_speed(times, each, 2.0) for each in (moved, points)]
    np.testing.assert_allclose(both[0], both[1], atol=1e-6)


def test_a_window_over_one_cycle_ignores_the_wiggle() -> None:
    wiggle = 0.3 * np.sin(2 * np.pi * 0.37 * TIMES)
    points = along(np.stack([0.2 * TIMES, wiggle], axis=-1))
    assert trajectory.path_speed(TIMES, points, 1 / 0.37) == pytest.approx(0.2, rel=1e-3)
    # Counting every wiggle would more than double it.
    assert (trajectory.path_speed(TIMES, points, 0.1) or 0) > 0.45


def test_circling_is_travel() -> None:
    angle = 0.1 * TIMES
    points = along(2.0 * np.stack([np.sin(angle), -np.cos(angle)], axis=-1))
    assert trajectory.path_speed(TIMES, points, 2.0) == pytest.approx(0.2, rel=0.01)


@pytest.mark.parametrize("speed", [0.2, -0.1])
def test_axial_speed_is_negative_backwards(speed: float) -> None:
    points = along(np.stack([speed * TIMES, 0 * TIMES], axis=-1))
    found = trajectory.axial_speed(TIMES, points, 2.0)
    assert np.isnan(found[[0, -1]]).all()
    np.testing.assert_allclose(found[25:-25], speed, rtol=1e-6)


def test_heading_counts_turns_on() -> None:
    angle = 0.5 * TIMES
    spin = np.stack([np.cos(angle), np.sin(angle), -np.sin(angle), np.cos(angle)], axis=-1).reshape(-1, 2, 2)
    found = trajectory.heading(still() @ spin)
    assert found[-1] - found[0] == pytest.approx(angle[-1])
    np.testing.assert_allclose(trajectory.rate(TIMES, found, 1.0)[20:-20], 0.5, rtol=1e-6)


def test_gaps_stay_gaps() -> None:
    values = np.sin(TIMES)
    values[100:120] = np.nan
    found = trajectory.smooth(TIMES, values, 1.0)
    # Half a window (10 samples) around the gap is unknown, and nothing else but the ends.
    assert (
        np.isnan(found[91:129]).all()
        and np.isfinite(found[10:89]).all()
        and np.isfinite(found[131:-10]).all()
    )
