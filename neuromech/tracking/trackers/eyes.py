"""Eyes that follow a turning pattern: slow phases, quick phases, and how well a position is held.

Angles are in degrees, counter-clockwise from above positive, 0 where an eye rests. The same on simulated and
recorded eyes: both are sampled anew at one step, because a quick phase is what is fast over that step.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from neuromech._lib.types import Signal, Times
from neuromech.tracking.trackers.gait import PATTERN

SENSE = "eye_angle"
"""The sense that tells how far the eyes have turned, of a body whose eyes do."""
STEP_S = 0.02
"""Eyes are looked at every so many seconds."""
OVER_S = 0.1
"""The velocity of an eye is its turn over this time, s, divided by it."""
QUICK_DEG_S = 60.0
"""An eye that turns faster than this, deg/s, is in a quick phase; patterns are followed at up to 30 or so."""
AROUND_S = 0.1
"""What lies so near to a quick phase, s, counts to it."""
MOVES_DEG_S = 1.0
"""A pattern that turns by less, deg/s, rests."""
UNITS = {
    "slow_phase_gain": "1",
    "slow_phase_deg_s": "deg/s",
    "quick_phase_hz": "Hz",
    "quick_phase_deg": "deg",
    "eye_range_deg": "deg",
    "eye_drift_deg_s": "deg/s",
    "eye_hold_s": "s",
}


def smooth(times: Times, angle: Signal) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return evenly spaced times, the angle then, and its velocity (deg/s)."""
    even = np.arange(times[0], times[-1] + 1e-9, STEP_S)
    low, high = (np.clip(even + side * OVER_S / 2, times[0], times[-1]) for side in (-1, 1))
    velocity = (np.interp(high, times, angle) - np.interp(low, times, angle)) / (high - low)
    return even, np.interp(even, times, angle), velocity


def quick(velocity: np.ndarray) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Return which samples belong to quick phases or lie near one, and the first and last sample of each."""
    fast = np.abs(velocity) > QUICK_DEG_S
    edges = np.flatnonzero(np.diff(np.concatenate([[False], fast, [False]]).astype(int)))
    phases = [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    near = np.zeros(len(fast), bool)
    reach = round(AROUND_S / STEP_S)
    for first, last in phases:
        near[max(0, first - reach) : last + reach + 1] = True
    return near, phases


def metrics(times: Times, eyes_deg: np.ndarray, pattern_deg: Signal) -> dict[str, float | None]:
    """Return the metrics of both eyes (time, eye) beside a pattern (time,), in degrees; None if unknown.

    slow_phase_gain: the slope of the eyes' velocity on the pattern's, outside of quick phases, while the
    pattern turns; slow_phase_deg_s: the median speed along the pattern then. quick_phase_hz,
    quick_phase_deg: how many there are per second and eye, and the median size. eye_range_deg: from the 2nd
    to the 98th percentile, the mean of both eyes. eye_drift_deg_s: the median speed outside of quick phases
    while the pattern rests. eye_hold_s: the time constant at which they then return to the middle, their
    place over their speed back to it.
    """
    found: dict[str, float | None] = dict.fromkeys(UNITS)
    if len(times) < 2 or times[-1] - times[0] < 2 * OVER_S:
        return found
    slow, way, rest, place, sizes, ranges = [], [], [], [], [], []
    count, seen_s = 0, float(times[-1] - times[0])
    _, _, turning = smooth(times, pattern_deg)
    for angle in eyes_deg.T:
        _, even, velocity = smooth(times, angle)
        near, phases = quick(velocity)
        moves = (np.abs(turning) > MOVES_DEG_S) & ~near
        still = (np.abs(turning) <= MOVES_DEG_S) & ~near
        slow.append(velocity[moves])
        way.append(turning[moves])
        rest.append(velocity[still])
        place.append(even[still])
        reach = round(OVER_S / STEP_S)
        count += len(phases)
        sizes += [abs(even[min(b + reach, len(even) - 1)] - even[max(a - reach, 0)]) for a, b in phases]
        ranges.append(np.ptp(np.percentile(even, [2, 98])))
    speed, along = np.concatenate(slow), np.concatenate(way)
    if len(speed) > 10:
        found["slow_phase_gain"] = float((speed * along).sum() / (along**2).sum())
        found["slow_phase_deg_s"] = float(np.median(speed * np.sign(along)))
    found["quick_phase_hz"] = count / seen_s / eyes_deg.shape[1]
    found["quick_phase_deg"] = float(np.median(sizes)) if sizes else None
    found["eye_range_deg"] = float(np.mean(ranges))
    drift = np.concatenate(rest)
    if len(drift) > 10:
        found["eye_drift_deg_s"] = float(np.median(np.abs(drift)))
        off = np.concatenate(place)
        back = -float((off * drift).sum()) / max(float((off**2).sum()), 1e-9)
        found["eye_hold_s"] = 1.0 / back if back > 0 else None
    return found


def of(dataset: xr.Dataset) -> dict[str, float | None]:
    """Return the metrics of a recording that has angles of eyes; all None without."""
    if f"sense_{SENSE}" not in dataset or "stimulus" not in dataset:
        return dict.fromkeys(UNITS)
    eyes = np.degrees(dataset[f"sense_{SENSE}"].values.astype(float))
    pattern = np.zeros(len(eyes))
    if PATTERN in dataset["stimulus_channel"].values:
        heading = dataset["stimulus"].sel(stimulus_channel=PATTERN).values.astype(float)
        pattern = np.degrees(np.unwrap(heading))
    return metrics(dataset["time"].values.astype(float), eyes, pattern)
