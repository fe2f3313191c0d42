"""Write worm.xml: 25 rigid segments, 24 dorso-ventral bends, 95 tendon muscles in four quadrants.

The worm lies on its left side, as it crawls on agar: it bends in the plane of the plate and its dorsal
side points to +y while the nose points to +x. Run: python bodies/worm/make_body.py
Units mm, mg, s (force nN). Sources are in README.md.
"""

from pathlib import Path

import numpy as np

LENGTH_MM = 1.0
RADIUS_MM = 0.040
DENSITY_MG_MM3 = 1.07
SEGMENTS = 25
ROOT = SEGMENTS // 2  # a root in the middle halves the depth of the tree and with it the cost of a step
SPINE_POINTS = 49
BENDING_STIFFNESS_NN_MM2 = 28.0
BENDING_TAPER = 1.24  # the power of the muscles' lever with which stiffness falls towards the tips
BENDING_DAMPING_S = 0.034  # internal viscosity / elasticity
MUSCLE_FORCE_NN = 10_000.0
MUSCLE_TAU_S = 0.1
# Quadrants: dorsal is +y, and lying on the left side puts the left muscles below (-z).
QUADRANTS = {"MDL": (1, -1, 24), "MDR": (1, 1, 24), "MVR": (-1, 1, 24), "MVL": (-1, -1, 23)}

STEP = LENGTH_MM / SEGMENTS


def radius(s: np.ndarray) -> np.ndarray:
    """Radius (mm) at body coordinate ``s`` in [0, 1] from nose to tail: blunt head, long thin tail."""
    head = np.clip(s / 0.30, 0, 1)
    tail = np.clip((1 - s) / 0.45, 0, 1)
    return RADIUS_MM * np.sqrt(1 - (1 - head) ** 2.4) * (1 - (1 - tail) ** 2.0) ** 0.85


def lever(s: float) -> float:
    """Half-thickness (mm) at which muscles pull and the wall resists; the tips keep 45 % of the middle."""
    return float(max(radius(np.array(s)), 0.45 * RADIUS_MM))


def sites(index: int) -> str:
    """MJCF of the landmarks and muscle ends on a segment."""
    start, centre = index * STEP, (index + 0.5) * STEP
    text = ""
    for point in range(SPINE_POINTS):
        s = point / (SPINE_POINTS - 1) * LENGTH_MM
        if start - 1e-9 <= s < start + STEP - 1e-9 or (point == SPINE_POINTS - 1 and index == SEGMENTS - 1):
            text += f'<site name="spine_{point:02d}" pos="{centre - s:.5f} 0 0"/>'
    for name, (dorsal, up, count) in QUADRANTS.items():
        for muscle, end, x in ((index + 1, "a", -STEP / 4), (index, "b", STEP / 4)):
            if 1 <= muscle <= count:
                offset = lever(muscle * STEP) * np.sqrt(0.5)
                place = f"{x:.4f} {dorsal * offset:.5f} {up * offset:.5f}"
                text += f'<site name="{name}{muscle:02d}_{end}" pos="{place}"/>'
    return text


def segment(index: int, joints: str, children: str) -> str:
    """MJCF of a segment, its joints and what hangs on it."""
    place = f"0 0 {RADIUS_MM}" if index == ROOT else f"{STEP if index < ROOT else -STEP:.4f} 0 0"
    size = max(float(radius(np.array((index + 0.5) * STEP))), 0.006)
    mass = DENSITY_MG_MM3 * np.pi * size**2 * STEP
    return (
        f'<body name="segment_{index:02d}" pos="{place}">{joints}'
        f'<geom type="capsule" size="{size:.5f}" fromto="{-STEP / 2} 0 0 {STEP / 2} 0 0" mass="{mass:.4e}"/>'
        f"{sites(index)}{children}</body>\n"
    )


def bend(number: int, x: float) -> str:
    """MJCF of a bend, which lies at ``x`` (mm) on its child segment."""
    # Towards the tail the child is the posterior segment: the axis flips so that positive is always dorsal.
    axis = "0 0 1" if x < 0 else "0 0 -1"
    stiffness = BENDING_STIFFNESS_NN_MM2 / STEP * (lever(number * STEP) / RADIUS_MM) ** BENDING_TAPER
    return (
        f'<joint name="bend_{number:02d}" class="bend" pos="{x} 0 0" axis="{axis}" '
        f'stiffness="{stiffness:.2f}" damping="{BENDING_DAMPING_S * stiffness:.3f}"/>'
    )


def model() -> str:
    """MJCF of the whole worm."""
    ahead = behind = ""
    for index in range(ROOT):
        ahead = segment(index, bend(index + 1, -STEP / 2), ahead)
    for index in range(SEGMENTS - 1, ROOT, -1):
        behind = segment(index, bend(index, STEP / 2), behind)
    root = (
        '<joint name="root_x" type="slide" axis="1 0 0"/><joint name="root_y" type="slide" axis="0 1 0"/>'
        '<joint name="root_yaw" type="hinge" axis="0 0 1"/>'
    )
    tendons = actuators = ""
    for name, (dorsal, _, count) in QUADRANTS.items():
        for muscle in range(1, count + 1):
            label = f"{name}{muscle:02d}"
            # Along the wall of a bending rod a muscle has the same lever whatever the bend.
            arm = -dorsal * lever(muscle * STEP) * np.sqrt(0.5)
            tendons += f'<fixed name="{label}"><joint joint="bend_{muscle:02d}" coef="{arm:.5f}"/></fixed>\n'
            actuators += f'<general name="{label}" class="muscle" tendon="{label}"/>\n'
    # With `actearly` a step pulls with the activation at its end: results then hardly depend on its length.
    muscle_class = f'dynprm="{MUSCLE_TAU_S}" gainprm="{-MUSCLE_FORCE_NN:.0f}" actearly="true"'
    return f"""<!-- Made by make_body.py. Units: mm, mg, s; force nN. -->
<mujoco model="worm">
<compiler autolimits="true" boundmass="0" boundinertia="0"/>
<option timestep="0.002" gravity="0 0 0" integrator="Euler"/>
<statistic center="0 0 0" extent="1.2"/>
<visual><map znear="0.02"/></visual>
<default>
<geom rgba="0.85 0.76 0.60 1" contype="0" conaffinity="0"/>
<site size="0.003" rgba="0.6 0.2 0.2 0.6" group="3"/>
<default class="bend"><joint type="hinge"/></default>
<default class="muscle">
<general ctrlrange="0 1" actrange="0 1" dyntype="filterexact" {muscle_class}/>
</default>
</default>
<worldbody>
<light pos="0 0 3" dir="0 0 -1" diffuse="0.8 0.8 0.8"/>
{segment(ROOT, root, ahead + behind)}</worldbody>
<tendon>
{tendons}</tendon>
<actuator>
{actuators}</actuator>
</mujoco>
"""


if __name__ == "__main__":
    Path(__file__).with_name("worm.xml").write_text(model())
