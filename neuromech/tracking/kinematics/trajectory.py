"""Where an animal goes: centroid, heading, speed and how well it finds a source.

Lengths are those of the landmarks (mm), times s, angles rad counter-clockwise from +x. Speeds are
displacements over one cycle of the gait divided by the cycle, so that the wiggle of the body does not count
as travel.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from neuromech._lib.types import Midline, Path2D, Signal, Times

REACHED_MM = 1.0
"""The nose has reached the source when it is closer to it than this, mm."""


def centroid(points: Midline) -> Path2D:
    """Return the mean of the midline's points."""
    return points.mean(axis=1)


def heading(points: Midline) -> Signal:
    """Return the direction from the body's rear half to its front half, rad, continuous through gaps."""
    half = points.shape[1] // 2
    axis = points[:, :half].mean(axis=1) - points[:, -half:].mean(axis=1)
    angles = np.arctan2(axis[:, 1], axis[:, 0])
    known = np.isfinite(angles)
    angles[known] = np.unwrap(angles[known])
    return angles


def at(times: Times, values: np.ndarray, when: Times) -> np.ndarray:
    """Return `values` (time, ...) interpolated at `when`; NaN outside the recording and in its gaps."""
    flat = values.reshape(len(values), -1)
    columns = [np.interp(when, times, column, left=np.nan, right=np.nan) for column in flat.T]
    return np.stack(columns, axis=-1).reshape(len(when), *values.shape[1:])


def rate(times: Times, values: np.ndarray, window_s: float) -> np.ndarray:
    """Return the change of `values` (time, ...) per second over a window around each sample.

    Equal to the derivative of the running mean over the window. NaN within half a window of either end.
    """
    half = 0.5 * window_s
    return (at(times, values, times + half) - at(times, values, times - half)) / window_s


def smooth(times: Times, values: Signal, window_s: float) -> Signal:
    """Return the running mean of one quantity over `window_s`, NaN within half of it of an end or a gap."""
    steps = np.diff(times) * 0.5 * (values[1:] + values[:-1])
    gaps = ~np.isfinite(steps)
    total = np.concatenate([[0.0], np.cumsum(np.where(gaps, 0.0, steps))])
    touched = rate(times, np.concatenate([[0.0], np.cumsum(gaps)]), window_s) > 1e-9
    out = rate(times, total, window_s)
    out[touched] = np.nan
    return out


def velocity(times: Times, points: Midline, cycle_s: float) -> Path2D:
    """Return the velocity of the centroid over one gait cycle, NaN within half a cycle of either end."""
    return rate(times, centroid(points), cycle_s)


def path_speed(times: Times, points: Midline, cycle_s: float) -> float | None:
    """Return the mean speed along the centroid's path, wiggle removed; None if shorter than one cycle.

    The magnitude of the velocity is averaged, so an animal going round in circles does have a speed.
    """
    return mean(np.linalg.norm(velocity(times, points, cycle_s), axis=1))


def axial_speed(times: Times, points: Midline, cycle_s: float) -> Signal:
    """Return the centroid's speed along the body axis, positive forwards, NaN near either end.

    The displacement is taken over half a gait cycle, long enough because along the axis the centroid
    fluctuates twice per cycle, and short enough to see a reversal; the axis is the mean heading of a whole
    cycle.
    """
    moved = velocity(times, points, 0.5 * cycle_s)
    angle = smooth(times, heading(points), cycle_s)
    return moved[:, 0] * np.cos(angle) + moved[:, 1] * np.sin(angle)


def chemotaxis_index(nose: Path2D, peak: Path2D) -> float | None:
    """Return the chemotaxis index 1 - mean(d) / d(0) over the whole episode, d from nose to peak.

    A jump to the peak would give 1, staying at the initial distance 0, and moving away less than 0; the index
    is not clipped. `peak` may move. None without a finite distance or when the episode starts on the peak.
    """
    distances = np.linalg.norm(nose - peak, axis=1)
    distances = distances[np.isfinite(distances)]
    if not distances.size or distances[0] == 0:
        return None
    return float(1.0 - distances.mean() / distances[0])


def reached_peak(nose: Path2D, peak: Path2D, within: float = REACHED_MM) -> float | None:
    """Return 1 if the nose was ever within `within` (mm) of the peak, 0 if not, None without a peak."""
    distances = np.linalg.norm(nose - peak, axis=1)
    distances = distances[np.isfinite(distances)]
    return float((distances <= within).any()) if distances.size else None


def stimulus_peak(dataset: xr.Dataset) -> Path2D | None:
    """Return the position of the stimulus peak through time (mm), None if the recording has none."""
    if "stimulus" not in dataset:
        return None
    channels = [str(name) for name in dataset["stimulus_channel"].values]
    if not {"peak_x_mm", "peak_y_mm"} <= set(channels):
        return None
    peak = dataset["stimulus"].sel(stimulus_channel=["peak_x_mm", "peak_y_mm"]).values.astype(float)
    return peak if np.isfinite(peak).any() else None


def mean(values: Signal) -> float | None:
    """Return the mean of the finite values, None if there are none."""
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if finite.size else None
