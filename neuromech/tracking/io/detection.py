"""Which reader a file is for."""

from __future__ import annotations

from pathlib import Path

from neuromech._lib.errors import InputError
from neuromech.tracking.io import FORMATS, causes
from neuromech.tracking.io.base import Format


def detect(path: Path) -> Format:
    """Return the format of a file from its name and what stands in it.

    Raises
    ------
    InputError
        There is no such file, or no reader knows it; says why, if that can be known.
    """
    there(path)
    for each in FORMATS.values():
        if path.name.lower().endswith(each.suffixes) and _claims(each, path):
            return each
    cause = causes.of(path, _endings())
    names = ", ".join(FORMATS)
    if cause:
        raise InputError(f"{path} {cause}")
    raise InputError(
        f"{path} is no recording that is known here (or it is damaged); if it is, add format=NAME: {names}"
    )


def there(path: Path) -> None:
    """Refuse a path where there is no file, a folder, or a file of nothing.

    Raises
    ------
    InputError
        There is no recording.
    """
    try:
        if path.is_file() and path.stat().st_size:
            return
        cause = causes.of(path, _endings())
    except (OSError, ValueError) as error:  # a name that is too long, or has a zero byte in it
        cause = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    raise InputError(f"{path} {cause}" if cause else f"no recording at {path}")


def _claims(each: Format, path: Path) -> bool:
    try:
        return each.claims(path)
    except OSError:  # why it cannot be read is said in the end
        return False


def _endings() -> list[str]:
    return [suffix for each in FORMATS.values() for suffix in each.suffixes]
