"""A body that somebody else made: found in an installed package, and turned from its units into mm, mg, s."""

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import mujoco

from neuromech._lib.errors import InputError

_ROOT = {
    "x": (1, 0, 0),
    "y": (0, 1, 0),
    "z": (0, 0, 1),
    "yaw": (0, 0, 1),
    "pitch": (0, 1, 0),
    "roll": (1, 0, 0),
}


def model_file(spec: Mapping[str, Any]) -> Path:
    """Return the MJCF of a body.yaml: ``model`` is a file beside it, or {package, file}.

    Raises
    ------
    InputError
        The package is not installed, or has no such file.
    """
    model = spec["model"]
    if isinstance(model, str):
        return Path(spec["folder"]) / model
    package = str(model["package"])
    found = find_spec(package)
    if found is None or found.origin is None:
        raise InputError(f"body {spec['name']} comes with the package {package}, which is not installed here")
    file = Path(found.origin).parent / str(model["file"])
    if not file.is_file():
        raise InputError(f"body {spec['name']}: this version of {package} has no {model['file']}")
    return file


def adopt(mjcf: mujoco.MjSpec, spec: Mapping[str, Any]) -> None:
    """Turn a model into one like our own, in place: units, gravity, and a root of named joints.

    ``spec["units"]`` gives what one of its units is in ours, {length_mm, mass_mg}; its time is in seconds.
    ``spec["adopt"]`` names the body that is to get the joints of ``root`` and where it stands (mm).

    Raises
    ------
    InputError
        The model has something that is not converted: a mesh, a sliding joint, a tendon through space.
    """
    convert(mjcf, float(spec["units"]["length_mm"]), float(spec["units"]["mass_mg"]))
    for skin in list(mjcf.skins):  # its vertices are in a file
        mjcf.delete(skin)
    trunk = mjcf.body(str(spec["adopt"]["body"]))
    if trunk is None:
        names = [body.name for body in mjcf.bodies]
        raise InputError(f"body {spec['name']}: no {spec['adopt']['body']} among {', '.join(names[:8])} ...")
    trunk.pos = [0.0, 0.0, float(spec["adopt"]["height_mm"])]
    for name, axis in _ROOT.items():
        kind = mujoco.mjtJoint.mjJNT_SLIDE if name in "xyz" else mujoco.mjtJoint.mjJNT_HINGE
        joint = trunk.add_joint(name=f"root_{name}", type=kind, axis=list(axis))
        joint.limited, joint.pos = mujoco.mjtLimited.mjLIMITED_FALSE, [0.0, 0.0, 0.0]
        joint.armature = joint.stiffness[0] = joint.damping[0] = 0.0


def convert(mjcf: mujoco.MjSpec, length: float, mass: float) -> None:
    """Turn a model of turning joints into ours; ``length`` (mm), ``mass`` (mg): what its units are."""
    torque = mass * length**2
    if mjcf.meshes or mjcf.hfields or mjcf.flexes:
        raise InputError("a foreign body with meshes, height fields or flexes cannot be converted")
    mjcf.option.gravity = mjcf.option.gravity * length
    for body in mjcf.bodies:
        body.pos = body.pos * length
        if body.explicitinertial:
            body.ipos, body.mass = body.ipos * length, body.mass * mass
            body.inertia, body.fullinertia = body.inertia * torque, body.fullinertia * torque
    for geom in mjcf.geoms:
        geom.pos, geom.size, geom.fromto = geom.pos * length, geom.size * length, geom.fromto * length
        geom.mass, geom.density = geom.mass * mass, geom.density * mass / length**3
        geom.margin, geom.gap = geom.margin * length, geom.gap * length
        geom.friction[1:] = geom.friction[1:] * length
        geom.solimp[2] *= length
    for joint in mjcf.joints:
        if joint.type in (mujoco.mjtJoint.mjJNT_SLIDE, mujoco.mjtJoint.mjJNT_FREE):
            raise InputError(f"a foreign body's joint {joint.name} slides: only turning ones are converted")
        joint.pos, joint.armature = joint.pos * length, joint.armature * torque
        joint.stiffness, joint.damping = joint.stiffness * torque, joint.damping * torque
        joint.frictionloss = joint.frictionloss * torque
    for site in mjcf.sites:
        site.pos, site.size, site.fromto = site.pos * length, site.size * length, site.fromto * length
    for seen in (*mjcf.cameras, *mjcf.lights, *mjcf.frames):
        seen.pos = seen.pos * length
    for actuator in mjcf.actuators:
        if actuator.trntype not in (mujoco.mjtTrn.mjTRN_JOINT, mujoco.mjtTrn.mjTRN_TENDON):
            raise InputError(
                f"a foreign body's actuator {actuator.name} turns no joint: it cannot be converted"
            )
        # Joints turn: what is a force to the engine is a torque.
        actuator.gainprm[:3], actuator.biasprm[:3] = (
            actuator.gainprm[:3] * torque,
            actuator.biasprm[:3] * torque,
        )
        actuator.forcerange = actuator.forcerange * torque
