"""Surroundings that change in the middle of an episode."""

from __future__ import annotations

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.loop import Loop
from neuromech.specs.compose import load_run
from neuromech.specs.run import Run
from neuromech.world.stimuli.drum import Drum
from neuromech.world.stimuli.gratings import GratingScene
from neuromech.world.world import World
from tests.senses.test_compiled_period import check, pair

SPEED = "environment.changes=[{at_s:0.02,stimulus:{speed_mm_s:25.0,direction:left}}]"


def world(*overrides: str) -> tuple[World, Run]:
    run = load_run(list(overrides))
    made = World(run.body, run.environment, run.clock)
    made.reset()
    return made, run


def play(made: World, periods: int) -> None:
    for _ in range(periods):
        made.step(np.zeros(made.model.nu))


def test_a_change_comes_at_its_time_and_a_reset_takes_it_back() -> None:
    made, run = world("experiment=fish_optomotor", SPEED)
    before = made.shown
    play(made, 4)
    assert made.shown is before and made.time_s == pytest.approx(0.02)
    play(made, 1)
    assert isinstance(made.shown, GratingScene) and made.shown.gratings[0].speed_mm_s == 25.0
    made.reset()
    assert made.shown is before


@pytest.mark.parametrize("keys", ["speed_mm_s:30.0", "speed_mm_s:0.0", "direction:left", "contrast:0.5"])
def test_stripes_do_not_jump_at_the_origin_when_they_change(keys: str) -> None:
    made, _ = world("experiment=fish_spontaneous", "environment.stimulus.speed_mm_s=7.0",
                    f"environment.changes=[{{at_s:0.02,stimulus:{{{keys}}}}}]")  # fmt: skip
    old = made.shown
    play(made, 5)
    new = made.shown
    assert isinstance(old, GratingScene) and isinstance(new, GratingScene) and old is not new
    np.testing.assert_allclose(old.waves(0.02)[:, 2], new.waves(0.02)[:, 2])


def test_a_drum_goes_on_from_where_it_was() -> None:
    change = "environment.changes=[{at_s:0.01,stimulus:{speed_deg_s:10.0,direction:right}}]"
    made, _ = world("experiment=fly_optomotor", "environment.stimulus.start_s=0", change)
    old = made.shown
    play(made, 6)
    assert isinstance(old, Drum) and isinstance(made.shown, Drum) and old is not made.shown
    assert made.shown.turned_rad(0.01) == pytest.approx(old.turned_rad(0.01))
    assert made.shown.turned_rad(1.01) == pytest.approx(old.turned_rad(0.01) - np.radians(10.0))


@pytest.mark.parametrize(
    "overrides",
    [
        ("experiment=fish_optomotor", SPEED, "environment.stimulus.frame=body"),
        ("experiment=fish_rheotaxis", "environment.changes=[{at_s:0.05,current_mm_s:[0,4,0]}]"),
        ("experiment=worm_chemotaxis", "environment.changes=[{at_s:0.1,stimulus:{peak_mM:3.0}}]"),
        ("experiment=fly_walk", "environment.changes=[{at_s:0.02,belt_mm_s:20.0}]"),
    ],
)
def test_a_compiled_period_and_the_reference_change_alike(overrides: tuple[str, ...]) -> None:
    check(*pair(*overrides), periods=25)


def test_a_saved_state_goes_on_in_its_stage() -> None:
    changes = "environment.changes=[{at_s:0.05,stimulus:{peak_mM:3.0}},{at_s:0.1,stimulus:{width_mm:1.0}}]"
    run = load_run(["experiment=worm_chemotaxis", changes, "duration_s=0.2"])
    whole, part = Loop.of(run), Loop.of(run)
    whole.advance(0.2)
    part.advance(0.08)
    other = Loop.of(run)
    other.restore_state(part.save_state())
    other.advance(0.2)
    assert np.array_equal(whole.world.data.qpos, other.world.data.qpos)
    assert np.array_equal(whole.controller.activity, other.controller.activity)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ("[{at_s:1,stimulus:{peak:3}}]", "peak_mM"),
        ("[{at_s:1,stimulus:{kind:odour}}]", "must stay gaussian"),
        ("[{at_s:1}]", "needs stimulus"),
        ("[{at_s:2,belt_mm_s:1},{at_s:1,belt_mm_s:1}]", "must rise"),
        ("[{at_s:1,current_mm_s:[1,0,0]}]", "current_mm_s"),
    ],
)
def test_changes_that_make_no_sense_are_refused(changes: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        world("experiment=worm_chemotaxis", f"environment.changes={changes}")
