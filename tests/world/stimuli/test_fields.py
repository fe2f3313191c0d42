"""Stimulus fields: values, peaks and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.specs.environment import read_environment
from neuromech.world import stimuli
from neuromech.world.stimuli import Field
from neuromech.world.stimuli.fields import Drop, Gaussian, Plume

places = st.floats(-30, 30)


def built(spec: dict[str, Any]) -> Field:
    found = stimuli.build(read_environment({"name": "plate", "stimulus": spec}))
    assert isinstance(found, Field)
    return found


def field(**keys: Any) -> Field:
    return built({"kind": "gaussian", **keys})


def test_no_stimulus() -> None:
    assert stimuli.build(read_environment({"name": "plate"})) is None
    assert stimuli.build(read_environment({"name": "plate", "stimulus": {"kind": "none"}})) is None


def test_a_field_made_in_python_is_checked_as_one_in_yaml() -> None:
    with pytest.raises(InputError, match="stimulus.width_mm must be a number above 0, not -1"):
        Gaussian(width_mm=-1.0)
    with pytest.raises(InputError, match="stimulus.draw .* whole number of at least 0 or random, not -1"):
        Plume(draw=-1)
    with pytest.raises(InputError, match="stop_s=1 must be later than start_s=2"):
        Drop(start_s=2.0, stop_s=1.0)


def test_the_hill_has_its_peak_background_and_width() -> None:
    hill = field(peak_mM=20.0, background_mM=5.0, width_mm=2.0, centre_mm=[1.0, -1.0])
    assert hill.value(1.0, -1.0, 0.0) == pytest.approx(25.0)
    assert hill.value(1.0 + 2.0, -1.0, 0.0) == pytest.approx(5 + 20 * np.exp(-0.5))  # one standard deviation
    assert hill.value(1000.0, 0.0, 0.0) == pytest.approx(5.0)
    # A Gaussian's excess over the plane is 2 pi width^2 peak.
    x, y = np.meshgrid(np.arange(-15, 17, 0.1), np.arange(-17, 15, 0.1))
    assert (hill.value(x, y, 0.0) - 5).sum() * 0.01 == pytest.approx(2 * np.pi * 4 * 20, rel=1e-6)


def test_a_ring_is_highest_at_its_radius_all_the_way_round() -> None:
    ring = field(peak_mM=20.0, background_mM=5.0, width_mm=0.5, radius_mm=4.0, centre_mm=[1.0, -1.0])
    around = np.linspace(0, 2 * np.pi, 7)
    crest = ring.value(1 + 4 * np.cos(around), -1 + 4 * np.sin(around), 0.0)
    assert crest == pytest.approx(np.full(7, 25.0))
    for r in (3.5, 4.5):  # one standard deviation on either side
        assert ring.value(1.0 + r, -1.0, 0.0) == pytest.approx(5 + 20 * np.exp(-0.5))
    assert ring.value(1.0, -1.0, 0.0) == pytest.approx(5.0)


@given(x=places, y=places, t=st.floats(0, 300))
def test_a_moving_hill_is_the_same_hill_elsewhere(x: float, y: float, t: float) -> None:
    still = field(centre_mm=[0.5, 0.25])
    moving = field(centre_mm=[0.5, 0.25], velocity_mm_s=[0.01, -0.02])
    assert moving.value(x + 0.01 * t, y - 0.02 * t, t) == pytest.approx(still.value(x, y, 0.0))
    assert moving.peak(t) == pytest.approx((0.5 + 0.01 * t, 0.25 - 0.02 * t))


@given(x=places, y=places, t=st.floats(0, 300))
def test_a_mirrored_plate_is_reflected_about_the_x_axis(x: float, y: float, t: float) -> None:
    keys: dict[str, Any] = {"centre_mm": [2.0, 3.0], "velocity_mm_s": [0.01, 0.02]}
    plain, mirrored = field(**keys), field(**keys, mirrored=True)
    assert mirrored.value(x, -y, t) == pytest.approx(plain.value(x, y, t))
    assert mirrored.peak(t) == pytest.approx(np.multiply(plain.peak(t), [1, -1]))


def test_a_flat_plate_is_the_same_everywhere_and_keeps_its_goal() -> None:
    flat = field(peak_mM=30.0, background_mM=2.0, flat=True, centre_mm=[4.0, 1.0])
    assert np.array_equal(flat.value(np.linspace(-9, 9, 7), 0.0, 3.0), np.full(7, 17.0))
    assert flat.peak(3.0) == (4.0, 1.0)


def test_values_broadcast() -> None:
    assert field().value(np.zeros((3, 1)), np.zeros(4), 0.0).shape == (3, 4)
    assert field(flat=True).value(np.zeros((3, 1)), np.zeros(4), 0.0).shape == (3, 4)
    assert isinstance(field(), Gaussian) and field().unit == "mM"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"kind": "gausian"}, "gaussian"),
        ({"kind": "gaussian", "peek_mM": 3}, "peak_mM"),
        ({"kind": "gaussian", "width_mm": 0.0}, "width_mm"),
        ({"kind": "gaussian", "width_mm": -1.0}, "width_mm"),
        ({"kind": "gaussian", "width_mm": float("nan")}, "finite"),
        ({"kind": "gaussian", "background_mM": -1.0}, "background_mM must be a number of at least 0"),
        ({"kind": "gaussian", "peak_mM": -10.0, "background_mM": 5.0}, "negative"),
        ({"kind": "gaussian", "centre_mm": [float("inf"), 0.0]}, "finite"),
        ({"kind": "gaussian", "centre_mm": [1.0]}, "centre_mm"),
        ({"kind": "gaussian", "velocity_mm_s": [1.0, 2.0, 3.0]}, "velocity_mm_s"),
    ],
    ids=lambda value: str(value) if isinstance(value, str) else None,
)
def test_a_wrong_stimulus_is_one_clear_line(spec: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        built(spec)
    assert "\n" not in str(caught.value)


def test_a_steady_odour_loses_the_same_share_with_every_millimetre() -> None:
    field = built({"kind": "odour", "length_mm": 6.0, "centre_mm": [1.0, 2.0]})
    assert field.unit == "1"
    along = field.value(np.array([1.0, 4.0, 7.0, 10.0]), 2.0, 5.0)
    assert along[0] == pytest.approx(1.0) and along[1:] / along[:-1] == pytest.approx([np.exp(-0.5)] * 3)


def test_a_plume_drifts_comes_and_goes_and_is_the_same_whenever_asked() -> None:
    still = {"kind": "plume", "wander_mm": 0.0, "spread_mm2_s": 0.0, "rate_hz": 2.0, "width_mm": 1.0}
    field = built(still)
    # Puffs leave every half second and drift at 20 mm/s: at 10 and 20 mm one passes at whole half seconds.
    at = np.array([field.value(-10.0, 0.0, t) for t in (1.0, 1.25, 1.5)])
    assert at == pytest.approx([1.0, 0.0, 1.0], abs=1e-5)
    assert field.value(10.0, 0.0, 1.0) == pytest.approx(0.0, abs=1e-12)
    wild = built({"kind": "plume"})
    times = np.arange(0, 20, 0.05)
    series = np.array([wild.value(-30.0, 3.0, t) for t in times])
    assert 0.2 < (series < 0.02).mean() < 0.8 and (series > 0.1).any()
    again = np.array([wild.value(-30.0, 3.0, t) for t in times[::-1]])
    assert series[::-1] == pytest.approx(again)


@pytest.mark.parametrize(
    "wrong", [{"kind": "odour", "length_mm": 0.0}, {"kind": "plume", "rate_hz": -1.0},
              {"kind": "plume", "last_s": 1e6}, {"kind": "plume", "wander_mm": float("nan")}]
)  # fmt: skip
def test_odours_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match="stimulus"):
        built(wrong)


def test_a_drop_is_there_for_its_time_inside_its_edge() -> None:
    drop = built({"kind": "drop", "radius_mm": 2.0, "start_s": 1.0, "stop_s": 3.0, "centre_mm": [1, 0]})
    assert drop is not None and drop.peak(0.0) == (1.0, 0.0)
    x = np.array([1.0, 2.99, 3.01, -1.01])
    assert drop.value(x, 0.0, 2.0).tolist() == [1, 1, 0, 0]
    assert drop.value(x, 0.0, 0.999).tolist() == drop.value(x, 0.0, 3.0).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"radius_mm": 0.0}, "radius_mm"),
        ({"start_s": 2.0, "stop_s": 1.0}, "start_s"),
        ({"start_s": -1.0}, "start_s"),
    ],
)
def test_a_drop_that_cannot_be_is_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        built({"kind": "drop", **keys})
