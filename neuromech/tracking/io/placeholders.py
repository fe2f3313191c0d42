"""Positions that mean "not seen": exact values that trackers write where they found nothing.

No animal has all its keypoints at exactly one place, so a frame in which they are is a gap, whatever the
place: (0, 0), (-1, -1), a corner of the picture. A single keypoint may really be at the origin; it counts as
not seen there only where getting to (0, 0) or (-1, -1) and back would be a jump out of all proportion.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

VALUES = (0.0, -1.0)
"""What stands for every coordinate of a keypoint that was not found."""
LEAST_KEYPOINTS = 3
"""So many keypoints at one place are not seen, whatever the place; two may meet on a coarse grid."""
JUMP_STEPS = 10.0
"""A jump is longer than this many median steps of the keypoint ..."""
JUMP_SHARE = 0.1
"""... and than this share of the extent of all its other positions."""


def leave_out(xyz: np.ndarray, names: Sequence[str]) -> list[str]:
    """Make gaps (NaN) of all placeholders, in place, and say which.

    Parameters
    ----------
    xyz : float array (time, keypoint, 2 or 3), in the file's own unit and origin.
    names : of the keypoints.

    Returns
    -------
    Notes for the user; none where there was nothing to leave out.
    """
    notes = []
    whole = everywhere(xyz)
    if whole.any():
        places, counts = np.unique(np.nanmin(xyz[whole], axis=1), axis=0, return_counts=True)
        one = f"exactly {_text(places[0])}" if len(places) == 1 else "exactly one place"
        notes.append(f"in {counts.sum()} frames all keypoints are at {one}: read as not seen")
        xyz[whole] = np.nan
    for index, name in enumerate(names):
        for value in VALUES:
            hit = (xyz[:, index] == value).all(axis=-1)
            if hit.any():
                hit = jumps(xyz[:, index], hit)
                xyz[hit, index] = np.nan
            if hit.any():
                at = _text(np.full(xyz.shape[-1], value))
                notes.append(f"keypoint {name} jumps to exactly {at} in {hit.sum()} frames: read as not seen")
    return notes


def everywhere(xyz: np.ndarray) -> np.ndarray:
    """Return the frames (time,) in which all keypoints that are seen, two at least, are at one place."""
    place = np.full((len(xyz), xyz.shape[2]), np.nan)
    count, same = np.zeros(len(xyz), int), np.ones(len(xyz), bool)
    for points in xyz.transpose(1, 0, 2):  # one by one: a recording may fill much of the memory
        seen = np.isfinite(points).all(axis=-1)
        first = seen & (count == 0)
        place[first] = points[first]
        same &= ~seen | (points == place).all(axis=-1)
        count += seen
    usual = np.isin(place, VALUES).all(axis=-1) & (place == place[:, :1]).all(axis=-1)
    return same & (count >= 2) & (usual | (count >= LEAST_KEYPOINTS))


def jumps(points: np.ndarray, hit: np.ndarray) -> np.ndarray:
    """Return which of the samples `hit` (time,) are jumps away from the other `points` (time, coordinate)."""
    others = np.flatnonzero(np.isfinite(points).all(axis=-1) & ~hit)
    found = np.zeros(len(hit), bool)
    if len(others) < 2:
        return found
    steps = np.linalg.norm(np.diff(points[others], axis=0), axis=-1)
    extent = float(np.linalg.norm(np.ptp(points[others], axis=0)))
    least = max(JUMP_STEPS * float(np.median(steps)), JUMP_SHARE * extent, np.finfo(float).tiny)
    samples = np.flatnonzero(hit)
    after = np.searchsorted(others, samples)
    for neighbour in (after - 1, after):
        there = (neighbour >= 0) & (neighbour < len(others))
        close = np.zeros(len(samples), bool)
        apart = points[samples[there]] - points[others[neighbour[there]]]
        close[there] = np.linalg.norm(apart, axis=-1) <= least
        found[samples[close]] = True
    return hit & ~found


def _text(place: np.ndarray) -> str:
    return f"({', '.join(f'{value:g}' for value in place)})"
