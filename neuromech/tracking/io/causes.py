"""Why a file is no recording: what people have in the place of one, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import h5py

from neuromech._lib.errors import InputError
from neuromech.tracking.io import delimiters, tables, text

_SLEAP = (
    "is a SLEAP project; export its analysis file (in SLEAP: File, Export Analysis HDF5; in a shell: "
    "sleap-convert --format analysis)"
)
_KINDS = {
    (".slp",): _SLEAP,
    (".pickle", ".pkl"): "is a pickle, which can run code when opened; use the CSV or .h5 of the tracker",
    (".mp4", ".avi", ".mov", ".mkv", ".webm", ".mpg", ".mpeg", ".wmv", ".m4v"):
        "is a video; give the file of what a tracker found in it",
    (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".gif"):
        "is a picture; give the file of what a tracker found in the video",
    (".xlsx", ".xls", ".ods"): "is a spreadsheet; save the table as CSV",
    (".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".tgz", ".zip"): "is an archive; unpack it first",
    (".mat",): "is a file of Matlab, which is not read here; export keypoints as CSV or HDF5",
    (".yaml", ".yml", ".toml", ".ini"): "is a configuration, not a recording",
}  # fmt: skip
_TEXTS = {
    b"version https://git-lfs": "only points to a file that Git LFS keeps elsewhere; run 'git lfs pull'",
    b"<!doctype html": "is a web page; what was downloaded is not the file itself",
    b"<html": "is a web page; what was downloaded is not the file itself",
}
_TABLES = (".csv", ".tsv", ".txt")


def of(path: Path, endings: Iterable[str]) -> str | None:
    """Return why a path is no recording, as the end of a sentence about it; None if that is not known.

    `endings` are how the names of recordings end.
    """
    if path.is_dir():
        return _folder(path, tuple(endings))
    if not path.is_file():
        return None
    name = path.name.lower()
    try:
        if not path.stat().st_size:
            return "is empty (0 bytes)"
        with path.open("rb") as file:
            first = file.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    for start, cause in _TEXTS.items():
        if first.startswith(start):
            return cause
    if name.startswith("._"):
        return f"is what a Mac stores beside a file; take {path.name[2:]}"
    for suffixes, cause in _KINDS.items():
        if name.endswith(suffixes):
            return cause
    if h5py.is_hdf5(path):
        return _hdf5(path)
    if name.endswith(_TABLES):
        return _table(path)
    return None


def _folder(path: Path, endings: tuple[str, ...]) -> str:
    try:
        held = sorted(each.name for each in path.iterdir() if each.name.lower().endswith(endings))
    except OSError:
        held = []
    if not held:
        return "is a folder, not a recording"
    more = ", ..." if len(held) > 3 else ""
    return f"is a folder, not a recording; name a file in it: {', '.join(held[:3])}{more}"


def _hdf5(path: Path) -> str | None:
    try:
        with h5py.File(path, "r") as file:
            held = tables.names(file)
    except tables.BROKEN_ARCHIVE:
        return None
    if {"instances", "frames"} <= set(held) and {"points", "pred_points"} & set(held):
        return _SLEAP
    few = ", ".join(held[:8]) or "nothing"
    return f"is HDF5, but no reader knows what it holds: {few}"


def _table(path: Path) -> str | None:
    try:
        text.encoding(path)
    except InputError as error:
        return str(error).removeprefix(f"{path} ")
    head = tables.csv_head(path, 1)
    return delimiters.cause(head[0]) or None if head else None
