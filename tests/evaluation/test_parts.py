"""Parts of an episode: the turns of the bouts that begin in each."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from neuromech.evaluation.episode_values import Stretch, known, measure, swing
from tests.larva import Swim, larva


def test_a_part_has_the_turns_of_the_bouts_that_begin_in_it() -> None:
    swims = [Swim(1.0, turn_deg=40), Swim(2.9, turn_deg=-20), Swim(4.0, turn_deg=30)]
    parts = {"early": (0.5, 2.0), "late": (2.5, 5.0), "over": (2.95, 3.05), "never": (5.0, 6.0)}
    seen = measure(larva(6.0, swims), Stretch(3.5, 6.0, parts=parts))
    assert seen["mean_turn_deg"] == pytest.approx(30, abs=2)
    assert seen["early.left_turn_fraction"] == 1.0 and seen["early.mean_turn_deg"] == pytest.approx(40, abs=2)
    assert seen["late.left_turn_fraction"] == 0.5 and seen["late.mean_turn_deg"] == pytest.approx(5, abs=2)
    assert (
        seen["over.mean_turn_deg"] is seen["over.left_turn_fraction"] is seen["never.mean_turn_deg"] is None
    )
    assert seen["late.answered"] == 1.0 and seen["never.answered"] == 0.0
    assert seen["late.first_s"] == pytest.approx(0.4, abs=0.05) and seen["never.first_s"] is None
    assert seen["late.first_turn_deg"] == pytest.approx(-20, abs=2)
    assert seen["late.turn_size_deg"] == pytest.approx(25, abs=2)
    # 40 degrees in 0.2 s, evenly.
    assert seen["early.swing_deg_s"] == pytest.approx(200, rel=0.02)
    assert seen["early.swing_disc_deg"] is None
    assert set(seen) <= set(known("bouts", parts=tuple(parts)))
    assert known("bouts", parts=("early",))["early.mean_turn_deg"] == "deg"


def test_an_answer_is_the_first_fast_swing_even_if_a_faster_one_follows() -> None:
    times = np.arange(0, 2, 0.005)
    # 80 degrees to the right in 20 ms, then 110 to the left.
    heading = np.interp(times, [0.5, 0.52, 1.2, 1.22], [0, -80, -80, 30])
    found = swing(xr.Dataset(), times, heading, 0.2, 2.0)
    assert found["swing_deg_s"] == pytest.approx(5500, rel=0.05)
    assert found["swing_turn_deg"] == pytest.approx(-80, abs=1)
    assert found["swing_s"] == pytest.approx(0.29, abs=0.01)
    slow = swing(xr.Dataset(), times, heading / 2, 0.2, 2.0)
    assert slow["swing_turn_deg"] == pytest.approx(55, abs=1)
