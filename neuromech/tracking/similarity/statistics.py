"""Distances of distributions, and similarities of time courses, postures and transitions between states.

Successive frames are not independent, so no p-values are given but distances, effect sizes, and intervals
over whole episodes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats
from scipy.ndimage import gaussian_filter

from neuromech.tracking.similarity.features.base import States, TimeCourse

MOST_SAMPLES = 4000
"""The most samples of one recording that are used; more are thinned evenly."""
BINS = 20
"""The number of cells along each side of the map of postures."""
BIN_REACH = 2.5
"""The map of postures reaches to this many standard deviations of the animal's postures on each side."""
LEAST_PAIRED = 0.1
"""The smallest share of the samples that has to be paired at a lag: fewer pairs show a few moments only."""
RESAMPLES = 200
"""The number of resamples of the bootstrap over episodes."""


def thin(values: np.ndarray, most: int = MOST_SAMPLES) -> np.ndarray:
    """Return at most `most` of the rows, evenly picked."""
    if len(values) <= most:
        return values
    return values[np.linspace(0, len(values) - 1, most).astype(int)]


def spread(values: np.ndarray) -> float:
    """Return the width of a distribution: interquartile range / 1.349, which is the sd of a normal one.

    Where half of the values are equal, the standard deviation.
    """
    low, high = np.percentile(values, [25, 75])
    width = float(high - low) / 1.349
    return width if width > 1e-12 else float(np.std(values))


def distance(simulated: np.ndarray, animal: np.ndarray) -> float | None:
    """Return the Wasserstein distance of two samples in units of the animal's spread; None without spread."""
    width = spread(animal)
    if not width > 0:
        return None
    return float(stats.wasserstein_distance(simulated, animal)) / width


def kolmogorov_smirnov(simulated: np.ndarray, animal: np.ndarray) -> float:
    """Return the largest difference of the two cumulative distributions, 0 to 1."""
    found: Any = stats.ks_2samp(simulated, animal, method="asymp")
    return float(found.statistic)


def percentile(value: float, animal: np.ndarray) -> float:
    """Return where a value falls in the animal's distribution, 0 to 100."""
    return float(stats.percentileofscore(animal, value, kind="mean"))


def interval(
    statistic: Callable[[Sequence[int]], float], episodes: int, seed: int = 0
) -> tuple[float, float] | None:
    """Return the 95 % percentile interval of a statistic of episode numbers, bootstrapped over episodes.

    None with fewer than three episodes: there is nothing to resample. Resamples whose statistic is NaN do not
    count; None where they are the most.
    """
    if episodes < 3:
        return None
    # Not scipy's bootstrap, which warns and gives NaN where a single resample is NaN.
    drawn = np.random.default_rng(seed).integers(0, episodes, (RESAMPLES, episodes))
    found = np.array([statistic(chosen) for chosen in drawn.tolist()])
    found = found[np.isfinite(found)]
    if len(found) <= RESAMPLES / 2:
        return None
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


@dataclass(frozen=True)
class Autocorrelation:
    """The autocorrelation of a time course: `values`, -1 to 1, at `lags` (s); `power` is the variance."""

    lags: np.ndarray
    values: np.ndarray
    power: float


def autocorrelation(courses: Sequence[TimeCourse], max_lag_s: float) -> Autocorrelation | None:
    """Return the autocorrelation of courses that share a step, over the pairs without a gap.

    Deviations are from each course's own mean; products are divided by the power of the very samples that
    were paired, so that no value leaves -1 ... 1 where few are. None where nothing varies; a lag with fewer
    than ten pairs, or than `LEAST_PAIRED` of the samples, is left out.
    """
    values = [each.values - np.nanmean(each.values) for each in courses if np.isfinite(each.values).any()]
    seen = np.concatenate([v[np.isfinite(v)] for v in values]) if values else np.zeros(0)
    power = float((seen**2).mean()) if len(seen) >= 10 else 0.0
    if power < 1e-18:
        return None
    lags, found = [], []
    for lag in range(round(max_lag_s / courses[0].step_s) + 1):
        long = [v for v in values if len(v) > lag]
        pairs = (
            np.concatenate([np.stack([v[: len(v) - lag], v[lag:]]) for v in long], axis=1)
            if long
            else (np.zeros((2, 0)))
        )
        one, other = pairs[:, np.isfinite(pairs).all(axis=0)]
        scale = float(np.sqrt((one**2).sum() * (other**2).sum()))
        if len(one) >= max(10, LEAST_PAIRED * len(seen)) and scale > 0:
            lags.append(lag * courses[0].step_s)
            found.append(float((one * other).sum()) / scale)
    return Autocorrelation(np.array(lags), np.array(found), power)


def autocovariance_similarity(one: Autocorrelation, other: Autocorrelation) -> float | None:
    """Return the similarity of two autocovariances: 1 - sum |a - b| / sum (|a| + |b|).

    The sums are over common lags, lag 0 included, so that the size of the movement counts. Equal
    autocovariances give 1, opposite ones 0.
    """
    common = np.intersect1d(np.round(one.lags, 6), np.round(other.lags, 6))
    if len(common) < 3:
        return None
    a, b = (each.power * each.values[np.isin(np.round(each.lags, 6), common)] for each in (one, other))
    return float(1.0 - np.abs(a - b).sum() / max(float((np.abs(a) + np.abs(b)).sum()), 1e-12))


class PostureMap:
    """The plane of an animal's two largest principal components of posture, in cells.

    Made from the animal's postures (frame, coordinate). With `mirrored`, a posture and its mirror image
    count as one, so that the map is symmetric.
    """

    def __init__(self, postures: np.ndarray, mirrored: bool) -> None:
        self.mirrored = mirrored
        postures = thin(postures)
        both = np.concatenate([postures, -postures]) if mirrored else postures
        self.middle = both.mean(axis=0)
        power, axes = np.linalg.eigh(np.cov((both - self.middle).T))
        self.axes = axes[:, ::-1][:, :2]
        self.share = float(power[::-1][:2].sum() / max(power.sum(), 1e-18))
        self.scale = np.sqrt(np.maximum(power[::-1][:2], 1e-18))

    def place(self, postures: np.ndarray) -> np.ndarray:
        """Return (frame, 2) in standard deviations of the animal."""
        return (thin(postures) - self.middle) @ self.axes / self.scale

    def occupancy(self, postures: np.ndarray) -> np.ndarray:
        """Return the share of time (BINS, BINS) in each cell, blurred by one cell.

        The outermost cells also hold what lies outside.
        """
        places = self.place(postures)
        places = np.concatenate([places, -places]) if self.mirrored else places
        edges = np.linspace(-BIN_REACH, BIN_REACH, BINS + 1)
        clipped = np.clip(places, -BIN_REACH, BIN_REACH)
        counts, _, _ = np.histogram2d(clipped[:, 0], clipped[:, 1], bins=[edges, edges])
        blurred = gaussian_filter(counts, 1.0, mode="constant")
        return blurred / max(float(blurred.sum()), 1e-12)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Return the overlap of two distributions over the same cells, 0 to 1."""
    return float(np.minimum(one, other).sum())


def flux(states: Sequence[States]) -> np.ndarray | None:
    """Return the share (from, to) of all transitions over the states' lag; None where none was seen."""
    count = len(states[0].names) if states else 0
    total = np.zeros((count, count))
    for each in states:
        before, after = each.codes[: -each.lag], each.codes[each.lag :]
        seen = (before >= 0) & (after >= 0)
        np.add.at(total, (before[seen], after[seen]), 1.0)
    return total / total.sum() if total.sum() else None


def transitions(shares: np.ndarray) -> np.ndarray:
    """Return the probability of each next state (row: from); the row of a state that never occurred is 0."""
    rows = shares.sum(axis=1, keepdims=True)
    return np.divide(shares, rows, out=np.zeros_like(shares), where=rows > 0)
