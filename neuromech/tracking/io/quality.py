"""How sure a tracker was of every position: gaps where the user asks for more, a note where nobody asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from neuromech._lib.errors import InputError

DOUBTFUL = 0.6
"""Positions less certain than this are mentioned to a user who did not say `likelihood`: what DeepLabCut
calls pcutoff, at its default."""


def leave_out(
    xyz: np.ndarray, sure: np.ndarray | None, names: Sequence[str], least: float, path: Path
) -> list[str]:
    """Make gaps (NaN) of all positions that are less certain than `least`, in place; return notes.

    Parameters
    ----------
    xyz : float array (time, keypoint, 2 or 3).
    sure : float array (time, keypoint), 0 to 1, a keypoint without such a column being NaN throughout; None
        where the file has no such column.
    names : of the keypoints.
    least : what the user asks for; 0 if nothing.

    Raises
    ------
    InputError
        The user asks for a likelihood and the file has none.
    """
    if not least:
        return []
    without = np.ones(len(names), bool) if sure is None else ~np.isfinite(sure).any(axis=0)
    if sure is None or without.all():
        raise InputError(f"{path} does not say how sure its positions are, so likelihood= means nothing")
    unsure = ~(sure >= least) & ~without
    xyz[unsure] = np.nan
    if not without.any():
        return []
    few = ", ".join(names[k] for k in np.flatnonzero(without).tolist())
    return [f"the file does not say how sure these keypoints are, so all of their positions were kept: {few}"]


def unused(xyz: np.ndarray, sure: np.ndarray | None, names: Sequence[str]) -> list[str]:
    """Return a note if positions are used of which the file itself is not sure; arrays as in `leave_out`."""
    if sure is None:
        return []
    seen = np.isfinite(xyz).all(axis=-1)
    low = seen & (sure < DOUBTFUL)
    if not low.any():
        return []
    share = low.sum(axis=0) / np.maximum(seen.sum(axis=0), 1)
    worst = int(np.argmax(share))
    return [
        f"{low.sum()} of {seen.sum()} positions are less certain than {DOUBTFUL:g} and were used (most often "
        f"{names[worst]}, {100 * share[worst]:.0f} %); likelihood={DOUBTFUL:g} leaves them out"
    ]
