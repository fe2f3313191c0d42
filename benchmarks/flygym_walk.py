"""How fast flygym's fly walks: run by the Python of flygym's own environment, prints one line of JSON.

    PYTHON benchmarks/flygym_walk.py SECONDS

The tripod of its own demonstration (coupled oscillators, prepared steps, adhesion, level floor) at its own
step, without eyes or pictures, and `mj_step` alone on the same model.
"""

import json
import sys
import time
from importlib.metadata import version

import mujoco
from flygym.compose import FlatGroundWorld  # type: ignore[import-not-found]
from flygym.simulation import Simulation  # type: ignore[import-not-found]
from flygym.utils.math import Rotation3D  # type: ignore[import-not-found]
from flygym_demo.complex_terrain import (  # type: ignore[import-not-found]
    CPGController,
    PreprogrammedSteps,
    apply_locomotion_action,
    get_default_locomotion_dof_order,
    make_locomotion_fly,
    make_tripod_cpg_network,
)

WARM_STEPS = 500


def main() -> None:
    """Walk, then step bare, and say how many times real time each was."""
    seconds = float(sys.argv[1])
    fly = make_locomotion_fly()
    world = FlatGroundWorld()
    world.add_fly(fly, (0.0, 0.0, 0.8), Rotation3D("quat", (1, 0, 0, 0)))
    sim = Simulation(world)
    network = make_tripod_cpg_network(sim.timestep)
    controller = CPGController(network, PreprogrammedSteps(), get_default_locomotion_dof_order())

    def walk(steps: int) -> None:
        for _ in range(steps):
            apply_locomotion_action(sim, fly.name, controller.step())
            sim.step()

    sim.reset()
    walk(WARM_STEPS)
    steps = round(seconds / sim.timestep)
    start = sim.mj_data.qpos[:2].copy()
    began = time.perf_counter()
    walk(steps)
    walked = time.perf_counter() - began
    moved = sim.mj_data.qpos[:2] - start
    began = time.perf_counter()
    mujoco.mj_step(sim.mj_model, sim.mj_data, steps)
    bare = time.perf_counter() - began
    found = {
        "version": version("flygym"),
        "step_ms": 1e3 * sim.timestep,
        "walk": seconds / walked,
        "bare": seconds / bare,
        "speed_mm_s": float((moved**2).sum() ** 0.5 / seconds),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
