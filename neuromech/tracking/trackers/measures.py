"""Measures of a body in motion that fits and control experiments use beside the published metrics."""

import numpy as np
import xarray as xr

from neuromech.tracking.kinematics import posture, trajectory
from neuromech.tracking.trackers import navigation, undulation, walking

HEAD = (0.0, 0.2)
"""The part of the body that counts as head, from nose 0 to tail 1."""
TAIL = (0.75, 1.0)
"""The part of the body that counts as tail."""
UNITS = {
    "axial_speed_mm_s": "mm/s",
    "net_speed_mm_s": "mm/s",
    "turning_deg_s": "deg/s",
    "bend_rms_per_mm": "1/mm",
    "head_bend_per_mm": "1/mm",
    "tail_bend_per_mm": "1/mm",
    "standing_bend_per_mm": "1/mm",
    "bearing_cosine": "1",
    "steering_deg_s": "deg/s",
    **navigation.UNITS,
}


def measure(dataset: xr.Dataset, start_s: float = 0.0, stop_s: float = np.inf) -> dict[str, float | None]:
    """Return the metrics of a stretch of a recording and, beside them, finer measures.

    Those of an animal on legs are in `walking`. Those of one that undulates are: axial_speed_mm_s, the mean
    speed along the body's axis, negative backwards; net_speed_mm_s, displacement over time, low for a worm
    that circles; turning_deg_s, net rotation over time, counter-clockwise positive; bend_rms_per_mm,
    head_bend_per_mm and tail_bend_per_mm, the root mean square over time of the curvature's deviation from
    its mean; standing_bend_per_mm, the mean absolute value over the body of the mean curvature;
    bearing_cosine, the mean cosine of the angle between heading and peak; steering_deg_s, the slope of the
    turning rate on the sine of the bearing, the rate at which an animal turns towards a peak at a right angle
    to it (weathervaning, Iino & Yoshida 2009, doi:10.1523/JNEUROSCI.3633-08.2009); those of
    `navigation`. All are None where fewer than two samples lie in the stretch or the posture is lost.
    """
    piece = dataset.sel(time=slice(start_s, stop_s))
    if piece.attrs.get("tracker") == "gait":
        return walking.measure(piece)
    names = list(UNITS)
    points = posture.midline(piece)
    if len(points) < 2 or not np.isfinite(points).all():
        return dict.fromkeys(names)
    seen = undulation.analyse(piece)
    found = undulation.of(piece, seen)
    times = piece["time"].values.astype(float)
    bend = posture.curvature(points)
    moving = np.sqrt(((bend - bend.mean(axis=0)) ** 2).mean(axis=0))
    heading = trajectory.heading(points)
    centre = trajectory.centroid(points)
    elapsed = times[-1] - times[0]
    cycle = 1.0 / found["undulation_hz"] if found["undulation_hz"] else undulation.DEFAULT_CYCLE_S
    found.update(
        axial_speed_mm_s=trajectory.mean(trajectory.axial_speed(times, points, min(cycle, elapsed / 2))),
        net_speed_mm_s=float(np.linalg.norm(centre[-1] - centre[0]) / elapsed),
        turning_deg_s=float(np.degrees(heading[-1] - heading[0]) / elapsed),
        bend_rms_per_mm=float(_part(moving, undulation.BODY_PART).mean()),
        head_bend_per_mm=float(_part(moving, HEAD).mean()),
        tail_bend_per_mm=float(_part(moving, TAIL).mean()),
        **_steering(piece, points, heading, cycle),
        standing_bend_per_mm=float(np.abs(_part(bend.mean(axis=0), undulation.BODY_PART)).mean()),
        **navigation.measure(piece, seen),
    )
    return found


def _steering(
    piece: xr.Dataset, points: np.ndarray, heading: np.ndarray, cycle_s: float
) -> dict[str, float | None]:
    peak = trajectory.stimulus_peak(piece)
    times = piece["time"].values.astype(float)
    if peak is None:
        return {"bearing_cosine": None, "steering_deg_s": None}
    angle = trajectory.smooth(times, heading, cycle_s)
    towards = peak - trajectory.centroid(points)
    bearing = np.arctan2(towards[:, 1], towards[:, 0]) - angle
    turning = np.degrees(np.gradient(angle, times))
    seen = np.isfinite(bearing) & np.isfinite(turning)
    if not seen.any():
        return {"bearing_cosine": None, "steering_deg_s": None}
    sine = np.sin(bearing[seen])
    # An animal that heads for the peak hardly varies its bearing: the bound keeps the slope finite.
    slope = (turning[seen] * sine).mean() / max((sine**2).mean(), 0.15)
    return {"bearing_cosine": float(np.cos(bearing[seen]).mean()), "steering_deg_s": float(slope)}


def _part(values: np.ndarray, part: tuple[float, float]) -> np.ndarray:
    place = posture.positions(len(values))
    return values[(place >= part[0]) & (place <= part[1])]
