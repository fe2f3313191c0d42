"""Import of MJCF models: found in an installed package, and converted from their units into mm, mg, s."""

from importlib.util import find_spec
from pathlib import Path

import mujoco

from neuromech._lib.errors import InputError, unknown
from neuromech.specs.body import BodySpec

_ROOT = {
    "x": (1, 0, 0),
    "y": (0, 1, 0),
    "z": (0, 0, 1),
    "yaw": (0, 0, 1),
    "pitch": (0, 1, 0),
    "roll": (1, 0, 0),
}


def model_file(spec: BodySpec) -> Path:
    """Return the MJCF of a body.yaml: `model` is a file beside it, or one in an installed package.

    Raises
    ------
    InputError
        The package is not installed, or has no such file.
    """
    if isinstance(spec.model, str):
        return spec.folder / spec.model
    package = spec.model.package
    try:
        found = find_spec(package)
    except (ImportError, ValueError):  # a part of a package that is not there, or no name of one
        found = None
    if found is None or found.origin is None:
        raise InputError(f"body {spec.name} comes with the package {package}, which is not installed here")
    file = Path(found.origin).parent / spec.model.file
    if not file.is_file():
        raise InputError(f"body {spec.name}: this version of {package} has no {spec.model.file}")
    return file


def adopt(mjcf: mujoco.MjSpec, spec: BodySpec) -> None:
    """Convert a model to our conventions, in place: units, gravity, and a root of named joints.

    Parameters
    ----------
    mjcf : the model.
    spec : its `units` say what one of the model's is in ours; its `adopt` names the part that gets the joints
        of the root (root_x, root_y, root_z, root_yaw, root_pitch, root_roll) and its height.

    Raises
    ------
    InputError
        The model has no such part, or something that is not converted: a mesh, a sliding joint, a tendon
        through space.
    """
    if spec.units is not None:
        convert(mjcf, spec.units.length_mm, spec.units.mass_mg)
    for skin in list(mjcf.skins):  # its vertices are in a file
        mjcf.delete(skin)
    if spec.adopt is None:
        return
    trunk = mjcf.body(spec.adopt.body)
    if trunk is None:
        raise unknown(
            f"part in {spec.name} for adopt.body", spec.adopt.body, [b.name for b in mjcf.bodies if b.name]
        )
    trunk.pos = [0.0, 0.0, spec.adopt.height_mm]
    for name, axis in _ROOT.items():
        kind = mujoco.mjtJoint.mjJNT_SLIDE if name in "xyz" else mujoco.mjtJoint.mjJNT_HINGE
        joint = trunk.add_joint(name=f"root_{name}", type=kind, axis=list(axis))
        joint.limited, joint.pos = mujoco.mjtLimited.mjLIMITED_FALSE, [0.0, 0.0, 0.0]
        joint.armature = joint.stiffness[0] = joint.damping[0] = 0.0


def convert(mjcf: mujoco.MjSpec, length: float, mass: float) -> None:
    """Convert a model of hinges to mm, mg and s, in place.

    Parameters
    ----------
    mjcf : the model.
    length, mass : its units of length, mm, and of mass, mg.

    Raises
    ------
    InputError
        It has something that is not converted.
    """
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
