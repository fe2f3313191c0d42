"""Gain, latency and drift on larvae that swim with, against and past what moves."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.tracking import track
from neuromech.tracking.trackers import optomotor
from tests.larva import Swim, larva, with_stimulus

TIMES = np.arange(0, 10.001, 0.01)


def path(velocity: tuple[float, float]) -> np.ndarray:
    return TIMES[:, None] * np.asarray(velocity)


def steady(velocity: tuple[float, float]) -> np.ndarray:
    return np.tile(np.asarray(velocity, float), (len(TIMES), 1))


@given(
    speed=st.floats(0.5, 30),
    direction=st.floats(-np.pi, np.pi),
    share=st.floats(-1, 2),
    aside=st.floats(-9, 9),
)
def test_gain_counts_only_what_goes_along(speed: float, direction: float, share: float, aside: float) -> None:
    along = np.array([np.cos(direction), np.sin(direction)])
    across = np.array([-along[1], along[0]])
    moved = path(tuple(share * speed * along + aside * across))
    assert optomotor.gain(TIMES, moved, steady(tuple(speed * along))) == pytest.approx(share, abs=1e-6)


def test_gain_leaves_out_the_first_two_seconds_of_each_motion() -> None:
    velocity = np.where(TIMES[:, None] < 5, [10.0, 0.0], [0.0, 10.0])
    speeds = np.where((TIMES % 5 < 1.95)[:, None], -50.0, 0.5) * velocity
    moved = np.concatenate([np.zeros((1, 2)), np.cumsum(speeds[:-1] * 0.01, axis=0)])
    assert optomotor.gain(TIMES, moved, velocity) == pytest.approx(0.5, abs=1e-6)


def test_a_gap_is_left_out() -> None:
    moved = path((4.0, 0.0))
    moved[400:700] = np.nan
    assert optomotor.gain(TIMES, moved, steady((8.0, 0.0))) == pytest.approx(0.5)
    assert optomotor.drift(TIMES, moved, steady((8.0, 0.0))) == pytest.approx(4.0)


@pytest.mark.parametrize("count", [0, 1, 2, 150])
def test_too_short_or_nothing_moving_has_no_gain(count: int) -> None:
    part = slice(0, count)
    assert optomotor.gain(TIMES[part], path((1.0, 0))[part], steady((5.0, 0))[part]) is None
    assert optomotor.drift(TIMES[part], path((1.0, 0))[part], steady((0.0, 0))[part]) is None
    assert optomotor.gain(TIMES, path((1.0, 0)), steady((0.0, 0.0))) is None


def test_trials_by_speed_and_direction() -> None:
    velocity = np.zeros((len(TIMES), 2))
    velocity[(TIMES >= 1) & (TIMES < 4)] = [0.0, 5.0]
    velocity[(TIMES >= 5) & (TIMES < 8)] = [-10.0, 0.0]
    velocity[TIMES >= 8] = [-2.0, 0.0]
    head = np.column_stack([path((0.0, 1.0)), np.full(len(TIMES), np.pi / 2)])
    found = optomotor.trials(TIMES, head, velocity, [0.5, 4.5, 2.6, 5.25, 6.0])
    assert [t.speed_mm_s for t in found] == [5, 10, 2]
    assert [t.direction_deg for t in found] == pytest.approx([90, 180, 180])
    assert [t.relative_deg for t in found] == pytest.approx([0, 90, 90])
    assert [t.latency_s for t in found] == [pytest.approx(1.6), pytest.approx(0.25), None]
    assert [t.gain for t in found] == [pytest.approx(0.2), pytest.approx(0), None]


def test_a_pattern_that_turns_with_the_animal_is_one_trial() -> None:
    angle = 0.5 * TIMES
    velocity = 5 * np.column_stack([np.cos(angle), np.sin(angle)]).astype(np.float32).astype(float)
    head = np.zeros((len(TIMES), 3))
    (trial,) = optomotor.trials(TIMES, head, velocity, [])
    assert trial.speed_mm_s == pytest.approx(5) and trial.latency_s is None


@pytest.mark.parametrize("bad", [np.full((1001, 2), np.nan), np.zeros((1000, 2)), np.zeros((1001, 3))])
def test_what_is_no_velocity(bad: np.ndarray) -> None:
    head = np.zeros((len(TIMES), 3))
    for call in (
        lambda: optomotor.gain(TIMES, head[:, :2], bad),
        lambda: optomotor.drift(TIMES, head[:, :2], bad),
        lambda: optomotor.trials(TIMES, head, bad, []),
    ):
        # jaxtyping's checks, on in the tests only, refuse some of them first.
        with pytest.raises((InputError, TypeError), match="finite numbers in mm/s|type"):
            call()


def test_the_metrics_of_a_larva_on_a_grating() -> None:
    recording = larva(12.0, [Swim(3.5 + k, displacement_mm=2.0) for k in range(8)])
    moving = np.where(recording["time"].values >= 2.5, 4.0, 0.0)
    found = track(with_stimulus(recording, pattern_vx_mm_s=moving, pattern_vy_mm_s=0 * moving))
    assert found["optomotor_gain"] == pytest.approx(7 * 2.0 / 7.5 / 4.0, rel=0.01)
    assert found["optomotor_latency_s"] == pytest.approx(1.0 - 0.04, abs=0.02)
    assert found["drift_mm_s"] is None


@pytest.mark.parametrize(
    ("stimulus", "gain"),
    [
        ({"kind": "grating", "direction": "forward", "speed_mm_s": 4.0}, 0.5),
        ({"kind": "grating", "direction": "backward", "speed_mm_s": 2.0, "start_s": 1.0}, -1.0),
        ({"kind": "grating", "direction": 90, "speed_mm_s": 4.0}, 0.0),
        ({"kind": "grating", "speed_mm_s": 4.0, "left": {"speed_mm_s": None}, "right": {}}, 0.5),
        ({"kind": "grating", "speed_mm_s": 4.0, "left": {"speed_mm_s": 0.0}}, None),
        ({"kind": "grating", "speed_mm_s": 4.0, "dark": True}, None),
        ({"kind": "grating", "speed_mm_s": 4.0, "contrast": 0.0}, None),
        ({"kind": "grating", "speed_mm_s": 4.0, "frame": "body"}, None),
        ({"kind": "grating", "speed_mm_s": 0.0}, None),
        ({"kind": "dots", "speed_mm_s": 4.0, "coherence": 0.5, "start_s": 1.0, "stop_s": 9.0}, 0.5),
        ({"kind": "dots", "speed_mm_s": 4.0, "coherence": 0.0}, None),
        ({"kind": "none"}, None),
        (None, None),
    ],
)
def test_a_grating_in_the_environment(stimulus: dict | None, gain: float | None) -> None:
    recording = larva(8.0, [], drift=(2.0, 0.0), environment=json.dumps({"stimulus": stimulus}))
    assert track(recording)["optomotor_gain"] == (None if gain is None else pytest.approx(gain, abs=1e-3))


def test_a_grating_that_turns_with_the_animal() -> None:
    spec = {"kind": "grating", "speed_mm_s": 4.0, "frame": "body"}
    recording = larva(
        8.0, [], heading=1.0, drift=(2 * np.cos(1), 2 * np.sin(1)), environment=json.dumps({"stimulus": spec})
    )
    heading = np.ones(recording.sizes["time"])
    assert track(with_stimulus(recording, pattern_heading_rad=heading))["optomotor_gain"] == pytest.approx(
        0.5, abs=1e-3
    )


@pytest.mark.parametrize(
    ("current", "drift"), [([3.0, 0.0, 0.0], 1.5), ([0.0, -2.0, 0.0], -1.0), ([0.0, 0.0, 0.0], None)]
)
def test_drift_in_the_recorded_current(current: list[float], drift: float | None) -> None:
    recording = larva(
        6.0, [], drift=(1.5, 1.0), environment=json.dumps({"medium": {"current_mm_s": current}})
    )
    expected = None if drift is None else pytest.approx(drift, abs=1e-3)
    assert track(recording)["drift_mm_s"] == expected


def test_drift_in_a_recorded_flow() -> None:
    recording = larva(6.0, [], drift=(1.5, 1.0))
    flow = np.where(recording["time"].values < 3, 4.0, 0.0)
    found = track(with_stimulus(recording, flow_vx_mm_s=0 * flow, flow_vy_mm_s=flow))
    assert found["drift_mm_s"] == pytest.approx(1.0, abs=1e-3)


def test_a_grating_that_changes_on_the_way_is_two_motions() -> None:
    times = np.arange(0.0, 10.0, 0.01)
    forward = {"kind": "grating", "direction": "forward", "speed_mm_s": 5.0, "contrast": 1.0}
    changes = [
        {"at_s": 4.0, "stimulus": {"direction": "left", "speed_mm_s": 8.0}},
        {"at_s": 8.0, "stimulus": {"dark": True}},
    ]
    seen = xr.Dataset(
        coords={"time": times}, attrs={"environment": json.dumps({"stimulus": forward, "changes": changes})}
    )
    velocity = optomotor.pattern_velocity(seen)
    assert velocity is not None
    np.testing.assert_allclose(velocity[[0, 399]], [[5.0, 0.0]] * 2)
    np.testing.assert_allclose(velocity[[400, 799]], [[0.0, 8.0]] * 2, atol=1e-12)
    np.testing.assert_allclose(velocity[[800, 999]], 0.0)
