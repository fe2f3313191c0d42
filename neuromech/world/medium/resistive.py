"""Slender-body drag on the segments of a MuJoCo tree, integrated linearly implicitly.

A worm on agar has a drag-to-mass ratio of 1e7 per second: an explicit force explodes at any useful step.
Here the drag enters the mass matrix, (M + h D + h^2 K) a = f - D v - (K q + h K v), so that the step is set
by the gait and not by the drag, and the true inertia can be used. D is assembled up the kinematic tree like
MuJoCo's own composite inertia; the joint springs K are diagonal. The cost is a few microseconds per step.

MuJoCo keeps only the diagonal of the mass matrix of a "simple" body, one with nothing attached, hung from the
world in the frame of its own inertia: there is no room for drag that couples its joints, so that such a body
may feel drag only if it has a single degree of freedom.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mujoco
import numba
import numpy as np

from neuromech._lib.errors import InputError

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
        """Rods whose coefficients follow from drag per length (mg/s/mm); a rod turning feels c_n L^3 / 12."""
        return DragElements(
            np.asarray(body, np.int32),
            np.asarray(centre, float),
            np.asarray(tangent, float),
            tangential_mg_s_mm * length_mm,
            normal_mg_s_mm * length_mm,
            normal_mg_s_mm * length_mm**3 / 12,
        )


class ImplicitForces:
    """Forces of a medium that a compiled kernel adds to a MuJoCo step, implicit in the velocity.

    ``kernel`` takes the step (s) and ``arrays``, and adds to ``data.M`` and ``data.qfrc_applied``. MuJoCo's
    arrays among them are views: collected once, they stay valid and spare attribute look-ups in the loop.

    Raises
    ------
    InputError
        One of ``bodies``, on which the forces act, has no room for them in MuJoCo's mass matrix.
    """

    def __init__(
        self,
        model: mujoco.MjModel,
        data: mujoco.MjData,
        bodies: Array,
        kernel: Callable[..., None],
        arrays: tuple[Any, ...],
    ) -> None:
        check_room(model, bodies)
        self._model, self._data = model, data
        self._kernel, self._arrays = kernel, arrays
        # Compiled here and not by the first step: by then a recording is open, and a Ctrl-C that arrives
        # inside the compiler's callbacks is lost or comes out as another exception. What this call writes,
        # MuJoCo computes anew in every step.
        mass, applied = data.M.copy(), data.qfrc_applied.copy()
        kernel(model.opt.timestep, *arrays)
        data.M[:], data.qfrc_applied[:] = mass, applied

    def apply(self) -> None:
        """Add the forces of the present pose and velocity; call it between mj_step1 and mj_step2."""
        self._kernel(self._model.opt.timestep, *self._arrays)
        mujoco.mj_factorM(self._model, self._data)


class ImplicitDrag(ImplicitForces):
    """Drag along and across slender rods, and stiff joint springs.

    Sources: resistive-force theory, Gray & Hancock 1955 (doi:10.1242/jeb.32.4.802); coefficients come from
    the environment.
    """

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, elements: DragElements) -> None:
        arrays = (
            np.ascontiguousarray(model.body_rootid),
            elements.body.astype(np.int32),
            elements.centre,
            elements.tangent,
            elements.tangential,
            elements.normal,
            elements.rotational,
            data.xpos,
            data.xmat,
            data.subtree_com,
            data.cvel,
            np.zeros((model.nbody, 6, 6)),
            np.zeros((model.nbody, 6)),
            joint_arrays(model, data),
        )
        super().__init__(model, data, elements.body, _assemble, arrays)


def joint_arrays(model: mujoco.MjModel, data: mujoco.MjData) -> tuple[Array, ...]:
    """What ``project`` needs to know of the tree and its joints, in its order; springs are read here."""
    springs = np.zeros(model.nv)
    for joint in range(model.njnt):
        springs[model.jnt_dofadr[joint]] = float(np.ravel(model.jnt_stiffness[joint])[0])
    return (
        np.ascontiguousarray(model.body_parentid),
        np.ascontiguousarray(model.dof_bodyid),
        np.ascontiguousarray(model.M_rowadr),
        np.ascontiguousarray(model.M_rownnz),
        np.ascontiguousarray(model.M_colind),
        springs,
        data.cdof,
        data.qvel,
        data.M,
        data.qfrc_applied,
    )


def check_room(model: mujoco.MjModel, bodies: Array) -> None:
    """Refuse rods on chains of joints in which a row of the mass matrix lacks columns."""
    for body in np.unique(bodies):
        carrier = int(model.body_weldid[body])
        dof = int(model.body_dofadr[carrier]) + int(model.body_dofnum[carrier]) - 1
        chain = []
        while carrier and dof >= 0:
            chain.append(dof)
            dof = int(model.dof_parentid[dof])
        for above, dof in enumerate(reversed(chain)):
            if model.M_rownnz[dof] <= above:
                name = model.body(int(body)).name or str(body)
                raise InputError(
                    f"drag on body {name}: MuJoCo keeps only the diagonal of its mass matrix, because it "
                    "lies in the frame of its own inertia; shift its geom or attach a body to it"
                )


@numba.njit(cache=True, fastmath=True)
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


@numba.njit(cache=True, fastmath=True)
def scatter(matrix, turned, place, cross, out):
    """Add a force matrix and a couple matrix (3, 3) that act at ``place`` to a spatial one (6, 6).

    ``cross`` (3, 3) is room to work in.
    """
    # v_place = v - P w, P the cross-product matrix of the place seen from the tree's centre of mass.
    cross[0, 0] = cross[1, 1] = cross[2, 2] = 0.0
    cross[0, 1], cross[0, 2], cross[1, 2] = -place[2], place[1], -place[0]
    cross[1, 0], cross[2, 0], cross[2, 1] = place[2], -place[1], place[0]
    for i in range(3):
        for j in range(3):
            coupled = 0.0
            for k in range(3):
                coupled += cross[i, k] * matrix[k, j]
            out[i, 3 + j] += coupled
            out[3 + j, i] += coupled
            out[3 + i, 3 + j] += matrix[i, j]
    for i in range(3):
        for j in range(3):
            total = turned[i, j]
            for k in range(3):
                for m in range(3):
                    total += cross[i, k] * matrix[k, m] * cross[j, m]
            out[i, j] += total


@numba.njit(cache=True, fastmath=True)
def project(step, drag, force, joints):
    """Carry spatial drag (body, 6, 6) and force (body, 6) to the joints: into M and the applied forces.

    Both are summed up the tree in place. Springs of joints are made implicit in the same step.
    """
    parent, dof_body, row_start, row_count, column, springs, axes, speed, mass_matrix, applied = joints
    for b in range(len(parent) - 1, 0, -1):
        up = parent[b]
        if up > 0:
            for i in range(6):
                force[up, i] += force[b, i]
                for j in range(6):
                    drag[up, i, j] += drag[b, i, j]
    push = np.empty(6)
    for dof in range(len(dof_body)):
        b = dof_body[dof]
        total = 0.0
        for i in range(6):
            total += axes[dof, i] * force[b, i]
            push[i] = 0.0
            for j in range(6):
                push[i] += drag[b, i, j] * axes[dof, j]
        applied[dof] += total - step * springs[dof] * speed[dof]
        for k in range(row_start[dof], row_start[dof] + row_count[dof]):
            other = column[k]
            gain = 0.0
            for i in range(6):
                gain += axes[other, i] * push[i]
            mass_matrix[k] += step * gain
            if other == dof:
                mass_matrix[k] += step * step * springs[dof]
