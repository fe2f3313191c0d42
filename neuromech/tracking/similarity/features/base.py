"""What one recording of an animal shows: distributions, time courses, postures and states."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import xarray as xr


@dataclass(frozen=True)
class Feature:
    """A quantity that has a distribution; `needs` says in words what a recording must have to show it."""

    label: str
    unit: str
    needs: str = ""


@dataclass(frozen=True)
class TimeCourse:
    """Evenly sampled values (time,) with NaN in gaps; `step_s` between them."""

    step_s: float
    values: np.ndarray


@dataclass(frozen=True)
class States:
    """States (time,) as indices into `names`, -1 where nothing was seen; a transition spans `lag` samples."""

    names: tuple[str, ...]
    codes: np.ndarray
    lag: int = 1


@dataclass(frozen=True)
class Behaviour:
    """The behaviour in one recording, as far as it can be compared.

    samples: {feature: finite values}; a feature that the recording cannot show is absent. courses: {name:
    TimeCourse}. postures: (frame, coordinate), or empty. states: {kind: States}, the most informative kind
    first.
    """

    samples: Mapping[str, np.ndarray] = field(default_factory=dict)
    courses: Mapping[str, TimeCourse] = field(default_factory=dict)
    postures: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    states: Mapping[str, States] = field(default_factory=dict)


@dataclass(frozen=True)
class FeatureSet:
    """The features that are compared in the animals of one tracker.

    features: {name: Feature}. extract: the function from a recording to its Behaviour. mirrored: whether a
    posture and its mirror image count as the same, because a recording does not say on which side the animal
    lies. max_lag_s: the largest lag of autocorrelations. of_posture: the features that posture alone
    determines.
    """

    features: Mapping[str, Feature]
    extract: Callable[[xr.Dataset], Behaviour]
    mirrored: bool
    max_lag_s: float
    of_posture: frozenset[str] = frozenset()

    def without_posture(self) -> FeatureSet:
        """Return the set without features that posture alone determines: a replay was given its posture."""

        def extract(dataset: xr.Dataset) -> Behaviour:
            return Behaviour(samples=self.extract(dataset).samples)

        kept = {name: feature for name, feature in self.features.items() if name not in self.of_posture}
        return replace(self, features=kept, extract=extract)


def finite(values: np.ndarray) -> np.ndarray:
    """Return the finite values, flat."""
    flat = np.asarray(values, np.float64).ravel()
    return flat[np.isfinite(flat)]


def known(samples: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the features that have values."""
    return {name: found for name, values in samples.items() if len(found := finite(values))}


def time_course(times: np.ndarray, values: np.ndarray, step_s: float) -> TimeCourse:
    """Return values sampled evenly, each the nearest sample; NaN where none is within a step and a half."""
    grid, index, near = _grid(times, step_s)
    return TimeCourse(step_s, np.where(near, values[index], np.nan) if len(grid) else np.zeros(0))


def codes(times: np.ndarray, states: np.ndarray, step_s: float) -> np.ndarray:
    """Return states sampled evenly, -1 where no sample is near."""
    grid, index, near = _grid(times, step_s)
    return np.where(near, states[index], -1) if len(grid) else np.zeros(0, int)


def _grid(times: np.ndarray, step_s: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    grid = np.arange(times[0], times[-1] + 1e-9, step_s)
    after = np.clip(np.searchsorted(times, grid), 1, len(times) - 1)
    index = np.where(grid - times[after - 1] <= times[after] - grid, after - 1, after)
    return grid, index, np.abs(times[index] - grid) <= 1.5 * step_s
