"""Measures of an animal on legs that fits and control experiments use beside the published metrics."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from neuromech.tracking.kinematics import energy, trajectory
from neuromech.tracking.kinematics import legs as feet
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
    "power_W_kg": "W/kg",
    "cost_J_kg_m": "J/kg/m",
    "bounce_mm": "mm",
    "stride_share": "1",
}


def measure(piece: xr.Dataset) -> dict[str, float | None]:
    """Return the metrics of a stretch of a recording and, beside them, finer measures.

    axial_speed_mm_s: mean speed of the trunk along its axis, negative backwards. net_speed_mm_s: displacement
    over time. roll_deg, pitch_deg: root mean square tilt of the lines that `across` and `along` of
    body.yaml's `gait` name. height_share: mean height of the trunk as a share of its standing height.
    upright_s: the time until roll passes 45 degrees or the trunk sinks to half of its standing height.
    slip_share: mean speed of feet on the ground over that of the trunk. off_trot: distance of the diagonal
    phase from a trot's, 0 to 0.5. power_W_kg: what lifts and speeds up the trunk, see
    `kinematics.energy`. cost_J_kg_m: the same over the speed, the mechanical cost of transport. bounce_mm:
    mean over strides of how far the trunk goes up and down in each. stride_share: median stride length over
    that of the animal at this speed, by `stride_line` of body.yaml's `gait`. All are None where the recording
    does not determine them.
    """
    found: dict[str, float | None] = {
        name: value for name, value in gait.metrics(piece).items() if not isinstance(value, str)
    }
    walk = gait.analyse(piece)
    legs, looks = walk.legs, feet.tracked_parts(piece)
    elapsed = legs.times[-1] - legs.times[0]
    ahead = feet.forward_speed(legs)
    roll, pitch = (_slope(piece, looks.get(key)) for key in ("across", "along"))
    trunk = feet.point(piece, str(looks["trunk"]))
    height = trunk[:, 2] / float(looks["standing_mm"])
    down = (np.abs(roll) > np.pi / 4) | (height < gait.FALLEN)
    phase = found.get("phase_diagonal")
    power, speed = energy.external_power(legs.times, trunk), found.get("speed_mm_s")
    line, stride = looks.get("stride_line"), found.get("stride_length_mm")
    bounces = of_strides(walk, trunk[:, 2])
    found.update(
        axial_speed_mm_s=trajectory.mean(ahead),
        net_speed_mm_s=float(np.linalg.norm(legs.trunk[-1] - legs.trunk[0]) / elapsed),
        roll_deg=float(np.degrees(np.sqrt((roll**2).mean()))),
        pitch_deg=float(np.degrees(np.sqrt((pitch**2).mean()))),
        height_share=float(height.mean()),
        upright_s=float(legs.times[np.argmax(down)] - legs.times[0] if down.any() else elapsed),
        slip_share=_slip(walk, float(np.nanmean(np.abs(ahead)))),
        off_trot=None if phase is None else min(phase, 1.0 - phase),
        power_W_kg=power,
        cost_J_kg_m=1000.0 * power / speed if power is not None and speed else None,
        stride_share=None
        if line is None or stride is None or speed is None
        else stride / float(np.interp(speed, line["speeds_mm_s"], line["strides_mm"])),
        bounce_mm=float(np.mean(bounces)) if len(bounces) else None,
    )
    return found


def of_strides(walk: gait.Walk, values: np.ndarray) -> np.ndarray:
    """Return the range of a quantity (time,) in every stride of the reference leg."""
    whole, times = walk.each[walk.legs.names[0]], walk.legs.times
    parts = [
        values[(times >= start) & (times < start + period)]
        for start, period in zip(whole.start_s, whole.period_s, strict=True)
    ]
    return np.array([np.ptp(part) for part in parts if len(part) > 2])


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
