"""What is compared in an animal on six legs: every stride, the coordination of the legs, and their joints.

Joints have the names of the recordings, LEG_PARENT_CHILD_AXIS; a simulation says in its attribute `joints`
which of its own channels is which of them.
"""

from __future__ import annotations

import json

import numpy as np
import xarray as xr

from neuromech.tracking.kinematics import legs as feet
from neuromech.tracking.kinematics import strides
from neuromech.tracking.similarity.features.base import (
    Behaviour,
    Feature,
    FeatureSet,
    States,
    codes,
    known,
    time_course,
)
from neuromech.tracking.similarity.features.gait import across, feet_along, of_strides, within_strides
from neuromech.tracking.trackers import gait
from neuromech.tracking.trackers.gait import Walk

STEP_S = 0.005
"""The sampling step of time courses and states, s."""
LAG_S = 0.02
"""Transitions are changes of state over this time, s, which is shorter than a swing."""
STATES = tuple(f"{count} feet off the ground" for count in range(7))
DOFS = {
    "thorax_coxa_yaw": "coxa, yaw",
    "thorax_coxa_pitch": "coxa, pitch",
    "thorax_coxa_roll": "coxa, roll",
    "coxa_trochanterfemur_pitch": "femur, pitch",
    "coxa_trochanterfemur_roll": "femur, roll",
    "trochanterfemur_tibia_pitch": "tibia, pitch",
    "tibia_tarsus1_pitch": "tarsus, pitch",
}
FEATURES = {
    "stride_hz": Feature("stride frequency", "Hz", "strides"),
    "duty_factor": Feature("duty factor", "1", "strides"),
    "swing_ms": Feature("swing", "ms", "strides"),
    "stance_ms": Feature("stance", "ms", "strides"),
    "left_right": Feature("left and right, from alternation", "1", "strides"),
    "hind_middle": Feature("hind and middle leg, from alternation", "1", "strides"),
    "middle_fore": Feature("middle and fore leg, from alternation", "1", "strides"),
    "tripod": Feature("tripod index, each stride", "1", "strides"),
    "excursion_mm": Feature("way of a foot along the body, each stride", "mm", "strides"),
    **{
        f"range_{dof}": Feature(f"range of {name}, each stride", "deg", "joints")
        for dof, name in DOFS.items()
    },
}


def extract(dataset: xr.Dataset) -> Behaviour:
    """Return what a recording of six legs shows; pauses are no strides."""
    walk = gait.analyse(dataset)
    legs = walk.legs
    if len(legs.times) < 4:
        return Behaviour()
    each = list(walk.each.values())
    period, duty = (np.concatenate([getattr(one, name) for one in each]) for name in ("period_s", "duty"))
    samples = {
        "stride_hz": 1.0 / period,
        "duty_factor": duty,
        "swing_ms": 1000.0 * (1.0 - duty) * period,
        "stance_ms": 1000.0 * duty * period,
        "tripod": np.concatenate([strides.tripods(one.phases, feet.leg_position) for one in each]),
        "excursion_mm": of_strides(walk, feet_along(legs), np.ptp),
        **_phases(walk),
    }
    angles = joints(dataset)
    for dof in DOFS:
        own = [angles.get(f"{leg}_{dof}") for leg in legs.names]
        if all(one is not None for one in own):
            samples[f"range_{dof}"] = of_strides(walk, np.stack(own, axis=1), np.ptp)  # type: ignore[arg-type]
    steps = within_strides(walk)
    postures = (
        np.stack([angles[name] for name in sorted(angles)], axis=1)[steps] if angles else np.zeros((0, 0))
    )
    up = np.interp(legs.times, walk.times, walk.off.sum(axis=1)).round().astype(int)
    return Behaviour(
        samples=known(samples),
        courses={name: time_course(legs.times, angle, STEP_S) for name, angle in sorted(angles.items())},
        postures=postures[np.isfinite(postures).all(axis=1)],
        states={"feet": States(STATES, codes(legs.times, up, STEP_S), round(LAG_S / STEP_S))},
    )


def joints(dataset: xr.Dataset) -> dict[str, np.ndarray]:
    """Return the angles (time,) of the legs' joints, deg, by their recorded names; empty without any."""
    if "joint_angle" in dataset:
        angles = np.degrees(dataset["joint_angle"].values)
        return {str(name): angles[:, k] for k, name in enumerate(dataset["joint"].values)}
    names = json.loads(dataset.attrs.get("joints") or "{}")
    found = {}
    for sense in (dataset[each] for each in dataset.data_vars if str(each).startswith("sense_")):
        channels = [str(each) for each in sense[sense.dims[1]].values]
        values = sense.values
        for recorded, own in names.items():
            if own in channels:
                found[recorded] = np.degrees(values[:, channels.index(own)].astype(float))
    return found


def _phases(walk: Walk) -> dict[str, np.ndarray]:
    """Return the distance from alternation of neighbouring legs, 0 to 0.5, over all strides."""
    names = walk.legs.names
    rows = {feet.leg_position(name): name for name in names}
    pairs = {
        "left_right": [(name, across(name)) for name in names],
        "hind_middle": [(rows[2, side], rows[1, side]) for side in (0, 1)],
        "middle_fore": [(rows[1, side], rows[0, side]) for side in (0, 1)],
    }
    return {
        key: np.concatenate([abs(walk.each[one].phases[other] % 1.0 - 0.5) for one, other in chosen])
        for key, chosen in pairs.items()
    }


FEATURE_SET = FeatureSet(FEATURES, extract, mirrored=False, max_lag_s=0.25, of_posture=frozenset(FEATURES))
