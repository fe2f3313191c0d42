"""A floor with bumps and hollows: its heights, and its place in the scene that a body joins."""

from __future__ import annotations

import mujoco
import numpy as np

from neuromech._lib.errors import InputError
from neuromech.specs.environment import Relief

CELLS = 5
"""Cells of the table of heights from one bump to the next: fine enough that their slopes are smooth."""
NAME = "relief"
"""What the height field is called in the scene."""
BASE_SHARE = 0.2
"""How thick the floor is below its lowest point, as a share of its extent. What touches it from above must
not come out below it.
"""


def heights_mm(relief: Relief) -> np.ndarray:
    """Return the heights of the floor above its mean, float64 (row along y, column along x), mm.

    The table reaches from -extent_mm to extent_mm. A random height stands at every corner of a grid as wide
    as the bumps are apart; between them the floor is smooth (value noise with the cubic of Perlin 1985,
    doi:10.1145/325165.325247), and it spans `bumps_mm` exactly. Within `flat_mm` of the origin it is level.
    """
    knots = int(np.ceil(2 * relief.extent_mm / relief.spacing_mm)) + 1
    corners = np.random.default_rng(relief.seed).uniform(-1.0, 1.0, (knots + 1, knots + 1))
    cells = int(np.ceil(2 * relief.extent_mm / relief.spacing_mm * CELLS)) + 1
    axis = np.linspace(-relief.extent_mm, relief.extent_mm, cells)
    place = (axis + relief.extent_mm) / relief.spacing_mm
    first = place.astype(int)
    share = _smooth(place - first)
    along_x = corners[:, first] + share * (corners[:, first + 1] - corners[:, first])
    heights = along_x[first] + share[:, None] * (along_x[first + 1] - along_x[first])
    low, high = heights.min(), heights.max()
    heights = relief.bumps_mm * ((heights - low) / max(high - low, 1e-12) - 0.5)
    if relief.flat_mm:
        away = (np.hypot(axis[None, :], axis[:, None]) - relief.flat_mm) / relief.spacing_mm
        heights *= _smooth(np.clip(away, 0.0, 1.0))
    return heights


def lay(scene: mujoco.MjSpec, relief: Relief) -> None:
    """Put a relief in the place of the floor of a scene, which stays below it, as deep as its hollows.

    Its friction, stiffness and colour are those of the floor.

    Raises
    ------
    InputError
        The scene has no floor, or several.
    """
    floors = [geom for geom in scene.geoms if geom.type == mujoco.mjtGeom.mjGEOM_PLANE]
    if len(floors) != 1:
        raise InputError(f"relief needs a scene with one level floor, and this one has {len(floors)}")
    floor, heights = floors[0], heights_mm(relief)
    rows, columns = heights.shape
    scene.add_hfield(
        name=NAME,
        nrow=rows,
        ncol=columns,
        size=[relief.extent_mm, relief.extent_mm, relief.bumps_mm, BASE_SHARE * relief.extent_mm],
        userdata=(heights / relief.bumps_mm + 0.5).ravel().tolist(),
    )
    below = np.array(floor.pos) - [0.0, 0.0, 0.5 * relief.bumps_mm]
    scene.worldbody.add_geom(
        name=NAME,
        type=mujoco.mjtGeom.mjGEOM_HFIELD,
        hfieldname=NAME,
        pos=below,
        contype=floor.contype,
        conaffinity=floor.conaffinity,
        condim=floor.condim,
        priority=floor.priority,
        friction=floor.friction,
        solref=floor.solref,
        solimp=floor.solimp,
        margin=floor.margin,
        gap=floor.gap,
        rgba=floor.rgba,
    )
    floor.pos = below


def _smooth(share: np.ndarray) -> np.ndarray:
    """Return a share of the way that leaves and arrives level."""
    return share * share * (3.0 - 2.0 * share)
