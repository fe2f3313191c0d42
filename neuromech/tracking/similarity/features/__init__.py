"""Features by tracker: what is compared between a simulated and a recorded animal."""

from __future__ import annotations

import xarray as xr

from neuromech._lib.errors import unknown
from neuromech.tracking.kinematics import legs
from neuromech.tracking.similarity.features import bouts, gait, hexapod, undulation
from neuromech.tracking.similarity.features.base import Course, Family, Feature, States, Traits

__all__ = ["FAMILIES", "Course", "Family", "Feature", "States", "Traits", "family"]

FAMILIES: dict[str, Family] = {
    "undulation": undulation.FAMILY,
    "bouts": bouts.FAMILY,
    "gait": gait.FAMILY,
}
"""Family by the name of the tracker that a recording carries; six legs have their own."""


def family(dataset: xr.Dataset) -> Family:
    """Return what to look at in a recording.

    Raises
    ------
    InputError: its tracker has no features to compare yet.
    """
    name = str(dataset.attrs.get("tracker", ""))
    if name not in FAMILIES:
        raise unknown("tracker with features to compare", name, FAMILIES)
    return hexapod.FAMILY if name == "gait" and legs.count(dataset) == 6 else FAMILIES[name]
