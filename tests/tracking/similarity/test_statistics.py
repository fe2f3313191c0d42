"""Distances and overlaps against known answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given as vary
from hypothesis import strategies as st
from scipy import stats

from neuromech.tracking.similarity import statistics
from neuromech.tracking.similarity.features import States, TimeCourse

NORMAL = stats.norm.ppf((np.arange(2000) + 0.5) / 2000)


def test_the_spread_of_a_normal_distribution_is_its_standard_deviation() -> None:
    assert statistics.spread(3.0 * NORMAL + 5.0) == pytest.approx(3.0, rel=1e-3)
    assert statistics.spread(np.array([1.0] * 90 + [3.0] * 10)) == pytest.approx(0.6)


@vary(shift=st.floats(-5, 5), width=st.floats(0.01, 100.0), unit=st.floats(1e-3, 1e3))
def test_a_shift_is_a_distance_of_so_many_spreads_in_any_unit(
    shift: float, width: float, unit: float
) -> None:
    animal = width * NORMAL
    found = statistics.distance(unit * (animal + shift * width), unit * animal)
    assert found == pytest.approx(abs(shift), abs=2e-3, rel=1e-3)


def test_an_animal_that_never_changes_gives_no_distance() -> None:
    assert statistics.distance(NORMAL, np.ones(50)) is None


def test_kolmogorov_smirnov_and_percentile() -> None:
    assert statistics.kolmogorov_smirnov(NORMAL + 100, NORMAL) == 1.0
    assert statistics.kolmogorov_smirnov(NORMAL, NORMAL) == 0.0
    assert statistics.percentile(0.0, NORMAL) == pytest.approx(50.0)
    assert statistics.percentile(1.0, NORMAL) == pytest.approx(84.1, abs=0.1)


def test_the_bootstrap_covers_the_spread_between_episodes() -> None:
    levels = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    low, high = statistics.interval(lambda chosen: float(levels[list(chosen)].mean()), 6) or (0.0, 0.0)
    error = levels.std() / np.sqrt(6)
    assert low == pytest.approx(3.5 - 1.96 * error, abs=0.4) and high == pytest.approx(
        3.5 + 1.96 * error, abs=0.4
    )
    assert statistics.interval(lambda chosen: 0.0, 2) is None


def test_resamples_without_the_statistic_count_for_nothing() -> None:
    """One of four episodes lacks it: 0 in its place would pull the interval down to 0."""

    def level(chosen: Sequence[int]) -> float:
        return float("nan") if all(k == 0 for k in chosen) else 5.0

    assert statistics.interval(level, 3) == pytest.approx((5.0, 5.0))
    assert statistics.interval(lambda chosen: 5.0 if sum(chosen) == 0 else float("nan"), 3) is None


def test_the_autocorrelation_of_a_sine_and_of_noise() -> None:
    t = np.arange(0, 60, 0.1)
    sine = statistics.autocorrelation([TimeCourse(0.1, np.sin(2 * np.pi * t / 2.0))], 4.0)
    assert sine is not None
    np.testing.assert_allclose(sine.values, np.cos(np.pi * sine.lags), atol=0.02)
    noise = statistics.autocorrelation([TimeCourse(0.1, np.random.default_rng(0).normal(size=6000))], 4.0)
    assert noise is not None and abs(noise.values[1:]).max() < 0.06
    assert statistics.autocorrelation([TimeCourse(0.1, np.ones(100))], 4.0) is None


def test_gaps_do_not_change_the_autocorrelation_of_what_is_left() -> None:
    t = np.arange(0, 200, 0.1)
    values = np.sin(2 * np.pi * t / 2.0)
    values[(t % 20) > 15] = np.nan
    found = statistics.autocorrelation([TimeCourse(0.1, values)], 3.0)
    assert found is not None
    np.testing.assert_allclose(found.values, np.cos(np.pi * found.lags), atol=0.03)


@vary(
    st.lists(st.floats(-10, 10), min_size=12, max_size=60), st.lists(st.booleans(), min_size=60, max_size=60)
)
def test_no_autocorrelation_leaves_minus_one_to_one(values: list[float], seen: list[bool]) -> None:
    course = TimeCourse(0.1, np.where(seen[: len(values)], values, np.nan))
    found = statistics.autocorrelation([course], 5.0)
    assert found is None or abs(found.values).max() <= 1 + 1e-9


def test_an_autocorrelation_is_not_of_a_few_moments() -> None:
    """All of the power lies at the two ends: the longest lags pair nothing else."""
    values = np.zeros(200)
    values[[*range(12), *range(188, 200)]] = 1.0
    found = statistics.autocorrelation([TimeCourse(0.1, values)], 20.0)
    assert found is not None and abs(found.values).max() <= 1 and found.lags.max() < 18.1


def test_likeness_of_courses_is_one_for_equal_and_small_for_a_still_animal() -> None:
    t = np.arange(0, 60, 0.1)
    swing = [TimeCourse(0.1, np.sin(np.pi * t))]
    mover = statistics.autocorrelation(swing, 4.0)
    still = statistics.autocorrelation([TimeCourse(0.1, 0.05 * np.sin(np.pi * t))], 4.0)
    other = statistics.autocorrelation([TimeCourse(0.1, np.sin(2.7 * np.pi * t))], 4.0)
    assert mover and still and other
    assert statistics.autocovariance_similarity(mover, mover) == pytest.approx(1.0)
    assert (statistics.autocovariance_similarity(still, mover) or 1.0) < 0.02
    assert (statistics.autocovariance_similarity(other, mover) or 1.0) < 0.6


def test_the_map_of_postures_knows_mirror_images_and_outsiders() -> None:
    rng = np.random.default_rng(1)
    postures = rng.normal(size=(3000, 10)) * np.linspace(3, 0.1, 10)
    plane = statistics.PostureMap(postures, mirrored=True)
    mine = plane.occupancy(postures)
    assert mine.sum() == pytest.approx(1.0) and plane.share > 0.45
    assert statistics.overlap(mine, plane.occupancy(-postures)) == pytest.approx(1.0)
    far = np.zeros_like(postures)
    far[:, 0] = 100.0
    assert statistics.overlap(mine, plane.occupancy(far)) < 0.1


def test_transitions_of_a_known_sequence() -> None:
    codes = np.array([0, 0, 1, -1, 1, 1, 0, 2])
    flux = statistics.flux([States(("a", "b", "c"), codes)])
    assert flux is not None
    np.testing.assert_allclose(5 * flux, [[1, 1, 1], [1, 1, 0], [0, 0, 0]])
    np.testing.assert_allclose(statistics.transitions(flux)[0], [1 / 3, 1 / 3, 1 / 3])
    np.testing.assert_allclose(statistics.transitions(flux)[2], 0.0)
    lagged = statistics.flux([States(("a", "b"), np.array([0, 1, 0, 1, 0]), lag=2)])
    np.testing.assert_allclose(lagged, [[2 / 3, 0], [0, 1 / 3]])
    assert statistics.flux([States(("a", "b"), np.array([-1, -1, 0]))]) is None
