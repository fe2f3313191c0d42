"""From a recording to the animal's metrics; the same trackers run on simulated and on recorded animals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from neuromech._lib.registry import Registry

if TYPE_CHECKING:
    import xarray as xr

    from neuromech.tracking.trackers.base import Tracker

TRACKERS: Registry[Tracker] = Registry(
    "tracker",
    {
        "undulation": "neuromech.tracking.trackers.undulation:metrics",
        "bouts": "neuromech.tracking.trackers.bouts:metrics",
        "gait": "neuromech.tracking.trackers.gait:metrics",
    },
)
"""Trackers by the name that a body.yaml gives and that a recording carries as its attribute `tracker`."""


def units(tracker: str = "") -> dict[str, str]:
    """Return the unit of every metric by name, of one tracker or of all.

    Raises
    ------
    InputError
        There is no such tracker.
    """
    from neuromech.tracking.trackers.base import units_of

    found: dict[str, str] = {}
    for name in [tracker] if tracker else TRACKERS:
        found.update(units_of(TRACKERS[name]))
    return found


def track(dataset: xr.Dataset) -> dict[str, float | str | None]:
    """Return the metrics of a recording; one that it does not determine is None, a gait is a word.

    Raises
    ------
    InputError
        The recording names no tracker that exists, or lacks the landmarks that the tracker needs.
    """
    return dict(TRACKERS[str(dataset.attrs.get("tracker", ""))](dataset))
