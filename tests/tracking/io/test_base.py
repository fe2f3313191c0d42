"""What every reader shares: gaps, units, sides, and the questions it asks."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given as vary
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.tracking.io import recorded, tables
from neuromech.tracking.io.base import Points, ReaderOptions, spine_names
from neuromech.tracking.io.detection import detect
from neuromech.tracking.io.gaps import bridge
from neuromech.tracking.kinematics import posture
from tests import poses


def points(xyz: np.ndarray, **options: Any) -> Points:
    times = np.arange(len(xyz)) / poses.FPS
    settings = {"names": spine_names(xyz.shape[1]), "mm": 1.0} | options
    return Points(Path("file"), times, xyz, **settings)


@vary(st.lists(st.booleans(), min_size=3, max_size=60), st.floats(0.0, 1.0))
def test_no_gap_longer_than_allowed_is_bridged_and_no_other_value_moves(
    seen: list[bool], most: float
) -> None:
    times = 0.1 * np.arange(len(seen))
    line = np.stack([times, 2 * times], axis=-1)[:, None]
    xyz = np.where(np.array(seen)[:, None, None], line, np.nan)
    before = xyz.copy()
    bridge(times, xyz, most)
    there = np.isfinite(before)
    assert np.array_equal(xyz[there], before[there])
    filled = np.flatnonzero(np.isfinite(xyz).all(axis=(1, 2)) & ~np.array(seen))
    for frame in filled:
        left = max(k for k in range(frame) if seen[k])
        right = min(k for k in range(frame, len(seen)) if seen[k])
        assert times[right] - times[left] <= most + 1e-6
    np.testing.assert_allclose(xyz[filled], line[filled], atol=1e-12)
    missing = np.flatnonzero(~np.isfinite(xyz).all(axis=(1, 2)))
    for frame in missing:
        left = [k for k in range(frame) if seen[k]]
        right = [k for k in range(frame, len(seen)) if seen[k]]
        assert not left or not right or times[right[0]] - times[left[-1]] > most - 1e-6


def test_gaps_stay_gaps_unless_asked() -> None:
    xyz = poses.crawl_mm()
    xyz[20:23] = np.nan
    kept = points(xyz).dataset(ReaderOptions())
    assert np.flatnonzero(np.isnan(kept["landmarks"].values).any(axis=(1, 2))).tolist() == [20, 21, 22]
    filled = points(xyz.copy()).dataset(ReaderOptions(max_gap_s=0.25))
    assert np.isfinite(filled["landmarks"].values).all()
    assert "3 frames in gaps of at most 0.25 s" in filled.attrs["notes"]


def test_y_downwards_is_turned_up_so_that_left_stays_left() -> None:
    xyz = poses.crawl_mm()
    right_side_up = points(xyz).dataset(ReaderOptions())
    flipped = points(xyz * [1, -1]).dataset(ReaderOptions(y_down=True))
    np.testing.assert_allclose(
        posture.curvature(posture.midline(flipped)), posture.curvature(posture.midline(right_side_up))
    )


@pytest.mark.parametrize("up", ["+x", "-x", "+y", "-y", "+z", "-z"])
def test_up_turns_the_recording_without_mirroring_it(up: str) -> None:
    place = np.random.default_rng(0).normal(size=(12, 5, 3))
    found = points(place).dataset(ReaderOptions(up=up))["landmarks"].values
    axis = "xyz".index(up[1])
    np.testing.assert_allclose(found[..., 2], (1 if up[0] == "+" else -1) * place[..., axis])
    chirality = [np.linalg.det(each[0, 1:4] - each[0, 0]) for each in (place, found)]
    assert chirality[0] == pytest.approx(chirality[1])


def test_a_unit_off_by_a_thousand_is_noticed_with_the_evidence() -> None:
    wrong = points(1000 * poses.crawl_mm()).dataset(ReaderOptions(body_length_mm=1.0))
    assert "would be 999 mm long, the simulated one is 1 mm" in wrong.attrs["notes"]
    assert points(poses.crawl_mm()).dataset(ReaderOptions(body_length_mm=1.0)).attrs["notes"] == "[]"


def test_the_advice_about_a_wrong_unit_names_what_the_user_said(tmp_path: Path) -> None:
    wcon = poses.wcon(tmp_path / "a.wcon", 1000 * poses.crawl_mm())
    assert (
        "is the unit of length in the file right?"
        in recorded.read(wcon, ReaderOptions(body_length_mm=1)).attrs["notes"]
    )
    dlc, said = poses.dlc_csv(tmp_path / "a.csv", poses.keypoints()), {"fps": 20.0, "spine": poses.NAMES}
    noted = recorded.read(dlc, ReaderOptions(**said, mm_per_px=10.0, body_length_mm=1)).attrs["notes"]
    assert "is mm_per_px= right?" in noted


def test_what_a_format_has_no_use_for_is_refused(tmp_path: Path, data: Path) -> None:
    wcon = poses.wcon(tmp_path / "a.wcon", poses.crawl_mm())
    clip = data / "worm" / "wormpose_sample_features.h5"
    for path, said, name in (
        (wcon, {"unit": "um"}, "unit"),
        (wcon, {"fps": 30.0}, "fps"),
        (wcon, {"likelihood": 0.5}, "likelihood"),
        (clip, {"mm_per_px": 0.01}, "mm_per_px"),
        (clip, {"likelihood": 0.5}, "likelihood"),
        (data / "fish" / "replay_bouts.npz", {"max_gap_s": 0.1}, "max_gap_s"),
        (data / "fish" / "bouts.csv", {"fps": 700.0}, "fps"),
    ):
        with pytest.raises(InputError, match=f"for which {name}= means nothing; it takes "):
            recorded.read(path, ReaderOptions(**said))
    with pytest.raises(InputError, match="has its lengths in mm, so mm_per_px= means nothing"):
        recorded.read(wcon, ReaderOptions(mm_per_px=0.01))


def test_every_format_takes_options_that_there_are() -> None:
    known = {each.name for each in fields(ReaderOptions)}
    assert all(each.takes <= known for each in recorded.FORMATS.values())


def test_the_frames_that_are_suggested_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_VALUES", 15 * 40)
    path, said = poses.dlc_csv(tmp_path / "a.csv", poses.keypoints()), {"fps": 20.0, "mm_per_px": 0.01}
    for frames in (None, (10, 59)):
        with pytest.raises(InputError, match="more frames than are read at once") as error:
            recorded.read(path, ReaderOptions(**said, frames=frames))
        (first, last) = re.findall(r"frames=\[(\d+),(\d+)\]", str(error.value))[0]
        found = recorded.read(path, ReaderOptions(**said, frames=(int(first), int(last))))
        assert found.sizes["time"] == 40 and int(found["frame_number"][0]) == (frames or (0, 0))[0]


BAD_POINTS = {
    "two frames": (poses.crawl_mm()[:2], {}, {}, "has 2 frames; at least 10"),
    "infinite": (np.full((20, 5, 2), np.inf), {}, {}, "infinite"),
    "never seen": (np.full((20, 5, 2), np.nan), {}, {}, "every position is missing"),
    "wrong keypoint": (poses.keypoints(), {"names": poses.NAMES}, {"spine": ("nos", "neck", "hip", "tail")},
                       "unknown keypoint in file: 'nos'; nearest: nose"),
    "short spine": (poses.keypoints(), {"names": poses.NAMES}, {"spine": ("nose", "tail", "hip")}, "four"),
    "spine twice": (poses.keypoints(), {"names": poses.NAMES}, {"spine": ("nose", "nose", "hip", "tail")},
                    "different"),
    "no up": (np.arange(300.0).reshape(20, 5, 3), {}, {}, "add up=+z"),
    "up in two dimensions": (poses.keypoints(), {}, {"up": "+z"}, "two coordinates, so up= means nothing"),
    "y_down in three": (np.arange(300.0).reshape(20, 5, 3), {}, {"up": "+z", "y_down": True}, "y_down= m"),
    "named twice": (poses.keypoints(), {"names": "abcad"}, {}, "names the keypoint a twice"),
    "no likelihood": (poses.keypoints(), {}, {"likelihood": 0.5}, "likelihood= means nothing"),
    "foot on the midline": (poses.keypoints(), {"names": poses.NAMES},
                            {"spine": poses.NAMES, "limbs": {"hl": "hip"}}, "hip is on the midline already"),
}  # fmt: skip


@pytest.mark.parametrize(("xyz", "options", "said", "message"), BAD_POINTS.values(), ids=BAD_POINTS)
def test_bad_points(xyz: np.ndarray, options: dict, said: dict, message: str) -> None:
    with pytest.raises(InputError) as error:
        points(xyz, **options).dataset(ReaderOptions(**said))
    assert message in str(error.value)


def test_a_keypoint_that_was_never_seen() -> None:
    xyz = poses.keypoints()
    xyz[:, 2] = np.nan
    with pytest.raises(InputError, match="keypoint middle was never seen; leave it out of spine"):
        points(xyz, names=poses.NAMES).dataset(ReaderOptions(spine=poses.NAMES))
    left = points(xyz, names=poses.NAMES).dataset(ReaderOptions(spine=("nose", "neck", "hip", "tail")))
    assert [str(name) for name in left["landmark"].values] == [*spine_names(4), "middle"]


BAD_WORDS = {
    "zero frame rate": ({"fps": 0.0}, "fps must be a number above 0"),
    "negative scale": ({"mm_per_px": -1.0}, "mm_per_px"),
    "NaN frame rate": ({"fps": float("nan")}, "fps"),
    "likelihood": ({"likelihood": 1.5}, "between 0 and 1"),
    "gap": ({"max_gap_s": -1.0}, "max_gap_s"),
    "unit": ({"unit": "mmm"}, "nearest: mm"),
    "frames": ({"frames": (5, 5)}, "first below last"),
    "up": ({"up": "z"}, "up must be one of"),
}


@pytest.mark.parametrize(("said", "message"), BAD_WORDS.values(), ids=BAD_WORDS)
def test_what_the_user_says_is_checked(said: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        ReaderOptions(**said)


def test_a_stretch_outside_the_file() -> None:
    with pytest.raises(InputError, match="begins after the last"):
        ReaderOptions(frames=(60, 70)).stretch(60, 10, Path("file"))
    assert ReaderOptions(frames=(50, 70)).stretch(60, 10, Path("file")) == slice(50, 60)
    with pytest.raises(InputError, match=r"pick some with 'frames=\[0,"):
        ReaderOptions().stretch(10**9, 10, Path("file"))


def test_a_file_of_no_known_kind(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="add format=NAME: neuromech|add format=NAME: deeplabcut"):
        detect(tmp_path / "a.csv")
    with pytest.raises(InputError, match="no recording at"):
        recorded.read(tmp_path / "b.csv")


def test_keypoints_without_a_midline_are_asked_about(tmp_path: Path) -> None:
    path = poses.dlc_csv(tmp_path / "a.csv", poses.keypoints())
    with pytest.raises(InputError, match=r"nose, neck, middle, hip, tail; say which are the midline.*spine="):
        recorded.read(path, ReaderOptions(fps=20.0, mm_per_px=0.01), tracker="undulation")
