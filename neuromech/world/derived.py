"""Values that a body.yaml leaves out, taken from the model: length, landmarks, segments, root joints."""

import dataclasses
from pathlib import Path

import mujoco
import numpy as np

from neuromech._lib.errors import InputError
from neuromech.specs.body import BodySpec, Root, Segments

STRAIGHT = 1 - 1e-9
"""The cosine of the angle between two axes above which they count as the same."""


def name_parts(mjcf: mujoco.MjSpec) -> None:
    """Give names to the parts, joints and actuators of a model that have none, in place: `part_01`."""
    for kind, items in (
        ("part", mjcf.bodies[1:]),
        ("joint", mjcf.joints),
        ("muscle", mjcf.actuators),
    ):
        taken = {item.name for item in items}
        for number, item in enumerate(items):
            if not item.name:
                item.name = next(
                    name for k in range(len(items)) if (name := f"{kind}_{number + k:02d}") not in taken
                )
                taken.add(item.name)


def complete(mjcf: mujoco.MjSpec, spec: BodySpec, file: Path) -> BodySpec:
    """Return what body.yaml says, with what it leaves open taken from the model.

    Where it names no landmarks and the model has no sites, a site is put in the middle of every part.

    Parameters
    ----------
    mjcf : the model; every part of it has a name.
    spec : what body.yaml says.
    file : the model's file, for messages.

    Raises
    ------
    InputError
        The model has no part that a body could be made of.
    """
    if None not in (spec.length_mm, spec.landmarks, spec.segments, spec.root):
        return spec
    parts = [body.name for body in mjcf.bodies[1:]]
    if not parts:
        raise InputError(f"body {spec.name}: {file.name} has no body below its worldbody")
    model = mjcf.copy().compile()
    landmarks = spec.landmarks
    if landmarks is None:
        landmarks = tuple(site.name for site in mjcf.sites if site.name) or _middles(mjcf, model)
    return dataclasses.replace(
        spec,
        length_mm=spec.length_mm or _length(model, spec.name),
        landmarks=landmarks,
        segments=spec.segments or Segments(tuple(parts)),
        root=spec.root or _root(mjcf),
    )


def _middles(mjcf: mujoco.MjSpec, model: mujoco.MjModel) -> tuple[str, ...]:
    """Put a site at the centre of mass of every part, and return their names."""
    names = []
    for part in mjcf.bodies[1:]:
        part.add_site(name=part.name, pos=model.body_ipos[model.body(part.name).id], group=5)
        names.append(part.name)
    return tuple(names)


def _length(model: mujoco.MjModel, name: str) -> float:
    """Return the longest distance along an axis across the model as it was built, mm."""
    data = mujoco.MjData(model)
    mujoco.mj_kinematics(model, data)
    solid = np.flatnonzero((model.geom_type != mujoco.mjtGeom.mjGEOM_PLANE) & (model.geom_bodyid > 0))
    if not len(solid):
        raise InputError(f"body {name}: its model has no geoms to measure; give length_mm in body.yaml")
    signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T
    middle, half = model.geom_aabb[solid, None, :3], model.geom_aabb[solid, None, 3:]
    corners = np.einsum("gij,gcj->gci", data.geom_xmat[solid].reshape(-1, 3, 3), middle + signs * half)
    corners += data.geom_xpos[solid, None]
    return float(np.ptp(corners.reshape(-1, 3), axis=0).max())


def _root(mjcf: mujoco.MjSpec) -> Root | None:
    """Return the joints by which the first part moves over the floor and turns, None where it cannot."""
    slide, hinge = mujoco.mjtJoint.mjJNT_SLIDE, mujoco.mjtJoint.mjJNT_HINGE
    wanted = {"x": (slide, 0), "y": (slide, 1), "yaw": (hinge, 2)}
    for part in mjcf.worldbody.bodies:
        found = {
            name: joint.name
            for name, (kind, axis) in wanted.items()
            for joint in part.joints
            if joint.type == kind and abs(joint.axis[axis]) > STRAIGHT * np.linalg.norm(joint.axis)
        }
        if len(found) == len(wanted):
            return Root(**found)
    return None
