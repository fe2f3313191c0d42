"""What is measured of one episode: the metrics of its tracker and, beside them, finer measures."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import xarray as xr

from neuromech._lib.registry import Registry
from neuromech.tracking import TRACKERS, track, units
from neuromech.tracking.kinematics.strides import GAITS
from neuromech.tracking.trackers import measures, walking
from neuromech.tracking.trackers.eyes import UNITS as EYES

Values = Mapping[str, float | None]
"""The value of each measure of one episode by name; None where the episode does not determine it."""
ACTIVITY = "activity."
"""What the name of a measure begins with that is the mean activity of neurons: `activity.MN9`."""


@dataclass(frozen=True)
class Stretch:
    """The part of an episode that counts.

    start_s, stop_s: its ends. event_s: when something happened to the animal, None if nothing did. parts:
    from when to when named parts of it last, s. drive: times, s, and values (point, 2) of a command that is
    swept.
    """

    start_s: float = 0.0
    stop_s: float = math.inf
    event_s: float | None = None
    parts: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    drive: np.ndarray | None = None

    def of(self, episode: xr.Dataset) -> xr.Dataset:
        """Return the part of a recording."""
        return episode.sel(time=slice(self.start_s, self.stop_s))


@dataclass(frozen=True)
class EpisodeMeasure:
    """What is measured of episodes that one tracker looks at.

    of: returns the values of an episode and a stretch of it. units: the unit of each value that the tracker
    does not have itself. around, swept: the unit of each that needs the time of an event, or a command that
    is swept. named: words of which one is the commonest in a part of an episode. parted: the unit of each
    that is measured in every part of an episode, too.
    """

    of: Callable[[xr.Dataset, Stretch], Values]
    units: Mapping[str, str]
    around: Mapping[str, str] = field(default_factory=dict)
    swept: Mapping[str, str] = field(default_factory=dict)
    named: tuple[str, ...] = ()
    parted: Mapping[str, str] = field(default_factory=dict)


def measure(episode: xr.Dataset, stretch: Stretch, neurons: Sequence[str] = ()) -> dict[str, float | None]:
    """Return what an episode did in a stretch of it; what is no finite number is None.

    Parameters
    ----------
    episode : what a camera saw, with the name of its tracker among its attributes.
    stretch : the part that counts.
    neurons : beginnings of the names of neurons, whose mean activity in the stretch is returned, too.
    """
    tracker = str(episode.attrs.get("tracker", ""))
    found = dict(EPISODE_MEASURES[tracker].of(episode, stretch)) if tracker in EPISODE_MEASURES else {}
    if not found and tracker in TRACKERS:
        found = {name: each for name, each in track(stretch.of(episode)).items() if not isinstance(each, str)}
    for beginning in neurons:
        found[ACTIVITY + beginning] = _activity(stretch.of(episode), beginning)
    return {name: _finite(value) for name, value in found.items()}


def known(
    tracker: str, event: bool = False, parts: Sequence[str] = (), swept: bool = False
) -> dict[str, str]:
    """Return the unit of everything that is measured where a tracker looks, by name.

    Parameters
    ----------
    tracker : its name.
    event : whether something happens to the animal.
    parts : names of parts of an episode.
    swept : whether a command is swept.
    """
    found = units(tracker) if tracker in TRACKERS else {}
    if tracker in EPISODE_MEASURES:
        each = EPISODE_MEASURES[tracker]
        found = {**found, **each.units, **(each.around if event else {}), **(each.swept if swept else {})}
        each_part = {**dict.fromkeys(each.named, "1"), **each.parted}
        found |= {f"{part}.{name}": unit for part in parts for name, unit in each_part.items()}
    return found


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _activity(piece: xr.Dataset, beginning: str) -> float | None:
    if "activity" not in piece:
        return None
    means = piece["activity"].values.mean(axis=0)
    mine = [
        float(value) for name, value in zip(piece["neuron"].values, means, strict=True)
        if str(name).startswith(beginning)
    ]  # fmt: skip
    return float(np.mean(mine)) if mine else None


BEFORE_S = (5.0, 1.0)
"""What an animal did before an event is looked at from so many seconds before it to so many."""
BACKWARD_MM_S = -0.02
"""An animal slower than this along its axis goes backwards, mm/s."""
AROUND = {"reversal_latency_s": "s", "least_axial_speed_mm_s": "mm/s", "acceleration_mm_s": "mm/s"}
"""The units of what an undulating animal does around an event."""


def _undulating(episode: xr.Dataset, stretch: Stretch) -> Values:
    """Return the measures of `trackers.measures` and, around an event, three more.

    reversal_latency_s: from the event to the first backward sample, to the end of the episode if there is
    none. least_axial_speed_mm_s: the lowest speed along the axis in the stretch. acceleration_mm_s: the mean
    speed along the axis in the stretch less that before the event.
    """
    from neuromech.tracking.trackers.undulation import analyse

    values: dict[str, float | None] = dict(measures.measure(episode, stretch.start_s, stretch.stop_s))
    if stretch.event_s is None:
        return values
    seen, onset = analyse(episode), stretch.event_s
    during = (seen.times >= stretch.start_s) & (seen.times <= stretch.stop_s)
    before = (seen.times >= onset - BEFORE_S[0]) & (seen.times < onset - BEFORE_S[1])
    back = seen.times[(seen.times >= onset) & (seen.axial_speed < BACKWARD_MM_S)]
    values["reversal_latency_s"] = float((back[0] if len(back) else seen.times[-1]) - onset)
    if during.any() and np.isfinite(seen.axial_speed[during]).any():
        values["least_axial_speed_mm_s"] = float(np.nanmin(seen.axial_speed[during]))
        if before.any():
            after, earlier = (np.nanmean(seen.axial_speed[part]) for part in (during, before))
            values["acceleration_mm_s"] = float(after - earlier)
    return values


def _in_bouts(episode: xr.Dataset, stretch: Stretch) -> Values:
    """Return the metrics of bouts and eyes, mean_turn_deg of bouts, along_mm_s, the speed with stripes.

    In parts of the episode, of the bouts that begin there: left_turn_fraction, mean_turn_deg, turn_size_deg
    (mean, either way), answered (1 if there is one, else 0), first_s and first_turn_deg (the time from the
    beginning of the part, and the turn, of the first one), and what `swing` says.
    """
    from neuromech.tracking.kinematics import tail
    from neuromech.tracking.trackers import bouts, eyes

    piece = stretch.of(episode)
    values: dict[str, float | None] = {**bouts.metrics(piece), **eyes.of(piece)}
    turns = [bout.turn_deg for bout in bouts.detect(tail.read(piece)) if bout.complete]
    values["mean_turn_deg"] = float(np.mean(turns)) if turns else 0.0
    if stretch.parts:
        larva = tail.read(episode)
        whole = [bout for bout in bouts.detect(larva) if bout.complete]
        for part, (start, stop) in stretch.parts.items():
            here = [bout for bout in whole if start <= bout.start_s < stop]
            found = {
                "left_turn_fraction": bouts.summary(here, stop - start)["left_turn_fraction"],
                "mean_turn_deg": float(np.mean([b.turn_deg for b in here])) if here else None,
                "turn_size_deg": float(np.mean([b.turn_size_deg for b in here])) if here else None,
                "answered": float(bool(here)),
                "first_s": here[0].start_s - start if here else None,
                "first_turn_deg": here[0].turn_deg if here else None,
                **swing(episode, larva.times, np.degrees(larva.head[:, 2]), start, stop),
            }
            values |= {f"{part}.{name}": value for name, value in found.items()}
    stimulus = json.loads(str(episode.attrs.get("environment", "{}"))).get("stimulus") or {}
    gain, speed = values.get("optomotor_gain"), stimulus.get("speed_mm_s")
    values["along_mm_s"] = None if gain is None or speed is None else gain * speed
    return values


SWING_S = 0.02
"""The rate at which a head turns is its turn over this time, s, divided by it."""
AFTER_S = 0.08
"""The turn of a swing lasts from `SWING_S` before its fastest moment to this time after it, s."""
STARTLED_DEG_S = 3500.0
"""A head that turns faster than this begins a fast start; in bouts of a larva it does not."""


def swing(
    episode: xr.Dataset, times: np.ndarray, heading_deg: np.ndarray, start_s: float, stop_s: float
) -> Values:
    """Return the swing of the head that answers something in a part of an episode, and the fastest one.

    The answer is the first swing faster than `STARTLED_DEG_S`, even if a faster one follows; the fastest one
    where none is. swing_deg_s: the rate of turning of the fastest. swing_turn_deg: the turn around the
    fastest moment of the answer, left positive. swing_s: the time from the beginning of the part to the
    beginning of the answer. swing_disc_deg: the angular size, then, of a disc that grows, where there is one.
    """
    found: dict[str, float | None] = dict.fromkeys(SWING)
    inside = (times >= start_s) & (times < stop_s) & np.isfinite(heading_deg)
    if not inside.any():
        return found

    def heading(at_s: np.ndarray) -> np.ndarray:
        return np.interp(at_s, times, heading_deg)

    middle = times[inside]
    rate = np.abs(heading(middle + SWING_S / 2) - heading(middle - SWING_S / 2)) / SWING_S
    first, last = 0, len(rate)
    if (fast := np.flatnonzero(rate > STARTLED_DEG_S)).size:
        ends = fast[:-1][np.diff(fast) > 1]
        first, last = fast[0], (ends[0] if len(ends) else fast[-1]) + 1
    fastest = middle[first + int(np.argmax(rate[first:last]))]
    begins = fastest - SWING_S
    turn = heading(np.array([begins, fastest + AFTER_S]))
    found.update(
        swing_deg_s=float(rate.max()),
        swing_turn_deg=float(turn[1] - turn[0]),
        swing_s=float(begins - start_s),
    )
    if "stimulus" in episode and "disc_deg" in episode["stimulus_channel"].values:
        sizes = episode["stimulus"].sel(stimulus_channel="disc_deg").values
        found["swing_disc_deg"] = float(np.interp(begins, episode["time"].values, sizes))
    return found


def _on_legs(episode: xr.Dataset, stretch: Stretch) -> Values:
    """Return the measures of `trackers.walking`, upright (1 if it did not fall) and the number of strides.

    While a command is swept: walk_before_trot, 1 if both occurred in this order, and rises_with_drive, the
    rank correlation of speed with the command; 0 for an animal that fell, which kicks harder on its side,
    too.
    """
    from neuromech.tracking.trackers import drive_sweep, gait

    piece = stretch.of(episode)
    values: dict[str, float | None] = dict(walking.measure(piece))
    fell = values.get("fell")
    values["upright"] = None if fell is None else 1.0 - fell
    walk = gait.analyse(piece)
    values["strides"] = float(sum(len(each.start_s) for each in walk.each.values()))
    for part, (start, stop) in stretch.parts.items():
        commonest = drive_sweep.commonest(walk, start, stop)
        values |= {f"{part}.{name}": float(commonest == name) for name in GAITS}
    if stretch.drive is not None:
        walked, trotted = (drive_sweep.first_s(walk, name) for name in ("walk", "trot"))
        values["walk_before_trot"] = float(walked is not None and trotted is not None and walked < trotted)
        rises = drive_sweep.rises_with(walk.legs, np.interp(walk.legs.times, *stretch.drive.T))
        values["rises_with_drive"] = rises if values["upright"] == 1.0 and rises is not None else 0.0
    return values


SWING = {"swing_deg_s": "deg/s", "swing_turn_deg": "deg", "swing_s": "s", "swing_disc_deg": "deg"}
"""The units of what `swing` returns."""
UNDULATING = EpisodeMeasure(_undulating, measures.UNITS, around=AROUND)
IN_BOUTS = EpisodeMeasure(
    _in_bouts,
    {"mean_turn_deg": "deg", "along_mm_s": "mm/s", **EYES},
    parted={
        "left_turn_fraction": "1",
        "mean_turn_deg": "deg",
        "turn_size_deg": "deg",
        "answered": "1",
        "first_s": "s",
        "first_turn_deg": "deg",
        **SWING,
    },
)
ON_LEGS = EpisodeMeasure(
    _on_legs,
    {**walking.UNITS, "upright": "1", "strides": "1"},
    swept={"walk_before_trot": "1", "rises_with_drive": "1"},
    named=GAITS,
)

_HERE = "neuromech.evaluation.episode_values"
EPISODE_MEASURES: Registry[EpisodeMeasure] = Registry(
    "episode measure",
    {"undulation": f"{_HERE}:UNDULATING", "bouts": f"{_HERE}:IN_BOUTS", "gait": f"{_HERE}:ON_LEGS"},
)
"""Finer measures by the name of the tracker; where a tracker has none its own metrics are taken."""
