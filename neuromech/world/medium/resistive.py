"""Slender-body drag along and across the segments of a body, as resistive-force theory has it."""

from dataclasses import dataclass
from typing import Any

import mujoco
import numba
import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.kernels import kernel, unpack
from neuromech.specs.values import NotNegative
from neuromech.world.body import Body
from neuromech.world.medium.implicit import JOINTS, ImplicitForces, project, scatter

Array = np.ndarray


@dataclass(frozen=True)
class DragElements:
    """Rigid slender rods that feel drag, one row per rod, in the frame of the body that carries it.

    Parameters
    ----------
    body : int array (n,), MuJoCo body ids.
    centre, tangent : float arrays (n, 3), mm and unit vectors in the body's frame.
    tangential, normal : float arrays (n,), mg/s, force per speed along and across the rod.
    rotational : float array (n,), mg mm^2/s, couple per angular speed about the rod's centre.
    """

    body: Array
    centre: Array
    tangent: Array
    tangential: Array
    normal: Array
    rotational: Array

    @staticmethod
    def rods(
        body: Array,
        centre: Array,
        tangent: Array,
        length_mm: Array,
        tangential_mg_s_mm: float,
        normal_mg_s_mm: float,
    ) -> "DragElements":
        """Return rods with coefficients from drag per length (mg/s/mm); turning feels c_n L^3 / 12."""
        return DragElements(
            np.asarray(body, np.int32),
            np.asarray(centre, float),
            np.asarray(tangent, float),
            tangential_mg_s_mm * length_mm,
            normal_mg_s_mm * length_mm,
            normal_mg_s_mm * length_mm**3 / 12,
        )


@numba.njit(cache=True, fastmath=True, forceinline=True)
def _assemble(
    step, root, body, centre, tangent, along, across, turning, position, rotation, com, velocity, drag, force,
    joints,
):  # fmt: skip
    drag[:] = 0.0
    force[:] = 0.0
    matrix = np.empty((3, 3))
    cross = np.empty((3, 3))
    turned = np.empty((3, 3))
    place = np.empty(3)
    for e in range(len(body)):
        b = body[e]
        r = rotation[b]
        t0 = r[0] * tangent[e, 0] + r[1] * tangent[e, 1] + r[2] * tangent[e, 2]
        t1 = r[3] * tangent[e, 0] + r[4] * tangent[e, 1] + r[5] * tangent[e, 2]
        t2 = r[6] * tangent[e, 0] + r[7] * tangent[e, 1] + r[8] * tangent[e, 2]
        t = (t0, t1, t2)
        origin = com[root[b]]
        p0 = position[b, 0] + r[0] * centre[e, 0] + r[1] * centre[e, 1] + r[2] * centre[e, 2] - origin[0]
        p1 = position[b, 1] + r[3] * centre[e, 0] + r[4] * centre[e, 1] + r[5] * centre[e, 2] - origin[1]
        p2 = position[b, 2] + r[6] * centre[e, 0] + r[7] * centre[e, 1] + r[8] * centre[e, 2] - origin[2]
        place[0], place[1], place[2] = p0, p1, p2
        for i in range(3):
            for j in range(3):
                same = 1.0 if i == j else 0.0
                matrix[i, j] = (along[e] - across[e]) * t[i] * t[j] + across[e] * same
                turned[i, j] = turning[e] * (same - t[i] * t[j])
        scatter(matrix, turned, place, cross, drag[b])
    for b in range(1, len(drag)):
        for i in range(6):
            for j in range(6):
                force[b, i] -= drag[b, i, j] * velocity[b, j]
    project(step, drag, force, joints)


LAYOUT = (
    "f8 i4[:] i4[:] f8[:,:] f8[:,:] f8[:] f8[:] f8[:] f8[:,:] f8[:,:] f8[:,:] f8[:,:] f8[:,:,:] f8[:,:] "
    f"{JOINTS}"
)
"""The step, root bodies, the six columns of `DragElements`, poses and velocities, room to work in, joints."""


@kernel
def _add_drag(row):
    all_of_it = unpack(row, LAYOUT)
    step, root, body, centre, tangent, along, across, turning = all_of_it[:8]
    position, rotation, com, velocity, drag, force = all_of_it[8:14]
    _assemble(
        step, root, body, centre, tangent, along, across, turning, position, rotation, com, velocity, drag,
        force, all_of_it[14:],
    )  # fmt: skip


class ImplicitDrag(ImplicitForces):
    """Drag along and across slender rods, and stiff joint springs.

    Sources: resistive-force theory, Gray & Hancock 1955 (doi:10.1242/jeb.32.4.802); coefficients come from
    the environment.
    """

    kernel, layout = _add_drag, LAYOUT

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, elements: DragElements) -> None:
        self._elements = (
            elements.body.astype(np.int32),
            elements.centre,
            elements.tangent,
            elements.tangential,
            elements.normal,
            elements.rotational,
        )
        super().__init__(model, data, elements.body)

    def _bind(self, model: mujoco.MjModel, data: mujoco.MjData) -> tuple[Any, ...]:
        return (
            np.ascontiguousarray(model.body_rootid),
            *self._elements,
            data.xpos,
            data.xmat,
            data.subtree_com,
            data.cvel,
            np.zeros((model.nbody, 6, 6)),
            np.zeros((model.nbody, 6)),
            *self._joints(model, data),
        )


def drag_elements(body: Body, tangential_mg_s: float, normal_mg_s: float) -> DragElements:
    """Return the slender rods of a body.

    Parameters
    ----------
    body : its `segments` say where the rods are.
    tangential_mg_s, normal_mg_s : force per speed along and across the whole body, mg/s.

    Raises
    ------
    InputError
        The body's segments have no `length_mm` or no `tangent`.
    """
    rods = body.segments
    for key, value in (("length_mm", rods.length_mm), ("tangent", rods.tangent)):
        if value is None:
            raise InputError(f"body {body.name} cannot feel drag: its body.yaml has no segments.{key}")
    ids = body.body_ids(rods.names)
    lengths = np.broadcast_to(np.asarray(rods.length_mm, float), len(ids)).copy()
    tangent = np.tile(np.asarray(rods.tangent, float), (len(ids), 1))
    return DragElements.rods(
        ids,
        np.zeros((len(ids), 3)),
        tangent,
        lengths,
        tangential_mg_s / body.length_mm,
        normal_mg_s / body.length_mm,
    )


def build(
    body: Body, data: mujoco.MjData, *, tangential_mg_s: NotNegative, normal_mg_s: NotNegative
) -> ImplicitDrag:
    """Build whole-body drag, for a body much slower than its viscous drag (`law: drag`)."""
    return ImplicitDrag(body.model, data, drag_elements(body, tangential_mg_s, normal_mg_s))
