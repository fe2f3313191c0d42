"""SLEAP's analysis files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.tracking.io import recorded
from neuromech.tracking.io.base import ReaderOptions
from neuromech.tracking.kinematics import posture
from tests import poses

SAID = ReaderOptions(fps=20.0, mm_per_px=0.01, spine=poses.NAMES)
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


@pytest.mark.parametrize("frames", [(20, 44), (5, 30), (20, 500)])
def test_frames_are_those_of_frame_idx(tmp_path: Path, frames: tuple[int, int]) -> None:
    path = poses.sleap_csv(tmp_path / "a.csv", poses.keypoints(), ("one", "two"), left_out=(5, 6, 30))
    found = recorded.read(path, replace(SAID, frames=frames, individual="one"))
    first, last = max(frames[0], 7 if frames[0] == 5 else 0), min(frames[1], 59)
    last = 29 if last == 30 else last  # the last one seen
    assert found["frame_number"].values.tolist() == list(range(first, last + 1))
    expected = MM[first : last + 1].copy()
    expected[[k - first for k in (5, 6, 30) if first <= k <= last]] = np.nan
    np.testing.assert_allclose(posture.midline(found), expected, atol=1e-9)
    with pytest.raises(InputError, match=r"has no frame_idx in frames=\[60, 90\]"):
        recorded.read(path, replace(SAID, frames=(60, 90), individual="one"))


def test_a_bad_byte_late_in_the_file(tmp_path: Path) -> None:
    path = poses.sleap_csv(tmp_path / "a.csv", poses.keypoints(2000))
    whole = path.read_bytes()
    path.write_bytes(whole[:-300] + b"\xff" + whole[-300:])
    with pytest.raises(InputError, match="cannot be read"):
        recorded.read(path, SAID)


def test_tracks_are_asked_about(tmp_path: Path) -> None:
    for path in (
        poses.sleap_h5(tmp_path / "a.h5", poses.keypoints(), ("one", "two")),
        poses.sleap_csv(tmp_path / "a.csv", poses.keypoints(), ("one", "two")),
    ):
        with pytest.raises(InputError, match="holds 2 tracks; add individual=NAME, one of one, two"):
            recorded.read(path, SAID)
        said = ReaderOptions(fps=20.0, mm_per_px=0.01, spine=poses.NAMES, individual="two")
        np.testing.assert_allclose(posture.midline(recorded.read(path, said)), MM + [0.01, 0], atol=1e-9)
        with pytest.raises(InputError, match="unknown individual in"):
            recorded.read(path, ReaderOptions(fps=20.0, mm_per_px=0.01, individual="three"))


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
