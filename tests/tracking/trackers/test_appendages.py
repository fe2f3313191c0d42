"""Proboscis extension and grooming of an animal whose movements are known."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from neuromech.tracking.trackers import appendages

STEP_S = 0.004
LOOKS = {
    "proboscis": {"head": "neck", "tip": "labellum", "extended_mm": 0.6},
    "grooming": {
        "left": ["l_tarsus", "l_claw", "l_antenna"],
        "right": ["r_tarsus", "r_claw", "r_antenna"],
        "near_mm": 0.3,
    },
}


def fly(labellum: np.ndarray, left: np.ndarray, looks: dict = LOOKS) -> xr.Dataset:
    """A fly with its labellum so far below the neck, its left foot above the antenna, mm (time,)."""
    count = len(labellum)
    places = {name: np.zeros((count, 3)) for name in ("neck", "labellum", "l_antenna", "r_antenna")}
    places["labellum"][:, 2] = -labellum
    for name, ahead in (("tarsus", -0.1), ("claw", 0.1)):  # their middle is where the foot is
        places[f"l_{name}"] = np.column_stack([np.full(count, ahead), 0 * left, left])
        places[f"r_{name}"] = np.column_stack([np.full(count, ahead + 5), 0 * left, left])
    return xr.Dataset(
        {"landmarks": (("time", "landmark", "xyz"), np.stack(list(places.values()), axis=1))},
        {"time": np.arange(count) * STEP_S, "landmark": list(places), "xyz": list("xyz")},
        {"gait_tracker": json.dumps(looks)},
    )


def test_a_proboscis_that_goes_out_at_half_a_second_for_a_quarter_of_the_time() -> None:
    times = np.arange(500) * STEP_S
    found = appendages.metrics(fly(np.where((times >= 0.5) & (times < 1.0), 0.7, 0.3), 0 * times + 9))
    assert found["proboscis_extended_share"] == pytest.approx(0.25)
    assert found["proboscis_latency_s"] == pytest.approx(0.5)
    assert found["proboscis_reach_mm"] == pytest.approx(0.7)


def test_sweeps_are_counted_while_the_foot_is_at_the_antenna() -> None:
    times = np.arange(500) * STEP_S
    sweeping = 0.1 * np.sin(2 * np.pi * 6 * times)
    found = appendages.metrics(fly(0 * times, np.where(times < 1.0, sweeping, 5.0)))
    assert found["grooming_share"] == pytest.approx(0.25)  # of the two sides only one, half of the time
    assert found["grooming_hz"] == pytest.approx(6.0, rel=0.02)


def test_what_did_not_happen_has_neither_latency_nor_frequency() -> None:
    still = np.full(100, 0.2)
    found = appendages.metrics(fly(still, still))
    assert found["proboscis_latency_s"] is None and found["proboscis_extended_share"] == 0
    assert found["grooming_share"] == 0.5 and found["grooming_hz"] is None  # held there, not swept


def test_an_animal_without_them_has_no_such_metrics() -> None:
    assert appendages.metrics(fly(np.zeros(9), np.zeros(9), {})) == {}


def test_what_was_not_seen_has_no_metrics() -> None:
    found = fly(np.full(50, 0.7), np.full(50, 0.1))
    found["landmarks"][:] = np.nan
    assert set(appendages.metrics(found)) == set(appendages.UNITS)
    assert all(value is None for value in appendages.metrics(found).values())
    half = fly(np.full(50, 0.7), np.full(50, 0.1))
    half["landmarks"][:25] = np.nan
    assert appendages.metrics(half)["proboscis_extended_share"] == 1
