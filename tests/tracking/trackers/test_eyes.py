"""Eyes that follow a pattern: gains, quick phases and leaks that are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from neuromech.tracking.trackers import eyes

TIMES = np.arange(0, 20, 0.005)


def nystagmus(gain: float, speed: float = 10.0, every_s: float = 2.0) -> np.ndarray:
    """Return an eye that follows with a gain and jumps back within 20 ms."""
    angle = gain * speed * TIMES
    for jump in np.arange(every_s, 20, every_s):
        angle -= gain * speed * every_s * np.clip((TIMES - jump) / 0.02, 0, 1)
    return angle


def test_gain_and_quick_phases_of_a_nystagmus() -> None:
    both = np.column_stack([nystagmus(0.8), nystagmus(0.6)])
    found = eyes.metrics(TIMES, both, 10.0 * TIMES)
    assert found["slow_phase_gain"] == pytest.approx(0.7, abs=0.03)
    assert found["slow_phase_deg_s"] == pytest.approx(7.0, abs=1.1)
    assert found["quick_phase_hz"] == pytest.approx(0.45, abs=0.02)
    assert found["quick_phase_deg"] == pytest.approx(14 - 0.7 * 10 * 0.2, abs=2)
    assert found["eye_range_deg"] == pytest.approx(14, abs=1)
    assert found["eye_drift_deg_s"] is found["eye_hold_s"] is None


def test_a_leak_has_its_time_constant_and_stillness_no_gain() -> None:
    leak = np.column_stack([12 * np.exp(-TIMES / 6), -8 * np.exp(-TIMES / 6)])
    found = eyes.metrics(TIMES, leak, np.zeros_like(TIMES))
    assert found["eye_hold_s"] == pytest.approx(6, rel=0.03) and found["slow_phase_gain"] is None
    assert found["quick_phase_hz"] == 0.0 and found["quick_phase_deg"] is None
    assert all(value is None for value in eyes.of(xr.Dataset()).values())
    assert all(value is None for value in eyes.metrics(TIMES[:5], leak[:5], TIMES[:5]).values())


def test_recorded_eyes_follow_their_windmill(data: Path) -> None:
    held = np.load(data / "fish" / "eyes_okr.npz")
    names, values, stimulus = list(held["cols"]), held["values"], held["stim_values"]
    times, both = values[:, names.index("t")], values[:, [names.index(f"th_e{k}") for k in (0, 1)]]
    # Angles in the picture grow clockwise.
    turned = -np.degrees(np.interp(times, stimulus[:, 4], stimulus[:, 2]))
    found = eyes.metrics(times, both, turned)
    assert found["slow_phase_gain"] == pytest.approx(0.51, abs=0.01)
    assert found["quick_phase_hz"] == pytest.approx(0.25, abs=0.01)
    assert found["quick_phase_deg"] == pytest.approx(16.3, abs=0.1)
    assert found["eye_range_deg"] == pytest.approx(21.4, abs=0.1)
