"""How gait and speed follow a drive that is swept: which gait occurs when, and how fast the animal moves."""

from __future__ import annotations

import numpy as np
from scipy import stats

from neuromech._lib.types import Signal
from neuromech.tracking.kinematics import legs as feet
from neuromech.tracking.kinematics import trajectory
from neuromech.tracking.kinematics.legs import Legs
from neuromech.tracking.trackers.gait import FEWEST, Walk

STRETCH_S = 2.0
"""Speed is averaged over stretches of this length, s, which holds some strides of the slowest walk."""


def commonest(walk: Walk, from_s: float, to_s: float) -> str | None:
    """Return the most frequent gait of strides that began in a stretch of time; None with less than 3."""
    whole = walk.each[walk.legs.names[0]]
    within = (whole.start_s >= from_s) & (whole.start_s < to_s)
    names = [name for name, each in zip(walk.named, within, strict=True) if each]
    return max(dict.fromkeys(names), key=names.count) if len(names) >= FEWEST else None


def first_s(walk: Walk, name: str) -> float | None:
    """Return when the first stride with this name began, s; None if there was none."""
    whole = walk.each[walk.legs.names[0]]
    return next((float(at) for at, each in zip(whole.start_s, walk.named, strict=True) if each == name), None)


def rises_with(legs: Legs, drive: Signal) -> float | None:
    """Return Spearman's rank correlation of forward speed with a drive (time,), from -1 to 1.

    Both are averaged over whole stretches of two seconds. None with fewer than three stretches in which the
    speed is known, or if either quantity never changes.
    """
    ahead = feet.forward_speed(legs)
    stretch = ((legs.times - legs.times[0]) // STRETCH_S).astype(int)
    lasted = (legs.times[-1] - legs.times[0] + legs.step_s) / STRETCH_S
    pairs = [
        (float(drive[own].mean()), speed)
        for k in range(int(lasted + 1e-6))
        if (speed := trajectory.mean(ahead[own := stretch == k])) is not None
    ]
    drives, speeds = np.array(pairs).reshape(-1, 2).T
    if len(pairs) < FEWEST or not np.ptp(drives) or not np.ptp(speeds):
        return None
    return float(np.corrcoef(stats.rankdata(drives), stats.rankdata(speeds))[0, 1])
