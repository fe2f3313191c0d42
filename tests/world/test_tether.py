"""A tether holds the root of a body and leaves its limbs free."""

from __future__ import annotations

import numpy as np
import pytest

from neuromech.specs import content
from neuromech.specs.run import Clock
from neuromech.world.world import World

CLOCK = Clock(0.0002, 0.002, 0.004, 1)


def pushed(body: str, environment: str, seconds: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """Return how far the root and the other joints have got with some muscles fully excited."""
    spec = content.load("bodies", body)
    world = World(spec, content.load("environments", environment), CLOCK)
    world.reset(1.0, -2.0, 0.5)
    before = world.data.qpos.copy()
    excitation = (np.arange(world.model.nu) % 3 == 0).astype(float)
    for _ in range(round(seconds / CLOCK.control_s)):
        world.step(excitation)
    moved = np.abs(world.data.qpos - before)
    root = int(world.model.body_dofnum[world.model.body_rootid[world.middle]])
    return moved[:root], moved[root:]


@pytest.mark.parametrize("body", ["fly", "mouse"])
def test_the_root_stays_where_it_was_put_and_limbs_move(body: str) -> None:
    root, limbs = pushed(body, "tether")
    assert root.max() < 1e-4
    assert limbs.max() > 0.2


def test_without_a_tether_the_same_animal_moves() -> None:
    root, _ = pushed("fly", "treadmill")
    assert root.max() > 0.05
