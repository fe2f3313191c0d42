"""Measures of an animal on legs that fits and control experiments use beside the published metrics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from neuromech.tracking.kinematics import legs as feet
from neuromech.tracking.kinematics import trajectory
from neuromech.tracking.trackers import gait

UNITS = {
    "axial_speed_mm_s": "mm/s",
    "net_speed_mm_s": "mm/s",
    "roll_deg": "deg",
    "pitch_deg": "deg",
    "height_share": "1",
    "upright_s": "s",
    "slip_share": "1",
    "off_trot": "1",
}


def measure(piece: xr.Dataset) -> dict[str, float | None]:
    """Return the metrics of a stretch of a recording and, beside them, finer measures.

    axial_speed_mm_s: mean speed of the trunk along its axis, negative backwards. net_speed_mm_s: displacement
    over time. roll_deg, pitch_deg: root mean square tilt of the lines that `across` and `along` of
    body.yaml's `gait` name. height_share: mean height of the trunk as a share of its standing height.
    upright_s: the time until roll passes 45 degrees or the trunk sinks to half of its standing height.
    slip_share: mean speed of feet on the ground over that of the trunk. off_trot: distance of the diagonal
    phase from a trot's, 0 to 0.5. All are None where the recording does not determine them.
    """
    found: dict[str, float | None] = {
        name: value for name, value in gait.metrics(piece).items() if not isinstance(value, str)
    }
    walk = gait.analyse(piece)
    legs, looks = walk.legs, feet.tracked_parts(piece)
    elapsed = legs.times[-1] - legs.times[0]
    ahead = feet.forward_speed(legs)
    roll, pitch = (_slope(piece, looks.get(key)) for key in ("across", "along"))
    height = feet.point(piece, str(looks["trunk"]))[:, 2] / float(looks["standing_mm"])
    down = (np.abs(roll) > np.pi / 4) | (height < gait.FALLEN)
    phase = found.get("phase_diagonal")
    found.update(
        axial_speed_mm_s=trajectory.mean(ahead),
        net_speed_mm_s=float(np.linalg.norm(legs.trunk[-1] - legs.trunk[0]) / elapsed),
        roll_deg=float(np.degrees(np.sqrt((roll**2).mean()))),
        pitch_deg=float(np.degrees(np.sqrt((pitch**2).mean()))),
        height_share=float(height.mean()),
        upright_s=float(legs.times[np.argmax(down)] - legs.times[0] if down.any() else elapsed),
        slip_share=_slip(walk, float(np.nanmean(np.abs(ahead)))),
        off_trot=None if phase is None else min(phase, 1.0 - phase),
    )
    return found


def _slope(piece: xr.Dataset, ends: Sequence[str] | None) -> np.ndarray:
    """Return the angle (time,) of a line from its first landmark up to its second, rad; zero without one."""
    if ends is None:
        return np.zeros(piece.sizes["time"])
    line = feet.point(piece, ends[1]) - feet.point(piece, ends[0])
    return np.arctan2(line[:, 2], np.hypot(line[:, 0], line[:, 1]))


def _slip(walk: gait.Walk, speed: float) -> float | None:
    """Return the mean speed of feet while they are low, as a share of the speed of the trunk."""
    legs = walk.legs
    high = feet.heights(legs) > 0.015 * legs.length
    moved = np.stack(
        [
            np.linalg.norm(trajectory.rate(legs.times, foot, feet.SPEED_S)[:, :2], axis=1)
            for foot in legs.feet.swapaxes(0, 1)
        ],
        axis=1,
    )
    still = ~high & np.isfinite(moved)
    return float(moved[still].mean() / speed) if still.any() and speed > 0 else None
