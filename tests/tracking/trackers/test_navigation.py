"""How a worm searches, on journeys whose reversals are known."""

from __future__ import annotations

import numpy as np
import pytest

from neuromech.tracking.trackers.measures import measure
from tests.crawler import crawl, dataset, midlines

HERTZ, WAVE, SWING, STEP_S = 0.5, 0.65, 0.9, 0.05


def journey(peak: tuple[float, float] | None = None):
    """Return a worm that crawls for 20 s, backs up for 4 s, and crawls on for 20 s."""
    times = np.arange(0.0, 44.0, STEP_S)
    speed = np.where((times >= 20) & (times < 24), -1.0, 1.0) * HERTZ * WAVE
    travelled = np.concatenate([[0.0], np.cumsum(speed[:-1]) * STEP_S])
    return dataset(times, midlines(travelled, WAVE, SWING), peak)


def test_a_reversal_is_counted_once_and_lasts_as_long_as_it_does() -> None:
    found = measure(journey())
    assert found["reversal_rate_hz"] == pytest.approx(1 / 44, rel=0.02)
    assert found["reversal_s"] == pytest.approx(4.0, abs=1.0)  # speeds are means over a cycle of 2 s
    assert found["pirouette_rate_hz"] == pytest.approx(1 / 40, rel=0.1)
    assert found["omega_rate_hz"] == 0.0 and found["pirouette_rate_up_hz"] is None


def test_a_pirouette_belongs_to_the_run_that_it_ends() -> None:
    up, away = measure(journey((50.0, 0.0))), measure(journey((-50.0, 0.0)))
    assert up["pirouette_rate_up_hz"] == pytest.approx(1 / 40, rel=0.15)
    assert up["pirouette_rate_down_hz"] is None  # it hardly ran away from the peak
    assert away["pirouette_rate_down_hz"] == pytest.approx(1 / 40, rel=0.15)


def test_a_worm_that_stands_dwells_and_one_that_crawls_does_not() -> None:
    times = np.arange(0.0, 30.0, STEP_S)
    still = dataset(times, midlines(np.full(len(times), 0.3), WAVE, SWING))
    assert measure(still)["dwelling_share"] == 1.0
    assert measure(crawl(30.0, HERTZ, WAVE, SWING))["dwelling_share"] == 0.0
    assert measure(crawl(5.0, HERTZ, WAVE, SWING))["dwelling_share"] is None


def test_the_farthest_from_the_peak_is_measured_from_the_middle_of_the_body() -> None:
    seen = journey((1.0, 2.0))
    middle = seen["landmarks"].values[..., :2].mean(axis=1)
    end = float(np.hypot(middle[:, 0] - 1.0, middle[:, 1] - 2.0).max())
    assert measure(seen)["farthest_mm"] == pytest.approx(end, abs=0.05) and end > 5
    assert measure(journey())["farthest_mm"] is None
