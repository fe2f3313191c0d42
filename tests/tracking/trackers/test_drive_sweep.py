"""Gaits and speed while something is swept, on animals whose steps are known."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from neuromech.tracking.trackers import drive_sweep, gait
from neuromech.tracking.trackers.gait import Walk
from tests.walker import GAITS, walker


def quickening(*speeds_mm_s: float, names: tuple[str, ...] = ("walk", "walk", "trot", "trot")) -> Walk:
    """Four seconds at each speed, in one gait after the other."""
    pieces: list[xr.Dataset] = []
    for name, speed in zip(names, speeds_mm_s, strict=True):
        piece = walker(GAITS[name], speed_mm_s=speed)
        if pieces:
            last = pieces[-1]
            piece = piece.assign_coords(time=piece["time"] + float(last["time"][-1]) + 0.005)
            piece["landmarks"][..., 0] += float(last["landmarks"][-1, 2, 0])
        pieces.append(piece)
    return gait.analyse(xr.concat(pieces, "time", data_vars="minimal", coords="minimal"))


@pytest.fixture(scope="module")
def walk() -> Walk:
    return quickening(150.0, 200.0, 300.0, 400.0)


def test_each_stretch_has_its_gait(walk: Walk) -> None:
    assert (
        drive_sweep.commonest(walk, 0.0, 8.0) == "walk" and drive_sweep.commonest(walk, 8.0, 16.0) == "trot"
    )
    assert drive_sweep.commonest(walk, 3.0, 3.3) is None and drive_sweep.commonest(walk, 20.0, 30.0) is None
    walked, trotted = (drive_sweep.first_s(walk, name) for name in ("walk", "trot"))
    assert walked is not None and trotted is not None and walked < 1.0 and 7.5 < trotted < 9.0
    assert drive_sweep.first_s(walk, "bound") is None


def test_speed_that_rises_with_the_drive_is_told_from_speed_that_does_not(walk: Walk) -> None:
    drive = np.interp(walk.legs.times, [0.0, 16.0], [0.1, 0.7])
    found = drive_sweep.rises_with(walk.legs, drive)
    # Two stretches at each speed are alike but for the last bit; every order of them is at least this.
    assert found is not None and 0.9 < found <= 1.0
    falling = drive_sweep.rises_with(walk.legs, -drive)
    assert falling == pytest.approx(-found)
    slower = quickening(200.0, 400.0, 300.0, 150.0)
    fallen = drive_sweep.rises_with(slower.legs, drive)
    assert fallen is not None and abs(fallen) < 0.5


def test_too_little_says_nothing(walk: Walk) -> None:
    assert drive_sweep.rises_with(walk.legs, np.full(len(walk.legs.times), 0.5)) is None
    short = gait.analyse(walker(GAITS["walk"]))
    assert drive_sweep.rises_with(short.legs, short.legs.times) is None
    nothing = gait.analyse(walker(GAITS["walk"]).isel(time=slice(0, 3)))
    assert drive_sweep.rises_with(nothing.legs, nothing.legs.times) is None
    assert drive_sweep.commonest(nothing, 0.0, 9.0) is None and drive_sweep.first_s(nothing, "walk") is None
