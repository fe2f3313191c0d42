"""What to compare in an animal that undulates: posture, rhythm, and where it goes if the recording says.

Lengths are body lengths wherever no scale is needed, and sides are not told apart: a recording seldom says
whether the animal lies on its left or on its right.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.signal import find_peaks

from neuromech.tracking.kinematics import posture, trajectory
from neuromech.tracking.similarity.features.base import (
    Behaviour,
    Feature,
    FeatureSet,
    States,
    codes,
    known,
    time_course,
)
from neuromech.tracking.trackers import undulation

STEP_S = 0.1
"""The sampling step of time courses and states, s."""
LAG_S = 0.5
"""Transitions are changes of state over this time, s."""
RATE_S = 0.25
"""The rate of bending is its difference over this time, s, longer than a frame of any recording in use."""
TURNING_S = 1.0
"""The turning rate is the change of heading over this time, s."""
CYCLE_PROMINENCE = 2.0
"""The smallest swing of the middle of the body, rad per body length, that counts as half a cycle."""
MIDDLE, HEAD, TAIL = (0.4, 0.6), (0.05, 0.25), (0.75, 0.95)
"""The middle, the head and the tail as parts of the body, nose 0 to tail 1."""
WAVES = ("wave to the tail", "wave to the head", "coil", "no wave")
"""The states that posture alone shows."""
FEATURES = {
    "bend": Feature("bending of the body", "rad/L", "posture"),
    "head_bend": Feature("bending of the head", "rad/L", "posture"),
    "tail_bend": Feature("bending of the tail", "rad/L", "posture"),
    "amplitude": Feature("amplitude", "L", "posture"),
    "end_to_end": Feature("nose to tail distance", "L", "posture"),
    "bend_rate": Feature("speed of bending", "rad/L/s", "posture"),
    "waves": Feature("waves on the body", "1", "posture"),
    "cycle_hz": Feature("frequency, each cycle", "Hz", "posture"),
    "speed_mm_s": Feature("speed", "mm/s", "a path in mm"),
    "axial_mm_s": Feature("speed along the body", "mm/s", "a path in mm"),
    "turning_deg_s": Feature("turning", "deg/s", "a path in mm"),
}


def extract(dataset: xr.Dataset) -> Behaviour:
    """Return what a recording with a midline shows; frames without a midline are left out."""
    times = dataset["time"].values.astype(float)
    points = posture.resample(posture.midline(dataset), 49)
    if len(times) < 4 or not np.isfinite(points).any():
        return Behaviour()
    seen = undulation.analyse(dataset)
    length = posture.body_length(points)
    bend = posture.curvature(points) * length
    middle = _part(bend, MIDDLE).mean(axis=1)
    rate = trajectory.rate(times, bend, RATE_S)
    each_cycle = cycles(times, middle)
    # A rhythm too unsteady for a peak in the spectrum still has cycles that can be counted.
    hertz = seen.frequency_hz or (float(np.median(each_cycle)) if len(each_cycle) else None)
    waves = np.full(len(times), np.nan)
    if hertz:
        waves = undulation.waves_on_body(times, bend / length, hertz)
    samples = {
        "bend": _rms(_part(bend, undulation.BODY_PART)),
        "head_bend": _rms(_part(bend, HEAD)),
        "tail_bend": _rms(_part(bend, TAIL)),
        "amplitude": posture.amplitude(points) / length,
        "end_to_end": posture.end_to_end(points),
        "bend_rate": _rms(_part(rate, undulation.BODY_PART)),
        "waves": np.abs(waves),
        "cycle_hz": each_cycle,
    }
    states = {}
    if dataset.attrs.get("frame") != "crop":
        moved = trajectory.velocity(times, points, seen.cycle_s)
        turning = trajectory.rate(times, trajectory.heading(points), TURNING_S)
        samples["speed_mm_s"] = np.linalg.norm(moved, axis=1)
        samples["axial_mm_s"] = seen.axial_speed
        samples["turning_deg_s"] = np.abs(np.degrees(turning))
        states["motion"] = _states(undulation.STATES, times, seen.states)
    states["wave"] = _states(WAVES, times, _waves(waves, points))
    angles = posture.tangent_angles(points)
    angles = angles - angles.mean(axis=1, keepdims=True)
    return Behaviour(
        samples=known(samples),
        courses={
            "bending of the middle": time_course(times, middle, STEP_S),
            "bending of the body": time_course(times, samples["bend"], STEP_S),
        },
        postures=angles[np.isfinite(angles).all(axis=1)],
        states=states,
    )


def cycles(times: np.ndarray, bend: np.ndarray) -> np.ndarray:
    """Return the frequency of each full cycle (Hz) from successive extremes on the same side of the body.

    Each stretch without a gap is analysed by itself; an extreme counts if its prominence is at least
    `CYCLE_PROMINENCE`.
    """
    found = []
    for start, stop in undulation.runs(np.asarray(np.isfinite(bend))):
        for side in (1.0, -1.0):
            peaks = find_peaks(side * bend[start:stop], prominence=CYCLE_PROMINENCE)[0]
            found.append(1.0 / np.diff(times[start + peaks]))
    return np.concatenate(found) if found else np.zeros(0)


def _waves(waves: np.ndarray, points: np.ndarray) -> np.ndarray:
    shape = posture.end_to_end(points)
    with np.errstate(invalid="ignore"):
        found = np.where(waves > 0, 0, np.where(waves < 0, 1, 3))
        found = np.where(shape < undulation.COILED, 2, found)
    return np.where(np.isfinite(shape), found, -1)


def _states(names: tuple[str, ...], times: np.ndarray, found: np.ndarray) -> States:
    return States(names, codes(times, found, STEP_S), round(LAG_S / STEP_S))


def _part(values: np.ndarray, part: tuple[float, float]) -> np.ndarray:
    place = posture.positions(values.shape[1])
    return values[:, (place >= part[0]) & (place <= part[1])]


def _rms(values: np.ndarray) -> np.ndarray:
    return np.sqrt((values**2).mean(axis=1))


OF_POSTURE = frozenset(name for name, feature in FEATURES.items() if feature.needs == "posture")

FEATURE_SET = FeatureSet(FEATURES, extract, mirrored=True, max_lag_s=8.0, of_posture=OF_POSTURE)
