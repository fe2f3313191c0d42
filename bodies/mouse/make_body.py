"""Write mouse.xml: a trunk that bends, a head on a neck, a tail, four legs of four joints, muscles in pairs.

The nose points to +x, the back to +z, the left side to +y; every frame is that of the world while the mouse
stands, and every joint is then at 0. Run: python bodies/mouse/make_body.py
Units mm, mg, s (force nN, torque nN mm). Sources are in README.md.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

N_MM = 1e9  # nN mm
HIP, SHOULDER = (-25.0, 27.0), (25.0, 25.0)  # x and z; the middle of the trunk is at x = 0
TRUNK_Z, THORAX_X, PELVIS_X = 27.0, 8.0, -14.0
TAIL_BASE_X, TAIL_MM, TAIL = -34.0, 95.0, 5
PASSIVE_S, TAIL_DAMPING_S = 0.004, 0.2  # passive damping / stiffness
# Force of a fully active muscle: F (1 + FORCE_LENGTH angle + FORCE_VELOCITY velocity), lengthening positive.
FORCE_LENGTH, FORCE_VELOCITY, STRONGEST = 0.6, 0.012, 1.6  # per rad, per rad/s, as a multiple of F
ACTIVATION_S, DEACTIVATION_S = 0.006, 0.012


@dataclass(frozen=True)
class Joint:
    """A hinge: axis of flexion, range (rad), passive stiffness (N mm/rad), and its pair of muscles.

    ``muscles`` names the one that turns it to positive angles first; ``torques`` N mm, ``lever`` mm.
    """

    name: str
    axis: str
    low: float
    high: float
    stiffness: float
    muscles: tuple[str, str] | None = None
    torques: tuple[float, float] = (0.0, 0.0)
    lever: float = 2.0


@dataclass(frozen=True)
class Bone:
    """A limb segment: vector to the next joint (x, lateral, z) and radius (mm), mass (mg), top joints."""

    name: str
    vector: tuple[float, float, float]
    radius: float
    mass: float
    joints: tuple[Joint, ...]


HIND = (
    Bone("thigh", (11.1, 4.4, -15.3), 4.2, 1100, (
        Joint("hip", "0 -1 0", -1.3, 1.0, 0.3, ("flexor", "extensor"), (14, 20), 3.0),
        Joint("hip_out", "out", -0.5, 0.6, 1.0, ("abductor", "adductor"), (10, 10), 2.5))),
    Bone("shank", (-8.2, 0.0, -8.2), 2.2, 350, (
        Joint("knee", "0 1 0", -1.1, 1.1, 0.2, ("flexor", "extensor"), (8, 16), 2.0),)),
    Bone("foot", (8.8, 0.3, -2.3), 1.1, 110, (
        Joint("ankle", "0 -1 0", -1.2, 1.0, 0.15, ("flexor", "extensor"), (3, 16), 2.0),)),
    Bone("toes", (5.6, 0.0, -0.2), 0.8, 30, (Joint("toe", "0 1 0", -1.0, 0.7, 0.4),)),
)  # fmt: skip
FORE = (
    Bone("upperarm", (-8.7, 2.2, -12.3), 3.0, 450, (
        Joint("shoulder", "0 -1 0", -1.2, 1.2, 0.3, ("flexor", "extensor"), (10, 14), 2.5),
        Joint("shoulder_out", "out", -0.5, 0.6, 1.0, ("abductor", "adductor"), (8, 8), 2.0))),
    Bone("forearm", (3.4, 0.2, -9.3), 1.7, 200, (
        Joint("elbow", "0 -1 0", -1.0, 1.2, 0.2, ("flexor", "extensor"), (6, 10), 1.5),)),
    Bone("paw", (4.4, 0.0, -2.3), 1.0, 60, (
        Joint("wrist", "0 1 0", -1.0, 1.3, 0.1, ("flexor", "extensor"), (4, 2), 1.0),)),
    Bone("fingers", (3.6, 0.0, -0.1), 0.7, 20, (Joint("finger", "0 1 0", -1.0, 0.7, 0.2),)),
)  # fmt: skip
LIMBS = {
    "fl": (FORE, 1, "thorax"),
    "fr": (FORE, -1, "thorax"),
    "hl": (HIND, 1, "pelvis"),
    "hr": (HIND, -1, "pelvis"),
}
# Fur and flesh, drawn only: without mass, and nothing touches them. By bone: radius (mm) at its top and
# its end, and where the top is from the joint (x, outwards, z), so that the thigh is a haunch.
FLESH = {
    "thigh": (8.2, 3.6, (-1.0, -2.2, -0.5)),
    "shank": (3.8, 1.5, (0.0, 0.0, 0.0)),
    "upperarm": (6.0, 2.7, (0.5, -1.2, 0.0)),
    "forearm": (2.8, 1.3, (0.0, 0.0, 0.0)),
}
FLAT = 0.62  # how thick flesh is across, as a share of its height
BEADS_MM = 1.5  # from one ellipsoid of a row to the next: so near that the row looks smooth
FUR = "0.50 0.45 0.395 1"  # of the legs: light falls on them as on the skin of the trunk
DIGITS = {"foot": 5, "paw": 4, "spread": 0.22, "radius": 0.45}
WHISKERS = ((0.15, 0.9), (0.0, 1.1), (-0.2, 1.3))  # up, and back from straight out, rad

LUMBAR = (
    Joint("lumbar_bend", "0 0 -1", -0.6, 0.6, 10.0, ("left", "right"), (25, 25), 5.0),
    Joint("lumbar", "0 -1 0", -0.5, 0.7, 12.0, ("flexor", "extensor"), (25, 40), 5.0),
)
THORACIC = (
    Joint("thoracic_bend", "0 0 1", -0.5, 0.5, 10.0, ("left", "right"), (25, 25), 5.0),
    Joint("thoracic", "0 1 0", -0.5, 0.5, 12.0, ("flexor", "extensor"), (25, 40), 5.0),
)
NECK = (
    Joint("neck_turn", "0 0 1", -0.9, 0.9, 1.0, ("left", "right"), (8, 8), 3.0),
    Joint("neck", "0 -1 0", -0.8, 0.8, 1.5, ("raiser", "lowerer"), (12, 8), 3.0),
)
HEAD = (Joint("head", "0 -1 0", -0.5, 0.5, 6.0),)


def hinge(joint: Joint, side: int, suffix: str = "") -> str:
    """MJCF of a joint; one about ``out`` turns the leg away from the body."""
    axis = f"{side} 0 0" if joint.axis == "out" else joint.axis
    stiffness = joint.stiffness * N_MM
    return (
        f'<joint name="{joint.name}{suffix}" axis="{axis}" range="{joint.low} {joint.high}" '
        f'stiffness="{stiffness:.3e}" damping="{PASSIVE_S * stiffness:.3e}"/>'
    )


def pair(joint: Joint, suffix: str = "") -> str:
    """MJCF of the two muscles of a joint, with constant levers; lengths are 0 as the mouse stands."""
    if joint.muscles is None:
        return ""
    text = ""
    for name, torque, sign in zip(joint.muscles, joint.torques, (-1, 1), strict=True):
        force = torque * N_MM / joint.lever
        slopes = (force * FORCE_LENGTH / joint.lever, force * FORCE_VELOCITY / joint.lever)
        text += (
            f'<general name="{joint.name}_{name}{suffix}" class="muscle" joint="{joint.name}{suffix}" '
            f'gear="{sign * joint.lever}" gainprm="{-force:.4e} {-slopes[0]:.4e} {-slopes[1]:.4e}" '
            f'forcerange="{-STRONGEST * force:.4e} 0"/>\n'
        )
    return text


def bone(bones: tuple[Bone, ...], at: tuple[float, float, float], limb: str, side: int) -> str:
    """MJCF of a limb from its first bone on, ``at`` the place of its first joint in its parent."""
    first, rest = bones[0], bones[1:]
    x, y, z = first.vector[0], side * first.vector[1], first.vector[2]
    suffix = f"_{limb}"
    inner = bone(rest, (x, y, z), limb, side) if rest else ""
    kind = "fur" if len(bones) > 2 else "skin"
    radius = first.radius
    bare = ' group="3"' if first.name in FLESH else ""
    shape = (
        f'<geom class="{kind}"{bare} type="capsule" size="{radius:.2f}" '
        f'fromto="0 0 0 {x:.2f} {y:.2f} {z:.2f}" mass="{first.mass}"/>'
    )
    shape += flesh(first, side)
    if len(bones) == 2:  # the ball of the foot, as wide as the paw, and the heel
        across = f"{x:.2f} {y - 1.5:.2f} {z:.2f} {x:.2f} {y + 1.5:.2f} {z:.2f}"
        shape += f'<geom class="pad" type="capsule" size="1.0" fromto="{across}"/>'
        shape += '<geom class="pad" type="sphere" size="1.0"/>'
        shape += f'<site name="sole{suffix}" type="sphere" size="20" rgba="0 0 0 0"/>'
    if not rest:
        shape += digits(first, side)
        shape += f'<geom class="pad" type="sphere" size="{radius}" pos="{x:.2f} {y:.2f} {z:.2f}"/>'
        shape += f'<site name="tip{suffix}" pos="{x:.2f} {y:.2f} {z:.2f}"/>'
        shape += f'<site name="toes{suffix}" type="sphere" size="20" rgba="0 0 0 0"/>'
    joints = "".join(hinge(joint, side, suffix) for joint in first.joints)
    label = {"thigh": "hip", "shank": "knee", "foot": "heel", "toes": "ball", "upperarm": "shoulder",
             "forearm": "elbow", "paw": "wrist", "fingers": "knuckle"}[first.name]  # fmt: skip
    return (
        f'<body name="{first.name}{suffix}" pos="{at[0]:.2f} {at[1]:.2f} {at[2]:.2f}">{joints}{shape}'
        f'<site name="{label}{suffix}"/>{inner}</body>\n'
    )


def flesh(bone: Bone, side: int) -> str:
    """MJCF of what is drawn around a bone: a row of ellipsoids, thick at its top."""
    if bone.name not in FLESH:
        return ""
    top, end, (dx, dy, dz) = FLESH[bone.name]
    x, y, z = bone.vector[0], side * bone.vector[1], bone.vector[2]
    text = ""
    for share in np.linspace(0.0, 1.0, 1 + round(float(np.linalg.norm(bone.vector)) / BEADS_MM)):
        radius, left = top + (end - top) * share, 1.0 - share
        across = radius * (1.0 if radius < 2.0 else FLAT + (1.0 - FLAT) * 2.0 / radius)
        at = (share * x + left * dx, share * y + side * left * dy, share * z + left * dz)
        text += (
            f'<geom class="drawn" rgba="{FUR}" type="ellipsoid" '
            f'size="{radius:.2f} {across:.2f} {radius:.2f}" pos="{at[0]:.2f} {at[1]:.2f} {at[2]:.2f}"/>'
        )
    return text


def digits(bone: Bone, side: int) -> str:
    """MJCF of toes and fingers, drawn only."""
    count = DIGITS["foot"] if bone.name == "toes" else DIGITS["paw"]
    text = ""
    for k in range(count):
        angle = DIGITS["spread"] * (k - 0.5 * (count - 1))
        reach = bone.vector[0] * (1.0 - 0.12 * abs(k - 0.5 * (count - 1)))
        tip = (reach * np.cos(angle), 3.0 * np.sin(angle), bone.vector[2] - 0.1)
        root = 1.1 * np.sin(angle)
        text += (
            f'<geom class="drawn" rgba="0.83 0.64 0.58 1" type="capsule" size="{DIGITS["radius"]}" '
            f'fromto="0 {root:.2f} 0 {tip[0]:.2f} {side * 0.2 + tip[1]:.2f} {tip[2]:.2f}"/>'
        )
    return text


def whiskers() -> str:
    """MJCF of the whiskers and the nose, drawn only."""
    text = (
        '<geom class="drawn" rgba="0.78 0.55 0.52 1" type="ellipsoid" size="1.0 1.2 0.9" pos="24.6 0 -3.6"/>'
    )
    for s in (1, -1):
        for up, back in WHISKERS:
            way = (-np.sin(back) + 0.25, s * np.cos(back) + 0.35 * s, up)
            tip = [18.0 * each / float(np.linalg.norm(way)) for each in way]
            start = (20.5, s * 2.2, -3.2 + 1.5 * up)
            text += (
                '<geom class="drawn" rgba="0.85 0.83 0.80 1" type="capsule" size="0.11" fromto="'
                + " ".join(f"{v:.2f}" for v in (*start, *(a + b for a, b in zip(start, tip, strict=True))))
                + '"/>'
            )
    return text


def legs(parent: str, origin: tuple[float, float]) -> str:
    """MJCF of the two legs of a girdle whose body stands at ``origin`` (x, z)."""
    text = ""
    for limb, (bones, side, girdle) in LIMBS.items():
        if girdle == parent:
            joint, width = (HIP, 8.0) if parent == "pelvis" else (SHOULDER, 6.5)
            text += bone(bones, (joint[0] - origin[0], side * width, joint[1] - origin[1]), limb, side)
    return text


def tail(index: int) -> str:
    """MJCF of the tail from one segment on: passive, held up by its stiffness."""
    step = TAIL_MM / TAIL
    radius = float(np.interp(index, [0, TAIL - 1], [1.6, 0.6]))
    mass = 2.2 * radius**2 * step * 1.1
    stiff = float(np.interp(index, [0, TAIL - 1], [1.6, 0.15]))
    at = f"{TAIL_BASE_X - PELVIS_X:.2f} 0 1" if index == 0 else f"{-step:.2f} 0 0"
    joints = "".join(
        f'<joint name="tail_{name}_{index}" axis="{axis}" range="-1 1" stiffness="{stiff * N_MM:.3e}" '
        f'damping="{TAIL_DAMPING_S * stiff * N_MM:.3e}"/>'
        for name, axis in (("bend", "0 0 -1"), ("lift", "0 1 0"))
    )
    sites = f'<site name="spine_{9 + index:02d}"/>'
    if index == TAIL - 1:
        sites += f'<site name="spine_{9 + TAIL:02d}" pos="{-step:.2f} 0 0"/>'
    inner = tail(index + 1) if index < TAIL - 1 else ""
    return (
        f'<body name="tail_{index}" pos="{at}">{joints}<geom class="skin" type="capsule" size="{radius:.2f}" '
        f'fromto="0 0 0 {-step:.2f} 0 0" mass="{mass:.1f}"/>{sites}{inner}</body>\n'
    )


def head() -> str:
    """MJCF of the neck and the head with its eyes, ears and labyrinths."""
    ears = "".join(
        f'<geom class="fur" group="3" type="ellipsoid" size="1.2 3.8 4.8" pos="4 {s * 7.0:.1f} 8.0" '
        f'euler="{-0.5 * s} 0 {0.7 * s}" mass="30"/>'
        f'<geom class="drawn" rgba="{FUR}" type="ellipsoid" size="0.9 5.2 6.2" pos="4.4 {s * 6.6:.1f} 9.0" '
        f'euler="{-0.5 * s} -0.25 {0.7 * s}"/>'
        f'<geom class="drawn" rgba="0.76 0.57 0.52 1" type="ellipsoid" size="0.7 4.3 5.2" '
        f'pos="4.9 {s * 6.9:.1f} 9.0" euler="{-0.5 * s} -0.25 {0.7 * s}"/>'
        for s in (1, -1)
    )
    eyes = "".join(
        f'<geom class="eye" type="sphere" size="1.6" pos="13 {s * 5.6:.1f} 3.2" mass="17"/>'
        f'<site name="eye_{name}" pos="13 {s * 5.6:.1f} 3.2" euler="0 -0.38 {s * 1.05:.2f}"/>'
        for name, s in (("left", 1), ("right", -1))
    )
    skull = (
        f'<body name="head" pos="9 0 2">{"".join(hinge(j, 1) for j in HEAD)}'
        '<geom class="trunk" type="ellipsoid" size="10 7.5 7.5" pos="8 0 0" mass="2500"/>'
        '<geom class="trunk" type="capsule" size="3" fromto="14 0 -1.5 22 0 -3.5" mass="600"/>'
        '<site name="spine_00" pos="24 0 -4"/><site name="spine_01" pos="17 0 -2"/>'
        '<site name="spine_02" pos="7 0 0"/>'
        f'<site name="labyrinth" pos="5 0 0"/>{ears}{eyes}{whiskers()}</body>\n'
    )
    return (
        f'<body name="neck" pos="27 0 3">{"".join(hinge(j, 1) for j in NECK)}'
        '<geom class="trunk" type="ellipsoid" size="8 7.5 7.5" pos="4 0 0.5" mass="1100"/>'
        f'<site name="spine_03" pos="0 0 0"/>{skull}</body>\n'
    )


def trunk() -> str:
    """MJCF of the trunk: the abdomen, which carries the whole body's joints, the thorax and the pelvis."""
    root = "".join(f'<joint name="root_{a}" type="slide" axis="{v}" class="root"/>' for a, v in
                   (("x", "1 0 0"), ("y", "0 1 0"), ("z", "0 0 1"))) + "".join(
        f'<joint name="root_{a}" axis="{v}" class="root"/>' for a, v in
        (("yaw", "0 0 1"), ("pitch", "0 1 0"), ("roll", "1 0 0")))  # fmt: skip
    thorax = (
        f'<body name="thorax" pos="{THORAX_X} 0 0">{"".join(hinge(j, 1) for j in THORACIC)}'
        '<geom class="trunk" type="ellipsoid" size="17 10 11" pos="11 0 0" mass="6000"/>'
        '<site name="spine_04" pos="18 0 0.5"/><site name="spine_05" pos="6 0 1"/>'
        f"{legs('thorax', (THORAX_X, TRUNK_Z))}{head()}</body>\n"
    )
    pelvis = (
        f'<body name="pelvis" pos="{PELVIS_X} 0 1">{"".join(hinge(j, 1) for j in LUMBAR)}'
        '<geom class="trunk" type="ellipsoid" size="15 10.5 11" pos="-8 0 0" mass="4500"/>'
        '<site name="spine_07" pos="-4 0 0.5"/><site name="spine_08" pos="-14 0 0.5"/>'
        f"{legs('pelvis', (PELVIS_X, TRUNK_Z + 1))}{tail(0)}</body>\n"
    )
    return (
        f'<body name="abdomen" pos="0 0 {TRUNK_Z}">{root}'
        '<geom class="trunk" type="ellipsoid" size="19 11.5 12" pos="-3 0 0" mass="8000"/>'
        f'<site name="spine_06" pos="-3 0 1"/>{thorax}{pelvis}</body>\n'
    )


def model() -> str:
    """MJCF of the whole mouse."""
    muscles = "".join(pair(joint) for group in (THORACIC, LUMBAR, NECK) for joint in group)
    for limb, (bones, _, _) in LIMBS.items():
        muscles += "".join(pair(joint, f"_{limb}") for part in bones for joint in part.joints)
    feet = "".join(
        f'<touch name="load_{limb}" site="sole_{limb}"/><touch name="load_toes_{limb}" site="toes_{limb}"/>\n'
        for limb in LIMBS
    )
    return f"""<!-- Made by make_body.py. Units: mm, mg, s; force nN. -->
<mujoco model="mouse">
<compiler autolimits="true" angle="radian" boundmass="0" boundinertia="0"/>
<option timestep="0.001" gravity="0 0 -9810" integrator="implicitfast" impratio="3"
  iterations="12" ls_iterations="8" tolerance="1e-6"/>
<statistic center="0 0 25" extent="110"/>
<visual><map znear="0.02"/></visual>
<default>
<geom rgba="0.47 0.42 0.37 1" contype="0" conaffinity="0"/>
<joint type="hinge" armature="8e3"/>
<site size="0.6" rgba="0.6 0.2 0.2 0.6" group="3"/>
<default class="root"><joint armature="0"/></default>
<default class="trunk"><geom contype="1" friction="0.6" solref="0.008 1" solimp="0.6 0.95 2 0.5 2"/></default>
<default class="fur"><geom group="1"/></default>
<default class="drawn"><geom group="1" mass="0"/></default>
<default class="skin"><geom group="1" rgba="0.80 0.62 0.56 1"/></default>
<default class="eye"><geom group="1" rgba="0.05 0.05 0.06 1"/></default>
<default class="pad">
<geom group="1" rgba="0.80 0.60 0.55 1" contype="1" mass="0" friction="1.0" priority="1" solref="0.006 1"
  solimp="0.9 0.97 0.3 0.5 2"/>
</default>
<default class="muscle">
<general ctrlrange="0 1" actrange="0 1" dyntype="muscle" dynprm="{ACTIVATION_S} {DEACTIVATION_S}"
  gaintype="affine"/>
</default>
</default>
<worldbody>
<light pos="0 0 300" dir="0 0 -1" diffuse="0.8 0.8 0.8"/>
{trunk()}</worldbody>
<actuator>
{muscles}</actuator>
<sensor>
{feet}<framezaxis name="up" objtype="site" objname="labyrinth"/>
<gyro name="turning" site="labyrinth"/>
<velocimeter name="velocity" site="labyrinth"/>
</sensor>
</mujoco>
"""


if __name__ == "__main__":
    Path(__file__).with_name("mouse.xml").write_text(model())
