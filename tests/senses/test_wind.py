"""What two antennae feel of the wind."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.senses import Surroundings
from neuromech.senses.wind import Wind
from neuromech.specs import content
from neuromech.world import body as bodies
from neuromech.world.body import Body
from neuromech.world.stimuli.fields import Plume


@pytest.fixture(scope="module")
def fly() -> Body:
    return bodies.load(content.load("bodies", "fly"))


def felt(
    fly: Body, wind: tuple[float, float], heading: float, moving: tuple[float, float] = (0.0, 0.0)
) -> np.ndarray:
    data = mujoco.MjData(fly.model)
    data.qpos[fly.model.joint("root_yaw").qposadr[0]] = heading
    for name, speed in zip(("root_x", "root_y"), moving, strict=True):
        data.qvel[fly.model.joint(name).dofadr[0]] = speed
    mujoco.mj_forward(fly.model, data)
    return fly.senses["wind"].read(data, 0.0, Surroundings(Plume(wind_mm_s=wind)))


@pytest.mark.parametrize("heading", np.radians([-150.0, -60.0, 0.0, 30.0, 100.0]))
def test_the_difference_of_the_antennae_is_the_sine_of_where_the_wind_comes_from(
    fly: Body, heading: float
) -> None:
    left, right = felt(fly, (-20.0, 0.0), float(heading))  # it blows from +x
    azimuth = -float(heading)
    assert left == pytest.approx(20 * np.cos(azimuth - np.pi / 4), abs=1e-3)
    assert right == pytest.approx(20 * np.cos(azimuth + np.pi / 4), abs=1e-3)
    assert left - right == pytest.approx(np.sqrt(2) * 20 * np.sin(azimuth), abs=1e-3)


def test_walking_makes_wind_from_ahead_and_drifting_with_the_air_makes_none(fly: Body) -> None:
    ahead = felt(fly, (0.0, 0.0), 0.0, moving=(10.0, 0.0))
    assert ahead == pytest.approx([10 * np.sqrt(0.5)] * 2, abs=1e-3)
    assert felt(fly, (-20.0, 5.0), 0.7, moving=(-20.0, 5.0)) == pytest.approx([0.0, 0.0], abs=1e-3)


def test_every_antenna_needs_a_bearing(fly: Body) -> None:
    with pytest.raises(InputError, match="bearing_deg of a wind sense must be 2 numbers"):
        Wind(fly, sites=("l_antenna", "r_antenna"), bearing_deg=(45.0,))
