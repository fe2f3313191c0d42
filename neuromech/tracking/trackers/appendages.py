"""What an animal's mouthparts and front legs do beside walking: proboscis extension and antennal grooming.

A recording says in its attribute `gait_tracker` what to look at: `proboscis`, two landmarks (head and tip)
and the distance beyond which it is extended; `grooming`, for every side the landmarks of a front foot, from
its base to its tip, that of the antenna, and how near a foot has to be.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float

from neuromech._lib.types import Signal
from neuromech.tracking.kinematics import legs as feet

UNITS = {
    "proboscis_extended_share": "1",
    "proboscis_latency_s": "s",
    "proboscis_reach_mm": "mm",
    "grooming_share": "1",
    "grooming_hz": "Hz",
}
SWEEP_MM = 0.05
"""The smallest height, mm, by which a foot has to rise and fall for the movement to count as a sweep."""
REACH_PERCENTILE = 95
"""The percentile of the distance between head and tip that is called the reach of the proboscis."""


def metrics(dataset: xr.Dataset) -> dict[str, float | None]:
    """Return the metrics of the appendages that the recording tells apart; empty where it tells none.

    proboscis_extended_share: the share of the time during which the proboscis is extended.
    proboscis_latency_s: the time of the first extension. proboscis_reach_mm: the distance of its tip from the
    head that is exceeded for 5 % of the time. grooming_share: the share of the time during which a front foot
    is at the antenna of its side, the mean of both sides. grooming_hz: sweeps up and down per second of that
    time. A latency or a frequency of a behaviour that did not occur is None, as is everything that was not
    seen.
    """
    looks, found = feet.tracked_parts(dataset), {}
    if "proboscis" in looks and len(dataset["time"]):
        times, reach = dataset["time"].values.astype(float), proboscis(dataset, looks["proboscis"])
        seen = np.isfinite(reach)
        times, reach = times[seen], reach[seen]
        out = reach > float(looks["proboscis"]["extended_mm"])
        goes = np.flatnonzero(out[1:] & ~out[:-1]) + 1
        found["proboscis_extended_share"] = float(out.mean()) if len(out) else None
        found["proboscis_latency_s"] = float(times[goes[0]] - times[0]) if len(goes) else None
        found["proboscis_reach_mm"] = float(np.percentile(reach, REACH_PERCENTILE)) if len(out) else None
    if "grooming" in looks and len(dataset["time"]):
        from scipy.signal import find_peaks  # late: it takes longer to import than a short run lasts

        shares, sweeps, lasted = [], 0, 0.0
        step = float(np.median(np.diff(dataset["time"]))) if len(dataset["time"]) > 1 else 0.0
        for side in ("left", "right"):
            offset = foot(dataset, looks["grooming"][side])
            offset = offset[np.isfinite(offset).all(axis=1)]
            if not len(offset):
                continue
            near = np.linalg.norm(offset, axis=1) < float(looks["grooming"]["near_mm"])
            shares.append(float(near.mean()))
            tops, _ = find_peaks(offset[:, 2], prominence=SWEEP_MM)
            sweeps, lasted = sweeps + int(near[tops].sum()), lasted + float(near.sum()) * step
        found["grooming_share"] = float(np.mean(shares)) if shares else None
        found["grooming_hz"] = sweeps / lasted if sweeps else None
    return found


def proboscis(dataset: xr.Dataset, looks: dict[str, Any]) -> Signal:
    """Return the distance of the tip of the proboscis from the head through time, mm (time,)."""
    tip, head = (feet.point(dataset, str(looks[name])) for name in ("tip", "head"))
    return np.linalg.norm(tip - head, axis=1)


def foot(dataset: xr.Dataset, names: list[str]) -> Float[np.ndarray, "time 3"]:
    """Return the middle of a foot as seen from the antenna of its side, mm."""
    base, end, antenna = (feet.point(dataset, str(name)) for name in names)
    return (base + end) / 2 - antenna
