"""A body of another package: the same animal after its units were turned into ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mujoco
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.specs import content
from neuromech.specs.body import BodySpec
from neuromech.specs.run import Clock
from neuromech.world import body as bodies
from neuromech.world import mjcf_conversion
from neuromech.world.world import World

CLOCK = Clock(0.001, 0.005, 0.005, 1)


def rat(**changes: Any) -> BodySpec:
    pytest.importorskip("dm_control", reason="dm_control has no wheel for this Python")
    return content.load("bodies", "rat", changes)


def test_a_limp_rat_falls_in_our_units_as_in_its_own() -> None:
    ours = World(rat(), content.load("environments", "treadmill"), CLOCK)
    ours.reset()
    for _ in range(60):
        ours.step(np.zeros(38, np.float32))
    own = mujoco.MjSpec.from_file(str(mjcf_conversion.model_file(rat())))
    for skin in list(own.skins):
        own.delete(skin)
    own.body("torso").pos = [0, 0, 0.06]
    own.body("torso").add_freejoint()
    own.worldbody.add_geom(type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 1], contype=0, conaffinity=1)
    own.option.timestep = 0.001
    model = own.compile()
    data = mujoco.MjData(model)
    mujoco.mj_step(model, data, nstep=300)
    assert ours.model.body_mass.sum() == pytest.approx(1e6 * model.body_mass.sum())
    mine = ours.body.joint_addresses([model.joint(i).name for i in range(1, model.njnt)])
    assert ours.data.qpos[mine] == pytest.approx(data.qpos[7:], abs=0.06)
    # The root starts at 60 mm: ours slides from there, a free joint says where it is.
    height = 60 + ours.data.qpos[ours.model.joint("root_z").qposadr[0]]
    assert height == pytest.approx(1000 * data.qpos[2], abs=0.5)
    assert height < 55


def test_its_actuators_go_both_ways() -> None:
    world = World(rat(), content.load("environments", "treadmill"), CLOCK)
    world.step(np.full(38, -5.0, np.float32))
    assert (world.data.ctrl == -1).all()


def test_lengths_masses_and_torques_scale_each_in_its_way() -> None:
    def pendulum() -> mujoco.MjSpec:
        return mujoco.MjSpec.from_string(
            '<mujoco><worldbody><body pos="0 0 1"><joint name="j" axis="0 1 0" stiffness="2" armature="0.1"/>'
            '<geom size="0.1" pos="0.5 0 0" density="1000"/></body></worldbody>'
            '<actuator><motor joint="j" gear="3"/></actuator></mujoco>'
        )

    rates = []
    for length, mass in ((1.0, 1.0), (1000.0, 1e6), (10.0, 0.1)):
        spec = pendulum()
        mjcf_conversion.convert(spec, length, mass)
        model = spec.compile()
        data = mujoco.MjData(model)
        data.ctrl[:] = 1.0
        mujoco.mj_forward(model, data)
        rates.append(data.qacc[0])
    assert rates == pytest.approx([rates[0]] * 3)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"model": {"package": "dm_contrail"}}, "package dm_contrail, which is not installed"),
        ({"model": {"file": "rodent.xml"}}, "dm_control has no rodent.xml"),
        ({"adopt": {"body": "belly"}}, "unknown part in rat for adopt.body 'belly'"),
    ],
)
def test_what_is_not_there_is_one_clear_line(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        bodies.load(rat(**changes))


def test_a_foreign_body_that_slides_is_refused(tmp_path: Path) -> None:
    spec = mujoco.MjSpec.from_string(
        '<mujoco><worldbody><body><joint name="s" type="slide"/><geom size="1"/></body></worldbody></mujoco>'
    )
    with pytest.raises(InputError, match="joint s slides"):
        mjcf_conversion.convert(spec, 1000.0, 1e6)
