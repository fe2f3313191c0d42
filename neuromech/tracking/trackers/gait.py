"""The tracker of animals that walk on legs: strides, phases and gait, from the feet alone.

Feet are judged by how fast they move and how high they are (`legs`), the same in simulated and in recorded
animals; contact sensors and the controller are not looked at. Phases are shares of a stride, 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr

from neuromech._lib.types import Flags, Times
from neuromech.tracking.kinematics import legs as feet
from neuromech.tracking.kinematics import strides, trajectory
from neuromech.tracking.kinematics.legs import Legs
from neuromech.tracking.kinematics.strides import Strides
from neuromech.tracking.trackers import appendages
from neuromech.tracking.trackers.base import measures
from neuromech.tracking.trackers.optomotor import SETTLING_S

LONGEST_S = 1.0
"""The longest duration of a stride, s; a longer interval between two swing onsets is a pause."""
SHORTEST_LENGTHS = 0.1
"""The shortest distance, body lengths, that the trunk moves during a stride; a shorter one is a step on
the spot."""
FEWEST = 3
"""The smallest number of strides of which means are computed."""
PATTERN = "pattern_heading_rad"
"""The stimulus channel that holds the heading, rad, of a pattern that turns about the animal."""
FALLEN = 0.5
"""An animal falls if its trunk is below this share of its standing height for `FALLEN_S`."""
FALLEN_S = 0.1
"""The shortest time of the trunk below that height that counts as a fall, s."""
UNITS = {
    "speed_mm_s": "mm/s",
    "stride_hz": "Hz",
    "stride_length_mm": "mm",
    "duty_factor": "1",
    "phase_left_right": "1",
    "phase_left_right_fore": "1",
    "phase_homolateral": "1",
    "phase_diagonal": "1",
    **{f"{name}_fraction": "1" for name in strides.GAITS},
    "gait": "1",
    "tripod_index": "1",
    "turning_deg_s": "deg/s",
    "head_turning_deg_s": "deg/s",
    "optomotor_gain": "1",
    "reached_source": "1",
    "fell": "1",
}
"""The unit of every metric."""
OF_FOUR = ("gait", *(name for name in UNITS if name.startswith("phase_") or name.endswith("_fraction")))
OF_SIX = ("tripod_index",)
"""Metrics of animals with four and with six legs only."""
OTHER = "other"
"""The name of a stride that is none of the gaits."""


@dataclass(frozen=True)
class Walk:
    """The strides of an animal that walks.

    legs: the legs that were recorded. times: fine times, s. off: (fine, leg) whether each foot is off the
    ground. seen: (fine,) whether all feet are in view. each: the strides of each leg in which the animal
    walked. lengths_mm: the length of each of these strides, by leg.
    """

    legs: Legs
    times: Times
    off: np.ndarray
    seen: Flags
    each: dict[str, Strides]
    lengths_mm: dict[str, np.ndarray]

    @property
    def named(self) -> list[str]:
        """The gait of every stride of the reference leg, in order; empty unless there are four legs."""
        if not four(self.legs):
            return []
        whole = self.each[self.legs.names[0]]
        other, same, across = (whole.phases[name] for name in self.legs.names[1:])
        return [
            strides.gait(*map(float, values)) or OTHER
            for values in zip(whole.duty, other, same, across, strict=True)
        ]


def four(legs: Legs) -> bool:
    """Return whether these are the two fore and the two hind legs of a quadruped."""
    return sorted(feet.leg_position(name) for name in legs.names) == [(0, 0), (0, 1), (2, 0), (2, 1)]


def analyse(dataset: xr.Dataset) -> Walk:
    """Return the strides in a recording.

    Raises
    ------
    InputError
        The recording does not say which landmarks are feet.
    """
    legs = feet.read(dataset)
    times, off, seen = feet.swinging(legs)
    swings, landings = {}, {}
    for k, name in enumerate(legs.names):
        change = np.diff(off[:, k].astype(np.int8)) if len(off) else np.zeros(0)
        middle = 0.5 * (times[1:] + times[:-1])
        swings[name], landings[name] = middle[change > 0], middle[change < 0]
    each, lengths = {}, {}
    for name in legs.names:
        found = strides.measure(swings, landings[name], name, LONGEST_S)
        far = _travelled(legs, found)
        kept = np.isfinite(found.duty) & _in_view(found, times, seen)
        if not legs.egocentric:
            kept &= far >= SHORTEST_LENGTHS * legs.length
        each[name], lengths[name] = found.only(kept), far[kept]
    return Walk(legs, times, off, seen, each, lengths)


@measures(UNITS | appendages.UNITS)
def metrics(dataset: xr.Dataset) -> dict[str, float | str | None]:
    """Return the metrics of an animal that walks; None where the recording does not determine one.

    speed_mm_s: mean speed of the trunk along its path, over a quarter of a second. stride_hz,
    stride_length_mm, duty_factor: medians over the strides of all legs. phase_left_right, phase_homolateral,
    phase_diagonal: circular means, over the strides of the left hind leg, of the phase of the right hind, the
    left fore and the right fore leg; phase_left_right_fore: that of the right fore leg in the strides of the
    left one. gait: the most frequent gait (walk, trot, gallop, bound, other; see `strides.gait`), and the
    share of the strides of each. tripod_index: of six legs, 1 - mean distance from a tripod over that of
    random phases. turning_deg_s, head_turning_deg_s: slope of the direction of trunk and head, left positive.
    optomotor_gain: see `drum_gain`. reached_source: 1 if the head came within a body length of the peak of
    the stimulus, else 0. fell: 1 if the trunk sank below half of its standing height, else 0.

    Phases and gait are those of animals with four legs. Fewer than three strides give no phase, duty factor
    or gait. The metrics of appendages are in `appendages`.
    """
    walk = analyse(dataset)
    legs = walk.legs
    absent = () if four(legs) else OF_FOUR
    absent = absent if len(legs.names) == 6 else (*absent, *OF_SIX)
    found: dict[str, float | str | None] = {name: None for name in UNITS if name not in absent}
    found["speed_mm_s"] = trajectory.mean(feet.trunk_speed(legs))
    found["turning_deg_s"] = slope_deg_s(legs.times, legs.axis)
    found["head_turning_deg_s"] = head_turning(dataset)
    found["optomotor_gain"] = drum_gain(dataset)
    found["reached_source"] = reached_source(dataset, legs)
    found["fell"] = fell(dataset, legs)
    found.update(appendages.metrics(dataset))
    whole = walk.each[legs.names[0]]
    if len(whole.start_s) < FEWEST:
        return found
    found["stride_hz"] = float(1.0 / np.median(np.concatenate([s.period_s for s in walk.each.values()])))
    found["duty_factor"] = float(np.median(np.concatenate([s.duty for s in walk.each.values()])))
    if not legs.egocentric:
        found["stride_length_mm"] = float(np.median(np.concatenate(list(walk.lengths_mm.values()))))
    if len(legs.names) == 6:
        found["tripod_index"] = strides.tripod(whole.phases, feet.leg_position)
    named = walk.named
    if not named:
        return found
    other, left, right = (legs.names[k] for k in (1, 2, 3))
    for key, name in (("left_right", other), ("homolateral", left), ("diagonal", right)):
        found[f"phase_{key}"] = strides.mean_phase(whole.phases[name])[0]
    found["phase_left_right_fore"] = strides.mean_phase(walk.each[left].phases[right])[0]
    for name in strides.GAITS:
        found[f"{name}_fraction"] = named.count(name) / len(named)
    found["gait"] = max((*strides.GAITS, OTHER), key=named.count)
    return found


def head_turning(dataset: xr.Dataset) -> float | None:
    """Return the mean turning rate of the head, deg/s, left positive: the slope of its direction through
    time.
    """
    return slope_deg_s(*head_direction(dataset))


def drum_gain(dataset: xr.Dataset) -> float | None:
    """Return the turning rate of the head over that of the pattern around it, after the first 2 s of turning.

    An animal that keeps up with the pattern has a gain of 1, one that turns against it a gain below 0. None
    where no pattern turned for longer than that.
    """
    channels = [str(name) for name in dataset["stimulus_channel"].values] if "stimulus" in dataset else []
    if PATTERN not in channels:
        return None
    times, head = head_direction(dataset)
    turned = np.unwrap(dataset["stimulus"].sel(stimulus_channel=PATTERN).values.astype(float))
    moving = np.abs(np.gradient(turned, times)) > 1e-6 if len(times) > 1 else np.zeros(len(times), bool)
    if not moving.any():
        return None
    late = moving & (times >= times[moving.argmax()] + SETTLING_S)
    own, around = slope_deg_s(times[late], head[late]), slope_deg_s(times[late], turned[late])
    return own / around if own is not None and around else None


def slope_deg_s(times: np.ndarray, angle: np.ndarray) -> float | None:
    """Return the slope of an angle (rad) through time, deg/s; None with fewer than two known."""
    known = np.isfinite(angle)
    if known.sum() < 2:
        return None
    return float(np.degrees(np.polyfit(times[known] - times[0], angle[known], 1)[0]))


def head_direction(dataset: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return times (s) and the direction of the head seen from above, rad, continuous; NaN where not seen."""
    times = dataset["time"].values.astype(float)
    names = feet.tracked_parts(dataset).get("head") or ("spine_00", "spine_02")
    known = [str(name) for name in dataset["landmark"].values]
    if not set(names) <= set(known):
        return times, np.full(len(times), np.nan)
    front, back = (feet.point(dataset, name)[:, :2] for name in names)
    angle = np.arctan2(*(front - back).T[::-1])
    seen = np.isfinite(angle)
    angle[seen] = np.unwrap(angle[seen])
    return times, angle


def reached_source(dataset: xr.Dataset, legs: Legs) -> float | None:
    """Return 1 if the head came within a body length of the stimulus's peak, 0 if not; None if unknown."""
    peak, head = trajectory.stimulus_peak(dataset), feet.tracked_parts(dataset).get("head")
    if peak is None or not head or head[0] not in dataset["landmark"].values:
        return None
    return trajectory.reached_peak(feet.point(dataset, head[0])[:, :2], peak, legs.length)


def fell(dataset: xr.Dataset, legs: Legs) -> float | None:
    """Return 1 if the trunk sank below half of its standing height, 0 if not; None where it is not known."""
    looks = feet.tracked_parts(dataset)
    if "standing_mm" not in looks or "trunk" not in looks or not len(legs.times):
        return None
    height = feet.point(dataset, looks["trunk"])[:, 2] - float(np.nanpercentile(legs.feet[..., 2], 5))
    low = height < FALLEN * looks["standing_mm"]
    runs = np.diff(np.concatenate([[0], low.astype(np.int8), [0]]))
    lasted = np.flatnonzero(runs < 0) - np.flatnonzero(runs > 0)
    return float((lasted * legs.step_s >= FALLEN_S).any())


def _travelled(legs: Legs, found: Strides) -> np.ndarray:
    """Return the distance that the trunk moved in every stride, mm."""
    ends = [found.start_s, found.start_s + found.period_s]
    x, y = (np.diff([feet.between(legs.times, way, end) for end in ends], axis=0)[0] for way in legs.trunk.T)
    return np.hypot(x, y)


def _in_view(found: Strides, times: Times, seen: Flags) -> np.ndarray:
    """Return whether every stride was seen from start to end."""
    lost = np.concatenate([[0], np.cumsum(~seen)])
    first, last = (np.searchsorted(times, found.start_s + found.period_s * k) for k in (0, 1))
    return lost[np.minimum(last, len(times))] == lost[first]
