"""DeepLabCut's CSV and its .h5, whose names are a pickle that must never be executed."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as vary
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.tracking.io import recorded
from neuromech.tracking.io.base import ReaderOptions
from neuromech.tracking.kinematics import posture
from tests import poses

SAID = ReaderOptions(fps=20.0, mm_per_px=0.01, spine=poses.NAMES)
FIVE = np.s_[:, ::12]


@pytest.mark.parametrize("write", [poses.dlc_csv, poses.dlc_h5])
def test_both_kinds_give_the_midline_in_mm(tmp_path: Path, write: Callable[..., Path]) -> None:
    suffix = ".csv" if write is poses.dlc_csv else ".h5"
    found = recorded.read(write(tmp_path / f"a{suffix}", poses.keypoints()), SAID, tracker="undulation")
    np.testing.assert_allclose(posture.midline(found), poses.crawl_mm()[FIVE] + [5, -5], atol=1e-9)
    assert found.attrs["units"] == "mm s" and float(found["time"][1]) == pytest.approx(0.05)


def test_what_it_does_not_say_is_asked_for_by_name(tmp_path: Path) -> None:
    path = poses.dlc_csv(tmp_path / "a.csv", poses.keypoints())
    for said, message in (
        (ReaderOptions(mm_per_px=0.01), "add fps=NUMBER"),
        (ReaderOptions(fps=20.0), "add mm_per_px=NUMBER, or unit=px to compare posture and rhythm only"),
    ):
        with pytest.raises(InputError, match=message):
            recorded.read(path, said)
    shape_only = recorded.read(path, ReaderOptions(fps=20.0, unit="px", spine=poses.NAMES))
    assert shape_only.attrs["frame"] == "crop" and shape_only.attrs["units"] == "px s"


def test_several_animals_and_a_stretch(tmp_path: Path) -> None:
    path = poses.dlc_csv(tmp_path / "a.csv", poses.keypoints(), ("left", "right"))
    with pytest.raises(InputError, match="holds 2 animals; add individual=NAME, one of left, right"):
        recorded.read(path, SAID)
    said = ReaderOptions(fps=20.0, mm_per_px=0.01, spine=poses.NAMES, individual="right", frames=(10, 29))
    found = recorded.read(path, said)
    assert found.sizes["time"] == 20 and float(found["time"][0]) == pytest.approx(0.5)
    np.testing.assert_allclose(posture.midline(found)[0], poses.crawl_mm()[FIVE][10] + [5.01, -5], atol=1e-9)


def test_unlikely_points_are_gaps_only_if_asked(tmp_path: Path) -> None:
    path = poses.dlc_csv(tmp_path / "a.csv", poses.keypoints(), likelihood=0.4)
    assert np.isfinite(posture.midline(recorded.read(path, SAID))).all()
    with pytest.raises(InputError, match="never seen|every position is missing"):
        recorded.read(path, ReaderOptions(fps=20.0, mm_per_px=0.01, spine=poses.NAMES, likelihood=0.6))


def test_a_column_of_nothing(tmp_path: Path) -> None:
    xy = poses.keypoints()
    xy[:, 3] = np.nan
    with pytest.raises(InputError, match="keypoint hip was never seen"):
        recorded.read(poses.dlc_csv(tmp_path / "a.csv", xy), SAID)


class Bomb:
    """What a pickle executes when it is loaded."""

    def __reduce__(self) -> tuple:
        return os.mkdir, ("bang",)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_never_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int) -> None:
    monkeypatch.chdir(tmp_path)
    path = poses.dlc_h5(tmp_path / "a.h5", poses.keypoints(), [(1, [Bomb()])], protocol)
    with pytest.raises(InputError, match="use the CSV beside it"):
        recorded.read(path, SAID)
    assert not (tmp_path / "bang").exists()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_names_are_read_whatever_the_pickles_version(tmp_path: Path, protocol: int) -> None:
    path = poses.dlc_h5(tmp_path / "a.h5", poses.keypoints(), protocol=protocol)
    assert recorded.read(path, SAID).sizes["landmark"] == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("scorer,a,a\nbodyparts,n,n\n", "lacks the row coords"),
        ("scorer,a\nbodyparts,n\ncoords,x\n0,1\n", "no column y"),
        ("scorer,a,a\nbodyparts,n,n\ncoords,x,x\n0,1,2\n", "names a column twice"),
        (
            "scorer,a,a\nbodyparts,n,n\ncoords,x,y\n0,1,two\n",
            "line 4: column 3 should be a number, not 'two'",
        ),
        ("scorer,a,a\nbodyparts,n,n\ncoords,x,y\n0,1\n", "should be a number, not 'nothing'"),
        ("scorer,a,a\nbodyparts,n,n\ncoords,x,y\n0,1,2\n1,1,2\n", "has 2 frames"),
    ],
)
def test_bad_csv(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        recorded.read(tmp_path / "a.csv", ReaderOptions(fps=20.0, mm_per_px=0.01))


CELLS = st.sampled_from(
    ["scorer", "bodyparts", "coords", "individuals", "x", "y", "z", "likelihood", "nose", "", "1", "nan",
     "-inf", "frame_idx", "track", "nose.x", "nose.y", "head_x", "tail_angle_0", "start_s", "\u00e9", "1e999"]
)  # fmt: skip


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@vary(
    rows=st.lists(st.lists(CELLS, min_size=1, max_size=5), max_size=16),
    kind=st.sampled_from([None, "deeplabcut", "sleap", "tail_csv", "bouts"]),
)
def test_any_table_is_read_or_refused(tmp_path: Path, rows: list[list[str]], kind: str | None) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join(",".join(row) for row in rows))
    try:
        recorded.read(path, ReaderOptions(fps=20.0, mm_per_px=0.01), kind)
    except InputError as error:
        assert "\n" not in str(error)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@vary(st.binary(max_size=60))
def test_any_bytes_for_names_are_read_or_refused(tmp_path: Path, stored: bytes) -> None:
    path = poses.dlc_h5(tmp_path / "a.h5", poses.keypoints())
    with h5py.File(path, "r+") as file:
        file["df_with_missing"].attrs["non_index_axes"] = np.void(stored or b"x")
    with pytest.raises(InputError):
        recorded.read(path, SAID)


def test_a_table_without_its_block_of_values(tmp_path: Path) -> None:
    path = poses.dlc_h5(tmp_path / "a.h5", poses.keypoints())
    with h5py.File(path, "a") as file:
        table = file["df_with_missing/table"][()]
        del file["df_with_missing/table"]
        names = [(name.replace("values_block_0", "other"), *rest) for name, *rest in table.dtype.descr]
        file["df_with_missing/table"] = table.view(names)
    with pytest.raises(InputError, match="has no values_block_0"):
        recorded.read(path, ReaderOptions(fps=20.0, mm_per_px=0.01))


def test_the_first_column_numbers_the_frames(tmp_path: Path) -> None:
    """Rows that were taken out are gaps, not one step; frames= are numbers of frames, not of rows."""
    rows = poses.dlc_rows(poses.keypoints())
    kept = rows[:13] + rows[33:]
    (tmp_path / "a.csv").write_text("\n".join(",".join(row) for row in kept))
    found = recorded.read(tmp_path / "a.csv", SAID)
    times = np.r_[np.arange(10) / 20, 0.975, np.arange(30, 60) / 20]
    np.testing.assert_allclose(found["time"], times)
    assert found["frame_number"].values.tolist() == [*range(10), -1, *range(30, 60)]
    part = recorded.read(tmp_path / "a.csv", replace(SAID, frames=(40, 49)))
    np.testing.assert_allclose(posture.midline(part), (poses.crawl_mm()[FIVE] + [5, -5])[40:50], atol=1e-9)
    for wrong in ("7", "0.5", "x", "-1", ""):
        rows[20][0] = wrong
        (tmp_path / "b.csv").write_text("\n".join(",".join(row) for row in rows))
        with pytest.raises(InputError, match="occurs twice|numbered by whole numbers|should be a number"):
            recorded.read(tmp_path / "b.csv", SAID)


@pytest.mark.parametrize("keep", [np.r_[0:10, 30:60], np.arange(60)])
@pytest.mark.parametrize("kind", ["table", "fixed"])
def test_the_index_of_an_h5_numbers_the_frames(tmp_path: Path, keep: np.ndarray, kind: str) -> None:
    path = tmp_path / "a.h5"
    write = poses.dlc_h5 if kind == "table" else poses.dlc_h5_fixed
    write(path, poses.keypoints()[keep], index=keep)
    found = recorded.read(path, replace(SAID, frames=(35, 54)))
    assert found["frame_number"].values.tolist() == list(range(35, 55))
    np.testing.assert_allclose(posture.midline(found), (poses.crawl_mm()[FIVE] + [5, -5])[35:55], atol=1e-9)
    assert float(found["time"][0]) == pytest.approx(1.75)


def test_blocks_of_columns_in_an_order_of_their_own(tmp_path: Path) -> None:
    """Likelihoods of another type of number are a block of their own in what pandas writes."""
    path = poses.dlc_h5_fixed(tmp_path / "a.h5", poses.keypoints(), likelihood=np.linspace(0, 1, 5))
    found = recorded.read(path, replace(SAID, spine=()))
    np.testing.assert_allclose(
        found["landmarks"].sel(landmark="hip").values[:, :2], 0.01 * poses.keypoints()[:, 3] * [1, -1]
    )
    sure = recorded.read(path, replace(SAID, spine=(), likelihood=0.6))
    seen = np.isfinite(sure["landmarks"].values).all(axis=(0, 2))
    assert seen.tolist() == [False, False, False, True, True]


@pytest.mark.parametrize("indices", [1, 3])
def test_labelled_images_are_named_as_such(tmp_path: Path, indices: int) -> None:
    head, rows = poses.dlc_rows(poses.keypoints())[:3], poses.dlc_rows(poses.keypoints())[3:]
    place = ["labeled-data", "video", ""] if indices == 3 else [""]
    table = [[row[0], *[""] * (indices - 1), *row[1:]] for row in head]
    for row in rows:
        image = f"img{int(row[0]):04d}.png"
        table.append([*place[:-1], image if indices == 3 else f"labeled-data/video/{image}", *row[1:]])
    (tmp_path / "a.csv").write_text("\n".join(",".join(row) for row in table))
    with pytest.raises(
        InputError, match=r"holds labelled images \(.*img0000.png\), not the frames of a video"
    ):
        recorded.read(tmp_path / "a.csv", SAID)
    path = poses.dlc_h5(tmp_path / "a.h5", poses.keypoints(), index=np.array([b"labeled-data/img.png"] * 60))
    with pytest.raises(InputError, match="holds labelled images"):
        recorded.read(path, SAID)


def test_columns_of_two_scorers(tmp_path: Path) -> None:
    rows = poses.dlc_rows(poses.keypoints())
    both = [row + (["other"] * 15 if row[0] == "scorer" else row[1:]) for row in rows]
    (tmp_path / "a.csv").write_text("\n".join(",".join(row) for row in both))
    with pytest.raises(InputError, match=r"holds the columns of 2 scorers \(net, other\); keep those of one"):
        recorded.read(tmp_path / "a.csv", SAID)


def test_header_rows_of_different_length(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("scorer,a,a,a\nbodyparts,n,n,n\ncoords,x,y\n0,1,2,0.9\n")
    with pytest.raises(InputError, match="rows of its header are not equally long"):
        recorded.read(tmp_path / "a.csv", SAID)
