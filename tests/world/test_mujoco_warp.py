"""A body on MuJoCo Warp's CPU device moves as on MuJoCo: what another backend of the physics would build on.

Warp compiles for minutes on a CPU, so the test is slow; `pip install 'mujoco-warp<4'` brings it.
"""

from __future__ import annotations

import mujoco
import numpy as np
import pytest

from neuromech.specs.compose import load_run
from neuromech.world.world import World

PERIODS = 20


@pytest.mark.slow
def test_a_larva_bends_alike_on_both() -> None:
    warp = pytest.importorskip("warp", reason="mujoco-warp is not installed")
    mujoco_warp = pytest.importorskip("mujoco_warp", reason="mujoco-warp is not installed")
    run = load_run(["experiment=fish_optomotor"])
    world = World(run.body, run.environment, run.clock)
    model, data = world.model, mujoco.MjData(world.model)
    wave = 0.5 + 0.4 * np.sin(2 * np.pi * (np.arange(PERIODS)[:, None] / 10 - np.arange(model.nu) / model.nu))
    with warp.ScopedDevice("cpu"):
        there, state = mujoco_warp.put_model(model), mujoco_warp.put_data(model, data)
        for excitation in wave:
            data.ctrl[:] = excitation
            state.ctrl.assign(excitation[None].astype(np.float32))
            for _ in range(world.substeps):
                mujoco.mj_step(model, data)
                mujoco_warp.step(there, state)
        found = state.qpos.numpy()[0]
    # The tail has bent, and the two differ by single against double precision.
    bent = np.abs(data.qpos - model.qpos0)
    assert bent.max() > 0.05
    np.testing.assert_allclose(found, data.qpos, atol=1e-3 * bent.max())
