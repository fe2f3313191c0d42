"""The finer measures on gaits that are known exactly."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from neuromech.tracking import track
from neuromech.tracking.trackers.measures import UNITS, measure
from tests.crawler import centroid_speed, crawl, dataset, midlines

HERTZ, WAVE, SWING = 0.5, 0.65, 0.9


def test_a_straight_crawl() -> None:
    found = measure(crawl(30.0, HERTZ, WAVE, SWING, heading=0.7))
    speed = centroid_speed(HERTZ, WAVE, SWING)
    assert found["axial_speed_mm_s"] == pytest.approx(speed, rel=0.02)
    assert found["net_speed_mm_s"] == pytest.approx(speed, rel=0.02)
    assert found["turning_deg_s"] == pytest.approx(0.0, abs=1.0)
    # The track's direction is SWING cos(2 pi u / WAVE), so its curvature has this root mean square.
    rms = SWING * 2 * np.pi / WAVE / np.sqrt(2)
    assert found["bend_rms_per_mm"] == pytest.approx(rms, rel=0.06)  # smoothed over 3 % of the body
    assert found["standing_bend_per_mm"] == pytest.approx(0.0, abs=0.3)
    assert set(found) == set(UNITS) | set(track(crawl(10.0)))


def test_backwards_is_negative() -> None:
    times = np.arange(0, 30, 0.05)
    found = measure(dataset(times, midlines(-HERTZ * WAVE * times, WAVE, SWING)))
    assert found["axial_speed_mm_s"] == pytest.approx(-centroid_speed(HERTZ, WAVE, SWING), rel=0.02)
    assert found["net_speed_mm_s"] == pytest.approx(centroid_speed(HERTZ, WAVE, SWING), rel=0.02)


@pytest.mark.parametrize("bend", [0.3, -0.3])
def test_a_circling_worm_turns_and_gets_nowhere(bend: float) -> None:
    found = measure(crawl(40.0, HERTZ, WAVE, SWING, bend=bend))
    travelled = HERTZ * WAVE  # mm of track per second, each turning by the bend
    assert found["turning_deg_s"] == pytest.approx(np.degrees(bend * travelled), rel=0.05)
    assert found["standing_bend_per_mm"] == pytest.approx(abs(bend), abs=0.15)
    axial, net = found["axial_speed_mm_s"], found["net_speed_mm_s"]
    assert axial is not None and net is not None and net < 0.7 * axial


def test_a_stretch_is_measured_as_if_it_were_alone() -> None:
    times = np.arange(0, 40, 0.05)
    # It stands still for twenty seconds, then crawls.
    moving = dataset(times, midlines(HERTZ * WAVE * np.maximum(times - 20, 0), WAVE, SWING))
    still, late = measure(moving, 0, 19.9), measure(moving, 20.0)
    assert still["bend_rms_per_mm"] == pytest.approx(0.0, abs=1e-2)
    assert still["net_speed_mm_s"] == pytest.approx(0.0, abs=1e-6)
    assert late["axial_speed_mm_s"] == pytest.approx(centroid_speed(HERTZ, WAVE, SWING), rel=0.03)
    assert late == measure(moving.sel(time=slice(20.0, None)))


def test_head_and_tail_are_measured_apart() -> None:
    times = np.arange(0, 20, 0.05)
    # Only the front third moves, as a rigid hinge would: tail angles constant.
    s = np.linspace(0, 1, 49)
    angle = np.where(s < 0.3, (0.3 - s) * 6, 0.0)[None, :] * np.sin(2 * np.pi * HERTZ * times)[:, None]
    steps = -np.exp(1j * angle[:, :-1]) / 48
    line = np.concatenate([np.zeros((len(times), 1)), np.cumsum(steps, axis=1)], axis=1)
    found = measure(dataset(times, np.stack([line.real, line.imag], axis=-1)))
    head, tail = found["head_bend_per_mm"], found["tail_bend_per_mm"]
    assert head == pytest.approx(6 / np.sqrt(2), rel=0.1) and tail == pytest.approx(0.0, abs=1e-2)


@pytest.mark.parametrize("samples", [0, 1, 2, 3, 5])
def test_too_little_is_none_and_never_nan(samples: int) -> None:
    piece = crawl(10.0).isel(time=slice(0, samples))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = measure(piece)
    assert set(UNITS) <= set(found)
    assert all(value is None or np.isfinite(value) for value in found.values())
    if samples < 2:
        assert not any(value is not None for value in found.values())


def test_a_lost_posture_is_none() -> None:
    broken = crawl(10.0)
    broken["landmarks"] = broken["landmarks"].where(broken["time"] < 5)
    assert not any(value is not None for value in measure(broken).values())
    assert measure(broken, 0.0, 4.9)["axial_speed_mm_s"] is not None


@pytest.mark.parametrize("bend", [0.5, -0.5])
def test_a_worm_that_circles_round_the_peak_steers_towards_it_all_the_time(bend: float) -> None:
    travelled = 2 * np.pi / abs(bend)  # one whole turn
    times = np.arange(0, travelled / (HERTZ * WAVE), 0.05)
    points = midlines(HERTZ * WAVE * times, WAVE, SWING, bend=bend)
    centre = points.mean(axis=(0, 1))
    found = measure(dataset(times, points, peak=(float(centre[0]), float(centre[1]))))
    assert found["steering_deg_s"] == pytest.approx(np.degrees(abs(bend) * HERTZ * WAVE), rel=0.05)
    assert found["bearing_cosine"] == pytest.approx(0.0, abs=0.1)


def test_a_worm_that_heads_straight_for_the_peak_or_away_does_not_steer() -> None:
    there = measure(crawl(30.0, HERTZ, WAVE, SWING, peak=(50.0, 0.0)))
    away = measure(crawl(30.0, HERTZ, WAVE, SWING, peak=(-50.0, 0.0)))
    assert there["bearing_cosine"] == pytest.approx(1.0, abs=0.02)
    assert away["bearing_cosine"] == pytest.approx(-1.0, abs=0.02)
    assert there["steering_deg_s"] == pytest.approx(0.0, abs=0.5)


def test_without_a_peak_there_is_no_bearing() -> None:
    found = measure(crawl(10.0))
    assert found["bearing_cosine"] is None and found["steering_deg_s"] is None
