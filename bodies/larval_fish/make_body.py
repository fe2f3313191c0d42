"""Write larval_fish.xml: a rigid head with two eyes that turn, ten tail segments, left and right muscles.

The nose points to +x, the back to +z, the left side to +y. Run: python bodies/larval_fish/make_body.py
Units mm, mg, s (force nN, torque nN mm). Sources are in README.md.
"""

from pathlib import Path

import numpy as np

LENGTH_MM = 4.2
HEAD_MM = 1.2  # head and trunk as far as the swim bladder: what a tail recording holds still
TAIL = 10
STEP = (LENGTH_MM - HEAD_MM) / TAIL
TISSUE_MG_MM3 = 1.05
SWIMMING_HEIGHT_MM = 3.0  # above the floor
SPINE_POINTS = 29
# Flesh without fins, at evenly spaced places from nose to tail tip.
WIDTH_MM = [0.25, 0.60, 0.70, 0.62, 0.48, 0.40, 0.34, 0.29, 0.25, 0.21, 0.17, 0.14, 0.11, 0.08, 0.06]
FLESH_MM = [0.20, 0.50, 0.60, 0.60, 0.55, 0.45, 0.36, 0.30, 0.26, 0.22, 0.18, 0.15, 0.12, 0.09, 0.05]
# Fins included: what the water meets.
HEIGHT_MM = [0.30, 0.58, 0.62, 0.62, 0.60, 0.56, 0.52, 0.50, 0.48, 0.47, 0.45, 0.43, 0.41, 0.35, 0.25]
BLADDER_ABOVE_MM = 0.15  # centre of the swim bladder above the middle of the body
EYE_AT_MM, EYE_ASIDE_MM, EYE_RADIUS_MM = 0.42, 0.27, 0.14
EYE_FORWARD_DEG = 75.0  # optical axis from the heading, when the eye rests
EYE_STIFFNESS, EYE_TAU_S, EYE_SWING_RAD = 1.0, 0.05, 0.5
# Fully active, from the first bend to the last: a third more than the recorded bouts ask for.
TORQUE_NN_MM = [2300, 2900, 3300, 3300, 3200, 2700, 2000, 1300, 640, 200]
# Of the flesh and the notochord; a softer tip would fold back.
STIFFNESS_NN_MM = [3600, 3600, 3600, 3600, 3400, 3000, 2400, 1800, 1300, 1000]
BEND_DAMPING_S = 0.002  # internal viscosity / elasticity
MUSCLE_TAU_S = 0.005

PLACES = np.linspace(0, LENGTH_MM, len(WIDTH_MM))


def at(profile: list[float], s: float) -> float:
    """Value of a profile (mm) at ``s`` mm from the nose."""
    return float(np.interp(s, PLACES, profile))


def flesh(start: float, stop: float) -> tuple[float, float]:
    """Mass (mg) of the flesh between two places (mm from the nose) and its centre (mm from the nose)."""
    s = np.linspace(start, stop, 401)
    section = np.pi / 4 * np.interp(s, PLACES, WIDTH_MM) * np.interp(s, PLACES, FLESH_MM)
    volume = np.trapezoid(section, s)
    return TISSUE_MG_MM3 * float(volume), float(np.trapezoid(section * s, s) / volume)


def lever(joint: int) -> float:
    """Distance (mm) of the muscles from the middle at a bend."""
    return 0.35 * at(WIDTH_MM, HEAD_MM + (joint - 1) * STEP)


def spine(start: float, stop: float) -> str:
    """MJCF of the landmarks of a segment between two places, mm from the nose."""
    text, last = "", abs(stop - LENGTH_MM) < 1e-9
    for point in range(SPINE_POINTS):
        s = point / (SPINE_POINTS - 1) * LENGTH_MM
        if start - 1e-9 <= s < stop - 1e-9 or (last and point == SPINE_POINTS - 1):
            text += f'<site name="spine_{point:02d}" pos="{(start + stop) / 2 - s:.5f} 0 0"/>'
    return text


def ends(joint: int, end: str, x: float) -> str:
    """MJCF of where the two muscles of a bend hold one of its segments, at ``x`` mm in its frame."""
    return "".join(
        f'<site name="{side}_{joint:02d}_{end}" pos="{x:.5f} {sign * lever(joint):.5f} 0"/>'
        for side, sign in (("left", 1), ("right", -1))
    )


def blob(start: float, stop: float, minus_mg: float = 0.0) -> str:
    """MJCF of the flesh of a segment: an ellipsoid with its mass, at its centre of mass."""
    mass, centre = flesh(start, stop)
    middle = (start + stop) / 2
    size = f"{0.62 * (stop - start):.4f} {at(WIDTH_MM, middle) / 2:.4f} {at(FLESH_MM, middle) / 2:.4f}"
    place = f"{middle - centre:.5f} 0 0"
    return f'<geom type="ellipsoid" size="{size}" pos="{place}" mass="{mass - minus_mg:.5e}"/>'


def segment(joint: int, children: str) -> str:
    """MJCF of the tail segment behind a bend, and what hangs on it."""
    start = HEAD_MM + (joint - 1) * STEP
    gap = STEP if joint > 1 else (HEAD_MM + STEP) / 2
    stiffness = STIFFNESS_NN_MM[joint - 1]
    fin = f"{STEP / 2:.4f} 0.008 {at(HEIGHT_MM, start + STEP / 2) / 2:.4f}"
    return (
        f'<body name="tail_{joint:02d}" pos="{-gap:.4f} 0 0">'
        f'<joint name="bend_{joint:02d}" class="bend" pos="{STEP / 2} 0 0" stiffness="{stiffness:.2f}" '
        f'damping="{BEND_DAMPING_S * stiffness:.4f}"/>'
        f'{blob(start, start + STEP)}<geom class="fin" size="{fin}"/>{spine(start, start + STEP)}'
        f"{ends(joint, 'b', STEP / 4)}{ends(joint + 1, 'a', -STEP / 4) if joint < TAIL else ''}"
        f"{children}</body>\n"
    )


def eye(side: str, sign: int) -> str:
    """MJCF of an eye, which turns about the vertical; its site looks along the optical axis."""
    mass = TISSUE_MG_MM3 * 4 / 3 * np.pi * EYE_RADIUS_MM**3
    place = f"{HEAD_MM / 2 - EYE_AT_MM:.4f} {sign * EYE_ASIDE_MM} 0.02"
    return (
        f'<body name="eye_{side}" pos="{place}"><joint name="eye_{side}" class="eye"/>'
        f'<geom class="eye" size="{EYE_RADIUS_MM}" mass="{mass:.5e}"/>'
        f'<site name="eye_{side}" euler="0 0 {sign * EYE_FORWARD_DEG}"/></body>\n'
    )


def head(children: str) -> str:
    """MJCF of the head, which carries the joints of the whole body."""
    eyes_mg = 2 * TISSUE_MG_MM3 * 4 / 3 * np.pi * EYE_RADIUS_MM**3
    root = "".join(f'<joint name="root_{a}" type="slide" axis="{v}"/>' for a, v in
                   (("x", "1 0 0"), ("y", "0 1 0"), ("z", "0 0 1"))) + "".join(
        f'<joint name="root_{a}" type="hinge" axis="{v}"/>' for a, v in
        (("yaw", "0 0 1"), ("pitch", "0 1 0"), ("roll", "1 0 0")))  # fmt: skip
    # Below the bladder, so that a fish at rest lies level.
    whole, centre = flesh(0, LENGTH_MM)
    front, front_centre = flesh(0, HEAD_MM)
    level = (whole * centre - eyes_mg * (front_centre - EYE_AT_MM)) / whole
    bladder = f"{HEAD_MM / 2 - level:.5f} 0 {BLADDER_ABOVE_MM}"
    return (
        f'<body name="head" pos="0 0 {SWIMMING_HEIGHT_MM}">{root}{blob(0, HEAD_MM, eyes_mg)}'
        f'{spine(0, HEAD_MM)}<site name="bladder" pos="{bladder}"/>{ends(1, "a", -HEAD_MM / 2 + STEP / 4)}\n'
        f"{eye('left', 1)}{eye('right', -1)}{children}</body>\n"
    )


def model() -> str:
    """MJCF of the whole fish."""
    tail = tendons = muscles = ""
    for joint in range(TAIL, 0, -1):
        tail = segment(joint, tail)
    for side in ("left", "right"):
        for joint in range(1, TAIL + 1):
            name = f"{side}_{joint:02d}"
            force = TORQUE_NN_MM[joint - 1] / lever(joint)
            tendons += f'<spatial name="{name}"><site site="{name}_a"/><site site="{name}_b"/></spatial>\n'
            muscles += f'<general name="{name}" class="muscle" tendon="{name}" gainprm="{-force:.2f}"/>\n'
    pull = EYE_STIFFNESS * EYE_SWING_RAD
    for side, sign in (("left", -1), ("right", 1)):
        # Towards the nose is clockwise for the left eye.
        for name, turn in (("nasal", sign), ("temporal", -sign)):
            muscles += (
                f'<general name="eye_{side}_{name}" class="muscle" joint="eye_{side}" '
                f'gainprm="{turn * pull}"/>\n'
            )
    return f"""<!-- Made by make_body.py. Units: mm, mg, s; force nN. -->
<mujoco model="larval_fish">
<compiler autolimits="true" boundmass="0" boundinertia="0"/>
<option timestep="0.0005" gravity="0 0 0" integrator="Euler"/>
<statistic center="-1.5 0 {SWIMMING_HEIGHT_MM}" extent="5"/>
<visual><map znear="0.02"/></visual>
<default>
<geom rgba="0.80 0.74 0.60 1" contype="0" conaffinity="0"/>
<site size="0.02" rgba="0.6 0.2 0.2 0.6" group="3"/>
<tendon width="0.01" rgba="0.75 0.25 0.2 0.8"/>
<default class="bend"><joint type="hinge" axis="0 0 -1"/></default>
<default class="fin"><geom type="box" mass="0" rgba="0.80 0.80 0.75 0.35"/></default>
<default class="eye">
<joint type="hinge" axis="0 0 1" stiffness="{EYE_STIFFNESS}" damping="{EYE_STIFFNESS * EYE_TAU_S}"/>
<geom type="sphere" rgba="0.10 0.10 0.12 1" group="1"/>
</default>
<default class="muscle">
<general ctrlrange="0 1" actrange="0 1" dyntype="filterexact" dynprm="{MUSCLE_TAU_S}"/>
</default>
</default>
<worldbody>
<light pos="0 0 20" dir="0 0 -1" diffuse="0.8 0.8 0.8"/>
{head(tail)}</worldbody>
<tendon>
{tendons}</tendon>
<actuator>
{muscles}</actuator>
</mujoco>
"""


if __name__ == "__main__":
    Path(__file__).with_name("larval_fish.xml").write_text(model())
    radius = np.sqrt(np.array(WIDTH_MM) * FLESH_MM) / 2
    print("skin.radius_mm:", [round(float(r), 3) for r in radius])
    print("mass_mg:", round(flesh(0, LENGTH_MM)[0], 4))
