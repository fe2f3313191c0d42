"""Files of recorded animals, good and bad."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.tracking.io import recorded
from neuromech.tracking.kinematics import posture
from tests.crawler import midlines


def save(path: Path, **arrays: np.ndarray) -> Path:
    """Write arrays to an HDF5 file that says its frame rate."""
    with h5py.File(path, "w") as file:
        file.attrs["framerate"] = 15.0
        for name, values in arrays.items():
            file[name] = values
    return path


def test_wormpose_skeletons(tmp_path: Path) -> None:
    skeletons = 90 * midlines(np.linspace(0, 1, 30))
    skeletons[5:8] = np.nan
    skeletons[9, 3] = np.nan
    found = recorded.load("wormpose", save(tmp_path / "a.h5", skeletons=skeletons))
    assert found["landmarks"].sizes == {"time": 30, "landmark": 49, "xyz": 3}
    assert found.attrs["tracker"] == "undulation" and found.attrs["frame"] == "crop"
    assert float(found["time"][1]) == pytest.approx(1 / 15)
    points = posture.midline(found)
    np.testing.assert_allclose(points[0], skeletons[0] * [1, -1])
    missing = np.isnan(points).all(axis=(1, 2))
    assert np.flatnonzero(missing).tolist() == [5, 6, 7, 9]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({}, "has no array 'skeletons'; it holds nothing"),
        ({"width": np.zeros(3)}, "it holds width"),
        ({"skeletons": np.zeros((5, 52))}, r"should be \(frame, point, 2\)"),
        ({"skeletons": np.full((5, 52, 2), np.nan)}, "every skeleton is missing"),
        ({"skeletons": np.full((5, 52, 2), np.inf)}, "infinite"),
    ],
)
def test_a_bad_skeleton_file_is_an_input_error(tmp_path: Path, arrays: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        recorded.load("wormpose", save(tmp_path / "a.h5", **arrays))


def test_a_file_of_another_kind_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "a.h5").write_text("frame,x,y")
    with pytest.raises(InputError, match="cannot be read"):
        recorded.load("wormpose", tmp_path / "a.h5")
    with pytest.raises(InputError, match="no recording at"):
        recorded.load("wormpose", tmp_path / "b.h5")
    with pytest.raises(InputError, match="unknown recording format 'wormpos'; nearest: wormpose"):
        recorded.load("wormpos", tmp_path / "a.h5")


def test_a_basis_that_is_none_is_an_input_error(tmp_path: Path) -> None:
    basis = np.linalg.qr(np.random.default_rng(0).normal(size=(48, 7)))[0]
    np.testing.assert_allclose(recorded.eigenworm_basis(save(tmp_path / "a.mat", eigenWorms=basis)), basis)
    with pytest.raises(InputError, match="not an orthonormal basis"):
        recorded.eigenworm_basis(save(tmp_path / "b.mat", eigenWorms=2 * basis))


def excerpts(**changes: np.ndarray | float | None) -> dict[str, Any]:
    """Return the arrays of a good file of bouts, with some replaced or left out."""
    arrays = {"fps": 700.0, "tail_angle_00": np.zeros((80, 9)), "head_00": np.zeros((80, 3))}
    arrays |= {"tail_angle_01": np.ones((90, 9)), "head_01": np.ones((90, 3))} | changes
    return {name: np.asarray(value) for name, value in arrays.items() if value is not None}


def test_excerpts_of_bouts(tmp_path: Path) -> None:
    path = tmp_path / "bouts.npz"
    angle = np.zeros((80, 9))
    angle[7, 3] = np.nan
    np.savez(path, **excerpts(tail_angle_00=angle))
    found = recorded.load("tail_bouts", path)
    assert found["tail_angle"].shape == (170, 9) and found["head"].shape == (170, 3)
    assert found.attrs["tracker"] == "bouts" and found.attrs["frame"] == "excerpts"
    assert np.diff(found["time"].values).max() == pytest.approx(1.0)
    assert found["excerpt"].values.tolist() == [0] * 80 + [1] * 90
    assert np.flatnonzero(~np.isfinite(found["tail_angle"].values).all(axis=1)).tolist() == [7]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fps": None}, "fps must be one number above 0"),
        ({"fps": 0.0}, "fps must be one number above 0"),
        ({"fps": np.ones(2)}, "fps must be one number above 0"),
        ({"head_01": None}, "tail_angle_01 has no head_01"),
        ({"head_01": np.zeros((80, 3))}, r"head_01 \(frame, 3\), not"),
        ({"tail_angle_01": np.zeros(90)}, r"tail_angle_01 should be \(frame, segment\)"),
        ({"tail_angle_01": np.zeros((90, 8))}, "another number of segments"),
        ({"head_00": np.full((80, 3), np.inf)}, "infinite values"),
        ({"head_00": np.array([object()])}, "cannot be read"),
        ({"tail_angle_00": None, "tail_angle_01": None}, "no tail_angle_NN"),
    ],
)
def test_a_bad_file_of_bouts(tmp_path: Path, changes: dict, message: str) -> None:
    path = tmp_path / "bouts.npz"
    np.savez(path, **excerpts(**changes))
    with pytest.raises(InputError, match=message):
        recorded.load("tail_bouts", path)


def test_no_file_of_bouts(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no recording at"):
        recorded.load("tail_bouts", tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("not an archive")
    with pytest.raises(InputError, match="cannot be read"):
        recorded.load("tail_bouts", tmp_path / "text.npz")
