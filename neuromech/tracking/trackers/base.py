"""What a tracker is: a function from a recording to metrics, and the units of these."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeVar

import xarray as xr

Metrics = Mapping[str, float | str | None]
"""Value of each metric by name: a number, a word (the name of a gait), or None where it is not known."""
Tracker = Callable[[xr.Dataset], Metrics]
"""Computes the metrics of one recording with `time` (s) and `landmarks` (time, landmark, xyz) in mm."""

AnyTracker = TypeVar("AnyTracker", bound=Callable[..., Metrics])


def measures(units: Mapping[str, str]) -> Callable[[AnyTracker], AnyTracker]:
    """Return a decorator that says in which units a tracker returns its metrics.

    Parameters
    ----------
    units : the unit of every metric by name, "1" for one without a unit.

    Examples
    --------
    >>> @measures({"speed_mm_s": "mm/s"})
    ... def speed(recording):
    ...     return {"speed_mm_s": None}
    >>> units_of(speed)["speed_mm_s"]
    'mm/s'
    """

    def add(tracker: AnyTracker) -> AnyTracker:
        vars(tracker)["units"] = MappingProxyType(dict(units))
        return tracker

    return add


def units_of(tracker: Callable[..., Metrics]) -> Mapping[str, str]:
    """Return the units of the metrics of a tracker by name; none are given where it does not say them."""
    return getattr(tracker, "units", {})
