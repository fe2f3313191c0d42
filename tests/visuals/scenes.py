"""A chain of 24 capsules, 1 mm long, and a recording of it crawling: what every render test looks at."""

from __future__ import annotations

import json

import mujoco
import numpy as np
import xarray as xr

from neuromech.specs.body import Organ, Skin

LINKS, POINTS, STEP = 24, 25, 1.0 / 24
NAMES = [f"spine_{i:02d}" for i in range(POINTS)]
SKIN = Skin(
    landmarks=tuple(NAMES),
    radius_mm=(0.012, 0.03, 0.04, 0.04, 0.04, 0.03, 0.004),
    organs=(Organ(0.2, 0.9, 0.5, (0.5, 0.4, 0.3)),),
)


def chain() -> mujoco.MjModel:
    """Nose at +x, 0.04 mm above the floor; four muscles, two on each side."""
    sites = '<site name="{}_a" pos="{} {} 0"/>'
    body = tendons = actuators = ""
    for i in reversed(range(LINKS)):
        joint = '<joint type="slide" axis="1 0 0"/><joint type="slide" axis="0 1 0"/>' if i == 0 else ""
        extra = "".join(
            sites.format(f"{side}{i}", -STEP / 2, y)
            for side, y in (("L", 0.03), ("R", -0.03))
            if i in (6, 7, 16, 17)
        )
        tail = f'<site name="{NAMES[-1]}" pos="{-STEP} 0 0"/>' if i == LINKS - 1 else ""
        body = (
            f'<body name="link_{i}" pos="{0.5 if i == 0 else -STEP} 0 {0.04 if i == 0 else 0}">{joint}'
            f'<joint name="yaw_{i}" type="hinge" axis="0 0 1"/><site name="{NAMES[i]}"/>{tail}{extra}'
            f'<geom type="capsule" size="0.04" rgba="0.85 0.7 0.5 1" fromto="0 0 0 {-STEP} 0 0"/>'
            f"{body}</body>"
        )
    for name, i in (("L6", 6), ("R6", 6), ("L16", 16), ("R16", 16)):
        tendons += (
            f'<spatial name="{name}"><site site="{name}_a"/><site site="{name[0]}{i + 1}_a"/></spatial>'
        )
        actuators += f'<general name="{name}" tendon="{name}" ctrlrange="0 1" dyntype="filter" dynprm="0.1"/>'
    return mujoco.MjModel.from_xml_string(
        f'<mujoco><option gravity="0 0 0"/><worldbody><geom type="plane" size="5 5 1"/>{body}</worldbody>'
        f"<tendon>{tendons}</tendon><actuator>{actuators}</actuator></mujoco>"
    )


def crawl(duration_s: float = 4.0, record_s: float = 0.1) -> xr.Dataset:
    """A travelling wave going +x at 0.2 mm/s over a salt gradient, with twelve neurons."""
    time = np.arange(0.0, duration_s + record_s / 2, record_s)
    s = np.linspace(0, 1, POINTS)
    angle = np.sin(2 * np.pi * (s / 0.65 - 0.4 * time[:, None])) * 0.6
    steps = -np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=-1)[:, :-1] * STEP
    points = np.concatenate([np.zeros((len(time), 1, 3)), np.cumsum(steps, axis=1)], axis=1)
    points += np.array([0.5, 0.0, 0.04]) + 0.2 * time[:, None, None] * np.array([1.0, 0.0, 0.0])
    neurons = [f"N{i:02d}" for i in range(12)]
    activity = -35 + 10 * np.sin(2 * np.pi * (0.4 * time[:, None] + np.arange(12) / 12))
    salt = 25 * np.exp(-((points[:, 0, :2] - [3, 0]) ** 2).sum(axis=1) / 18)
    peak = np.broadcast_to([3.0, 0.0], (len(time), 2))
    return xr.Dataset(
        {
            "landmarks": (("time", "landmark", "xyz"), points),
            "muscle": (("time", "muscle"), np.full((len(time), 4), 0.5)),
            "activity": (("time", "neuron"), activity, {"units": "mV"}),
            "stimulus": (("time", "stimulus_channel"), np.column_stack([salt, peak])),
        },
        coords={
            "time": time, "landmark": NAMES, "xyz": list("xyz"), "neuron": neurons,
            "muscle_name": ("muscle", ["L6", "R6", "L16", "R16"]),
            "stimulus_channel": ["concentration_mM", "peak_x_mm", "peak_y_mm"],
        },
        attrs={
            "animal": "chain",
            "body_length_mm": 1.0,
            "neuron_groups": json.dumps({"sensory": neurons[:3], "motor": neurons[3:10]}),
            "environment": json.dumps(
                {"name": "plate", "plate": {"radius_mm": 30.0},
                 "stimulus": {"kind": "gaussian", "peak_mM": 25.0, "width_mm": 3.0, "centre_mm": [3.0, 0.0]}}
            ),
        },
    )  # fmt: skip
