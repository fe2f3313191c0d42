"""A training's state on disk as plain arrays, replaced in one piece, so that a kill leaves the last one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.files import arrays_of, replacing

SEPARATOR = "/"


def save(path: Path, tree: Mapping[str, Any]) -> None:
    """Write nested mappings of arrays, numbers and texts to an npz file, atomically."""
    with replacing(path) as part, part.open("wb") as file:
        np.savez(file, **flat(tree))
        file.flush()
        os.fsync(file.fileno())


def load(path: Path) -> dict[str, Any] | None:
    """Return what was saved, None where nothing was; nothing in the file is executed.

    Raises
    ------
    InputError
        The file is no checkpoint.
    """
    if not path.exists():
        return None
    try:
        return nested(arrays_of(path))
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(f"{path} is no checkpoint: {error}") from None


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return `{"a/b": array}` of nested mappings; empty ones are left out."""
    found: dict[str, Any] = {}
    for key, value in tree.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            found |= flat(value, name + SEPARATOR)
        else:
            found[name] = np.asarray(value)
    return found


def nested(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the nested mappings of `{"a/b": array}`."""
    tree: dict[str, Any] = {}
    for name, value in arrays.items():
        *path, last = name.split(SEPARATOR)
        node = tree
        for part in path:
            node = node.setdefault(part, {})
        node[last] = value
    return tree
