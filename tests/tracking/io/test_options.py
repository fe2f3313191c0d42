"""What a user may say about a file means the same in every reader of keypoints, and is never ignored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import h5py
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.tracking.io import FORMATS, recorded
from neuromech.tracking.io.base import KEYPOINTS, ReaderOptions
from neuromech.tracking.trackers import gait
from tests import nwb_pose, poses
from tests.walker import GAITS, walker

READERS = ("deeplabcut", "deeplabcut_h5", "sleap", "sleap_h5", "stac", "nwb")
TROT = walker(GAITS["trot"], seconds=3.0)
NAMES = [str(name) for name in TROT["landmark"].values]
SPINE = tuple(NAMES[:5])
LIMBS = {leg: f"paw_{leg}" for leg in ("fl", "fr", "hl", "hr")}
PX = 0.5
"""mm of a pixel."""


@pytest.fixture(params=READERS)
def kind(request: pytest.FixtureRequest) -> str:
    if request.param == "nwb":
        pytest.importorskip("pynwb", reason="the extra nwb is not installed")
    return request.param


def save(folder: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, ReaderOptions]:
    """Write a trotting animal in the format `kind`, seen from above but in stac's."""
    monkeypatch.setattr(poses, "NAMES", tuple(NAMES))
    xyz = TROT["landmarks"].values.astype(float)
    flat = xyz[..., :2] / PX * [1, -1]
    said = ReaderOptions(fps=200.0, mm_per_px=PX, spine=SPINE, limbs=LIMBS)
    writers: dict[str, Callable[..., Path]] = {
        "deeplabcut": poses.dlc_csv, "deeplabcut_h5": poses.dlc_h5, "sleap": poses.sleap_csv,
        "sleap_h5": poses.sleap_h5,
    }  # fmt: skip
    if kind in writers:
        return writers[kind](folder / ("a.csv" if kind in ("deeplabcut", "sleap") else "a.h5"), flat), said
    if kind == "stac":
        with h5py.File(folder / "a.h5", "w") as file:
            file["tracks"] = xyz[:, None]
        return folder / "a.h5", replace(said, unit="mm", mm_per_px=None, keypoints=tuple(NAMES), up="+z")
    times = np.arange(len(flat)) / 200.0
    series = {name: (times, flat[:, k]) for k, name in enumerate(NAMES)}
    return nwb_pose.write(folder / "a.nwb", series), replace(said, fps=None)


def test_a_gait_can_be_had_from_every_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """limbs= was refused for the most used tool, so that no gait could be compared from it."""
    path, said = save(tmp_path, kind, monkeypatch)
    with pytest.raises(InputError, match="say which are feet: add 'limbs="):
        recorded.read(path, replace(said, limbs={}), kind, tracker="gait")
    found = recorded.read(path, said, kind, tracker="gait")
    assert found.attrs["notes"] == "[]"
    measured, known = gait.metrics(found), gait.metrics(TROT)
    assert measured["stride_hz"] == pytest.approx(5.0, rel=0.02)
    assert measured["speed_mm_s"] == pytest.approx(known["speed_mm_s"], rel=0.01)
    assert measured["gait"] == "trot"
    with pytest.raises(InputError, match="unknown keypoint of limbs.fl .*: 'paw_f'; nearest: paw_f"):
        recorded.read(path, replace(said, limbs={"fl": "paw_f"}), kind)


def test_every_reader_of_keypoints_takes_every_option(kind: str) -> None:
    assert set(KEYPOINTS) <= FORMATS[kind].takes
    assert {each.name for each in fields(ReaderOptions)} - set(KEYPOINTS) == {"keypoints", "body_length_mm"}


SAYINGS = {
    "frames": ({"frames": (100, 299)}, lambda found: found.sizes["time"] == 200 and found["time"][0] == 0.5),
    "spine": ({"spine": SPINE[:4]}, lambda found: "spine_04" in found["landmark"]),
    "individual": ({"individual": "nobody"}, "nobody"),
    "likelihood": ({"likelihood": 0.95}, "every position is missing|likelihood= means nothing"),
}


@pytest.mark.parametrize(("said", "expected"), SAYINGS.values(), ids=SAYINGS)
def test_an_option_does_the_same_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, said: dict, expected: object
) -> None:
    path, whole = save(tmp_path, kind, monkeypatch)
    if isinstance(expected, str):
        with pytest.raises(InputError, match=expected):
            recorded.read(path, replace(whole, **said), kind)
    else:
        assert callable(expected) and expected(recorded.read(path, replace(whole, **said), kind))


def test_sides_and_heights_are_asked_for_in_the_terms_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    path, said = save(tmp_path, kind, monkeypatch)
    seen = recorded.read(path, said, kind)["landmarks"].sel(landmark="paw_fl").values
    if kind == "stac":
        with pytest.raises(InputError, match="three coordinates, so y_down= means nothing"):
            recorded.read(path, replace(said, y_down=True), kind)
        turned = recorded.read(path, replace(said, up="-z"), kind)
        np.testing.assert_allclose(turned["landmarks"].sel(landmark="paw_fl").values[:, 2], -seen[:, 2])
        return
    with pytest.raises(InputError, match="two coordinates, so up= means nothing"):
        recorded.read(path, replace(said, up="+z"), kind)
    mirrored = recorded.read(path, replace(said, y_down=False), kind)
    np.testing.assert_allclose(mirrored["landmarks"].sel(landmark="paw_fl").values[:, 1], -seen[:, 1])


def test_a_gap_is_bridged_only_where_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    holed = TROT.copy(deep=True)
    holed["landmarks"][50:53, 6] = np.nan
    monkeypatch.setitem(globals(), "TROT", holed)
    path, said = save(tmp_path, kind, monkeypatch)
    foot = NAMES[6]
    kept = recorded.read(path, said, kind)["landmarks"].sel(landmark=foot, xyz="x").values
    assert np.flatnonzero(np.isnan(kept)).tolist() == [50, 51, 52]
    filled = recorded.read(path, replace(said, max_gap_s=0.03), kind)
    assert np.isfinite(filled["landmarks"].values).all() and "3 frames in gaps" in filled.attrs["notes"]
