"""Features by tracker: what is compared between a simulated and a recorded animal."""

from __future__ import annotations

from collections.abc import Sequence

import xarray as xr

from neuromech._lib.errors import unknown
from neuromech._lib.registry import Registry
from neuromech.tracking.kinematics import hind_steps, legs
from neuromech.tracking.similarity.features.base import Behaviour, Feature, FeatureSet, States, TimeCourse

__all__ = ["FEATURE_SETS", "Behaviour", "Feature", "FeatureSet", "States", "TimeCourse", "feature_set_of"]

_HERE = "neuromech.tracking.similarity.features"
FEATURE_SETS: Registry[FeatureSet] = Registry(
    "feature set",
    {
        "undulation": f"{_HERE}.undulation:FEATURE_SET",
        "bouts": f"{_HERE}.bouts:FEATURE_SET",
        "gait": f"{_HERE}.gait:FEATURE_SET",
    },
)
"""The features that are compared, by the name of the tracker that a recording carries."""


def feature_set_of(dataset: xr.Dataset, held: Sequence[xr.Dataset] = ()) -> FeatureSet:
    """Return what to compare of a recording; an animal with six legs that walks has a set of its own.

    So has one whose recordings, `held` against it, show no feet but the joints of its hind legs.

    Raises
    ------
    InputError
        Nobody has registered features for its tracker.
    """
    name = str(dataset.attrs.get("tracker", ""))
    if name not in FEATURE_SETS:
        raise unknown("tracker with features to compare", name, FEATURE_SETS)
    if name == "gait" and held and all(hind_steps.shown(each) and not legs.count(each) for each in held):
        from neuromech.tracking.similarity.features import hind_legs

        return hind_legs.FEATURE_SET
    if name == "gait" and legs.count(dataset) == 6:
        from neuromech.tracking.similarity.features import hexapod

        return hexapod.FEATURE_SET
    return FEATURE_SETS[name]
