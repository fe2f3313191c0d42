"""What is compared in an animal that swims in bouts: each bout, the pauses, and the tail while it beats."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from neuromech.tracking.kinematics import tail as tails
from neuromech.tracking.similarity.features.base import (
    Behaviour,
    Feature,
    FeatureSet,
    States,
    TimeCourse,
    known,
    time_course,
)
from neuromech.tracking.trackers import bouts

STEP_S = 0.005
"""The sampling step of the time courses of the tail, s."""
SEGMENTS = 9
"""The number of angles to which tails are resampled, that of recorded larvae."""
KINDS = ("forward", "left", "right")
FEATURES = {
    "duration_ms": Feature("bout duration", "ms", "bouts"),
    "tail_beat_hz": Feature("tail beat", "Hz", "bouts"),
    "amplitude_deg": Feature("largest tail angle", "deg", "bouts"),
    "displacement_mm": Feature("bout displacement", "mm", "bouts"),
    "turn_size_deg": Feature("turn, either way", "deg", "bouts"),
    "turn_deg": Feature("turn (left +)", "deg", "bouts"),
    "interval_s": Feature("from bout to bout", "s", "a continuous recording"),
}


def extract(dataset: xr.Dataset) -> Behaviour:
    """Return what a recorded tail, or a table of bouts, shows."""
    if "bout_start_s" in dataset:
        table = {name: dataset[f"bout_{name}"].values for name in bouts.Bout.__dataclass_fields__ if
                 f"bout_{name}" in dataset}  # fmt: skip
        return _of_bouts(table, [len(table["start_s"])])
    tail = tails.read(dataset)
    if not tail.seen.any():
        return Behaviour()
    trains = successive(tail, bouts.detect(tail))
    whole = [bout for train in trains for bout in train]
    table = {
        name: np.array([np.nan if (v := getattr(bout, name)) is None else v for bout in whole], float)
        for name in ("start_s", "duration_ms", "tail_beat_hz", "amplitude_deg", "displacement_mm", "turn_deg")
    }
    excerpts = dataset.attrs.get("frame") == "excerpts"
    found = _of_bouts(table, [] if excerpts else [len(train) for train in trains])
    beating = np.zeros(len(tail.times), bool)
    for bout in whole:
        beating |= (tail.times >= bout.start_s) & (tail.times <= bout.start_s + 1e-3 * bout.duration_ms)
    here = (np.arange(tail.angle.shape[1]) + 0.5) / tail.angle.shape[1]
    there = (np.arange(SEGMENTS) + 0.5) / SEGMENTS
    postures = np.array([np.interp(there, here, row) for row in tail.angle[beating]])
    tip = np.where(beating, tail.tip, np.nan)
    courses = (
        {"angle of the tail's end": time_course(tail.times, tip, STEP_S)}
        if whole
        else dict[str, TimeCourse]()
    )
    return Behaviour(found.samples, courses, postures.reshape(-1, SEGMENTS), found.states)


def successive(tail: tails.Tail, found: Sequence[bouts.Bout]) -> list[list[bouts.Bout]]:
    """Return the complete bouts in series without a missing one: no gap, and no bout seen in part."""
    trains = list[list[bouts.Bout]]()
    for start, stop in tail.stretches():
        trains.append([])
        for bout in found:
            if tail.times[start] <= bout.start_s <= tail.times[stop - 1]:
                if bout.complete:
                    trains[-1].append(bout)
                else:
                    trains.append([])
    return [train for train in trains if train]


def _of_bouts(table: dict[str, np.ndarray], trains: Sequence[int]) -> Behaviour:
    """Return what bouts show; `trains` holds the length of each series of bouts, empty if none is known."""
    turns = table["turn_deg"]
    samples = {name: table[name] for name in FEATURES if name in table}
    samples["turn_size_deg"] = np.abs(turns)
    states = {}
    if len(trains):
        ends = np.cumsum(trains)[:-1]
        samples["interval_s"] = np.concatenate([np.diff(each) for each in np.split(table["start_s"], ends)])
        kind = np.where(np.abs(turns) <= bouts.TURNING_DEG, 0, np.where(turns > 0, 1, 2))
        states["bout"] = States(KINDS, np.insert(kind, ends, -1))
    return Behaviour(samples=known(samples), states=states)


OF_POSTURE = frozenset({"duration_ms", "tail_beat_hz", "amplitude_deg"})

FEATURE_SET = FeatureSet(FEATURES, extract, mirrored=False, max_lag_s=0.15, of_posture=OF_POSTURE)
