"""The physics of one control period as a compiled call: muscles, outside forces, steps with the medium."""

from __future__ import annotations

from math import hypot, sqrt
from typing import Any

import numba
import numpy as np

from neuromech._lib.kernels import Call, bind, call_kernel, kernel, table, unpack
from neuromech.world import engine


class PeriodMemory:
    """What a compiled period takes from Python and gives back, in memory that does not move.

    Parameters
    ----------
    muscles : how many there are.
    """

    def __init__(self, muscles: int) -> None:
        self.action = np.zeros(muscles)
        """Excitation of each muscle, float64 (muscle,)."""
        self.periods = np.zeros(1, np.int64)
        """Control periods since the start, int64 (1,)."""
        self.clock_s = np.zeros(1)
        """The time, float64 (1,), s."""
        self.pose = np.zeros(3)
        """Place, mm, and heading, rad, of the root, float64 (3,)."""


def compiled(world: Any, memory: PeriodMemory, medium: Any) -> Call:
    """Return the call that does what `World.step` does up to the stimulus, from `memory.action`.

    Parameters
    ----------
    world : the world (a `World`).
    memory : where the program and Python meet.
    medium : the calls that add the forces of the medium.
    """
    model, data, plate = world.model, world.data, world.plate
    low, high = world.excitations
    pushes = np.array(
        [[push.segment, push.start_s, push.stop_s, *push.force_nN] for push in world.pushes], float
    ).reshape(-1, 6)
    walls = np.zeros(0) if plate is None else np.array([plate.radius_mm, plate.stiffness_nN_mm])
    forces = table(medium)
    functions = [engine.address(name) for name in ("mj_step1", "mj_step2", "mj_kinematics")]
    call = bind(
        _period, PERIOD, model._address, data._address, *functions, forces, world.substeps, world.control_s,
        memory.action, low.copy(), high.copy(), data.ctrl, data.xfrc_applied, data.qfrc_applied, pushes,
        walls, world.segments.astype(np.int64), world.middle, world.body.length_mm, data.xpos,
        memory.periods, memory.clock_s,
    )  # fmt: skip
    return Call(call.address, call.row, (*call.holds, medium))


PERIOD = (
    "i8 i8 i8 i8 i8 i8[:,:] i8 f8 f8[:] f8[:] f8[:] f8[:] f8[:,:] f8[:] f8[:,:] f8[:] i8[:] i8 f8 f8[:,:] "
    "i8[:] f8[:]"
)


@kernel
def _period(row):
    (
        model, data, step1, step2, kinematics, medium, substeps, control_s, action, low, high, ctrl, force,
        applied, pushes, walls, segments, middle, length_mm, position, periods, clock_s,
    ) = unpack(row, PERIOD)  # fmt: skip
    for i in range(len(action)):
        ctrl[i] = min(max(action[i], low[i]), high[i])
    _outside_forces(force, pushes, walls, segments, middle, length_mm, position, clock_s[0])
    for _ in range(substeps):
        for i in range(len(applied)):
            applied[i] = 0.0
        engine.call(step1, model, data)
        for k in range(medium.shape[0]):
            call_kernel(medium[k, 0], medium[k, 1])
        engine.call(step2, model, data)
    engine.call(kinematics, model, data)
    periods[0] += 1
    clock_s[0] = periods[0] * control_s


@numba.njit(cache=True)
def _outside_forces(force, pushes, walls, segments, middle, length_mm, position, t_s):
    force[:] = 0.0
    for k in range(pushes.shape[0]):
        if pushes[k, 1] <= t_s < pushes[k, 2]:
            for i in range(3):
                force[int(pushes[k, 0]), i] += pushes[k, 3 + i]
    if len(walls) == 0:
        return
    limit, stiffness = walls[0], walls[1]
    if hypot(position[middle, 0], position[middle, 1]) + length_mm < limit:
        return
    for b in segments:
        x, y = position[b, 0], position[b, 1]
        distance = sqrt(x * x + y * y)
        outside = max(distance - limit, 0.0)
        back = stiffness * outside / max(distance, limit)
        force[b, 0] -= back * x
        force[b, 1] -= back * y
