"""The similarity of a simulated and a recorded animal: of each feature, and one score over all of them.

The score is the plain mean of similarities between 0 and 1: one for every feature that the animal's recording
shows, and one for each of three kinds of dynamics:

- a feature: exp(-W), W the Wasserstein distance in units of the animal's spread;
- time courses: similarity of the autocovariances, mean over the time courses;
- postures: overlap of the two occupancies of the animal's posture plane;
- states: overlap of the two tables of transitions (how often from which state to which).

What the recording shows and the simulation does not has a similarity of 0. A perfect feature therefore adds
at most 1 / count, and leaving a feature out never raises the score. A score can be read only between its
floor and its ceiling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.tracking.similarity import statistics
from neuromech.tracking.similarity.features.base import Behaviour, FeatureSet

LEAST_SAMPLES = 8
"""The smallest number of values in the animal's recording of which a distribution is made."""
DYNAMICS = {"courses": "time courses", "postures": "postures taken", "states": "states and transitions"}
"""What each kind of dynamics is called, by its key."""


@dataclass(frozen=True)
class FeatureComparison:
    """The comparison of one feature: the samples of both, their distance, and their similarity.

    distance: in units of the animal's spread, with a 95 % interval over episodes. ks: the Kolmogorov-Smirnov
    statistic, 0 to 1. percentile: of the simulated median within the animal's distribution. All are None
    where the simulation does not show the feature.
    """

    name: str
    label: str
    unit: str
    animal: np.ndarray
    simulated: np.ndarray
    similarity: float
    distance: float | None = None
    interval: tuple[float, float] | None = None
    ks: float | None = None
    percentile: float | None = None


@dataclass(frozen=True)
class SimilarityScore:
    """A score and its parts: the features, the similarities of the dynamics, and the features not shown."""

    features: tuple[FeatureComparison, ...]
    dynamics: dict[str, float]
    unseen: tuple[str, ...]
    score: float
    interval: tuple[float, float] | None = None


def pooled(behaviours: Sequence[Behaviour], name: str) -> np.ndarray:
    """Return the values of one feature in all recordings, each thinned."""
    found = [statistics.thin(each.samples[name]) for each in behaviours if name in each.samples]
    return np.concatenate(found) if found else np.zeros(0)


def compare(
    simulated: Sequence[Behaviour],
    animal: Sequence[Behaviour],
    feature_set: FeatureSet,
    intervals: bool = True,
) -> SimilarityScore:
    """Compare the episodes of a simulation with the recordings of an animal.

    Raises
    ------
    InputError
        The animal's recording shows nothing that can be compared.
    """
    reference = _Reference(animal, feature_set)
    if not reference.samples:
        raise InputError("the animal's recording shows no feature that can be compared")
    everyone = range(len(simulated))
    rows = tuple(reference.feature(simulated, name, intervals) for name in reference.samples)
    dynamics = reference.dynamics(simulated)
    unseen = tuple(name for name in feature_set.features if name not in reference.samples)
    bounds = (
        statistics.interval(lambda chosen: reference.score([simulated[k] for k in chosen]), len(everyone))
        if intervals
        else None
    )
    return SimilarityScore(rows, dynamics, unseen, reference.score(simulated), bounds)


class _Reference:
    """The recorded animal, prepared for comparisons with many simulations."""

    def __init__(self, animal: Sequence[Behaviour], feature_set: FeatureSet) -> None:
        self.feature_set = feature_set
        pools = {name: pooled(animal, name) for name in feature_set.features}
        self.samples = {
            name: values
            for name, values in pools.items()
            if len(values) >= LEAST_SAMPLES and statistics.spread(values) > 0
        }
        names = dict.fromkeys(name for each in animal for name in each.courses)
        curves = {
            name: statistics.autocorrelation(
                [each.courses[name] for each in animal if name in each.courses], feature_set.max_lag_s
            )
            for name in names
        }
        self.curves = {
            name: curve for name, curve in curves.items() if curve is not None and len(curve.lags) > 3
        }
        postures = stacked(animal)
        self.map = statistics.PostureMap(postures, feature_set.mirrored) if len(postures) > 20 else None
        self.occupied = self.map.occupancy(postures) if self.map else None
        self.kind = next(iter(dict.fromkeys(kind for each in animal for kind in each.states)), None)
        self.moves = self._moves(animal)

    def feature(self, simulated: Sequence[Behaviour], name: str, intervals: bool) -> FeatureComparison:
        about, animal = self.feature_set.features[name], self.samples[name]
        values = pooled(simulated, name)
        if not len(values):
            return FeatureComparison(name, about.label, about.unit, animal, values, 0.0)

        def away(chosen: Sequence[int]) -> float:
            found = pooled([simulated[k] for k in chosen], name)
            away = statistics.distance(found, animal) if len(found) else None
            return float("nan") if away is None else away

        return FeatureComparison(
            name=name,
            label=about.label,
            unit=about.unit,
            animal=animal,
            simulated=values,
            similarity=self.similarity(simulated, name),
            distance=statistics.distance(values, animal),
            interval=statistics.interval(away, len(simulated)) if intervals else None,
            ks=statistics.kolmogorov_smirnov(values, animal),
            percentile=statistics.percentile(float(np.median(values)), animal),
        )

    def similarity(self, simulated: Sequence[Behaviour], name: str) -> float:
        values = pooled(simulated, name)
        away = statistics.distance(values, self.samples[name]) if len(values) else None
        return 0.0 if away is None else float(np.exp(-away))

    def dynamics(self, simulated: Sequence[Behaviour]) -> dict[str, float]:
        """Return a similarity for every kind of dynamics that the animal's recording shows."""
        found = {}
        if self.curves:
            found["courses"] = float(
                np.mean([self._time_course_similarity(simulated, name) for name in self.curves])
            )
        if self.map is not None and self.occupied is not None:
            postures = stacked(simulated)
            found["postures"] = (
                statistics.overlap(self.map.occupancy(postures), self.occupied) if len(postures) else 0.0
            )
        if self.moves is not None:
            moves = self._moves(simulated)
            found["states"] = 0.0 if moves is None else statistics.overlap(moves, self.moves)
        return found

    def score(self, simulated: Sequence[Behaviour]) -> float:
        similarities = [self.similarity(simulated, name) for name in self.samples]
        return float(np.mean([*similarities, *self.dynamics(simulated).values()]))

    def _time_course_similarity(self, simulated: Sequence[Behaviour], name: str) -> float:
        courses = [each.courses[name] for each in simulated if name in each.courses]
        curve = statistics.autocorrelation(courses, self.feature_set.max_lag_s) if courses else None
        return (statistics.autocovariance_similarity(curve, self.curves[name]) if curve else None) or 0.0

    def _moves(self, behaviours: Sequence[Behaviour]) -> np.ndarray | None:
        if self.kind is None:
            return None
        return statistics.flux([each.states[self.kind] for each in behaviours if self.kind in each.states])


def stacked(behaviours: Sequence[Behaviour]) -> np.ndarray:
    """Return the postures of all recordings, each thinned."""
    found = [statistics.thin(each.postures) for each in behaviours if len(each.postures)]
    return np.concatenate(found) if found else np.zeros((0, 0))
