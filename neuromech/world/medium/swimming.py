"""Water around a slender swimmer: resistive and reactive (elongated-body) forces on a MuJoCo tree.

Each rigid segment is cut into short pieces with a height h (fins included) and a width b. Per length of a
piece, with t its direction forwards, l to its left, d to its back, and u, w, z the components of its velocity
against the water along them, it feels

- a resistive force: -(mu Kn + rho/2 Cn h |w|) w l, the same with b and z along d, and -mu Kt u t; and a
  couple against rolling, -pi/2 mu (h^2 + b^2) per angular speed;
- a reactive force: the momentum of the water it carries, p = Ca rho pi/4 (h^2 w l + b^2 z d), changes as for
  any body in an ideal fluid (Kirchhoff): force -dp/dt, couple -v x p;
- at the tail's end, what the wake takes away: Cq m_tip (-u w l + w^2/2 t), m_tip = rho pi/4 h_tip^2.

Sources: Taylor 1952 (doi:10.1098/rspa.1952.0159) and Lighthill 1971 (doi:10.1098/rspb.1971.0085); the roll
of an elliptic cylinder is Jeffery 1922 (doi:10.1098/rspa.1922.0078). Units mm, mg, s; rho in mg/mm^3, mu in
mg/mm/s, the other coefficients without dimension: rho h |w| and mu are then drag per length, mg/s/mm.

The inertia of the water enters the mass matrix and so does the drag (see implicit.py): the step is set by the
gait, and a piece may be far lighter than the water it carries. Buoyancy acts where the water is displaced.
"""

from dataclasses import dataclass
from typing import Any

import mujoco
import numba
import numpy as np

from neuromech._lib.kernels import kernel, unpack
from neuromech._lib.state import Stateful
from neuromech.specs.options import check_fields
from neuromech.specs.values import NotNegative, Vector3
from neuromech.world.medium.implicit import JOINTS, ImplicitForces, project, scatter

Array = np.ndarray


@dataclass(frozen=True)
class Water:
    """The water, and the coefficients of its forces; all but the current at least zero.

    Parameters
    ----------
    density_mg_mm3, viscosity_mg_mm_s, gravity_mm_s2 : rho, mu, g.
    normal_viscous, normal_form, tangential_viscous : Kn, Cn, Kt.
    added_mass, wake : Ca, Cq; 1 is the ideal fluid.
    current_mm_s : velocity of the undisturbed water, world axes.
    """

    density_mg_mm3: NotNegative
    viscosity_mg_mm_s: NotNegative
    normal_viscous: NotNegative
    normal_form: NotNegative
    tangential_viscous: NotNegative
    added_mass: NotNegative
    wake: NotNegative
    gravity_mm_s2: NotNegative
    current_mm_s: Vector3 = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        """Refuse coefficients that make no sense."""
        check_fields(self, "medium")


@dataclass(frozen=True)
class Hull:
    """The surface of a swimmer: straight pieces from the head to the tail, one row each.

    Parameters
    ----------
    body : int array (n,), MuJoCo body ids.
    centre, forward, up : float arrays (n, 3), mm and unit vectors in the body's frame; left is up x forward.
    length, height, width : float arrays (n,), mm; the rear end of the last piece is the tip of the tail.
    height_squared, width_squared : float arrays (n,), mm^2, means over the piece.
    tip_height_mm : height at the tip.
    """

    body: Array
    centre: Array
    forward: Array
    up: Array
    length: Array
    height: Array
    width: Array
    height_squared: Array
    width_squared: Array
    tip_height_mm: float


@dataclass(frozen=True)
class Floats:
    """Forces upwards, one row each: `lift + gain (level - z)`, z the height of the point.

    Parameters
    ----------
    body : int array (n,), MuJoCo body ids.
    point : float array (n, 3), mm in the body's frame.
    lift, gain, level : float arrays (n,), nN, nN/mm, mm.
    """

    body: Array
    point: Array
    lift: Array
    gain: Array
    level: Array


# Vectors are tuples, because allocating arrays inside the loop takes longer than the computation.
@numba.njit(cache=True, fastmath=True, forceinline=True)
def _turned(rotation, b, vectors, e):
    """Return vector `e` of the frame of body `b` in world axes."""
    r, x, y, z = rotation[b], vectors[e, 0], vectors[e, 1], vectors[e, 2]
    return (
        r[0] * x + r[1] * y + r[2] * z,
        r[3] * x + r[4] * y + r[5] * z,
        r[6] * x + r[7] * y + r[8] * z,
    )


@numba.njit(cache=True, fastmath=True, forceinline=True)
def _row(rows, b, first):
    return rows[b, first], rows[b, first + 1], rows[b, first + 2]


@numba.njit(cache=True, fastmath=True, forceinline=True)
def _sum(a, b):
    return a[0] + b[0], a[1] + b[1], a[2] + b[2]


@numba.njit(cache=True, fastmath=True, forceinline=True)
def _less(a, b):
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


@numba.njit(cache=True, fastmath=True, forceinline=True)
def _mix(x, a, y, b, z, c):
    """Return x a + y b + z c."""
    return (
        x * a[0] + y * b[0] + z * c[0],
        x * a[1] + y * b[1] + z * c[1],
        x * a[2] + y * b[2] + z * c[2],
    )


@numba.njit(cache=True, fastmath=True, forceinline=True)
def _cross(a, b):
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


@numba.njit(cache=True, fastmath=True, forceinline=True)
def _dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@numba.njit(cache=True, fastmath=True, forceinline=True)
def _add(force, b, place, push, couple):
    """Add a force and a couple that act at `place` to the spatial force (6,) on body `b`."""
    moment = _sum(couple, _cross(place, push))
    for i in range(3):
        force[b, i] += moment[i]
        force[b, 3 + i] += push[i]


@numba.njit(cache=True, fastmath=True, forceinline=True)
def _frame(x, a, y, b, z, c, out):
    """Write x a a' + y b b' + z c c' to a (3, 3) matrix."""
    for i in range(3):
        for j in range(3):
            out[i, j] = x * a[i] * a[j] + y * b[i] * b[j] + z * c[i] * c[j]


@numba.njit(cache=True, fastmath=True, forceinline=True)
def _assemble(step, current, hull, tip, floats, tree, room, joints):
    parent, root, first_dof, dof_count, position, rotation, com, velocity, axes_rate, speed = tree
    matrix6, force, drift, linear, turning, cross, at = room
    matrix6[:] = 0.0
    force[:] = 0.0
    # The spatial acceleration J' v of every body at zero acceleration of the joints.
    drift[0] = 0.0
    for b in range(1, len(parent)):
        for i in range(6):
            drift[b, i] = drift[parent[b], i]
            for dof in range(first_dof[b], first_dof[b] + dof_count[b]):
                drift[b, i] += axes_rate[dof, i] * speed[dof]
    body, centre, forward, upward, pieces = hull
    tip_piece, tip_behind, tip_mass = tip
    stream = (current[0], current[1], current[2])
    none = (0.0, 0.0, 0.0)
    for e in range(len(body)):
        b = body[e]
        t, d = _turned(rotation, b, forward, e), _turned(rotation, b, upward, e)
        left = _cross(d, t)
        origin = _less(_row(position, b, 0), _row(com, root[b], 0))
        place = _sum(_turned(rotation, b, centre, e), origin)
        spin, spun = _row(velocity, b, 0), _row(drift, b, 0)
        carried_along = _less(_row(velocity, b, 3), stream)
        flow = _sum(carried_along, _cross(spin, place))
        # A spatial acceleration is dv/dt - w x v, and v is that against the water.
        gain = _sum(_row(drift, b, 3), _sum(_cross(spun, place), _cross(spin, stream)))
        u, w, z = _dot(flow, t), _dot(flow, left), _dot(flow, d)
        across = pieces[e, 0] + pieces[e, 1] * abs(w)
        upright = pieces[e, 2] + pieces[e, 3] * abs(z)
        along, roll = pieces[e, 4], pieces[e, 5]
        mass_l, mass_d, arm = pieces[e, 6], pieces[e, 7], pieces[e, 8]
        spin_t, spin_l, spin_d = _dot(spin, t), _dot(spin, left), _dot(spin, d)
        water = _mix(mass_l * w, left, mass_d * z, d, 0.0, t)
        swung = _mix(arm * mass_d * spin_l, left, arm * mass_l * spin_d, d, 0.0, t)
        push = _mix(
            -along * u,
            t,
            -across * w - mass_l * _dot(gain, left),
            left,
            -upright * z - mass_d * _dot(gain, d),
            d,
        )
        couple = _mix(
            -roll * spin_t, t,
            -arm * (upright * spin_l + mass_d * _dot(spun, left)), left,
            -arm * (across * spin_d + mass_l * _dot(spun, d)), d,
        )  # fmt: skip
        push = _less(push, _cross(spin, water))
        couple = _less(couple, _sum(_cross(spin, swung), _cross(flow, water)))
        _add(force, b, place, push, couple)
        side, rise = across + mass_l / step, upright + mass_d / step
        _frame(along, t, side, left, rise, d, linear)
        _frame(roll, t, arm * rise, left, arm * side, d, turning)
        at[0], at[1], at[2] = place
        scatter(linear, turning, at, cross, matrix6[b])
        if e == tip_piece:
            end = _mix(1.0, place, -tip_behind, t, 0.0, d)
            flow = _sum(carried_along, _cross(spin, end))
            u, w = _dot(flow, t), _dot(flow, left)
            # Water that leaves over the tip takes momentum with it: a damping, so it may be implicit.
            shed = tip_mass * u
            _add(force, b, end, _mix(-shed * w, left, 0.5 * tip_mass * w * w, t, 0.0, d), none)
            _frame(0.0, t, max(shed, 0.0), left, 0.0, d, linear)
            turning[:] = 0.0
            at[0], at[1], at[2] = end
            scatter(linear, turning, at, cross, matrix6[b])
    owner, point, lift, gains, level = floats
    for e in range(len(owner)):
        b = owner[e]
        place = _sum(_turned(rotation, b, point, e), _row(position, b, 0))
        push = (0.0, 0.0, lift[e] + gains[e] * (level[e] - place[2]))
        _add(force, b, _less(place, _row(com, root[b], 0)), push, none)
    project(step, matrix6, force, joints)


LAYOUT = (
    "f8 f8[:] "
    "i4[:] f8[:,:] f8[:,:] f8[:,:] f8[:,:] "  # the hull
    "i8 f8 f8 "  # its tip
    "i4[:] f8[:,:] f8[:] f8[:] f8[:] "  # what floats
    "i4[:] i4[:] i4[:] i4[:] f8[:,:] f8[:,:] f8[:,:] f8[:,:] f8[:,:] f8[:] "  # the tree
    "f8[:,:,:] f8[:,:] f8[:,:] f8[:,:] f8[:,:] f8[:,:] f8[:] "  # room to work in
    f"{JOINTS}"
)


@kernel
def _add_water(row):
    a = unpack(row, LAYOUT)
    _assemble(a[0], a[1], a[2:7], a[7:10], a[10:15], a[15:25], a[25:32], a[32:])


class ElongatedBody(ImplicitForces, Stateful):
    """The forces of water on a hull; `current` (3,), mm/s, may be changed in place between steps."""

    kernel, layout = _add_water, LAYOUT
    state_names = ("current",)

    def __init__(
        self, model: mujoco.MjModel, data: mujoco.MjData, hull: Hull, floats: Floats, water: Water
    ) -> None:
        self.current = np.array(water.current_mm_s, float)
        rho, mu, length = water.density_mg_mm3, water.viscosity_mg_mm_s, hull.length
        ring = np.pi / 2 * (hull.height_squared + hull.width_squared)
        # Viscous and quadratic drag to the left and up; forwards; of roll; added masses; length^2 / 12.
        pieces = np.column_stack(
            [
                mu * water.normal_viscous * length,
                rho / 2 * water.normal_form * hull.height * length,
                mu * water.normal_viscous * length,
                rho / 2 * water.normal_form * hull.width * length,
                mu * water.tangential_viscous * length,
                mu * ring * length,
                rho * water.added_mass * np.pi / 4 * hull.height_squared * length,
                rho * water.added_mass * np.pi / 4 * hull.width_squared * length,
                length**2 / 12,
            ]
        )
        self._hull = (hull.body.astype(np.int32), hull.centre, hull.forward, hull.up, pieces)
        tip_mass = rho * water.wake * np.pi / 4 * hull.tip_height_mm**2
        self._tip = (len(length) - 1, length[-1] / 2, tip_mass)
        self._floats = (floats.body.astype(np.int32), floats.point, floats.lift, floats.gain, floats.level)
        super().__init__(model, data, hull.body)

    def _bind(self, model: mujoco.MjModel, data: mujoco.MjData) -> tuple[Any, ...]:
        tree = (
            np.ascontiguousarray(model.body_parentid),
            np.ascontiguousarray(model.body_rootid),
            np.ascontiguousarray(model.body_dofadr),
            np.ascontiguousarray(model.body_dofnum),
            data.xpos,
            data.xmat,
            data.subtree_com,
            data.cvel,
            data.cdof_dot,
            data.qvel,
        )
        room = (
            np.zeros((model.nbody, 6, 6)),
            *np.zeros((2, model.nbody, 6)),
            *np.zeros((3, 3, 3)),
            np.zeros(3),
        )
        parts = self._hull, self._tip, self._floats, tree, room, self._joints(model, data)
        return self.current, *(each for part in parts for each in part)

    def restore_state(self, state: Any) -> None:
        """Restore the current that `save_state` returned."""
        current = self.current
        super().restore_state(state)
        current[:], self.current = self.current, current  # the kernel holds this very array
