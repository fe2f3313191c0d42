"""What a fly tastes with its feet and feels with its antennae."""

from __future__ import annotations

import mujoco
import numpy as np

from neuromech.senses.animal import Animal
from neuromech.specs.compose import load_run
from neuromech.world.world import World

DROP = "{kind: drop, radius_mm: 5.0, start_s: 0.0, stop_s: 9.0, centre_mm: [0, 0]}"


def world(*overrides: str) -> World:
    run = load_run(["experiment=fly_walk", *overrides])
    return World(run.body, run.environment, run.clock)


def test_only_what_touches_the_drop_tastes_it() -> None:
    arena = world("environment.name=feeding_dish", f"environment.stimulus={DROP}")
    arena.reset()
    # The claws stand in it, the labellum hangs above.
    assert Animal(arena).observe()["taste"].tolist() == [0, 1, 1]
    arena.data.qpos[2] += 0.2
    mujoco.mj_kinematics(arena.model, arena.data)
    assert Animal(arena).observe()["taste"].tolist() == [0, 0, 0]


def test_sugar_has_no_smell() -> None:
    arena = world("environment.name=feeding_dish", f"environment.stimulus={DROP}")
    arena.reset()
    assert not Animal(arena).observe()["odour"].any()


def test_a_push_bends_the_antenna_it_meets_and_not_the_other() -> None:
    push = "[{segment: l_arista, start_s: 0.0, stop_s: 1.0, force_nN: [-200, 0, 0]}]"
    arena = world(f"environment.touch={push}")
    arena.reset()
    for _ in range(25):
        felt = Animal(arena).step(np.zeros(len(arena.body.muscles), np.float32))["antennae"]
    assert abs(felt[0]) > 0.1 > 0.05 > abs(felt[1])


def test_a_smell_has_no_taste() -> None:
    arena = world("environment.name=odour_arena")
    arena.reset()
    assert Animal(arena).observe()["odour"].all() and not Animal(arena).observe()["taste"].any()


def test_a_drop_leads_nobody_anywhere() -> None:
    arena = world("environment.name=feeding_dish", f"environment.stimulus={DROP}")
    arena.reset()
    assert set(arena.stimulus()) == {"concentration_1"}
