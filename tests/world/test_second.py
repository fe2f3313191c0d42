"""Two animals in one world: each moves as it does alone, until they touch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neuromech import tasks
from neuromech._lib.errors import InputError
from neuromech.senses.base import Surroundings
from neuromech.specs import content
from neuromech.specs.run import Clock
from neuromech.world.world import World

CLOCK = Clock(0.0005, 0.005, 0.005, 1)
FISH = content.load("bodies", "larval_fish")


def tank(name: str = "optomotor_tank", **other: Any) -> World:
    told = {"body": "larval_fish", "controller": "random", **other}
    return World(FISH, content.load("environments", name, {"other": told} if other else {}), CLOCK)


def excited(step: int) -> np.ndarray:
    """A beat of the tail: one side, then the other."""
    return np.repeat([step % 8 < 4, step % 8 >= 4], 12).astype(float)


@pytest.fixture(scope="module")
def pair() -> World:
    return tank(at_mm=[12.0, 5.0], heading_deg=90.0)


def test_each_moves_as_it_does_alone(pair: World) -> None:
    alone = tank()
    assert pair.second is not None
    joints = pair.model.nq // 2
    for mine in (True, False):
        pair.reset(1.0, -2.0, 0.3)
        start = (1.0, -2.0, 0.3) if mine else pair.second.root.pose(pair.data)
        alone.reset(*start)
        for step in range(30):
            acts, rests = excited(step), np.zeros(24)
            pair.second.excite(pair.data, rests if mine else acts)
            pair.step(acts if mine else rests)
            alone.step(acts)
        own = pair.data.qpos[:joints] if mine else pair.data.qpos[joints:]
        assert np.linalg.norm(alone.data.qpos[:2] - start[:2]) > 0.2
        np.testing.assert_allclose(own, alone.data.qpos, atol=1e-6)


def test_the_other_begins_where_the_animal_looks(pair: World) -> None:
    assert pair.second is not None
    pair.reset(3.0, 4.0, np.pi / 2)
    assert pair.second.root.pose(pair.data) == pytest.approx((-2.0, 16.0, np.pi))
    told = pair.stimulus()
    assert [told[name] for name in ("other_x_mm", "other_y_mm")] == pytest.approx([-2.0, 16.0])
    assert told["other_heading_rad"] == pytest.approx(np.pi)


def test_its_excitations_are_clipped_and_counted(pair: World) -> None:
    assert pair.second is not None and pair.second.body.muscles == pair.body.muscles
    pair.second.excite(pair.data, np.full(24, 7.0))
    assert (pair.data.ctrl[24:] == 1.0).all()
    for wrong in (np.full(24, np.nan), np.zeros(23)):
        with pytest.raises(InputError, match="each of 24 muscles"):
            pair.second.excite(pair.data, wrong)
    with pytest.raises(InputError, match="each of 24 muscles"):
        pair.step(np.zeros(48))


def test_they_push_each_other_apart_and_feel_it() -> None:
    place = tank("empty", at_mm=[0.0, 0.55])
    second = place.second
    assert second is not None
    place.reset()
    senses = [body.senses["touch"] for body in (place.body, second.body)]
    felt = []
    for _ in range(20):
        place.step(np.zeros(24))
        felt.append([sense.read(place.data, place.time_s, Surroundings()).sum() for sense in senses])
    forces = np.array(felt)
    assert forces.max() > 1.0 and forces[:, 0] == pytest.approx(forces[:, 1], rel=1e-5)
    # Nothing else is there: what one gets, the other loses.
    momentum = place.data.cvel[:, 3:] * place.model.body_mass[:, None]
    mine, its = momentum[place.body.parts].sum(axis=0), momentum[second.body.parts].sum(axis=0)
    assert mine[1] < 0 < its[1] == pytest.approx(-mine[1], rel=0.01)
    assert second.root.pose(place.data)[1] - place.root.pose(place.data)[1] > 0.55


def test_near_is_how_much_the_distance_has_shrunk(pair: World) -> None:
    assert pair.second is not None
    task = tasks.build({"reward": "near"})
    pair.reset()
    task.reset(pair)
    total = 0.0
    for step in range(10):
        pair.second.excite(pair.data, excited(step))
        pair.step(excited(step + 4))
        total += task.terms(pair)["near"]
    apart = pair.landmarks().mean(axis=0) - pair.second.landmarks(pair.data).mean(axis=0)
    pair.reset()
    before = np.linalg.norm(pair.landmarks().mean(axis=0) - pair.second.landmarks(pair.data).mean(axis=0))
    assert total == pytest.approx(before - np.linalg.norm(apart)) != 0.0
    alone = tank()
    with pytest.raises(InputError, match="near needs another animal"):
        task.reset(alone)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"body": "larval_fsh"}, "larval_fish"),
        ({"controller": "randm"}, "random"),
        ({"at_mm": 3.0}, "at_mm"),
        ({"hedaing_deg": 3.0}, "heading_deg"),
    ],
)
def test_what_makes_no_sense_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        tank(**change)


@pytest.mark.thorough
@pytest.mark.parametrize("one", ["mouse", "fly", "worm"])
@pytest.mark.parametrize("other", ["mouse", "fly", "worm"])
def test_any_body_joins_any_other(one: str, other: str) -> None:
    ground = {"worm": "agar_salt"}.get(one, "treadmill")
    if other == "worm" != one or one == "worm" != other:
        pytest.skip("a worm needs a medium that holds it")
    told = {"body": other, "controller": "random", "at_mm": [0.0, 80.0 if one == "mouse" else 4.0]}
    place = World(content.load("bodies", one), content.load("environments", ground, {"other": told}), Clock())
    assert place.second is not None
    place.reset()
    for _ in range(5):
        place.step(np.zeros(len(place.body.muscles)))
    assert np.isfinite(place.second.landmarks(place.data)).all()
