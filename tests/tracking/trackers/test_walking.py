"""Finer measures of walking against an animal whose steps and tilt are known."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import xarray as xr

from neuromech.tracking.trackers.measures import measure
from tests.walker import GAITS, walker


def walking(**changes: Any) -> xr.Dataset:
    found = walker(GAITS["trot"], **changes)
    looks = {
        **json.loads(found.attrs["gait_tracker"]),
        "across": ["paw_hr", "paw_hl"],
        "along": ["spine_03", "spine_01"],
    }
    return found.assign_attrs(gait_tracker=json.dumps(looks))


def moved(found: xr.Dataset, name: str, z: np.ndarray) -> None:
    found["landmarks"].loc[{"landmark": name, "xyz": "z"}] = z


def test_a_trot_is_measured_as_it_was_made() -> None:
    found = measure(walking(speed_mm_s=300.0))
    assert found["axial_speed_mm_s"] == pytest.approx(300, rel=0.01)
    assert found["net_speed_mm_s"] == pytest.approx(300, rel=0.01)
    assert found["off_trot"] == pytest.approx(0, abs=0.02)
    assert found["turning_deg_s"] == pytest.approx(0, abs=0.1)
    assert found["pitch_deg"] == pytest.approx(0, abs=0.1)
    assert found["height_share"] == pytest.approx(25 / 24)
    assert found["slip_share"] == pytest.approx(0, abs=0.12)
    assert found["upright_s"] == pytest.approx(4.0, abs=0.02)


def test_a_gait_that_is_no_trot_is_off_it() -> None:
    found = measure(walker(GAITS["bound"]).assign_attrs(gait_tracker=walking().attrs["gait_tracker"]))
    assert found["off_trot"] == pytest.approx(0.5, abs=0.05)


def test_only_the_stretch_asked_for_counts() -> None:
    whole = walking()
    late = whole["time"].values > 3.0
    moved(whole, "spine_02", np.where(late, 5.0, 25.0))
    assert measure(whole, 0.0, 2.9)["upright_s"] == pytest.approx(2.9, abs=0.02)
    assert measure(whole)["upright_s"] == pytest.approx(3.0, abs=0.02)
    assert measure(whole, 2.0, 4.0)["upright_s"] == pytest.approx(1.0, abs=0.02)


def test_tilt_is_that_of_the_named_lines() -> None:
    whole = walking()
    moved(whole, "spine_01", np.full(whole.sizes["time"], 25 + 50 * np.tan(np.radians(10))))
    assert measure(whole)["pitch_deg"] == pytest.approx(10, abs=0.1)
    moved(whole, "paw_hl", whole["landmarks"].sel(landmark="paw_hr", xyz="z").values + 16 * np.tan(0.1))
    # The line across the hips is 16 mm long where the hind paws stand side by side, longer where they do not.
    roll = measure(whole)["roll_deg"]
    assert roll is not None and 1.0 < roll < np.degrees(0.1)
