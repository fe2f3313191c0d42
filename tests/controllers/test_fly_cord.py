"""The nerve cord under a brain: its tables, and what the fly does when told to groom and to feed."""

from __future__ import annotations

import csv
from functools import lru_cache

import numpy as np
import pytest

from neuromech.loop import Loop
from neuromech.specs import content
from neuromech.specs.compose import load_run
from neuromech.tracking import track
from tests import scripts

FOLDER = content.find("controllers", "fly_cord")


@lru_cache
def played(*commands: str) -> dict[str, float | str | None]:
    """Metrics of 1.3 s, from 0.3 s on."""
    run = [f"controller.commands.{command}" for command in commands]
    loop = Loop.of(load_run(["experiment=fly_walk", "controller.name=fly_cord", "duration_s=1.3", *run]))
    return track(loop.play_in_memory().sel(time=slice(0.3, None)))


def test_the_tables_are_what_their_script_writes() -> None:
    script = scripts.load(FOLDER / "make_tables.py")
    for name, rows in zip(("neurons.csv", "connections.csv"), script.tables(), strict=True):
        with (FOLDER / name).open() as file:
            stored = [list(row.values()) for row in csv.DictReader(file)]
        assert stored == [[str(cell) for cell in row] for row in rows]


def test_told_nothing_it_stands_with_its_proboscis_folded() -> None:
    found = played()
    assert found["fell"] == 0 and found["proboscis_extended_share"] == 0 and found["grooming_share"] == 0
    assert found["speed_mm_s"] is not None and float(found["speed_mm_s"]) < 0.5


def test_aDN_of_both_sides_sweep_both_legs_at_the_rate_of_flies() -> None:
    found = played("aDN1_L=0.8", "aDN1_R=0.8")
    assert found["fell"] == 0 and float(found["grooming_share"] or 0) > 0.9
    assert 5 <= float(found["grooming_hz"] or 0) <= 7  # Ravbar 2021
    assert found["proboscis_extended_share"] == 0


def test_aDN_of_one_side_sweeps_the_leg_of_that_side() -> None:
    found = played("aDN2_R=0.8")
    assert found["fell"] == 0
    assert float(found["grooming_share"] or 0) == pytest.approx(0.5, abs=0.05)


def test_MN9_extends_the_proboscis_and_no_leg() -> None:
    found = played("MN9_L=1.0", "MN9_R=1.0")
    assert found["proboscis_extended_share"] == 1 and found["grooming_share"] == 0
    at_rest, out = (float(each["proboscis_reach_mm"] or 0) for each in (played(), found))
    assert out - at_rest > 0.25
    assert at_rest < float(played("MN9_L=0.3", "MN9_R=0.3")["proboscis_reach_mm"] or 0) < out


def test_it_walks_as_it_does_without_a_brain() -> None:
    loops = [
        Loop.of(load_run(["experiment=fly_walk", "duration_s=0.2", *extra]))
        for extra in ([], ["controller.name=fly_cord", *(f"controller.commands.DNp09_{s}=0.6" for s in "LR")])
    ]
    walk, cord = (loop.play_in_memory() for loop in loops)
    feet = [f"{leg}_claw" for leg in ("lf", "lm", "lh", "rf", "rm", "rh")]
    places = [each["landmarks"].sel(landmark=feet).values for each in (walk, cord)]
    # The proboscis is folded and the noise another, which a step barely feels.
    assert np.abs(places[0] - places[1]).max() < 0.25
