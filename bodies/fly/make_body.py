"""Write fly.xml: an adult female fruit fly of 70 segments, six legs of seven muscled joints, adhesive feet.

The nose points to +x, the back to +z, the left side to +y. Leg angles are those of the recordings: each leg
hangs straight down at 0, pitch turns about y, roll about z, yaw about x; the model stands with the angles of
``Leg.stance`` and each joint is at rest there. Run: python bodies/fly/make_body.py
Units mm, mg, s (force nN, torque nN mm). Sources are in README.md.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import brentq
from scipy.spatial.transform import Rotation

AXES = {"yaw": (1.0, 0.0, 0.0), "pitch": (0.0, 1.0, 0.0), "roll": (0.0, 0.0, 1.0)}
THORAX = (-0.45, 0.0, -0.10)  # its middle, seen from the neck
STIFFNESS_S = 0.004  # passive damping / stiffness
ACTIVATION_S, DEACTIVATION_S = 0.006, 0.010
VELOCITY_S = 0.010  # a muscle loses its force at (half range / this), rad/s
ADHESION_NN = 10000.0  # of one foot: about the weight of the fly
ARMATURE = (
    0.02  # mg mm2, some times a leg's own inertia: contacts as light as a claw would be soft at this step
)
SIDES = (("l", 1), ("r", -1))


@dataclass(frozen=True)
class Joint:
    """A hinge: axis, half of its range (rad), passive stiffness (nN mm/rad), torque (nN mm) of each muscle.

    ``muscles`` names the two, the one that turns it to positive angles first; none is a passive joint.
    """

    axis: str
    half: float
    stiffness: float
    torque: float = 0.0
    muscles: tuple[str, str] | None = None


@dataclass(frozen=True)
class Leg:
    """A left leg: where it hangs on the thorax, seen from the neck (mm), lengths and radii (mm), masses (mg).

    Of coxa, trochanterfemur, tibia and five tarsomeres. The stance has the seven angles (rad) in the order
    of ``LEG_JOINTS``; the tibia's is a first guess, set so that the claw stands on the floor.
    """

    at: tuple[float, float, float]
    length: tuple[float, ...]
    radius: tuple[float, ...]
    mass: tuple[float, ...]
    stance: tuple[float, ...]


LEGS = {
    "f": Leg((-0.161, 0.172, -0.230), (0.365, 0.705, 0.518, 0.225, 0.154, 0.0985, 0.087, 0.105),
             (0.075, 0.065, 0.040, 0.025, 0.022, 0.020, 0.018, 0.022),
             (4.5e-3, 6.3e-3, 2.1e-3, 4.7e-4, 2.1e-4, 1.2e-4, 9.3e-5, 1.2e-4),
             (-0.245, 0.285, 0.75, -2.15, 0.24, 1.39, -0.36)),
    "m": Leg((-0.557, 0.125, -0.482), (0.181, 0.784, 0.667, 0.292, 0.160, 0.0911, 0.0635, 0.105),
             (0.080, 0.062, 0.042, 0.027, 0.023, 0.020, 0.018, 0.022),
             (2.6e-3, 6.5e-3, 2.9e-3, 5.3e-4, 2.4e-4, 1.2e-4, 6.8e-5, 1.1e-4),
             (0.025, -0.065, 1.815, -2.10, 0.205, 1.855, -0.465)),
    "h": Leg((-0.784, 0.087, -0.497), (0.199, 0.836, 0.684, 0.353, 0.175, 0.0967, 0.0733, 0.105),
             (0.078, 0.070, 0.045, 0.030, 0.024, 0.020, 0.018, 0.022),
             (2.6e-3, 8.8e-3, 3.4e-3, 1.0e-3, 3.5e-4, 1.4e-4, 9.0e-5, 1.3e-4),
             (0.12, 0.19, 2.375, -1.84, -0.155, 1.675, -0.42)),
}  # fmt: skip
PARTS = ("coxa", "trochanterfemur", "tibia", "tarsus1", "tarsus2", "tarsus3", "tarsus4", "tarsus5")
LEG_JOINTS = {  # in the order in which the recordings turn them
    "coxa": (
        Joint("yaw", 0.7, 2000, 20000, ("abductor", "adductor")),
        Joint("pitch", 0.9, 2000, 24000, ("remotor", "promotor")),
        Joint("roll", 0.9, 2000, 24000, ("rotator_back", "rotator_front")),
    ),
    "trochanterfemur": (
        Joint("pitch", 1.1, 2000, 32000, ("depressor", "levator")),
        Joint("roll", 0.9, 2000, 14000, ("reductor", "antireductor")),
    ),
    "tibia": (Joint("pitch", 1.3, 1500, 20000, ("flexor", "extensor")),),
    "tarsus1": (Joint("pitch", 0.9, 2000, 10000, ("depressor", "levator")),),
    "tarsus2": (Joint("pitch", 0.6, 4000),),
    "tarsus3": (Joint("pitch", 0.6, 3000),),
    "tarsus4": (Joint("pitch", 0.6, 2000),),
    "tarsus5": (Joint("pitch", 0.6, 1500),),
}
TARSUS_REST = -0.09  # of each passive tarsomere, rad
HEAD = (
    Joint("yaw", 0.6, 1500, 3000, ("roller_right", "roller_left")),
    Joint("pitch", 0.6, 1500, 3000, ("lowerer", "raiser")),
    Joint("roll", 0.6, 1500, 3000, ("turner_left", "turner_right")),
)
PROBOSCIS = {  # from the tip inwards: where it hangs, its shape, its hinge
    "labellum": ("0.13 0 -0.14", '<geom class="dark" type="ellipsoid" size="0.07 0.10 0.06" mass="0.003"/>',
                 Joint("pitch", 0.5, 50)),
    "haustellum": ("-0.02 0 -0.20",
                   '<geom class="leg" size="0.06" fromto="0 0 0 0.10 0 -0.12" mass="0.005"/>',
                   Joint("pitch", 1.6, 200, 600, ("flexor", "extensor"))),
    "rostrum": ("0.26 0 -0.20", '<geom class="leg" size="0.10" fromto="0 0 0 -0.02 0 -0.14" mass="0.018"/>',
                Joint("pitch", 1.4, 400, 1200, ("retractor", "protractor"))),
}  # fmt: skip
ANTENNA = Joint("pitch", 0.5, 60, 120, ("depressor", "levator"))
ABDOMEN = Joint("pitch", 0.4, 12000)
MIDLINE = {  # of the landmarks from nose to tail those on the abdomen
    "abdomen2": '<site name="spine_03" pos="-0.10 0 0"/>',
    "abdomen5": '<site name="spine_04" pos="-0.40 0 -0.05"/>',
}
# Place of each abdominal segment in the one before (the first: seen from the neck), half sizes, mass, pitch.
SEGMENTS = {
    "abdomen1": ((-0.862, 0.0, 0.0), (0.24, 0.45, 0.36), 0.0857, -0.26),
    "abdomen2": ((-0.326, 0.0, 0.04), (0.19, 0.48, 0.39), 0.107, -0.09),
    "abdomen3": ((-0.208, 0.0, 0.025), (0.17, 0.48, 0.36), 0.0975, 0.09),
    "abdomen4": ((-0.174, 0.0, 0.009), (0.20, 0.43, 0.35), 0.097, 0.02),
    "abdomen5": ((-0.228, 0.0, 0.009), (0.28, 0.34, 0.30), 0.0627, 0.02),
}


def rotation(angles: tuple[float, ...], joints: tuple[Joint, ...]) -> Rotation:
    """What the hinges of one segment do together, the first turned first."""
    turned = Rotation.identity()
    for joint, angle in zip(joints, angles, strict=True):
        turned = turned * Rotation.from_rotvec(angle * np.array(AXES[joint.axis]))
    return turned


def mirror(stance: tuple[float, ...]) -> tuple[float, ...]:
    """The stance of the right leg: yaw and roll change sign."""
    axes = [joint.axis for joints in LEG_JOINTS.values() for joint in joints]
    return tuple(a if axis == "pitch" else -a for a, axis in zip(stance, axes, strict=False))


def by_part(stance: tuple[float, ...]) -> dict[str, tuple[float, ...]]:
    """The stance by segment, passive tarsomeres included."""
    whole, found = (*stance, *[TARSUS_REST] * 4), {}
    for part in PARTS:
        count = len(LEG_JOINTS[part])
        found[part], whole = whole[:count], whole[count:]
    return found


def claw(leg: Leg, stance: tuple[float, ...]) -> np.ndarray:
    """Place of the claw, seen from the neck, mm."""
    place, turned, angles = np.array(leg.at), Rotation.identity(), by_part(stance)
    for part, length in zip(PARTS, leg.length, strict=True):
        turned = turned * rotation(angles[part], LEG_JOINTS[part])
        place = place + turned.apply([0.0, 0.0, -length])
    return place


def standing(leg: Leg, floor: float) -> tuple[float, ...]:
    """The stance with the tibia turned until the claw is on the floor."""

    def above(tibia: float) -> float:
        return claw(leg, (*leg.stance[:5], tibia, leg.stance[6]))[2] - floor

    tibia = float(brentq(above, leg.stance[5] - 0.8, leg.stance[5] + 0.7))  # pyright: ignore[reportArgumentType]
    return (*leg.stance[:5], tibia, leg.stance[6])


def quaternion(turned: Rotation) -> str:
    """A rotation as MJCF has it."""
    x, y, z, w = turned.as_quat()
    return f"{w:.7f} {x:.7f} {y:.7f} {z:.7f}"


def hinges(name: str, joints: tuple[Joint, ...], rest: tuple[float, ...]) -> str:
    """MJCF of the hinges of a segment that is built as it rests, where they read ``rest``.

    A hinge turns what the later ones have turned already, so its axis is seen from there.
    """
    text = ""
    for k, (joint, angle) in enumerate(zip(joints, rest, strict=True)):
        x, y, z = rotation(rest[k + 1 :], joints[k + 1 :]).inv().apply(AXES[joint.axis])
        text += (
            f'<joint name="{label(name, joint, joints)}" axis="{x:.6f} {y:.6f} {z:.6f}" ref="{angle:.5f}" '
            f'springref="{angle:.5f}" range="{angle - joint.half:.4f} {angle + joint.half:.4f}" '
            f'stiffness="{joint.stiffness}" damping="{STIFFNESS_S * joint.stiffness:.4f}"/>'
        )
    return text


def label(name: str, joint: Joint, joints: tuple[Joint, ...]) -> str:
    """Name of a hinge: that of its segment, with its axis where there are several."""
    return name if len(joints) == 1 else f"{name}_{joint.axis}"


def muscles(name: str, joints: tuple[Joint, ...], rest: tuple[float, ...], side: int = 1) -> str:
    """MJCF of the muscles of a segment's hinges: full torque at rest, none at the end of their way.

    Where ``side`` is -1 it is a right leg's: yaw and roll then turn the other way.
    """
    text = ""
    for joint, angle in zip(joints, rest, strict=True):
        ways = (1, -1) if side > 0 or joint.axis == "pitch" else (-1, 1)
        for muscle, sign in zip(joint.muscles or (), ways, strict=False):
            slope = joint.torque / joint.half
            text += (
                f'<general name="{name}_{muscle}" class="muscle" joint="{label(name, joint, joints)}" '
                f'gainprm="{sign * joint.torque + slope * angle:.2f} {-slope:.2f} '
                f'{-slope * VELOCITY_S:.3f}"/>\n'
            )
    return text


def limb(side: str, sign: int, which: str, leg: Leg, stance: tuple[float, ...]) -> tuple[str, str]:
    """MJCF of a leg and of its muscles."""
    rest, body, pull = by_part(stance), "", ""
    for k in reversed(range(len(PARTS))):
        part, length, radius = PARTS[k], leg.length[k], leg.radius[k]
        name = f"{side}{which}_{part}"
        at = (0.0, 0.0, -leg.length[k - 1]) if k else np.multiply(leg.at, (1, sign, 1)) - THORAX
        # Every tarsomere touches the floor with its end, and feels it there.
        ends = "" if k < 3 else (
            f'<geom class="pad" size="{radius}" pos="0 0 {-length + radius:.4f}"/>'
            f'<site name="{name}_load" type="sphere" size="0.1" pos="0 0 {-length + radius:.4f}" '
            'rgba="0 0 0 0"/>'
        )  # fmt: skip
        ends += f'<site name="{side}{which}_claw" pos="0 0 {-length}"/>' if k == 7 else ""
        body = (
            f'<body name="{name}" pos="{at[0]:.4f} {at[1]:.4f} {at[2]:.4f}" '
            f'quat="{quaternion(rotation(rest[part], LEG_JOINTS[part]))}">'
            f"{hinges(name, LEG_JOINTS[part], rest[part])}"
            f'<geom class="leg" size="{radius}" '
            f'fromto="0 0 0 0 0 {-length + radius:.4f}" mass="{leg.mass[k]}"/>'
            f'<site name="{name}"/>{ends}{body}</body>\n'
        )
        pull = muscles(name, LEG_JOINTS[part], rest[part], sign) + pull
    return body, pull


def sense_organs() -> str:
    """MJCF of what the head carries on its two sides: eyes and antennae."""
    text = ""
    for side, sign in SIDES:
        text += (
            f'<body name="{side}_eye" pos="0.231 {sign * 0.30} 0.0">'
            '<geom class="eye" type="ellipsoid" size="0.20 0.12 0.25" mass="0.012"/>'
            f'<site name="{side}_eye" euler="0 0 {sign * 1.10}"/></body>\n'
            f'<body name="{side}_pedicel" pos="0.44 {sign * 0.086} 0.083">'
            f"{hinges(f'{side}_pedicel', (ANTENNA,), (0.0,))}"
            '<geom class="dark" type="ellipsoid" size="0.05 0.045 0.045" mass="0.0009"/>'
            f'<body name="{side}_funiculus" pos="0.05 0 -0.044">'
            '<geom class="dark" type="ellipsoid" size="0.045 0.045 0.08" pos="0 0 -0.07" mass="0.0011"/>'
            f'<site name="{side}_antenna" pos="0.02 {sign * 0.03} -0.08"/>'
            f'<body name="{side}_arista" pos="0.02 {sign * 0.05} -0.05">'
            f'<geom class="dark" type="capsule" size="0.006" fromto="0 0 0 0.04 {sign * 0.22} 0.05" '
            'mass="0.0001"/></body></body></body>\n'
        )
    return text


def head() -> tuple[str, str]:
    """MJCF of the head with eyes, antennae and proboscis, and of its muscles."""
    still = (0.0, 0.0, 0.0)
    pull = muscles("head", HEAD, still)
    pull += "".join(muscles(f"{side}_pedicel", (ANTENNA,), (0.0,)) for side, _ in SIDES)
    palps = "".join(f'<site name="{side}_palp" pos="0.08 {sign * 0.08} -0.02"/>' for side, sign in SIDES)
    ends = {"labellum": '<site name="labellum" pos="0.04 0 -0.05"/>', "rostrum": palps}
    lower = ""
    for part, (place, shape, joint) in PROBOSCIS.items():
        joints = hinges(part, (joint,), (0.0,))
        lower = f'<body name="{part}" pos="{place}">{joints}{shape}{ends.get(part, "")}{lower}</body>\n'
        pull += muscles(part, (joint,), (0.0,))
    return (
        f'<body name="head" pos="{0.0287 - THORAX[0]:.4f} 0 {-THORAX[2]:.4f}">{hinges("head", HEAD, still)}'
        '<geom class="body" type="ellipsoid" size="0.25 0.36 0.32" pos="0.23 0 0.05" mass="0.075"/>'
        f'<site name="spine_00" pos="0.48 0 0"/>{sense_organs()}{lower}</body>\n',
        pull,
    )


def abdomen() -> str:
    """MJCF of the five abdominal segments, joined by passive hinges."""
    text = ""
    for name, (place, size, mass, pitch) in reversed(SEGMENTS.items()):
        at = np.subtract(place, THORAX) if name == "abdomen1" else np.array(place)
        end = MIDLINE.get(name, "")
        text = (
            f'<body name="{name}" pos="{at[0]:.4f} {at[1]:.4f} {at[2]:.4f}" '
            f'quat="{quaternion(Rotation.from_euler("y", pitch))}">{hinges(name, (ABDOMEN,), (0.0,))}'
            f'<geom class="abdomen" type="ellipsoid" size="{size[0]} {size[1]} {size[2]}" '
            f'pos="{-0.7 * size[0]:.3f} 0 -0.04" mass="{mass}"/>{end}{text}</body>\n'
        )
    return text


def flight_organs() -> str:
    """MJCF of wings and halteres, folded and fixed."""
    text = ""
    for side, sign in SIDES:
        wing = np.subtract((-0.674, sign * 0.30, 0.20), THORAX)
        haltere = np.subtract((-0.806, sign * 0.30, -0.149), THORAX)
        text += (
            f'<body name="{side}_wing" pos="{wing[0]:.3f} {wing[1]:.3f} {wing[2]:.3f}">'
            f'<geom class="wing" type="ellipsoid" size="1.15 0.40 0.012" pos="-1.0 {sign * 0.02} 0.05" '
            f'euler="{-0.15 * sign} 0.06 {-0.10 * sign}" mass="0.0025"/></body>\n'
            f'<body name="{side}_haltere" pos="{haltere[0]:.3f} {haltere[1]:.3f} {haltere[2]:.3f}">'
            f'<geom class="dark" type="capsule" size="0.02" fromto="0 0 0 -0.06 {sign * 0.16} 0" '
            'mass="0.0006"/>'
            f'<geom class="dark" type="sphere" size="0.05" pos="-0.08 {sign * 0.2} 0" mass="0.0008"/>'
            "</body>\n"
        )
    return text


def thorax(height: float, inner: str) -> str:
    """MJCF of the thorax, which carries the joints of the whole body, and of all that hangs on it."""
    root = "".join(f'<joint name="root_{a}" type="slide" axis="{v}" class="root"/>' for a, v in
                   (("x", "1 0 0"), ("y", "0 1 0"), ("z", "0 0 1"))) + "".join(
        f'<joint name="root_{a}" axis="{v}" class="root"/>' for a, v in
        (("yaw", "0 0 1"), ("pitch", "0 1 0"), ("roll", "1 0 0")))  # fmt: skip
    return (
        f'<body name="thorax" pos="0 0 {height:.4f}">{root}'
        '<geom class="body" type="ellipsoid" size="0.54 0.43 0.50" mass="0.307"/>'
        '<site name="thorax"/><site name="spine_01" pos="0.45 0 0"/><site name="spine_02" pos="-0.45 0 0"/>'
        f"{inner}</body>\n"
    )


def model() -> str:
    """MJCF of the whole fly."""
    floor = float(claw(LEGS["m"], LEGS["m"].stance)[2])
    legs = pull = loads = grips = ""
    for side, sign in SIDES:
        for which, leg in LEGS.items():
            stance = standing(leg, floor)
            body, own = limb(side, sign, which, leg, stance if sign > 0 else mirror(stance))
            legs, pull = legs + body, pull + own
            for part in PARTS[3:]:
                loads += f'<touch name="{side}{which}_{part}" site="{side}{which}_{part}_load"/>\n'
            grips += (
                f'<adhesion name="{side}{which}_grip" body="{side}{which}_tarsus5" gain="{ADHESION_NN}" '
                'ctrlrange="0 1"/>\n'
            )
    front, own = head()
    return f"""<!-- Made by make_body.py. Units: mm, mg, s; force nN. -->
<mujoco model="fly">
<compiler autolimits="true" angle="radian" boundmass="0" boundinertia="0"/>
<option timestep="0.0002" gravity="0 0 -9810" integrator="implicitfast" iterations="10" ls_iterations="6"
 tolerance="1e-6"/>
<statistic center="0 0 0.5" extent="3"/>
<visual><map znear="0.01"/></visual>
<default>
<geom rgba="0.67 0.52 0.30 1" contype="0" conaffinity="0"/>
<joint type="hinge" armature="{ARMATURE}"/>
<site size="0.02" rgba="0.6 0.2 0.2 0.6" group="3"/>
<default class="root"><joint armature="0"/></default>
<default class="body"><geom contype="1" priority="1" friction="0.6" solref="0.002 1"/></default>
<default class="abdomen">
<geom contype="1" priority="1" friction="0.6" solref="0.002 1" rgba="0.45 0.33 0.20 1"/>
</default>
<default class="leg"><geom type="capsule" rgba="0.72 0.56 0.32 1"/></default>
<default class="pad">
<geom type="sphere" rgba="0.60 0.45 0.26 1" mass="0" contype="1" priority="1" friction="1.2" solref="0.0006 1"
 solimp="0.8 0.95 0.02 0.5 2"/>
</default>
<default class="eye"><geom rgba="0.55 0.10 0.08 1"/></default>
<default class="dark"><geom rgba="0.45 0.33 0.20 1"/></default>
<default class="wing"><geom rgba="0.80 0.82 0.85 0.35"/></default>
<default class="muscle">
<general ctrlrange="0 1" actrange="0 1" dyntype="muscle" dynprm="{ACTIVATION_S} {DEACTIVATION_S}"
 gaintype="affine"/>
</default>
</default>
<worldbody>
<light pos="0 0 20" dir="0 0 -1" diffuse="0.8 0.8 0.8"/>
{thorax(THORAX[2] - floor + 0.02, front + abdomen() + flight_organs() + legs)}</worldbody>
<actuator>
{pull}{own}{grips}</actuator>
<sensor>
{loads}<framezaxis name="up" objtype="site" objname="thorax"/>
<gyro name="turning" site="thorax"/>
<velocimeter name="velocity" site="thorax"/>
</sensor>
</mujoco>
"""


if __name__ == "__main__":
    Path(__file__).with_name("fly.xml").write_text(model())
