"""Forces of a medium that are implicit in the velocity: they enter MuJoCo's mass matrix.

A worm on agar has a drag-to-mass ratio of 1e7 per second: an explicit force explodes at any useful step.
Here the drag enters the mass matrix, (M + h D + h^2 K) a = f - D v - (K q + h K v), so that the step is set
by the gait and not by the drag, and the true inertia can be used. D is assembled up the kinematic tree like
MuJoCo's own composite inertia; the joint springs K are diagonal. The cost is a few microseconds per step.

MuJoCo keeps only the diagonal of the mass matrix of a "simple" body, one with nothing attached, hung from the
world in the frame of its own inertia: there is no room for drag that couples its joints, so that such a body
may feel drag only if it has a single degree of freedom.
"""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

import mujoco
import numba
import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.kernels import Call, bind, kernel, unpack
from neuromech.world import engine

Array = np.ndarray


class ImplicitForces(ABC):
    """Forces of a medium that a compiled kernel adds to a MuJoCo step, implicit in the velocity.

    The kernel takes the step (s) and what `_bind` collects, and adds to `data.M` and `data.qfrc_applied`.
    MuJoCo's arrays among them are views: collected once, they stay valid and spare attribute look-ups in the
    loop. A copy, by `copy.deepcopy` or by pickle, collects those of its own data.

    Parameters
    ----------
    model, data : what the forces act on; `data` is that of the body as built.
    bodies : MuJoCo ids of the bodies on which forces act.

    Raises
    ------
    InputError
        One of the bodies has no room for the forces in MuJoCo's mass matrix.
    """

    kernel: ClassVar[Any]
    """The compiled kernel (see `_lib/kernels.py`)."""
    layout: ClassVar[str]
    """What it takes: the step (s), then what `_bind` collects."""

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, bodies: Array) -> None:
        check_room(model, bodies)
        self._model, self._data = model, data
        self._springs = _springs(model)
        self._call = self._bound()
        # Compiled here and not by the first step: by then a recording is open, and a Ctrl-C that arrives
        # inside the compiler's callbacks is lost or comes out as another exception. What this call writes,
        # MuJoCo computes anew in every step.
        mass, applied = data.M.copy(), data.qfrc_applied.copy()
        self._call()
        data.M[:], data.qfrc_applied[:] = mass, applied

    @abstractmethod
    def _bind(self, model: mujoco.MjModel, data: mujoco.MjData) -> tuple[Any, ...]:
        """Collect what the kernel takes: constants, views of MuJoCo's arrays and room to work in."""

    def apply(self) -> None:
        """Add the forces of the present pose and velocity; call it between mj_step1 and mj_step2."""
        self._call()
        mujoco.mj_factorM(self._model, self._data)

    def leave_springs(self) -> None:
        """Leave the springs of the joints to another medium in the same model, which makes them implicit."""
        self._springs[:] = 0.0

    def compiled(self) -> tuple[Call, ...]:
        """Return the calls that do what `apply` does."""
        engine_state = self._model._address, self._data._address
        return self._call, bind(_factor, FACTOR, engine.address("mj_factorM"), *engine_state)

    def _bound(self) -> Call:
        step_s = float(self._model.opt.timestep)
        return bind(self.kernel, self.layout, step_s, *self._bind(self._model, self._data))

    def _joints(self, model: mujoco.MjModel, data: mujoco.MjData) -> tuple[Array, ...]:
        """Return what `project` needs to know of the tree and its joints, in its order; see `JOINTS`."""
        return (
            np.ascontiguousarray(model.body_parentid),
            np.ascontiguousarray(model.dof_bodyid),
            np.ascontiguousarray(model.M_rowadr),
            np.ascontiguousarray(model.M_rownnz),
            np.ascontiguousarray(model.M_colind),
            self._springs,
            data.cdof,
            data.qvel,
            data.M,
            data.qfrc_applied,
        )

    def __getstate__(self) -> dict[str, Any]:
        """Return everything but the views, which would become dead copies of the other simulator's memory."""
        state = vars(self).copy()
        del state["_call"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._call = self._bound()


def _springs(model: mujoco.MjModel) -> Array:
    """Return the stiffness of the spring of every degree of freedom, nN mm/rad or nN/mm (dof,)."""
    springs = np.zeros(model.nv)
    for joint in range(model.njnt):
        springs[model.jnt_dofadr[joint]] = float(np.ravel(model.jnt_stiffness[joint])[0])
    return springs


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


# Functions with `fastmath` are inlined by force. One that is not may be taken from another kernel of this
# process, in which sums have another order: the bits of a run would depend on what was compiled before it.
JOINTS = "i4[:] i4[:] i4[:] i4[:] i4[:] f8[:] f8[:,:] f8[:] f8[:] f8[:]"
"""Layout of what `_joints` returns."""
FACTOR = "i8 i8 i8"


@kernel
def _factor(row):
    factor, model, data = unpack(row, FACTOR)
    engine.call(factor, model, data)


@numba.njit(cache=True, fastmath=True, forceinline=True)
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


@numba.njit(cache=True, fastmath=True, forceinline=True)
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
