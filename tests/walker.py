"""An animal on legs whose gait is known: feet that rest on the floor and swing forwards in time."""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np
import xarray as xr

QUADRUPED = {"fl": (20.0, 8.0), "fr": (20.0, -8.0), "hl": (-20.0, 8.0), "hr": (-20.0, -8.0)}
GAITS: dict[str, dict[str, float]] = {  # phases of the swings against the left hind leg
    "walk": {"hl": 0.0, "hr": 0.5, "fl": 0.25, "fr": 0.75},
    "trot": {"hl": 0.0, "hr": 0.5, "fl": 0.5, "fr": 0.0},
    "gallop": {"hl": 0.0, "hr": 0.15, "fl": 0.5, "fr": 0.65},
    "bound": {"hl": 0.0, "hr": 0.0, "fl": 0.5, "fr": 0.5},
}


def walker(
    phases: Mapping[str, float],
    stride_hz: float = 5.0,
    duty: float = 0.55,
    speed_mm_s: float = 300.0,
    seconds: float = 4.0,
    step_s: float = 0.005,
    noise_mm: float = 0.0,
    tilt: tuple[float, float] = (0.0, 0.0),
    turning_deg_s: float = 0.0,
    places: Mapping[str, tuple[float, float]] = QUADRUPED,
    lift_mm: float = 5.0,
    length_mm: float = 100.0,
    seed: int = 0,
) -> xr.Dataset:
    """Walk along +x; ``places`` are where each foot stands under the body (mm), in the middle of its stance.

    ``tilt`` is the floor's slope along x and y, as a camera that stands askew makes it.
    """
    times = np.arange(round(seconds / step_s)) * step_s
    rng = np.random.default_rng(seed)
    points: dict[str, np.ndarray] = {}
    for k in range(5):
        ahead = length_mm * (0.5 - 0.25 * k)
        points[f"spine_{k:02d}"] = np.column_stack([speed_mm_s * times + ahead, 0 * times, 25 + 0 * times])
    angle = np.radians(turning_deg_s * times)
    nose = points["spine_02"] + length_mm * 0.5 * np.column_stack([np.cos(angle), np.sin(angle), 0 * angle])
    points["spine_00"] = nose
    for name, phase in phases.items():
        cycle = times * stride_hz - phase  # a swing begins at every whole number
        stride, share = np.floor(cycle), cycle % 1.0
        swing = np.clip(share / (1 - duty), 0.0, 1.0)
        # It lands half a stance ahead of where it stands in the middle of its stance.
        landed = (stride + 1 + phase - duty / 2 - 0.5 * (1 - duty) + 0.5) / stride_hz
        place = speed_mm_s * (landed - (1 - swing) / stride_hz) + places[name][0]
        x = np.where(share < 1 - duty, _smooth(place, swing, speed_mm_s / stride_hz), place)
        z = 1.0 + lift_mm * np.sin(np.pi * swing) * (share < 1 - duty)
        points[f"paw_{name}"] = np.column_stack([x, places[name][1] + 0 * x, z])
    xyz = np.stack(list(points.values()), axis=1)
    xyz[..., 2] += xyz[..., :2] @ np.array(tilt)
    xyz += noise_mm * rng.normal(size=xyz.shape)
    return xr.Dataset(
        {"landmarks": (("time", "landmark", "xyz"), xyz)},
        {"time": times, "landmark": list(points), "xyz": list("xyz")},
        {"tracker": "gait", "body_length_mm": length_mm,
         "limbs": json.dumps({name: f"paw_{name}" for name in phases}),
         "gait_tracker": json.dumps(
             {"head": ["spine_00", "spine_02"], "trunk": "spine_02", "standing_mm": 24.0})},
    )  # fmt: skip


def _smooth(place: np.ndarray, swing: np.ndarray, stride_mm: float) -> np.ndarray:
    """A swing that starts and ends at rest, in place of one at constant speed."""
    return place + stride_mm * ((1 - np.cos(np.pi * swing)) / 2 - swing)
