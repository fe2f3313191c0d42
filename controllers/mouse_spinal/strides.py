"""Strides as paths of the feet, and the muscle excitations that would follow them on the body.

A foot swings forward on half an ellipse and sweeps back along the ground; inverse kinematics turns its path
into joint angles, the muscles' own slopes (bodies/mouse/make_body.py) those into excitations of antagonists.
This is what make_pattern.py asks of the pattern layer. No run of the mouse uses it: there muscles get what
motor neurons put out. Lengths in mm, angles in rad, flexion positive; x forwards, z upwards.
"""

from __future__ import annotations

import runpy
from collections.abc import Mapping
from pathlib import Path

import numpy as np

BODY = runpy.run_path(str(Path(__file__).parents[2] / "bodies" / "mouse" / "make_body.py"))
GIRDLES = {"h": BODY["HIND"], "f": BODY["FORE"]}
IN_FRONT = {"h": 1.0, "f": -1.0}
"""The knee points forwards, the elbow backwards."""
POINTS = 200
SMOOTH = 0.03
"""Width of the smoothing, as a share of the stride."""
STRONGEST = 0.92
FARTHEST = 1.4
"""rad; angles beyond are not asked of the muscles' slopes."""
# What a stride is made of: name: (step of the search, lowest, highest). {g} is h (hind) or f (fore).
OF_GIRDLE = {
    "sweep_mm": (3.0, 2.0, 20.0),  # how far the foot goes to either side of the middle
    "forward_mm": (3.0, -np.inf, np.inf),  # where the middle is, from hip or shoulder
    "height_mm": (2.0, -np.inf, np.inf),  # of hip or shoulder over the ball of the foot
    "lift_mm": (2.0, 3.0, 12.0),
    "tilt": (0.2, -0.9, 0.3),  # of the foot
    "roll": (0.2, -0.1, 0.9),  # by which it tilts to either side of that
    **{f"stiff_{k}": (0.2, 0.2, 1.2) for k in (1, 2, 3)},  # sum of both antagonists' excitations, by joint
    **{f"support_{k}": (0.1, -np.inf, np.inf) for k in (1, 2, 3)},  # more of that against gravity in stance
    "outwards": (0.1, -np.inf, np.inf),  # abductor against adductor
    "outwards_swing": (0.1, -np.inf, np.inf),  # more of that in swing
}
OF_ALL = {
    "lead_s": (0.006, 0.0, 0.06),  # by which muscles are ahead of the path
    "stiff_out": (0.15, 0.05, 0.7),
    "fore_lag_s": (0.01, -np.inf, np.inf),
}
NUMBERS = {**{f"{g}_{name}": each for g in GIRDLES for name, each in OF_GIRDLE.items()}, **OF_ALL}
Stride = Mapping[str, float]


def bounded(stride: Stride) -> dict[str, float]:
    """Return a stride with every number within its bounds."""
    return {name: float(np.clip(stride[name], low, high)) for name, (_, low, high) in NUMBERS.items()}


def muscles(girdle: str) -> list[str]:
    """Names of the muscles of a leg, without the leg's."""
    joints = [joint for bone in GIRDLES[girdle] for joint in bone.joints if joint.muscles]
    return [f"{joint.name}_{each}" for joint in joints for each in joint.muscles]


def rotated(vector: tuple[float, float], angle: np.ndarray) -> np.ndarray:
    """Return a vector turned by angles towards +z, (..., 2)."""
    x, z = vector
    return np.stack([x * np.cos(angle) - z * np.sin(angle), x * np.sin(angle) + z * np.cos(angle)], -1)


def joint_angles(girdle: str, x: np.ndarray, z: np.ndarray, tilt: np.ndarray) -> np.ndarray:
    """Return the angles (..., 3) that put the ball of the foot at (x, z) from hip or shoulder, so tilted.

    What is out of reach is put as near as the leg gets; angles stay within the joints' ranges.
    """
    bones = [(bone.vector[0], bone.vector[2]) for bone in GIRDLES[girdle][:3]]
    upper, lower = (float(np.hypot(*bone)) for bone in bones[:2])
    heel = np.stack([x, z], -1) - rotated(bones[2], tilt)
    distance = np.clip(np.linalg.norm(heel, axis=-1), abs(upper - lower) + 0.3, upper + lower - 0.3)
    inner = np.arccos(np.clip((upper**2 + distance**2 - lower**2) / (2 * upper * distance), -1, 1))
    first = np.arctan2(heel[..., 1], heel[..., 0]) + IN_FRONT[girdle] * inner
    bend = heel - np.stack([upper * np.cos(first), upper * np.sin(first)], -1)
    second = np.arctan2(bend[..., 1], bend[..., 0])
    turned = [_wrapped(each - np.arctan2(b[1], b[0])) for each, b in ((first, bones[0]), (second, bones[1]))]
    angles = [turned[0], _wrapped(turned[1] - turned[0]), _wrapped(tilt - turned[1])]
    joints = [bone.joints[0] for bone in GIRDLES[girdle][:3]]
    return np.stack(
        [
            np.clip(angle * -float(joint.axis.split()[1]), joint.low, joint.high)
            for angle, joint in zip(angles, joints, strict=True)
        ],
        -1,
    )


def excitations(stride: Stride, girdle: str, stride_hz: float, duty: float) -> dict[str, np.ndarray]:
    """Return the excitation of every muscle of a leg over one stride, (POINTS,), from the onset of swing.

    `duty` is the share of the stride that the foot is on the ground.
    """
    own = {name: stride[f"{girdle}_{name}"] for name in OF_GIRDLE}
    phase, swing = np.arange(POINTS) / POINTS, 1.0 - duty
    swings = phase < swing
    share = np.where(swings, phase / swing, (phase - swing) / duty)
    course = np.where(swings, -np.cos(np.pi * share), 1 - 2 * share)
    x = own["forward_mm"] + own["sweep_mm"] * course
    z = np.where(swings, own["lift_mm"] * np.sin(np.pi * share), 0.0) - own["height_mm"]
    angles = _smooth(joint_angles(girdle, x, z, own["tilt"] + own["roll"] * course))
    stance = _smooth(1.0 * ~swings)
    speed = np.gradient(np.concatenate([angles] * 3), 1 / (POINTS * stride_hz), axis=0)[POINTS : 2 * POINTS]
    ahead = angles + stride["lead_s"] * speed
    found: dict[str, np.ndarray] = {}
    for k, bone in enumerate(GIRDLES[girdle][:3]):
        joint, angle = bone.joints[0], ahead[:, k]
        flexor, extensor = joint.torques
        stiff, slope = own[f"stiff_{k + 1}"], BODY["FORCE_LENGTH"] * np.clip(angle, -FARTHEST, FARTHEST)
        # The wrist's flexor carries weight, everywhere else an extensor does.
        support = own[f"support_{k + 1}"] * stance * (-flexor if joint.name == "wrist" else extensor)
        pull = -support + joint.stiffness * angle + extensor * stiff * (1 + slope)
        flexed = np.clip(pull / (flexor * (1 - slope) + extensor * (1 + slope)), 0, stiff)
        found[f"{joint.name}_flexor"] = np.clip(flexed, 0, STRONGEST)
        found[f"{joint.name}_extensor"] = np.clip(stiff - flexed, 0, STRONGEST)
    out = own["outwards"] + own["outwards_swing"] * (1 - stance)
    sideways = GIRDLES[girdle][0].joints[1].name
    found[f"{sideways}_abductor"] = np.clip(stride["stiff_out"] + out, 0, 1)
    found[f"{sideways}_adductor"] = np.clip(stride["stiff_out"] - out, 0, 1)
    return found


def _smooth(course: np.ndarray) -> np.ndarray:
    """A course over a stride, (POINTS, ...), with its corners rounded."""
    away = np.minimum(np.arange(POINTS), POINTS - np.arange(POINTS)) / (SMOOTH * POINTS)
    kernel = np.exp(-0.5 * away**2)
    gain = np.fft.fft(kernel / kernel.sum())
    spectrum = np.fft.fft(course, axis=0)
    return np.real(np.fft.ifft(spectrum * gain.reshape(-1, *[1] * (course.ndim - 1)), axis=0))


def _wrapped(angle: np.ndarray) -> np.ndarray:
    return (angle + np.pi) % (2 * np.pi) - np.pi
