"""A larva whose bouts are known exactly, for tests of trackers and figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

LENGTH_MM = 4.2
POINTS = 29
JOINT = 7
"""The landmark at which the tail begins."""


@dataclass(frozen=True)
class Swim:
    """One bout: the tip swings as a sine of `hertz` and `amplitude_deg` for `duration_s` from `start_s`."""

    start_s: float
    duration_s: float = 0.2
    hertz: float = 25.0
    amplitude_deg: float = 60.0
    displacement_mm: float = 3.0
    turn_deg: float = 0.0


def tail_and_head(
    times: np.ndarray, swims: Sequence[Swim], heading: float = 0.0, drift: Sequence[float] = (0, 0)
) -> tuple[np.ndarray, np.ndarray]:
    """Return tail angles (time, 9) rad and head (time, 3) of a larva that swims like that.

    Each bout moves it straight along its heading at the start, and turns it evenly while the tail beats.
    """
    place = (np.arange(9) + 1) / 9
    angle = np.zeros((len(times), 9))
    head = np.zeros((len(times), 3))
    head[:, 2] = heading
    for swim in swims:
        share = np.clip((times - swim.start_s) / swim.duration_s, 0, 1)
        beating = (share > 0) & (share < 1)
        swing = np.sin(2 * np.pi * swim.hertz * (times - swim.start_s)) * beating
        angle += np.radians(swim.amplitude_deg) * swing[:, None] * place
        before = head[np.searchsorted(times, swim.start_s) - 1, 2]
        head[:, :2] += swim.displacement_mm * share[:, None] * [np.cos(before), np.sin(before)]
        head[:, 2] += np.radians(swim.turn_deg) * share
    head[:, :2] += times[:, None] * np.asarray(drift)
    return angle, head


def larva(
    duration_s: float,
    swims: Sequence[Swim],
    step_s: float = 0.005,
    heading: float = 0.0,
    drift: Sequence[float] = (0, 0),
    **attrs: str,
) -> xr.Dataset:
    """Return a recording of landmarks as a simulation leaves it."""
    times = np.arange(round(duration_s / step_s) + 1) * step_s
    angle, head = tail_and_head(times, swims, heading, drift)
    segment = LENGTH_MM / (POINTS - 1)
    tail = POINTS - 1 - JOINT
    across = np.array(
        [np.interp((np.arange(tail) + 1) / tail, np.arange(10) / 9, [0, *row]) for row in angle]
    )
    bends = np.concatenate([np.zeros((len(times), JOINT)), across], axis=1)
    direction = head[:, 2:] + np.pi + bends
    steps = segment * np.stack([np.cos(direction), np.sin(direction)], axis=-1)
    points = np.concatenate([np.zeros((len(times), 1, 2)), np.cumsum(steps, axis=1)], axis=1)
    points += head[:, None, :2] - points[:, : JOINT + 1].mean(axis=1, keepdims=True)
    landmarks = np.concatenate([points, np.full((*points.shape[:2], 1), 3.0)], axis=-1).astype(np.float32)
    return xr.Dataset(
        {"landmarks": (("time", "landmark", "xyz"), landmarks, {"units": "mm"})},
        {
            "time": ("time", times, {"units": "s"}),
            "landmark": [f"spine_{index:02d}" for index in range(POINTS)],
            "xyz": ["x", "y", "z"],
        },
        {"animal": "larval_fish", "tracker": "bouts", "record_s": step_s, **attrs},
    )


def with_stimulus(recording: xr.Dataset, **channels: np.ndarray) -> xr.Dataset:
    """Return the recording with stimulus channels, each (time,)."""
    values = np.column_stack(list(channels.values())).astype(np.float32)
    return recording.assign(stimulus=(("time", "stimulus_channel"), values)).assign_coords(
        stimulus_channel=list(channels)
    )
