"""Floors with bumps: their heights, what stands on them, what is refused, how they are drawn."""

from dataclasses import replace

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.loop import Loop
from neuromech.specs.compose import load_run
from neuromech.specs.environment import MOST_BUMPS, Relief
from neuromech.visuals.camera import RayCamera
from neuromech.visuals.camera_pose import View
from neuromech.visuals.ground import Ground
from neuromech.world.relief import heights_mm
from neuromech.world.world import World

BUMPS = Relief(bumps_mm=4.0, spacing_mm=10.0, extent_mm=60.0, flat_mm=15.0, seed=3)


@settings(max_examples=25, deadline=None)
@given(
    bumps=st.floats(0.01, 50),
    spacing=st.floats(0.1, 40),
    seed=st.integers(0, 10_000),
    halves=st.integers(2, 40),
)
def test_heights_span_what_is_asked_for_and_no_more(bumps, spacing, seed, halves):
    times = halves / 2  # a floor that ends between two corners need not reach the height of the outer one
    found = heights_mm(Relief(bumps, spacing, times * spacing, seed=seed))
    assert np.isclose(found.max(), 0.5 * bumps) and np.isclose(found.min(), -0.5 * bumps)
    again = heights_mm(Relief(bumps, spacing, times * spacing, seed=seed))
    assert np.array_equal(found, again)
    # Smooth: the cubic between two corners is at most 1.5 times as steep as the straight line.
    cell = 2 * times * spacing / (len(found) - 1)
    steepest = max(np.abs(np.diff(found, axis=0)).max(), np.abs(np.diff(found, axis=1)).max()) / cell
    assert steepest <= 1.5 * bumps / spacing * (1 + 1e-9)


def test_the_floor_is_level_where_the_animal_begins_and_another_seed_is_another_floor():
    heights = heights_mm(BUMPS)
    axis = np.linspace(-BUMPS.extent_mm, BUMPS.extent_mm, len(heights))
    away = np.hypot(axis[None, :], axis[:, None])
    assert np.all(heights[away <= BUMPS.flat_mm] == 0.0)
    assert np.ptp(heights[away > 2 * BUMPS.flat_mm]) > 0.9 * BUMPS.bumps_mm
    assert not np.array_equal(heights, heights_mm(replace(BUMPS, seed=4)))


def test_mujoco_has_the_heights_where_they_are_said_to_be():
    run = load_run(["experiment=mouse_rough_ground", "environment.relief.seed=2"])
    world = World(run.body, run.environment, run.clock)
    relief = run.environment.relief
    assert relief is not None
    heights = heights_mm(relief)
    axis = np.linspace(-relief.extent_mm, relief.extent_mm, len(heights))
    ground = world.model.geom("scene_relief").id
    for row, column in ((40, 300), (411, 77), (250, 250)):  # rows along y, columns along x
        start = np.array([axis[column] + 1e-4, axis[row] + 1e-4, 100.0])
        down = np.array([0.0, 0.0, -1.0])
        fall = mujoco.mj_rayHfield(world.model, world.data, ground, start, down, np.zeros(3))
        assert fall == pytest.approx(100.0 - heights[row, column], abs=1e-3)


@pytest.mark.thorough
def test_two_floors_of_one_seed_give_the_same_walk_and_a_level_one_another():
    def walk(*more: str) -> np.ndarray:
        loop = Loop.of(load_run(["experiment=mouse_rough_ground", "duration_s=0.4", *more]))
        return loop.play_in_memory()["landmarks"].values

    bumpy = "environment.relief.flat_mm=0"
    assert np.array_equal(walk(bumpy), walk(bumpy))
    assert not np.array_equal(walk(bumpy), walk(bumpy, "environment.relief.seed=1"))
    assert not np.array_equal(walk(bumpy), walk("environment.relief=null"))


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["environment.relief.bumps_mm=0"], "bumps_mm"),
        (["environment.relief.spacing_mm=-1"], "spacing_mm"),
        (["environment.relief.seed=-1"], "seed"),
        (["environment.relief.hight_mm=2"], "hight_mm"),
        ([f"environment.relief.extent_mm={31 * MOST_BUMPS}"], "extent_mm"),
        (["environment.belt_mm_s=50"], "cannot run"),
        (["environment.changes=[{at_s: 1, belt_mm_s: 50}]"], "cannot run"),
        (["environment.scene=null"], "scene"),
    ],
)
def test_a_wrong_relief_is_one_clear_line(overrides, words):
    with pytest.raises(InputError) as error:
        Loop.of(load_run(["experiment=mouse_rough_ground", *overrides]))
    assert words in str(error.value) and "\n" not in str(error.value)


def test_a_relief_without_bumps_is_drawn_as_the_level_floor_and_a_hill_hides_what_is_behind():
    view = View(lookat=(0.0, 0.0, 0.0), distance=60.0, azimuth=90.0, elevation=-20.0)

    def picture(ground: Ground) -> np.ndarray:
        return RayCamera(None, 80, 60, view=view, ground=ground).paint(None).astype(int)

    level = picture(Ground())
    nearly = picture(Ground().with_relief(Relief(1e-6, 10.0, 60.0)))
    assert np.abs(level - nearly).max() <= 1
    hilly = picture(Ground().with_relief(replace(BUMPS, flat_mm=0.0)))
    assert np.abs(level - hilly).max() > 20
