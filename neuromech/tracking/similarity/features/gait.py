"""What is compared in an animal that walks on legs: every stride, and its posture."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from neuromech.tracking.kinematics import legs as feet
from neuromech.tracking.kinematics import posture, strides, trajectory
from neuromech.tracking.kinematics.legs import Legs
from neuromech.tracking.similarity.features.base import (
    Behaviour,
    Feature,
    FeatureSet,
    States,
    codes,
    known,
    time_course,
)
from neuromech.tracking.trackers import gait
from neuromech.tracking.trackers.gait import Walk

STEP_S = 0.01
"""The sampling step of time courses and states, s."""
LAG_S = 0.1
"""Transitions are changes of state over this time, s."""
BACK = (0.35, 0.65, 0.95)
"""The beginning, the middle and the end of the back, as shares of the body's length from the nose."""
STATES = (*strides.GAITS, gait.OTHER, "no stride")
FEATURES = {
    "stride_hz": Feature("stride frequency", "Hz", "strides"),
    "duty_factor": Feature("duty factor", "1", "strides"),
    "stride_length_mm": Feature("stride length", "mm", "strides and a path in mm"),
    "left_right": Feature("left and right, from alternation", "1", "strides"),
    "diagonal": Feature("diagonal legs, from synchrony", "1", "strides of four legs"),
    "excursion": Feature("way of a foot along the body, each stride", "L", "strides"),
    "lift": Feature("height of a foot, each stride", "L", "strides"),
    "trunk_height": Feature("height of the back above the floor", "L", "four legs and a back"),
    "trunk_slope_deg": Feature("slope of the back, front up", "deg", "four legs and a back"),
    "trunk_bend_deg": Feature("bend of the back, either way", "deg", "four legs and a back"),
    "fore_reach": Feature("fore feet in front of the middle", "L", "four legs"),
    "hind_reach": Feature("hind feet in front of the middle", "L", "four legs"),
    "feet_apart": Feature("feet from the midline", "L", "four legs"),
    "speed_mm_s": Feature("speed", "mm/s", "a path in mm"),
    "turning_deg_s": Feature("turning", "deg/s", "a path in mm"),
}


def extract(dataset: xr.Dataset) -> Behaviour:
    """Return what a recording with feet shows; strides on the spot and pauses do not count."""
    walk = gait.analyse(dataset)
    legs = walk.legs
    if len(legs.times) < 4:
        return Behaviour()
    places, high = feet_along(legs) / legs.length, feet.heights(legs) / legs.length
    samples: dict[str, np.ndarray] = {
        "stride_hz": np.concatenate([1.0 / each.period_s for each in walk.each.values()]),
        "duty_factor": np.concatenate([each.duty for each in walk.each.values()]),
        "excursion": of_strides(walk, places, np.ptp),
        "lift": of_strides(walk, high, np.ptp),
    }
    pairs = [(name, across(name)) for name in legs.names if across(name) in legs.names]
    samples["left_right"] = np.concatenate(
        [abs((walk.each[one].phases[other] % 1.0) - 0.5) for one, other in pairs] or [np.zeros(0)]
    )
    states = {}
    if walk.named:
        diagonal = walk.each[legs.names[0]].phases[legs.names[3]]
        samples["diagonal"] = abs((diagonal + 0.5) % 1.0 - 0.5)
        states["gait"] = States(STATES, codes(legs.times, _named(walk), STEP_S), round(LAG_S / STEP_S))
    if not legs.egocentric:
        samples["stride_length_mm"] = np.concatenate(list(walk.lengths_mm.values()))
        samples["speed_mm_s"] = feet.trunk_speed(legs)
        samples["turning_deg_s"] = np.degrees(abs(trajectory.rate(legs.times, legs.axis, feet.TRUNK_S)))
    if gait.four(legs):
        samples.update(carriage(dataset, legs))
    walking = within_strides(walk)
    postures = np.concatenate([places, high], axis=1)[walking]
    first = np.where(walking, places[:, 0], np.nan)
    return Behaviour(
        samples=known(samples),
        courses={"hind foot along the body": time_course(legs.times, first, STEP_S)} if walking.any() else {},
        postures=postures[np.isfinite(postures).all(axis=1)],
        states=states,
    )


def feet_along(legs: Legs) -> np.ndarray:
    """Return how far in front of the trunk's middle each foot is, mm (time, leg)."""
    ahead = np.stack([np.cos(legs.axis), np.sin(legs.axis)], axis=1)
    return np.einsum("tlx,tx->tl", legs.feet[..., :2] - legs.trunk[:, None], ahead)


def carriage(dataset: xr.Dataset, legs: Legs) -> dict[str, np.ndarray]:
    """Return how a quadruped carries its back and places its feet, also while it stands.

    The back is the midline from a third of the body's length to its end (the base of the tail); the places of
    feet are measured from its middle, and heights from the plane on which the feet stand. Lengths are body
    lengths.
    """
    names = posture.spine(dataset["landmark"].values)
    points = dataset["landmarks"].sel(landmark=names, xyz=["x", "y", "z"]).values.astype(float)
    slope, offsets = feet.floor(legs)
    points[..., 2] -= points[..., :2] @ slope + offsets.mean()
    place = (
        np.append(0.0, np.cumsum(np.nanmedian(posture.arc_lengths(points[..., :2]), axis=0))) / legs.length
    )
    front, middle, end = (_at(points, place, share) for share in BACK)
    line, ahead, behind = front - end, (front - middle)[:, :2], (middle - end)[:, :2]
    turn = ahead[:, 1] * behind[:, 0] - ahead[:, 0] * behind[:, 1]
    axis = np.arctan2(line[:, 1], line[:, 0])[:, None]
    away = legs.feet[..., :2] - middle[:, None, :2]
    along = away[..., 0] * np.cos(axis) + away[..., 1] * np.sin(axis)
    across = away[..., 1] * np.cos(axis) - away[..., 0] * np.sin(axis)
    fore = [feet.leg_position(name)[0] == 0 for name in legs.names]
    return {
        "trunk_height": middle[:, 2] / legs.length,
        "trunk_slope_deg": np.degrees(np.arctan2(line[:, 2], np.hypot(line[:, 0], line[:, 1]))),
        "trunk_bend_deg": np.degrees(abs(np.arctan2(turn, (ahead * behind).sum(axis=1)))),
        "fore_reach": along[:, fore] / legs.length,
        "hind_reach": along[:, ~np.array(fore)] / legs.length,
        "feet_apart": abs(across) / legs.length,
    }


def _at(points: np.ndarray, place: np.ndarray, share: float) -> np.ndarray:
    """Return the point (time, xyz) at a share of the body's length, between its neighbours on the midline."""
    after = int(np.clip(np.searchsorted(place, share), 1, len(place) - 1))
    way = (share - place[after - 1]) / (place[after] - place[after - 1])
    return points[:, after - 1] + min(way, 1.0) * (points[:, after] - points[:, after - 1])


def across(name: str) -> str:
    """Return the leg on the other side."""
    return name.translate(str.maketrans("lr", "rl"))


def of_strides(walk: Walk, values: np.ndarray, statistic: Callable[[np.ndarray], float]) -> np.ndarray:
    """Return a statistic of a quantity (time, leg) over every stride of every leg."""
    found = []
    for k, name in enumerate(walk.legs.names):
        each = walk.each[name]
        for start, period in zip(each.start_s, each.period_s, strict=True):
            first, last = np.searchsorted(walk.legs.times, (start, start + period))
            part = values[first:last, k]
            if len(part) > 2 and np.isfinite(part).all():
                found.append(statistic(part))
    return np.array(found, float)


def within_strides(walk: Walk) -> np.ndarray:
    """Return the samples within a stride of the first leg."""
    out = np.zeros(len(walk.legs.times), bool)
    whole = walk.each[walk.legs.names[0]]
    for start, period in zip(whole.start_s, whole.period_s, strict=True):
        out |= (walk.legs.times >= start) & (walk.legs.times < start + period)
    return out


def _named(walk: Walk) -> np.ndarray:
    """Return the state of every sample: a gait, or no stride."""
    out = np.full(len(walk.legs.times), len(STATES) - 1)
    whole, names = walk.each[walk.legs.names[0]], walk.named
    for start, period, name in zip(whole.start_s, whole.period_s, names, strict=True):
        out[(walk.legs.times >= start) & (walk.legs.times < start + period)] = STATES.index(name)
    return out


OF_POSTURE = frozenset(FEATURES) - {"stride_length_mm", "speed_mm_s", "turning_deg_s"}

FEATURE_SET = FeatureSet(FEATURES, extract, mirrored=False, max_lag_s=0.5, of_posture=OF_POSTURE)
