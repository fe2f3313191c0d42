"""Zip archives of recordings, without what operating systems add to them and without bombs."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from neuromech._lib.errors import InputError

ADDED = {".ds_store", "thumbs.db", "desktop.ini"}
"""Files that a Mac's and Windows' file managers leave in folders, and so in archives of them."""
MOST_TIMES = 200
"""Text does not shrink to less than a part of this size."""


def added(name: str) -> bool:
    """Return whether an operating system, and not a person, put a file of this name where it is."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return not parts or "__MACOSX" in parts or parts[-1].startswith("._") or parts[-1].lower() in ADDED


def holds(path: Path, endings: Sequence[str]) -> bool:
    """Return whether an archive holds a file that ends like that, not counting what systems add."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (OSError, ValueError, NotImplementedError, zipfile.BadZipFile):
        return False
    return any(name.lower().endswith(tuple(endings)) and not added(name) for name in names)


def members(path: Path, endings: Sequence[str], most_bytes: int) -> dict[str, bytes]:
    """Return the files of an archive that end like that, by name; the only one may end in any way.

    Raises
    ------
    InputError
        There is none, they are too large together, or larger than anything can become by unpacking.
    zipfile.BadZipFile
        It is damaged; others of zipfile's errors too.
    """
    with zipfile.ZipFile(path) as archive:
        held = [info for info in archive.infolist() if not info.is_dir() and not added(info.filename)]
        wanted = [info for info in held if info.filename.lower().endswith(tuple(endings))]
        wanted = wanted or (held if len(held) == 1 else [])
        if not wanted:
            raise InputError(f"{path} holds no file that ends in {' or '.join(endings)}")
        total = sum(info.file_size for info in wanted)
        packed = sum(info.compress_size for info in wanted)
        if total > most_bytes:
            raise InputError(f"{path} unpacks to {total / 1e9:.1f} GB, more than is read at once")
        if total > max(MOST_TIMES * packed, 1_000_000):
            raise InputError(
                f"{path} would unpack to {total / max(packed, 1):.0f} times its size: a zip bomb"
            )
        return {info.filename: archive.read(info) for info in wanted}
