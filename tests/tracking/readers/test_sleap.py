"""SLEAP's analysis files."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from neuromech.errors import InputError
from neuromech.tracking import posture, recorded
from neuromech.tracking.readers import Given
from tests import poses

SAID = Given(fps=20.0, mm_per_px=0.01, spine=poses.NAMES)
MM = poses.crawl_mm()[:, ::12] + [5, -5]


@pytest.mark.parametrize("frames_last", [True, False])
def test_either_order_of_axes(tmp_path: Path, frames_last: bool) -> None:
    path = poses.sleap_h5(tmp_path / "a.h5", poses.keypoints(), frames_last=frames_last)
    np.testing.assert_allclose(posture.midline(recorded.read(path, SAID)), MM, atol=1e-9)


def test_frames_left_out_of_the_csv_are_gaps(tmp_path: Path) -> None:
    path = poses.sleap_csv(tmp_path / "a.csv", poses.keypoints(), left_out=(5, 6))
    found = posture.midline(recorded.read(path, SAID))
    assert np.flatnonzero(np.isnan(found).any(axis=(1, 2))).tolist() == [5, 6]
    np.testing.assert_allclose(found[7:], MM[7:], atol=1e-9)


def test_tracks_are_asked_about(tmp_path: Path) -> None:
    for path in (
        poses.sleap_h5(tmp_path / "a.h5", poses.keypoints(), ("one", "two")),
        poses.sleap_csv(tmp_path / "a.csv", poses.keypoints(), ("one", "two")),
    ):
        with pytest.raises(InputError, match="holds 2 tracks; add individual=NAME, one of one, two"):
            recorded.read(path, SAID)
        said = Given(fps=20.0, mm_per_px=0.01, spine=poses.NAMES, individual="two")
        np.testing.assert_allclose(posture.midline(recorded.read(path, said)), MM + [0.01, 0], atol=1e-9)
        with pytest.raises(InputError, match="unknown individual in"):
            recorded.read(path, Given(fps=20.0, mm_per_px=0.01, individual="three"))


def test_bad_files(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["tracks"] = np.zeros((1, 2, 4, 30))
        file["node_names"] = np.array(poses.NAMES, dtype="S")
    with pytest.raises(InputError, match="do not fit 5 node names"):
        recorded.read(tmp_path / "a.h5", SAID)
    path = poses.sleap_csv(tmp_path / "a.csv", poses.keypoints())
    path.write_text(path.read_text().replace("one,7,", "one,8,"))
    with pytest.raises(InputError, match="frame 8 occurs twice"):
        recorded.read(path, SAID)
    (tmp_path / "b.csv").write_text("track,frame_idx,nose.x,hip.y\n")
    with pytest.raises(InputError, match="no column nose.y"):
        recorded.read(tmp_path / "b.csv", SAID)
