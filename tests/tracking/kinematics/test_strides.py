"""Strides and the names of gaits, from events that are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromech.tracking.kinematics import strides
from neuromech.tracking.kinematics.legs import leg_position


def test_crossings_are_interpolated_and_gaps_have_none() -> None:
    times = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    values = np.array([0.0, 1.0, 0.0, np.nan, 1.0, 0.0, 0.8])
    rises, falls = strides.crossings(times, values, 0.4)
    assert rises == pytest.approx([0.4, 5.5]) and falls == pytest.approx([1.6, 4.6])


def test_a_stride_is_from_one_swing_onset_to_the_next() -> None:
    swings = {"hl": np.array([0.0, 0.2, 0.4, 2.0]), "hr": np.array([0.1, 0.29, 0.5])}
    found = strides.measure(swings, np.array([0.08, 0.3, 0.5, 2.1]), "hl", longest_s=1.0)
    assert found.start_s == pytest.approx([0.0, 0.2]) and found.period_s == pytest.approx([0.2, 0.2])
    assert found.duty == pytest.approx([0.6, 0.5]) and found.phases["hr"] == pytest.approx([0.5, 0.45])
    assert found.only(np.array([False, True])).phases["hl"] == pytest.approx([0.0])


def test_a_leg_that_does_not_swing_has_no_phase() -> None:
    found = strides.measure({"hl": np.array([0.0, 1.0]), "hr": np.zeros(0)}, np.array([0.5]), "hl")
    assert np.isnan(found.phases["hr"]).all()


def test_a_circular_mean_does_not_mind_the_end_of_the_circle() -> None:
    mean, agree = strides.mean_phase(np.array([0.95, 0.05, np.nan]))
    assert strides.apart(mean or 0.0) < 1e-9 and agree == pytest.approx(np.cos(0.1 * np.pi))
    assert strides.mean_phase(np.array([np.nan])) == (None, 0.0)


@pytest.mark.parametrize(
    ("duty", "left_right", "homolateral", "diagonal", "name"),
    [
        (0.65, 0.5, 0.25, 0.75, "walk"), (0.65, 0.5, 0.75, 0.25, "walk"), (0.45, 0.5, 0.25, 0.75, None),
        (0.5, 0.5, 0.5, 0.0, "trot"), (0.6, 0.48, 0.5, 0.97, "trot"), (0.4, 0.5, 0.6, 0.09, "trot"),
        (0.4, 0.15, 0.55, 0.7, "gallop"), (0.4, 0.85, 0.45, 0.3, "gallop"), (0.3, 0.02, 0.6, 0.6, "bound"),
        (0.3, 0.99, 0.4, 0.4, "bound"), (0.3, 0.0, 0.0, 0.0, None), (0.3, np.nan, 0.5, 0.5, None),
    ],
)  # fmt: skip
def test_gaits_have_their_names(
    duty: float, left_right: float, homolateral: float, diagonal: float, name: str | None
) -> None:
    assert strides.gait(duty, left_right, homolateral, diagonal) == name


@pytest.mark.parametrize(
    ("extended", "left_right", "homolateral", "diagonal", "name"),
    [
        (0.8, 0.5, 0.25, 0.75, "walk"), (0.6, 0.5, 0.38, 0.88, "walk"), (0.6, 0.5, 0.45, 0.85, None),
        (0.6, 0.5, 0.42, 0.92, "trot"), (0.6, 0.5, 0.2, 0.95, None), (0.4, 0.5, 0.6, 0.1, "trot"),
        (0.4, 0.5, 0.61, 0.11, None), (0.35, 0.12, 0.6, 0.57, "gallop"), (0.35, 0.12, 0.6, 0.8, None),
        (0.35, 0.03, 0.6, 0.6, "gallop"), (0.3, 0.98, 0.6, 0.6, "bound"), (0.8, 0.0, 0.24, 0.24, None),
    ],
)  # fmt: skip
def test_bursts_are_named_by_the_table_of_their_paper(
    extended: float, left_right: float, homolateral: float, diagonal: float, name: str | None
) -> None:
    """Table 2 of Danner et al. 2017."""
    found = strides.gait(extended, left_right, homolateral, diagonal, limits=strides.CENTRES)
    assert found == name


def test_one_diagonal_in_step_and_the_other_not_is_a_trot_from_one_hind_limb_only() -> None:
    phases = 0.725, 0.369, 0.077
    assert strides.mirrored(*phases) == pytest.approx((0.275, 0.352, 0.644))
    assert strides.mirrored(*strides.mirrored(*phases)) == pytest.approx(phases)
    names = [
        strides.gait(0.69, *each, limits=strides.CENTRES) for each in (phases, strides.mirrored(*phases))
    ]
    assert names == ["trot", "walk"]


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_gait_is_that_of_its_mirror_image(
    duty: float, left_right: float, homolateral: float, diagonal: float
) -> None:
    """Against the other hind leg the same steps have these phases."""
    other = strides.mirrored(left_right, homolateral, diagonal)
    one, two = strides.gait(duty, left_right, homolateral, diagonal), strides.gait(duty, *other)
    assert {one, two} in ({one}, {one, None}, {"walk", "trot"}, {"gallop", "bound"}) or one is None


def test_a_tripod_is_one_and_chance_is_nought() -> None:
    names = ("lf", "lm", "lh", "rf", "rm", "rh")
    ideal = {name: np.full(5, 0.3 + 0.5 * (sum(leg_position(name)) % 2)) % 1.0 for name in names}
    assert strides.tripod(ideal, leg_position) == pytest.approx(1.0)
    rng = np.random.default_rng(0)
    found = strides.tripod({name: rng.random(20_000) for name in names}, leg_position)
    assert found is not None and abs(found) < 0.01
    assert strides.tripod({name: np.full(2, np.nan) for name in names}, leg_position) is None
