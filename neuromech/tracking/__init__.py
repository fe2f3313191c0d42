"""From a recording to the animal's metrics; the same trackers run on simulated and on recorded animals."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import xarray as xr

from neuromech._lib.errors import unknown
from neuromech._lib.registry import Registry
from neuromech.tracking.trackers import appendages, bouts, gait, undulation

TRACKERS: Registry[Callable[[xr.Dataset], Mapping[str, float | str | None]]] = Registry(
    "tracker",
    {name: f"neuromech.tracking.trackers.{name}:metrics" for name in ("undulation", "bouts", "gait")},
)
"""Tracker by name, the one a body.yaml gives and a recording carries as its attribute `tracker`. Others add
theirs by `register("tracker", name)`."""

UNITS = {**undulation.UNITS, **bouts.UNITS, **gait.UNITS, **appendages.UNITS}
"""Unit of every metric of every tracker."""


def track(dataset: xr.Dataset) -> dict[str, float | str | None]:
    """Return the metrics of a recording; one that it does not determine is None, a gait is a word.

    Raises
    ------
    InputError: the recording names no tracker that exists, or lacks the landmarks that the tracker needs.
    """
    name = str(dataset.attrs.get("tracker", ""))
    if name not in TRACKERS:
        raise unknown("tracker", name, TRACKERS)
    return dict(TRACKERS[name](dataset))
