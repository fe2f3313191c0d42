"""The tracker of an animal that swims in bouts: each bout, and the larva's metrics of an episode.

Everything comes from tail and head as they moved, never from the controller, so that a simulated and a
recorded larva are measured alike. Turns are positive to the left (counter-clockwise from above).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from neuromech._lib.types import Signal, Times
from neuromech.tracking.kinematics import tail as tails
from neuromech.tracking.kinematics import trajectory
from neuromech.tracking.kinematics.tail import Tail
from neuromech.tracking.trackers import optomotor
from neuromech.tracking.trackers.base import measures
from neuromech.tracking.trackers.undulation import runs

SPEED_S = 0.0115
"""The speed of the tail's tip is its displacement over this time, s, divided by it."""
VIGOR_S = 0.08
"""Vigor is the mean absolute speed of the tail's tip over this time, s. A bout therefore begins and ends
up to half of this time before and after the tail moves, as do the recorded bouts from which the norms
come."""
VIGOR_DEG_S = 250.0
"""A bout is a stretch in which the vigor is above this threshold, deg/s; tracking noise alone gives about
60."""
SLOWEST_STEP_S = 0.0101
"""The longest sampling step, s, at which a tail beat can be seen; slower recordings have no bouts."""
PROMINENCE_DEG = 8.0
"""The smallest swing of the tip that counts as a beat, degrees."""
PROMINENCE_SHARE = 0.15
"""The smallest swing of the tip that counts as a beat, as a share of the largest swing to a side."""
FINE_S = 0.001
"""Step of the spline on which the beats are timed, s."""
TURNING_DEG = 10.0
"""A bout that changes the heading by more than this, degrees, to either side is a turning bout."""
PATH_S = 0.25
"""The speed of the head is its displacement over this time, s, about the length of a bout, divided by it."""
PERCENTILES = {"p05": 5.0, "p95": 95.0}
"""The percentiles of each distribution over bouts that are metrics too, by the ending of their names."""

EACH = {
    "bout_duration_ms": "duration_ms",
    "tail_beat_hz": "tail_beat_hz",
    "tail_amplitude_deg": "amplitude_deg",
    "bout_displacement_mm": "displacement_mm",
    "turn_deg": "turn_deg",
    "turn_size_deg": "turn_size_deg",
}
"""The metrics that are medians over bouts, and the attribute of `Bout` of which each is the median."""
UNITS = {"bout_rate_hz": "Hz"}
for _name in EACH:
    _unit = "Hz" if _name.endswith("_hz") else _name.rsplit("_", 1)[1]
    UNITS |= dict.fromkeys([_name, *(f"{_name}_{end}" for end in PERCENTILES)], _unit)
UNITS |= {
    "turning_fraction": "1",
    "left_turn_fraction": "1",
    "right_turn_fraction": "1",
    "speed_mm_s": "mm/s",
    "optomotor_gain": "1",
    "optomotor_latency_s": "s",
    "drift_mm_s": "mm/s",
}
"""The unit of every metric."""


@dataclass(frozen=True)
class Bout:
    """One bout of swimming.

    start_s, duration_ms: the beginning and the length of the stretch with a vigor above the threshold.
    tail_beat_hz: the frequency of the tail beat, None with fewer than three swings. amplitude_deg: the
    largest angle of the last segment against the head, to either side. displacement_mm: the straight distance
    of the head between start and end. turn_deg: the change of heading from start to end, left positive.
    begun, ended: whether the recording shows the start and the end; of an incomplete bout only the part that
    was seen is measured.
    """

    start_s: float
    duration_ms: float
    tail_beat_hz: float | None
    amplitude_deg: float
    displacement_mm: float
    turn_deg: float
    begun: bool = True
    ended: bool = True

    @property
    def complete(self) -> bool:
        """Whether the recording shows both the start and the end of the bout."""
        return self.begun and self.ended

    @property
    def turn_size_deg(self) -> float:
        """Size of the change of heading, degrees, to either side."""
        return abs(self.turn_deg)


def vigor(tail: Tail) -> Signal:
    """Return the mean absolute speed of the tail's tip over `VIGOR_S`, deg/s; NaN in gaps.

    Next to an end or a gap the mean is over what was seen.
    """
    out = np.full(len(tail.times), np.nan)
    window = max(SPEED_S, tail.step_s)
    for start, stop in tail.stretches():
        times = tail.times[start:stop]
        if stop - start < 2 or times[-1] - times[0] < window:
            continue
        low, high = (np.clip(times + side * window / 2, times[0], times[-1]) for side in (-1, 1))
        tip = np.degrees(tail.tip[start:stop])
        speed = abs(np.interp(high, times, tip) - np.interp(low, times, tip)) / (high - low)
        total = np.concatenate([[0.0], np.cumsum(np.diff(times) * 0.5 * (speed[1:] + speed[:-1]))])
        low, high = (np.clip(times + side * VIGOR_S / 2, times[0], times[-1]) for side in (-1, 1))
        out[start:stop] = (np.interp(high, times, total) - np.interp(low, times, total)) / (high - low)
    return out


def detect(tail: Tail) -> list[Bout]:
    """Return the bouts of a tail, in order; none where its steps are too long to show a beat."""
    if not tail.step_s <= SLOWEST_STEP_S:
        return []
    moving = np.nan_to_num(vigor(tail)) > VIGOR_DEG_S
    found = []
    for first, last in tail.stretches():
        for start, stop in runs(moving[first:last]):
            begun, ended = start > 0, stop < last - first
            found.append(_bout(tail, first + start, first + stop - 1, begun, ended))
    return found


def beat_hz(times: Times, tip: Signal) -> float | None:
    """Return the frequency of the swings of a tip (rad) to and fro, Hz; None with fewer than three of them.

    Half the number of swings between the first and the last turning point over the time between the two.
    """
    if len(times) < 4:
        return None
    from scipy.interpolate import CubicSpline  # late: it takes longer to import than a short run lasts
    from scipy.signal import find_peaks  # late: it takes longer to import than a short run lasts

    fine = np.arange(times[0], times[-1], FINE_S)
    angle = np.degrees(CubicSpline(times, tip)(fine))
    least = max(PROMINENCE_DEG, PROMINENCE_SHARE * float(abs(angle - np.median(angle)).max()))
    turning = [find_peaks(side * angle, prominence=least)[0] for side in (1, -1)]
    points = np.sort(np.concatenate(turning))
    return 0.5 * (len(points) - 1) / float(fine[points[-1]] - fine[points[0]]) if len(points) > 2 else None


def summary(bouts: Sequence[Bout], seen_s: float) -> dict[str, float | None]:
    """Return rate, medians, percentiles and sides of the bouts seen in `seen_s` seconds.

    bout_rate_hz: bouts that began, per second. Of the complete bouts: the median, and as _p05 and _p95 the
    percentiles, of bout_duration_ms, tail_beat_hz, tail_amplitude_deg, bout_displacement_mm, turn_deg (left
    positive) and turn_size_deg (either way); turning_fraction: share that turns more than `TURNING_DEG`;
    left_, right_turn_fraction: share of those to either side.
    """
    whole = [bout for bout in bouts if bout.complete]
    found: dict[str, float | None] = {}
    found["bout_rate_hz"] = sum(bout.begun for bout in bouts) / seen_s if seen_s > 0 else None
    for name, attribute in EACH.items():
        values = [value for bout in whole if (value := getattr(bout, attribute)) is not None]
        found[name] = float(np.median(values)) if values else None
        for end, share in PERCENTILES.items():
            found[f"{name}_{end}"] = float(np.percentile(values, share)) if values else None
    turns = np.array([bout.turn_deg for bout in whole], float)
    turning = turns[abs(turns) > TURNING_DEG]
    found["turning_fraction"] = len(turning) / len(turns) if len(turns) else None
    found["left_turn_fraction"] = float((turning > 0).mean()) if len(turning) else None
    found["right_turn_fraction"] = float((turning < 0).mean()) if len(turning) else None
    return found


@measures(UNITS)
def metrics(dataset: xr.Dataset) -> dict[str, float | None]:
    """Return the larva's metrics; None where the recording does not say.

    Those of `summary`, and: speed_mm_s, mean speed of the head along its path over a quarter of a second;
    optomotor_gain and optomotor_latency_s, as in `optomotor`, where a pattern moved; drift_mm_s, mean
    velocity over the ground along the water's flow, downstream positive, where it flows.

    A recording made of excerpts around bouts (attribute `frame` = "excerpts") has no rate and no speed.
    """
    found: dict[str, float | None] = dict.fromkeys(UNITS)
    tail = tails.read(dataset)
    if not tail.seen.any():
        return found
    bouts = detect(tail)
    excerpts = dataset.attrs.get("frame") == "excerpts"
    if tail.step_s <= SLOWEST_STEP_S:
        seen_s = sum(tail.times[b - 1] - tail.times[a] for a, b in tail.stretches())
        found.update(summary(bouts, 0.0 if excerpts else float(seen_s)))
    if excerpts:
        return found
    position = tail.head[:, :2]
    found["speed_mm_s"] = trajectory.mean(
        np.linalg.norm(trajectory.rate(tail.times, position, PATH_S), axis=1)
    )
    pattern = optomotor.pattern_velocity(dataset)
    if pattern is not None:
        trials = optomotor.trials(tail.times, tail.head, pattern, [b.start_s for b in bouts if b.begun])
        waits = [trial.latency_s for trial in trials if trial.latency_s is not None]
        found["optomotor_gain"] = optomotor.gain(tail.times, position, pattern)
        found["optomotor_latency_s"] = float(np.median(waits)) if waits else None
    flow = optomotor.flow_velocity(dataset)
    if flow is not None:
        found["drift_mm_s"] = optomotor.drift(tail.times, position, flow)
    return found


def _bout(tail: Tail, first: int, last: int, begun: bool, ended: bool) -> Bout:
    """Measure the samples `first` to `last`, both included."""
    part = slice(first, last + 1)
    moved = tail.head[last] - tail.head[first]
    return Bout(
        start_s=float(tail.times[first]),
        duration_ms=1e3 * float(tail.times[last] - tail.times[first]),
        tail_beat_hz=beat_hz(tail.times[part], tail.tip[part]),
        amplitude_deg=float(np.degrees(abs(tail.angle[part, -1]).max())),
        displacement_mm=float(np.hypot(moved[0], moved[1])),
        turn_deg=float(np.degrees(moved[2])),
        begun=begun,
        ended=ended,
    )
