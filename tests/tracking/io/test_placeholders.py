"""Values that mean "not seen", and how sure a tracker was: in every reader, with the right speed."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given as vary
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.tracking.io import placeholders, recorded
from neuromech.tracking.io.base import ReaderOptions
from neuromech.tracking.kinematics import posture, tail
from neuromech.tracking.trackers import bouts, undulation
from tests import crawler, nwb_pose, poses
from tests.larva import Swim, tail_and_head

FRAMES = 400
SAID: dict[str, Any] = {"fps": 20.0, "mm_per_px": 0.01, "spine": poses.NAMES}
NOT_SEEN = np.r_[50:55, 120, 200:214]
"""Twenty frames, as many as in the file that gave 0.83 mm/s in place of 0.20."""
SPEED = crawler.centroid_speed(0.45, 0.65, 0.9)


def worm(place: Sequence[float], frames: Sequence[int] = tuple(NOT_SEEN)) -> np.ndarray:
    """Return keypoints (frame, 5, 2), px, all of which are at one place in some frames."""
    xy = poses.keypoints(FRAMES)
    xy[list(frames)] = place
    return xy


def dlc_csv(path: Path, xy: np.ndarray) -> tuple[Path, ReaderOptions]:
    return poses.dlc_csv(path / "a.csv", xy), ReaderOptions(**SAID)


def dlc_h5(path: Path, xy: np.ndarray) -> tuple[Path, ReaderOptions]:
    return poses.dlc_h5(path / "a.h5", xy), ReaderOptions(**SAID)


def sleap_csv(path: Path, xy: np.ndarray) -> tuple[Path, ReaderOptions]:
    return poses.sleap_csv(path / "a.csv", xy), ReaderOptions(**SAID)


def sleap_h5(path: Path, xy: np.ndarray) -> tuple[Path, ReaderOptions]:
    return poses.sleap_h5(path / "a.h5", xy), ReaderOptions(**SAID)


def stac(path: Path, xy: np.ndarray) -> tuple[Path, ReaderOptions]:
    missing = (xy == xy[:, :1]).all(axis=(1, 2))
    z = np.where(missing[:, None], xy[..., 0], 3.0)
    with h5py.File(path / "a.h5", "w") as file:
        file["tracks"] = np.concatenate([xy * [1, -1], z[..., None]], axis=-1)[:, None]
    return path / "a.h5", ReaderOptions(**SAID, unit="px", keypoints=poses.NAMES, up="+z")


def nwb(path: Path, xy: np.ndarray) -> tuple[Path, ReaderOptions]:
    series = {name: (np.arange(len(xy)) / 20.0, xy[:, k]) for k, name in enumerate(poses.NAMES)}
    return nwb_pose.write(path / "a.nwb", series), ReaderOptions(mm_per_px=0.01, spine=poses.NAMES)


def wcon(path: Path, xy: np.ndarray) -> tuple[Path, ReaderOptions]:
    return poses.wcon(path / "a.wcon", xy * [1, -1], units={"x": "px", "y": "px"}), ReaderOptions(
        mm_per_px=0.01
    )


def tierpsy(path: Path, xy: np.ndarray) -> tuple[Path, ReaderOptions]:
    attrs = {"fps": 20.0, "xy_units": "pixels"}
    return poses.tierpsy(path / "a.hdf5", {1: xy * [1e-3, -1e-3]}, attrs), ReaderOptions(mm_per_px=0.01)


WRITERS = [dlc_csv, dlc_h5, sleap_csv, sleap_h5, stac, nwb, wcon, tierpsy]


@pytest.mark.parametrize("place", [(0.0, 0.0), (-1.0, -1.0), (640.0, 480.0)], ids=str)
@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
def test_frames_with_all_keypoints_at_one_place_are_gaps(
    tmp_path: Path, write: Callable[..., tuple[Path, ReaderOptions]], place: tuple[float, float]
) -> None:
    if write in (nwb,):
        pytest.importorskip("pynwb", reason="the extra nwb is not installed")
    path, said = write(tmp_path, worm(place))
    found = recorded.read(path, said, tracker="undulation")
    midline = posture.midline(found)
    assert np.flatnonzero(np.isnan(midline).any(axis=(1, 2))).tolist() == NOT_SEEN.tolist()
    measured = undulation.metrics(found)
    assert measured["speed_mm_s"] == pytest.approx(SPEED, rel=0.03)
    assert measured["undulation_hz"] == pytest.approx(0.45, rel=0.03)
    if write is not stac:
        place_ = f"({place[0]:g}, {place[1]:g})" if write not in (wcon, tierpsy) else "("
        assert f"in 20 frames all keypoints are at exactly {place_}" in found.attrs["notes"]


def test_a_single_keypoint_that_jumps_to_zero_and_back_was_not_seen(tmp_path: Path) -> None:
    xy = poses.keypoints(FRAMES)
    xy[NOT_SEEN, 2] = 0.0
    found = recorded.read(poses.dlc_csv(tmp_path / "a.csv", xy), ReaderOptions(**SAID))
    assert np.flatnonzero(np.isnan(posture.midline(found)).any(axis=(1, 2))).tolist() == NOT_SEEN.tolist()
    assert "keypoint middle jumps to exactly (0, 0) in 20 frames" in found.attrs["notes"]


def test_an_origin_and_an_animal_that_passes_it_are_no_placeholders(tmp_path: Path) -> None:
    """In an egocentric file one keypoint is the origin; a worm may begin its way with its nose at (0, 0)."""
    centred = poses.keypoints(FRAMES)
    centred = centred - centred[:, 2:3]
    passing = poses.keypoints(FRAMES)
    passing = passing - passing[30, 0]
    resting = passing.copy()
    resting[20:30] = resting[30]
    for xy in (centred, passing, resting):
        found = recorded.read(poses.dlc_csv(tmp_path / "a.csv", xy), ReaderOptions(**SAID))
        np.testing.assert_allclose(posture.midline(found), 0.01 * xy * [1, -1], atol=1e-9)
        assert found.attrs["notes"] == "[]"


def test_only_placeholders_are_refused_with_the_cause(tmp_path: Path) -> None:
    path = poses.dlc_csv(tmp_path / "a.csv", worm((0, 0), range(FRAMES)))
    with pytest.raises(InputError, match=r"every position is missing \(in 400 frames all keypoints are at"):
        recorded.read(path, ReaderOptions(**SAID))


@vary(
    st.lists(st.sampled_from([0.0, -1.0, 7.0]), min_size=12, max_size=60),
    st.integers(1, 4),
    st.floats(0.0, 0.5),
)
def test_positions_that_are_no_placeholders_stay_as_they_are(
    values: list[float], count: int, noise: float
) -> None:
    rng = np.random.default_rng(len(values))
    xyz = np.array(values)[:, None, None] + noise * rng.normal(size=(len(values), count, 2))
    before = xyz.copy()
    placeholders.leave_out(xyz, [f"k{k}" for k in range(count)])
    kept = np.isfinite(xyz)
    assert np.array_equal(xyz[kept], before[kept])
    gone = before[~kept.all(axis=-1)]
    # What was left out was an exact value, or one place for three keypoints and more.
    same = (before == before[:, :1]).all(axis=(1, 2)) & (count >= 3)
    assert np.isin(gone, (0.0, -1.0)).all() or (same[~kept.all(axis=(1, 2))]).all()


def test_a_tail_that_jumps_to_zero_was_not_seen(tmp_path: Path) -> None:
    times = np.arange(0, 3.0, 0.002)
    angle, head = tail_and_head(times, [Swim(0.5, turn_deg=40.0), Swim(1.6, turn_deg=-20.0)])
    head[:, :2] += [100.0, 80.0]
    angle[1000:1010], head[1000:1010] = 0.0, 0.0
    found = recorded.read(
        poses.tail_csv(tmp_path / "a.csv", angle, head), ReaderOptions(fps=500.0, unit="mm")
    )
    assert np.flatnonzero(np.isnan(found["head"].values).any(axis=1)).tolist() == list(range(1000, 1010))
    assert "in 10 frames" in found.attrs["notes"]
    seen = bouts.detect(tail.read(found))
    assert [round(bout.turn_deg) for bout in seen] == [40, -20]
    assert all(bout.displacement_mm == pytest.approx(3.0, abs=0.1) for bout in seen)
    np.savez(tmp_path / "a.npz", fps=500.0, tail_angle_00=angle, head_00=head)
    excerpt = recorded.read(tmp_path / "a.npz")
    assert (
        np.isnan(excerpt["head"].values).any(axis=1).sum() == 10 and "in 10 frames" in excerpt.attrs["notes"]
    )


def likelihoods(path: Path, kind: str, xy: np.ndarray, sure: np.ndarray) -> tuple[Path, ReaderOptions]:
    """Write a file of the `kind` whose positions are as sure as `sure` (frame, keypoint) says."""
    if kind == "nwb":
        series = {
            name: (np.arange(len(xy)) / 20.0, xy[:, k], sure[:, k]) for k, name in enumerate(poses.NAMES)
        }
        return nwb_pose.write(path / "a.nwb", series), ReaderOptions(mm_per_px=0.01, spine=poses.NAMES)
    if kind == "sleap_h5":
        found = poses.sleap_h5(path / "a.h5", xy)
        with h5py.File(found, "a") as file:
            file["point_scores"] = sure.T[None]
        return found, ReaderOptions(**SAID)
    write = {"dlc_csv": poses.dlc_csv, "sleap_csv": poses.sleap_csv, "dlc_h5": poses.dlc_h5}[kind]
    return write(path / ("a.h5" if kind == "dlc_h5" else "a.csv"), xy, likelihood=sure), ReaderOptions(**SAID)


@pytest.mark.parametrize("kind", ["dlc_csv", "dlc_h5", "sleap_csv", "sleap_h5", "nwb"])
def test_a_quality_column_is_used_where_asked_and_noted_where_not(tmp_path: Path, kind: str) -> None:
    if kind == "nwb":
        pytest.importorskip("pynwb", reason="the extra nwb is not installed")
    xy, sure = poses.keypoints(FRAMES), np.full((FRAMES, 5), 0.95)
    sure[NOT_SEEN, 3] = 0.2
    xy[NOT_SEEN, 3] += 300.0  # where the net guessed
    path, said = likelihoods(tmp_path, kind, xy, sure)
    ignored = recorded.read(path, said, tracker="undulation")
    assert np.isfinite(posture.midline(ignored)).all()
    (note,) = json.loads(ignored.attrs["notes"])
    assert note == (
        "20 of 2000 positions are less certain than 0.6 and were used (most often hip, 5 %); likelihood=0.6 "
        "leaves them out"
    )
    used = recorded.read(path, ReaderOptions(**(vars(said) | {"likelihood": 0.6})), tracker="undulation")
    assert np.flatnonzero(np.isnan(posture.midline(used)).any(axis=(1, 2))).tolist() == NOT_SEEN.tolist()
    assert used.attrs["notes"] == "[]"
    assert undulation.metrics(used)["speed_mm_s"] == pytest.approx(SPEED, rel=0.03)


def test_a_likelihood_that_the_file_has_not_is_refused(tmp_path: Path) -> None:
    path = poses.sleap_h5(tmp_path / "a.h5", poses.keypoints())
    with pytest.raises(
        InputError, match="does not say how sure its positions are, so likelihood= means noth"
    ):
        recorded.read(path, ReaderOptions(**SAID, likelihood=0.6))
