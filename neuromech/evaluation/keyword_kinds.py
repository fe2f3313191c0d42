"""Keywords from Python that are of another kind than what they are for: one line for each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from neuromech._lib.errors import InputError
from neuromech._lib.files import as_path


def text(name: str, value: Any) -> str:
    """Return a text; raises `InputError` for anything else."""
    if not isinstance(value, str) or not value:
        raise InputError(f"{name} must be text, not {value!r:.60}")
    return value


def truth(name: str, value: Any) -> bool:
    """Return a truth; raises `InputError` for anything else."""
    if not isinstance(value, bool):
        raise InputError(f"{name} must be true or false, not {value!r:.60}")
    return value


def names(name: str, value: Any) -> list[str]:
    """Return names from a list, or from one name; raises `InputError` for anything else."""
    several = [value] if isinstance(value, str) else _several(name, value, "names")
    if not all(isinstance(each, str) and each for each in several):
        raise InputError(f"{name} must be a list of names, not {value!r:.60}")
    return several


def folders(name: str, value: Any) -> list[Path]:
    """Return folders that are there, from a list or from one; raises `InputError` for anything else."""
    several = [value] if isinstance(value, str | os.PathLike) else _several(name, value, "folders")
    found = [as_path(name, each) for each in several]
    for each in found:
        if not each.is_dir():
            raise InputError(f"{name}: there is no folder {each}")
    return found


def _several(name: str, value: Any, what: str) -> list[Any]:
    if isinstance(value, bytes | Mapping) or not isinstance(value, Iterable):
        raise InputError(f"{name} must be a list of {what}, not {value!r:.60}")
    return list(value)
