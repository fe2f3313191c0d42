"""Gaps in a recording: between times far apart, and between frames in which a keypoint was seen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

GAP_STEPS = 2.5
"""Frames further apart than this many median steps have a gap between them, as in `tail`."""
MOST_MISSING = 100_000
"""More samples than this are not filled in between two times: their step is no step of a recording."""


def missing_times(times: np.ndarray, max_gap_s: float) -> tuple[np.ndarray, np.ndarray]:
    """Return where, as `np.insert` takes it, and when samples are missing between times far apart.

    One in the middle of every gap; as many as the median step asks for in gaps that will be bridged.
    """
    steps = np.diff(times)
    usual = float(np.median(steps))
    places, missing = [], []
    for k in np.flatnonzero(steps > GAP_STEPS * usual):
        count = 1
        if steps[k] <= max_gap_s and steps[k] / usual < MOST_MISSING:
            count = round(steps[k] / usual) - 1
        places += [k + 1] * count
        missing += list(times[k] + steps[k] * np.arange(1, count + 1) / (count + 1))
    return np.array(places, int), np.array(missing, np.float64)


def bridge(times: np.ndarray, xyz: np.ndarray, max_gap_s: float) -> int:
    """Fill gaps of at most `max_gap_s` between two seen frames by straight lines, in place; count the frames.

    A gap's length is the time between the seen frames on its two sides.
    """
    if max_gap_s <= 0:
        return 0
    touched = np.zeros(len(times), bool)
    for index in range(xyz.shape[1]):
        seen = np.flatnonzero(np.isfinite(xyz[:, index]).all(axis=-1))
        for before, after in gaps(seen):
            if times[after] - times[before] <= max_gap_s + 1e-9:
                share = (times[before + 1 : after] - times[before]) / (times[after] - times[before])
                line = xyz[before, index] + share[:, None] * (xyz[after, index] - xyz[before, index])
                xyz[before + 1 : after, index] = line
                touched[before + 1 : after] = True
    return int(touched.sum())


def gaps(seen: np.ndarray) -> Iterator[tuple[int, int]]:
    """Yield the seen frames on the two sides of every gap between sorted frame numbers."""
    for k in np.flatnonzero(np.diff(seen) > 1):
        yield int(seen[k]), int(seen[k + 1])
