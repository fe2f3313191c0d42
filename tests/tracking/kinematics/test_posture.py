"""Shapes whose angles and curvature are known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter1d

from neuromech._lib.errors import InputError
from neuromech.tracking.io import recorded
from neuromech.tracking.kinematics import posture
from tests.crawler import crawl, midlines


def arc(curvature: float, count: int = 49) -> np.ndarray:
    """Return one worm of length 1 heading along +x, bent with constant curvature, left positive."""
    s = np.linspace(0, 1, count)
    angle = np.pi - curvature * s
    middle = 0.5 * (angle[1:] + angle[:-1])
    steps = np.stack([np.cos(middle), np.sin(middle)], axis=-1) / (count - 1)
    return np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])[None]


@pytest.mark.parametrize("bend", [-6.0, -1.0, 0.0, 3.0])
def test_an_arc_has_its_curvature(bend: float) -> None:
    np.testing.assert_allclose(posture.curvature(arc(bend)), bend, atol=1e-6)


def test_bending_left_is_positive() -> None:
    x = np.linspace(0, -1, 49)
    smile = np.stack([x, 0.5 * (x + 0.5) ** 2], axis=-1)[None]  # heading +x, both ends to the left
    assert (posture.curvature(smile) > 0).all()
    assert (posture.curvature(smile * [1, -1]) < 0).all()


@settings(max_examples=25)
@given(
    turn=st.floats(-3, 3),
    x=st.floats(-50, 50),
    y=st.floats(-50, 50),
    scale=st.floats(0.1, 100),
    wave=st.floats(0.5, 2),
)
def test_shape_does_not_depend_on_place_direction_or_scale(
    turn: float, x: float, y: float, scale: float, wave: float
) -> None:
    points = midlines(np.array([0.0, 0.1]), wavelength=wave)
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    moved = scale * (points @ spin + [x, y])
    np.testing.assert_allclose(scale * posture.curvature(moved), posture.curvature(points), atol=1e-5)
    np.testing.assert_allclose(posture.curvature(points * [1, -1]), -posture.curvature(points), atol=1e-9)
    np.testing.assert_allclose(posture.amplitude(moved), scale * posture.amplitude(points), rtol=1e-5)
    np.testing.assert_allclose(posture.end_to_end(moved), posture.end_to_end(points), rtol=1e-6)
    basis = np.linalg.qr(np.random.default_rng(0).normal(size=(48, 7)))[0]
    modes = [posture.eigenworms(posture.tangent_angles(each), basis) for each in (points, moved)]
    np.testing.assert_allclose(modes[0], modes[1], atol=1e-5)


def test_resampling_keeps_the_curve_and_the_gaps() -> None:
    points = np.concatenate([arc(2.0, 52), arc(-3.0, 52), arc(1.0, 52)])
    points[1, 7] = np.nan
    found = posture.resample(points, 49)
    assert np.isnan(found[1]).all() and np.isfinite(found[[0, 2]]).all()
    np.testing.assert_allclose(found[0], arc(2.0)[0], atol=1e-3)
    lengths = posture.arc_lengths(found)[[0, 2]]
    assert np.ptp(lengths) < 1e-3 and np.isclose(posture.body_length(found), 1.0, atol=1e-3)


def test_amplitude_of_a_wave() -> None:
    x = np.linspace(0, 1, 49)
    points = np.stack([x, 0.1 * np.cos(2 * np.pi * 3 * x)], axis=-1)[None]
    assert np.isclose(posture.amplitude(points)[0], 0.1, rtol=0.1)


def test_eigenworms_refuse_a_basis_that_does_not_fit() -> None:
    angles = np.zeros((3, 48))
    with pytest.raises(InputError, match="51 angles, the midline 48"):
        posture.eigenworms(angles, np.eye(51)[:, :7])
    with pytest.raises(InputError, match="not orthonormal"):
        posture.eigenworms(angles, np.ones((48, 7)))


def test_the_midline_needs_spine_landmarks() -> None:
    found = crawl(2.0)
    assert posture.midline(found).shape == (40, 49, 2)
    with pytest.raises(InputError, match="needs landmarks tail_00"):
        posture.midline(found, "tail_")


def test_real_worms_lie_in_the_space_of_the_published_eigenworms(data: Path) -> None:
    basis = recorded.eigenworm_basis(data / "worm" / "master_eigen_worms_N2.mat")
    assert basis.shape == (48, 7)
    np.testing.assert_allclose(basis.T @ basis, np.eye(7), atol=1e-6)
    clip = recorded.load("wormpose", data / "worm" / "wormpose_sample_features.h5")
    angles = posture.tangent_angles(posture.resample(posture.midline(clip), 49))
    assert np.isnan(angles).all(axis=1).sum() == 280
    assert posture.variance_explained(angles, basis)[3] > 0.9
    # The synthetic crawler is wormlike as well.
    simulated = posture.tangent_angles(posture.midline(crawl(20.0)))
    assert posture.variance_explained(simulated, basis)[3] > 0.9


@pytest.mark.parametrize("columns", [2, 5, 23, 90])
def test_smoothing_is_that_of_scipy_to_the_bit(columns: int) -> None:
    values = np.random.default_rng(0).normal(size=(9, columns))
    values[3] = np.nan
    for spread in np.linspace(0.05, 5.0, 12):
        expected = gaussian_filter1d(values, spread, axis=1, mode="nearest")
        np.testing.assert_array_equal(posture._smoothed(values, float(spread)), expected)
