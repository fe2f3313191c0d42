"""What to compare in an animal that walks on legs: every stride, and the legs' postures while it walks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import xarray as xr

from neuromech.tracking import gait, strides, trajectory
from neuromech.tracking import legs as feet
from neuromech.tracking.features.base import Family, Feature, States, Traits, codes, course, known
from neuromech.tracking.gait import Walk
from neuromech.tracking.legs import Legs

STEP_S = 0.01
"""Time courses and states are sampled this often."""
LAG_S = 0.1
"""A transition is a change of state over this time."""
STATES = (*strides.GAITS, gait.OTHER, "no stride")
FEATURES = {
    "stride_hz": Feature("stride frequency", "Hz", "strides"),
    "duty_factor": Feature("duty factor", "1", "strides"),
    "stride_length_mm": Feature("stride length", "mm", "strides and a path in mm"),
    "left_right": Feature("left and right, from alternation", "1", "strides"),
    "diagonal": Feature("diagonal legs, from synchrony", "1", "strides of four legs"),
    "excursion": Feature("way of a foot along the body, each stride", "L", "strides"),
    "lift": Feature("height of a foot, each stride", "L", "strides"),
    "speed_mm_s": Feature("speed", "mm/s", "a path in mm"),
    "turning_deg_s": Feature("turning", "deg/s", "a path in mm"),
}


def extract(dataset: xr.Dataset) -> Traits:
    """Return what a recording with feet shows; strides on the spot and pauses are no strides."""
    walk = gait.analyse(dataset)
    legs = walk.legs
    if len(legs.times) < 4:
        return Traits()
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
    walking = within_strides(walk)
    postures = np.concatenate([places, high], axis=1)[walking]
    first = np.where(walking, places[:, 0], np.nan)
    return Traits(
        samples=known(samples),
        courses={"hind foot along the body": course(legs.times, first, STEP_S)} if walking.any() else {},
        postures=postures[np.isfinite(postures).all(axis=1)],
        states=states,
    )


def feet_along(legs: Legs) -> np.ndarray:
    """Return how far in front of the trunk's middle each foot is, mm (time, leg)."""
    ahead = np.stack([np.cos(legs.axis), np.sin(legs.axis)], axis=1)
    return np.einsum("tlx,tx->tl", legs.feet[..., :2] - legs.trunk[:, None], ahead)


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


OF_POSTURE = frozenset({"stride_hz", "duty_factor", "left_right", "diagonal", "excursion", "lift"})

FAMILY = Family(FEATURES, extract, mirrored=False, max_lag_s=0.5, of_posture=OF_POSTURE)
