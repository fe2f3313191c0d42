"""A second body in the model of a first one: its names, and what of both can touch the other."""

from math import isnan

import mujoco

from neuromech.specs.body import BodySpec

OTHER = "other_"
"""What the model's names of the second body's parts begin with."""
FIRST, SECOND = 1 << 20, 1 << 21
"""The kinds of contact of each body: only those of different bodies meet."""


def join(mjcf: mujoco.MjSpec, other: mujoco.MjSpec, spec: BodySpec) -> BodySpec:
    """Put another body into the world of a first one, in place; both can then touch each other.

    Parameters
    ----------
    mjcf, other : models of both bodies.
    spec : what the body.yaml of the other says; it is returned.
    """
    own = [geom for body in mjcf.bodies[1:] if not _scenery(body) for geom in body.geoms]
    its = [geom for body in other.bodies[1:] for geom in body.geoms]
    _touchable(own, FIRST, SECOND)
    _touchable(its, SECOND, FIRST)
    if spec.mirrored:
        for child in other.worldbody.bodies:
            child.quat = [0.0, 1.0, 0.0, 0.0]
    # MuJoCo would keep these of the first model, too, and warn.
    both = ((mjcf.option, other.option), (mjcf.visual.map, other.visual.map), (mjcf.stat, other.stat))
    for one, another in both:
        for name in (name for name in dir(one) if not name.startswith("_")):
            setattr(another, name, getattr(one, name))
    mjcf.attach(other, prefix=OTHER, frame=mjcf.worldbody.add_frame())
    return spec


def _scenery(body: mujoco.MjsBody) -> bool:
    return body.name.startswith("scene_")


def _touchable(geoms: list[mujoco.MjsGeom], mine: int, its: int) -> None:
    """Let the geoms that touch anything touch those of the other body; where none does, all do that weigh."""
    solid = [geom for geom in geoms if geom.contype or geom.conaffinity]
    for geom in solid or [geom for geom in geoms if _weighs(geom)]:
        geom.contype |= mine
        geom.conaffinity |= its


def _weighs(geom: mujoco.MjsGeom) -> bool:
    """Whether a geom has a mass, of its own or by its density."""
    return geom.density > 0 if isnan(geom.mass) else geom.mass > 0
