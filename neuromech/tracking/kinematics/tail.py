"""The tail of a fish: its angles against the head, and where the head is, simulated or recorded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Float

from neuromech._lib.errors import InputError
from neuromech._lib.types import Flags, Signal, Times
from neuromech.tracking.kinematics import posture

HEAD_PART = 0.25
"""The share of the midline, from the nose, that is stiff: head and trunk as far as the swim bladder."""
TIP_PART = 1 / 3
"""The share of the tail's segments, at its end, whose mean angle is that of the tip: one segment is noisy."""
GAP_STEPS = 2.5
"""Two samples further apart than this many steps have a gap between them."""


@dataclass(frozen=True)
class Tail:
    """A tail through time.

    times: s. angle: (time, segment) rad, direction of each segment against the stiff front's, front to end,
    counter-clockwise from above positive. head: (time, 3) x mm, y mm and heading rad (counter-clockwise from
    +x, continuous).
    """

    times: Times
    angle: Float[np.ndarray, "time segment"]
    head: Float[np.ndarray, "time 3"]

    def __post_init__(self) -> None:
        count = len(self.times)
        if self.angle.ndim != 2 or len(self.angle) != count or not self.angle.shape[1]:
            raise InputError(f"tail angles should be ({count}, segments), not {self.angle.shape}")
        if self.head.shape != (count, 3):
            raise InputError(f"the head should be ({count}, 3): x, y, heading; not {self.head.shape}")
        if not np.isfinite(self.times).all() or (np.diff(self.times) <= 0).any():
            raise InputError("the times of a tail do not increase")

    @property
    def step_s(self) -> float:
        """Median time between samples, NaN with fewer than two."""
        return float(np.median(np.diff(self.times))) if len(self.times) > 1 else float("nan")

    @property
    def seen(self) -> Flags:
        """Whether each sample has the whole tail and the head."""
        return np.asarray(np.isfinite(self.angle).all(axis=1) & np.isfinite(self.head).all(axis=1))

    @property
    def tip(self) -> Signal:
        """Mean angle of the last third of the tail, rad."""
        return self.angle[:, -max(1, round(TIP_PART * self.angle.shape[1])) :].mean(axis=1)

    def stretches(self) -> list[tuple[int, int]]:
        """Return (start, stop) of every stretch without a gap, in samples."""
        seen = self.seen
        new = np.ones(len(seen), bool)
        new[1:] = ~seen[:-1] | (np.diff(self.times) > GAP_STEPS * self.step_s)
        starts = np.flatnonzero(seen & new)
        ends = np.flatnonzero(seen & np.append(new[1:] | ~seen[1:], True)) + 1
        return [(int(a), int(b)) for a, b in zip(starts, ends, strict=True)]


def read(dataset: xr.Dataset) -> Tail:
    """Return the tail of a recording, from `tail_angle` and `head` where it has them, else from its midline.

    Raises
    ------
    InputError: fewer than four landmarks `spine_NN`, or arrays of the wrong shape.
    """
    times = dataset["time"].values.astype(float)
    if "tail_angle" in dataset and "head" in dataset:
        return Tail(times, dataset["tail_angle"].values.astype(float), dataset["head"].values.astype(float))
    points = posture.midline(dataset)
    joint = min(max(1, round(HEAD_PART * (points.shape[1] - 1))), points.shape[1] - 2)
    axis = points[:, 0] - points[:, joint]
    heading = np.arctan2(axis[:, 1], axis[:, 0])
    known = np.isfinite(heading)
    heading[known] = np.unwrap(heading[known])
    backwards = points[:, joint][:, None] - points[:, 0][:, None]
    steps = np.concatenate([backwards, np.diff(points[:, joint:], axis=1)], axis=1)
    # The stiff front leads, so that unwrapping along the body starts from an angle of zero.
    angle = np.unwrap(np.arctan2(steps[..., 1], steps[..., 0]), axis=1)
    head = np.column_stack([points[:, : joint + 1].mean(axis=1), heading])
    return Tail(times, angle[:, 1:] - angle[:, :1], head)
