"""Keypoints that have clocks of their own: brought to one, where that is well defined.

Three cases. Keypoints that tick together, some of them without some frames, get all of the ticks, and gaps
where they have none. Keypoints that tick apart, or at different rates, are given at the times of the slowest
of them, by straight lines between two samples of each; never outside them, and never across a gap. Keypoints
that were not recorded at the same time are an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.tracking.io.gaps import GAP_STEPS

SAME_TICK = 0.1
"""Times closer than this share of a step are one tick."""


@dataclass(frozen=True)
class Series:
    """One keypoint: its name, times (time,) s, and values (time, column), whatever they are."""

    name: str
    times: np.ndarray
    values: np.ndarray

    @property
    def step(self) -> float:
        """Return the median time between samples, s."""
        return float(np.median(np.diff(self.times)))


def together(series: Sequence[Series], path: Path) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return one clock (time,) s, all values at its times (time, series, column), and notes for the user.

    Raises
    ------
    InputError
        A clock has fewer than two times or does not go forwards, or the series have no time in common.
    """
    for each in series:
        if len(each.times) < 2 or not np.isfinite(each.times).all() or (np.diff(each.times) <= 0).any():
            raise InputError(f"{path}: the times of keypoint {each.name} do not increase")
    first = series[0]
    least = min(each.step for each in series)
    if all(_same(each.times, first.times, SAME_TICK * least) for each in series):
        return first.times, np.stack([each.values for each in series], axis=1), []
    begins, ends = max(each.times[0] for each in series), min(each.times[-1] for each in series)
    if begins >= ends:
        late = max(series, key=lambda each: each.times[0])
        raise InputError(
            f"{path}: its keypoints were not recorded at the same time: {late.name} begins at "
            f"{late.times[0]:.6g} s, when another has ended"
        )
    ticks = _ticks(np.concatenate([each.times for each in series]), SAME_TICK * least)
    longest = max(each.step for each in series)
    if ticks is not None and float(np.median(np.diff(ticks))) > (1 - SAME_TICK) * longest:
        values = np.stack([_placed(each, ticks) for each in series], axis=1)
        some = sum(len(each.times) < len(ticks) for each in series)
        return (
            ticks,
            values,
            [f"{some} of the keypoints lack some of the frames: gaps, unless max_gap_s= bridges them"],
        )
    slow = [each for each in series if each.step > (1 - SAME_TICK) * longest]
    slowest = max(slow, key=lambda each: len(each.times))
    times = slowest.times[(slowest.times >= begins) & (slowest.times <= ends)]
    rates = sorted(1 / each.step for each in series)
    how = f"{rates[0]:.4g} to {rates[-1]:.4g}" if rates[-1] > 1.01 * rates[0] else f"{rates[0]:.4g}"
    note = (
        f"the keypoints have clocks of their own ({how} samples per second); all are given at the times of "
        f"{slowest.name}, by straight lines between their samples"
    )
    return times, np.stack([_between(each, times) for each in series], axis=1), [note]


def _same(times: np.ndarray, other: np.ndarray, within: float) -> bool:
    return len(times) == len(other) and bool(np.abs(times - other).max() <= within)


def _ticks(times: np.ndarray, within: float) -> np.ndarray | None:
    """Return all times in order, those of one tick as one; None if they cannot be told apart into ticks."""
    times = np.sort(times)
    begins = np.flatnonzero(np.concatenate([[True], np.diff(times) > within]))
    ends = np.append(begins[1:], len(times)) - 1
    return times[begins] if (times[ends] - times[begins]).max() <= within and len(begins) > 1 else None


def _placed(each: Series, ticks: np.ndarray) -> np.ndarray:
    """Return the values of a series at its ticks, NaN at the others."""
    values = np.full((len(ticks), *each.values.shape[1:]), np.nan)
    values[np.searchsorted(ticks, each.times, side="right") - 1] = each.values
    return values


def _between(each: Series, times: np.ndarray) -> np.ndarray:
    """Return the values of a series at other times, on straight lines between two samples without a gap."""
    after = np.clip(np.searchsorted(each.times, times), 1, len(each.times) - 1)
    before = after - 1
    apart = each.times[after] - each.times[before]
    share = ((times - each.times[before]) / apart)[:, None]
    low, high = each.values[before], each.values[after]
    # At a sample itself the other one does not matter, be it missing or far.
    values = np.where(share <= 1e-6, low, np.where(share >= 1 - 1e-6, high, low + share * (high - low)))
    outside = (times < each.times[0]) | (times > each.times[-1])
    across = (apart > GAP_STEPS * each.step) & (share[:, 0] > 1e-6) & (share[:, 0] < 1 - 1e-6)
    values[outside | across] = np.nan
    return values
