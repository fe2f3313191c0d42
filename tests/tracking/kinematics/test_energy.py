"""The power of paths whose energy is known."""

import numpy as np
import pytest

from neuromech.tracking.kinematics import energy

TIMES = np.arange(0, 4, 0.002)


def path(x: np.ndarray, z: np.ndarray) -> np.ndarray:
    return np.stack([x, np.zeros(len(x)), z], axis=1)


def test_a_steady_level_path_costs_nothing() -> None:
    assert energy.external_power(TIMES, path(300 * TIMES, np.full(len(TIMES), 25.0))) == pytest.approx(
        0, abs=1e-9
    )


def test_a_slow_bounce_costs_what_lifts_it() -> None:
    bounce, hz = 1.5, 0.5  # mm, so slow that speed counts for nothing
    found = energy.external_power(TIMES, path(100 * TIMES, 25 + bounce * np.sin(2 * np.pi * hz * TIMES)))
    assert found == pytest.approx(2 * bounce * 9810 * hz * 1e-6, rel=0.03)


def test_a_gap_or_too_short_a_path_has_none() -> None:
    gap = path(300 * TIMES, np.full(len(TIMES), 25.0))
    gap[100] = np.nan
    assert energy.external_power(TIMES, gap) is None
    assert energy.external_power(TIMES[:4], path(TIMES[:4], TIMES[:4])) is None
