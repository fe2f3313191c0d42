"""Texts as editors and spreadsheets save them, and bytes that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as vary
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.tracking.io import recorded, text
from neuromech.tracking.io.base import ReaderOptions
from neuromech.tracking.kinematics import posture
from tests import poses

NAMES = ("nez", "cou", "m\u00e9dian", "hanche", "queue\u00e4")
SAID = ReaderOptions(fps=20.0, mm_per_px=0.01, spine=NAMES)
MM = poses.crawl_mm()[:, ::12] + [5, -5]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
IN_PLACE = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def saved(path: Path, encoding: str, ends: str = "\n") -> Path:
    """Write a DeepLabCut CSV whose keypoints have accents, in an encoding and with these ends of lines."""
    rows = poses.dlc_rows(poses.keypoints())
    rows[1] = [NAMES[poses.NAMES.index(cell)] if cell in poses.NAMES else cell for cell in rows[1]]
    path.write_bytes((ends.join(",".join(row) for row in rows) + ends).encode(encoding))
    return path


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_table_in_any_encoding(tmp_path: Path, encoding: str, ends: str) -> None:
    found = recorded.read(saved(tmp_path / "a.csv", encoding, ends), SAID)
    np.testing.assert_allclose(posture.midline(found), MM, atol=1e-9)
    noted = "read as Windows-1252" in found.attrs["notes"]
    assert noted == (encoding in ("cp1252", "latin-1"))


def test_blanks_around_the_names_of_a_table_are_no_part_of_them(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.csv", "utf-8")
    path.write_text(path.read_text().replace(",", " , "))
    np.testing.assert_allclose(posture.midline(recorded.read(path, SAID)), MM, atol=1e-9)


def test_what_is_no_json_is_no_wcon(tmp_path: Path) -> None:
    (tmp_path / "a.wcon").write_text("notes of the lab")
    with pytest.raises(InputError, match="a WCON file is JSON, and this is not"):
        recorded.read(tmp_path / "a.wcon", None, "wcon")


@pytest.mark.parametrize("encoding", [*ENCODINGS[:6], "cp1252"])
def test_wcon_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    path = poses.wcon(tmp_path / "a.wcon", 1e3 * poses.crawl_mm())
    whole = path.read_text().replace('"x": "mm", "y": "mm"', '"x": "\u00b5m", "y": "\u00b5m"')
    path.write_bytes(whole.encode(encoding))
    np.testing.assert_allclose(posture.midline(recorded.read(path)), poses.crawl_mm(), atol=1e-9)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"scorer,\x00\x81\x02\x03,a\nbodyparts,n,n\n\x00\x01,1,2\n", "it is no text"),
        (b"\x89HDF\r\n\x1a\n\x00\x00\x00\x00", "it is no text \\(byte 0 is 0x89\\)"),
        ("scorer".encode("utf-16")[:-1], "no text in UTF-16, as it begins"),
        (b"scorer,a\nbodyparts,\xc3\nfoo,1\xff2\n", "it is no text"),
    ],
)
def test_bytes_that_are_no_text(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    for kind in ("deeplabcut", "sleap", "tail_csv", "bouts"):
        with pytest.raises(InputError, match=message):
            recorded.read(tmp_path / "a.csv", None, kind)


@pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
def test_a_stray_byte_among_the_numbers_is_damage_and_no_accent(tmp_path: Path, place: float) -> None:
    whole = poses.dlc_csv(tmp_path / "a.csv", poses.keypoints(600)).read_bytes()
    cut = whole.index(b".", int(place * len(whole)))
    for stray in (0xFF, 0xE9, 0x93, 0x00, 0x07):
        (tmp_path / "b.csv").write_bytes(whole[:cut] + bytes([stray]) + whole[cut:])
        with pytest.raises(
            InputError, match=f"it is no text .byte {cut} is 0x{stray:02x}|should be a number"
        ):
            recorded.read(tmp_path / "b.csv", SAID)


@IN_PLACE
@vary(st.text(min_size=1, max_size=400), st.sampled_from(ENCODINGS[:3] + ["utf-32"]))
def test_whatever_can_be_written_is_read_back(tmp_path: Path, words: str, encoding: str) -> None:
    try:
        content = words.encode(encoding)
    except UnicodeEncodeError:  # half of a surrogate pair
        return
    if encoding == "utf-8" and ("\0" in words or words.startswith("\ufeff")):
        return  # may look like another encoding
    if encoding == "utf-16" and words.startswith("\0"):
        return  # begins as UTF-32 does
    assert text.decode(content, Path("file"))[0] == words


@IN_PLACE
@vary(st.binary(max_size=400))
def test_any_bytes_are_decoded_or_refused_alike_from_memory_and_from_disk(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "a.txt").write_bytes(content)
    try:
        words, name = text.decode(content, tmp_path / "a.txt")
    except InputError as error:
        with pytest.raises(InputError) as other:
            text.encoding(tmp_path / "a.txt")
        assert str(other.value) == str(error)
        return
    assert text.encoding(tmp_path / "a.txt") == name
    with text.opened(tmp_path / "a.txt", name) as file:
        assert file.read() == words
