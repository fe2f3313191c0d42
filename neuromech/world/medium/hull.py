"""The hull of a swimmer, from what body.yaml says of its segments: pieces, profiles, buoyancy."""

from typing import Any

import mujoco
import numpy as np

from neuromech._lib.errors import InputError
from neuromech.specs.values import NotNegative, Vector3
from neuromech.world.body import Body
from neuromech.world.medium.swimming import ElongatedBody, Floats, Hull, Water


def build(
    body: Body, data: mujoco.MjData, *, density_mg_mm3: NotNegative, viscosity_mg_mm_s: NotNegative,
    normal_viscous: NotNegative, normal_form: NotNegative, tangential_viscous: NotNegative,
    added_mass: NotNegative, wake: NotNegative, gravity_mm_s2: NotNegative,
    current_mm_s: Vector3 = (0.0, 0.0, 0.0),
) -> ElongatedBody:  # fmt: skip
    """Build water with inertia, a current and buoyancy (`law: elongated_body`); keys as in `Water`."""
    water = Water(
        density_mg_mm3, viscosity_mg_mm_s, normal_viscous, normal_form, tangential_viscous, added_mass, wake,
        gravity_mm_s2, current_mm_s,
    )  # fmt: skip
    return ElongatedBody(body.model, data, hull(body), _floats(body, data, water), water)


def hull(body: Body) -> Hull:
    """Cut the segments of a body into pieces no longer than its shortest segment.

    Heights and widths are given in body.yaml at evenly spaced places from the front end to the rear.

    Raises
    ------
    InputError
        Its segments have no lengths, directions, heights or widths.
    """
    rods = body.segments
    for key in ("length_mm", "tangent", "up", "height_mm", "width_mm"):
        if getattr(rods, key) is None:
            raise InputError(f"body {body.name} cannot swim here: its body.yaml has no segments.{key}")
    ids = body.body_ids(rods.names)
    lengths = np.broadcast_to(np.asarray(rods.length_mm, float), len(ids))
    pieces = np.ceil(lengths / lengths.min() - 1e-9).astype(int)
    size = np.repeat(lengths / pieces, pieces)
    # From the front of a segment backwards, seen from its middle.
    parts = zip(lengths, pieces, strict=True)
    along = np.concatenate([length * (0.5 - (np.arange(n) + 0.5) / n) for length, n in parts])
    forward, up = (np.tile(np.asarray(axis, float), (len(size), 1)) for axis in (rods.tangent, rods.up))
    edges = np.concatenate([[0.0], np.cumsum(size)]) / size.sum()
    height, width = (_profile(values, edges) for values in (rods.height_mm, rods.width_mm))
    return Hull(
        body=np.repeat(ids, pieces),
        centre=along[:, None] * forward,
        forward=forward,
        up=up,
        length=size,
        height=_mean(height),
        width=_mean(width),
        height_squared=_mean_square(height),
        width_squared=_mean_square(width),
        tip_height_mm=float(height[-1]),
    )


def _mean(edges: np.ndarray) -> np.ndarray:
    return (edges[1:] + edges[:-1]) / 2


def _mean_square(edges: np.ndarray) -> np.ndarray:
    """Return the mean square, over each piece, of a quantity that changes linearly between its edges."""
    return (edges[1:] ** 2 + edges[1:] * edges[:-1] + edges[:-1] ** 2) / 3


def _profile(values: Any, places: np.ndarray) -> np.ndarray:
    return np.interp(places, np.linspace(0, 1, len(values)), np.asarray(values, float))


def _floats(body: Body, data: mujoco.MjData, water: Water) -> Floats:
    """Return the forces of flesh, which sinks at its centre of mass, and of the swim bladder, which lifts."""
    spec = body.spec.buoyancy
    if spec is None:
        return Floats(np.zeros(0, int), np.zeros((0, 3)), *np.zeros((3, 0)))
    tissue, per_mm = spec.tissue_mg_mm3, spec.volume_per_mm
    heavy = body.parts[body.model.body_mass[body.parts] > 0]
    sinks = body.model.body_mass[heavy] * (water.density_mg_mm3 / tissue - 1) * water.gravity_mm_s2
    site = body.site_ids([spec.bladder])
    lift = -sinks.sum()
    still = np.zeros(len(heavy))
    return Floats(
        np.append(heavy, body.model.site_bodyid[site]),
        np.vstack([body.model.body_ipos[heavy], body.model.site_pos[site]]),
        np.append(sinks, lift),
        np.append(still, lift * per_mm),
        np.append(still, data.site_xpos[site, 2]),
    )
