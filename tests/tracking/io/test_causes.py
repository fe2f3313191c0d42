"""What people have in the place of a recording: one line that names the cause and the way out."""

from __future__ import annotations

import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.tracking.io import recorded, tables
from neuromech.tracking.io.base import ReaderOptions
from neuromech.tracking.kinematics import posture
from tests import poses

SAID = ReaderOptions(fps=20.0, mm_per_px=0.01, spine=poses.NAMES)


def refused(path: Path, kind: str | None = None) -> str:
    with pytest.raises(InputError) as error:
        recorded.read(path, SAID, kind)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_table_of_a_spreadsheet_that_writes_decimal_commas(tmp_path: Path) -> None:
    rows = poses.dlc_rows(poses.keypoints())
    for mark, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars"), (" ", "blanks")):
        lines = [mark.join(row).replace(".", ",") for row in rows]
        for encoding in ("utf-8-sig", "utf-16", "cp1252"):
            (tmp_path / "a.csv").write_bytes("\r\n".join(lines).encode(encoding))
            for kind in (None, "deeplabcut"):
                said = refused(tmp_path / "a.csv", kind)
                assert (
                    f"separates its columns by {name}, not by commas; use the file as the tracker wr" in said
                )
    (tmp_path / "a.csv").write_text("sep=;\n" + "\n".join(";".join(row) for row in rows))
    assert "begins with a line for spreadsheets ('sep=;')" in refused(tmp_path / "a.csv")
    rows[5][3] = '"460,405"'
    (tmp_path / "a.csv").write_text("\n".join(",".join(row) for row in rows))
    assert "not '460,405': that is a decimal comma" in refused(tmp_path / "a.csv")


@pytest.mark.parametrize("kind", ["sleap", "tail_csv", "bouts"])
def test_every_reader_of_tables_names_the_semicolons(tmp_path: Path, kind: str) -> None:
    (tmp_path / "a.csv").write_text("track;frame_idx;nose.x;nose.y\n;0;1,5;2,5\n")
    with pytest.raises(InputError, match="separates its columns by semicolons"):
        recorded.load(kind, tmp_path / "a.csv")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.slp", b"\x89HDF\r\n\x1a\n", "is a SLEAP project; export its analysis file"),
        ("a.pkg.slp", b"\x89HDF\r\n\x1a\n", "export its analysis file"),
        ("a_full.pickle", b"\x80\x04", "is a pickle, which can run code"),
        ("a.MP4", b"ftyp", "is a video; give the file of what a tracker found in it"),
        ("a.png", b"\x89PNG", "is a picture"),
        ("a.xlsx", b"PK\x03\x04", "is a spreadsheet; save the table as CSV"),
        ("a.csv.gz", b"\x1f\x8b", "is an archive; unpack it first"),
        ("a.mat", b"MATLAB 5.0", "is a file of Matlab"),
        ("config.yaml", b"a: 1", "is a configuration"),
        ("a.csv", b"", r"is empty \(0 bytes\)"),
        ("a.h5", b"", r"is empty \(0 bytes\)"),
        ("a.npz", b"", r"is empty \(0 bytes\)"),
        ("a.nc", b"", r"is empty \(0 bytes\)"),
        ("a.nwb", b"", r"is empty \(0 bytes\)"),
        ("a.wcon", b"", r"is empty \(0 bytes\)"),
        ("a.h5", b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS keeps elsewhere"),
        ("a.csv", b"\n <!DOCTYPE html><html>", "is a web page"),
        ("._a.csv", b"\x00\x05\x16\x07", "is what a Mac stores beside a file; take a.csv"),
        ("a.csv", b"time,speed\n0,1\n", "is no recording that is known here.*add format=NAME"),
    ],
)
def test_what_is_no_recording(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        recorded.read(tmp_path / name, SAID)


def test_hdf5_that_no_reader_knows(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name in ("frames", "instances", "pred_points"):
            file[name] = np.zeros(5)
    assert "is a SLEAP project" in refused(tmp_path / "a.h5")
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["speed"], file["angle"] = np.zeros(5), np.zeros(5)
    assert "is HDF5, but no reader knows what it holds: angle, speed" in refused(tmp_path / "b.h5")


def test_a_folder_named_like_a_recording(tmp_path: Path) -> None:
    folder = tmp_path / "crawl.wcon"
    folder.mkdir()
    for kind in (None, "wcon", "deeplabcut", "neuromech"):
        assert refused(folder, kind) == f"{folder} is a folder, not a recording"
    for name in ("b.csv", "a.h5", "notes.md"):
        (folder / name).write_text("x")
    assert "name a file in it: a.h5, b.csv" in refused(folder)
    assert "no recording at" in refused(tmp_path / "nowhere.csv")
    assert "cannot be read" in refused(tmp_path / ("a" * 300 + ".csv"))
    assert r"a\x00b.csv" in refused(tmp_path / "a\0b.csv")


def test_wcon_in_any_zip(tmp_path: Path) -> None:
    inner = poses.wcon(tmp_path / "a.wcon", poses.crawl_mm())
    with zipfile.ZipFile(tmp_path / "worms.zip", "w") as archive:
        archive.write(inner, "a.wcon")
    np.testing.assert_allclose(posture.midline(recorded.read(tmp_path / "worms.zip")), poses.crawl_mm())
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("a.csv", "x")
    assert "is an archive; unpack it first" in refused(tmp_path / "other.zip")


def test_a_member_of_an_archive_that_is_no_array_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, joint_angles=np.zeros((20, 6, 7)))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("data_fps", "330")
    with pytest.raises(InputError, match="'data_fps' in it is no array"):
        tables.npz(path)
