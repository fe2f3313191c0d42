"""Steps of hind legs whose rhythm is known, from markers that are hidden half of the time."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr

from neuromech._lib.errors import InputError
from neuromech.tracking.kinematics import hind_steps
from neuromech.tracking.similarity.features import feature_set_of, hind_legs

RATE, SECONDS = 300.0, 8.0
THIGH_DEG, SWING_DEG = 20.0, 14.0


def stepping(
    hz: float = 3.7,
    speed_mm_s: float = 250.0,
    *,
    alternates: bool = True,
    gaps: float = 0.0,
    belt: float = 0.0,
) -> xr.Dataset:
    """Return an animal whose thighs swing as sines around `THIGH_DEG`, its shanks hanging down.

    `gaps` is the share of frames in which a marker is hidden, in runs of 60 ms; `belt` the speed of a belt
    that it keeps up with.
    """
    times = np.arange(0, SECONDS, 1 / RATE)
    rng = np.random.default_rng(3)
    points = {}
    for k, leg in enumerate(hind_steps.LEGS):
        phase = 2 * np.pi * (hz * times - (0.5 * k if alternates else 0.0))
        angle = np.radians(THIGH_DEG + SWING_DEG * np.sin(phase))
        origin = np.stack(
            [(speed_mm_s - belt) * times, np.full(len(times), 10.0 * (1 - 2 * k)), np.full(len(times), 30.0)],
            1,
        )
        thigh = 15.0 * np.stack([np.sin(angle), np.zeros(len(times)), -np.cos(angle)], 1)
        points[f"back_{leg}"] = origin + [30.0, 0.0, 5.0]
        points[f"hip_{leg}"] = origin
        points[f"knee_{leg}"] = origin + thigh
        points[f"heel_{leg}"] = origin + thigh + [0.0, 0.0, -12.0]
    places = np.stack(list(points.values()), axis=1)
    long = round(0.06 * RATE)
    for k in range(places.shape[1]):
        hidden = rng.random(len(times) // long + 1) < gaps
        places[np.repeat(hidden, long)[: len(times)], k] = np.nan
    return xr.Dataset(
        {"landmarks": (("time", "landmark", "xyz"), places)},
        {"time": times, "landmark": list(points), "xyz": ["x", "y", "z"]},
        {"tracker": "gait", "environment": json.dumps({"belt_mm_s": belt})},
    )


@pytest.mark.parametrize("gaps", [0.0, 0.35])
@pytest.mark.parametrize("hz", [1.5, 3.7, 8.0])
def test_the_rhythm_is_found_whatever_is_hidden(hz: float, gaps: float) -> None:
    steps = hind_steps.windows(hind_steps.read(stepping(hz, gaps=gaps)))
    assert len(steps) > 5
    assert np.median([each.hz for each in steps]) == pytest.approx(hz, rel=0.02)
    assert np.median([each.speed_mm_s for each in steps]) == pytest.approx(250.0, rel=0.01)
    assert np.nanmedian([each.hip_deg for each in steps]) == pytest.approx(2 * SWING_DEG, rel=0.1)
    assert np.nanmedian([each.knee_deg for each in steps]) == pytest.approx(2 * SWING_DEG, rel=0.1)
    assert np.nanmedian([each.retraction for each in steps]) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(("alternates", "phase"), [(True, 0.5), (False, 0.0)])
def test_legs_alternate_or_not(alternates: bool, phase: float) -> None:
    steps = hind_steps.windows(hind_steps.read(stepping(alternates=alternates, gaps=0.3)))
    away = [abs((each.left_right - phase + 0.5) % 1.0 - 0.5) for each in steps]
    assert np.median(away) < 0.02


def test_the_way_of_a_belt_is_added() -> None:
    steps = hind_steps.windows(hind_steps.read(stepping(speed_mm_s=250.0, belt=250.0)))
    assert np.median([each.speed_mm_s for each in steps]) == pytest.approx(250.0, rel=0.01)


def test_an_animal_that_stands_has_no_steps() -> None:
    still = stepping()
    noise = np.random.default_rng(0).normal(0, 0.2, still["landmarks"].shape)
    still["landmarks"][:] = still["landmarks"].values[:1] + noise
    assert hind_steps.windows(hind_steps.read(still)) == []


def test_a_recording_without_joints_is_one_line() -> None:
    assert not hind_steps.shown(stepping().drop_sel(landmark="knee_hl"))
    with pytest.raises(InputError, match="knee_hl"):
        hind_steps.read(stepping().drop_sel(landmark="knee_hl"))


def test_features_are_those_of_the_joints_where_no_feet_are_named() -> None:
    recorded = stepping(gaps=0.4)
    assert feature_set_of(recorded, [recorded]) is hind_legs.FEATURE_SET
    shown = hind_legs.extract(recorded)
    assert set(shown.samples) == set(hind_legs.FEATURES)
    assert np.median(shown.samples["hind_step_mm"]) == pytest.approx(250.0 / 3.7, rel=0.03)
    walker = recorded.assign_attrs(limbs=json.dumps({"hl": "heel_hl", "hr": "heel_hr"}))
    assert feature_set_of(walker, [walker]) is not hind_legs.FEATURE_SET
