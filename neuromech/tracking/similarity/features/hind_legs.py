"""What is compared where only joints of an animal's hind legs were marked: their mean steps."""

from __future__ import annotations

import numpy as np
import xarray as xr

from neuromech.tracking.kinematics import hind_steps
from neuromech.tracking.similarity.features.base import Behaviour, Feature, FeatureSet, known, time_course

GRID_S = 0.01
"""The sampling step of time courses, s."""
FEATURES = {
    "hind_step_hz": Feature("steps of the hind legs", "Hz", "joints"),
    "hind_step_mm": Feature("length of a step", "mm", "joints and a path in mm"),
    "hind_speed_mm_s": Feature("speed", "mm/s", "a path in mm"),
    "hind_left_right": Feature("hind legs, from alternation", "1", "joints"),
    "hind_retraction": Feature("share of the step in which the heel goes backwards", "1", "joints"),
    "hip_excursion_deg": Feature("way of the thigh, each step", "deg", "joints"),
    "knee_excursion_deg": Feature("way of the knee, each step", "deg", "joints"),
}


def extract(dataset: xr.Dataset) -> Behaviour:
    """Return what a recording with joints of hind legs shows; windows without a rhythm do not count."""
    hind = hind_steps.read(dataset)
    steps = hind_steps.windows(hind)
    if not steps:
        return Behaviour()
    thigh, knee = hind.thigh_deg(), hind.along(hind_steps.KNEE, hind_steps.BACK)
    samples = {
        "hind_step_hz": np.array([each.hz for each in steps]),
        "hind_step_mm": np.array([each.speed_mm_s / each.hz for each in steps]),
        "hind_speed_mm_s": np.array([each.speed_mm_s for each in steps]),
        "hind_left_right": np.array([abs(each.left_right - 0.5) for each in steps]),
        "hind_retraction": np.concatenate([each.retraction for each in steps]),
        "hip_excursion_deg": np.concatenate([each.hip_deg for each in steps]),
        "knee_excursion_deg": np.concatenate([each.knee_deg for each in steps]),
    }
    return Behaviour(
        samples=known(samples),
        courses={"knee along the body": time_course(hind.times, knee[:, 0], GRID_S)},
        postures=thigh[np.isfinite(thigh).all(axis=1)],
    )


FEATURE_SET = FeatureSet(FEATURES, extract, mirrored=False, max_lag_s=0.5)
