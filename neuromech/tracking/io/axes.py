"""Which axis of an array is which: by the names that the file gives, else by every count that it states.

Sizes alone decide nothing: an array of two tracks has an axis of length two, as x and y have. Where more than
one order of the axes fits all that the file says, it is not guessed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from neuromech._lib.errors import InputError

Order = tuple[str, ...]
"""Names of an array's axes, in the order in which they are stored."""


def order(
    found: h5py.Dataset,
    known: Sequence[Order],
    sizes: Mapping[str, Collection[int]],
    beside: Sequence[tuple[str, tuple[int, ...]]],
    said: str,
    path: Path,
) -> Order:
    """Return the order of an array's axes.

    Parameters
    ----------
    found : the array; its attribute `dims` names the axes where the program that wrote it did.
    known : orders that programs write without naming them.
    sizes : how long the axes may be whose length is known from elsewhere.
    beside : names of the axes, as in "frame track", and shape of other arrays of the file, whose axes stand
        in the order in which they stand in the array itself.
    said : what `sizes` come from, for the error: "5 node names".

    Raises
    ------
    InputError
        No order fits what the file says, or several do.
    """
    named = _named(found, known[0])
    fitting = [each for each in ([named] if named else known) if _fits(each, found.shape, sizes, beside)]
    if len(fitting) == 1:
        return fitting[0]
    name = str(found.name).lstrip("/")
    if not fitting:
        raise InputError(f"{path}: {name} {found.shape} do not fit {said}")
    choices = " and as ".join(f"({', '.join(each)})" for each in fitting)
    raise InputError(
        f"{path}: {name} {found.shape} can be read as {choices}, and nothing in the file says "
        "which; export it again with names of the tracks, or with a program that names the axes (dims)"
    )


def take(found: h5py.Dataset, axes: Order, wanted: Order, **chosen: int | slice) -> np.ndarray:
    """Return part of an array as float64, `chosen` by names of axes, its other axes in the `wanted` order."""
    part = np.asarray(found[tuple(chosen.get(axis, slice(None)) for axis in axes)], np.float64)
    left = [axis for axis in axes if not isinstance(chosen.get(axis), int)]
    return part.transpose([left.index(axis) for axis in wanted])


def _named(found: h5py.Dataset, axes: Order) -> Order | None:
    """Return the order that the attribute `dims` gives, None without one that makes sense."""
    said = found.attrs.get("dims")
    try:
        names: Any = json.loads(said) if isinstance(said, str | bytes) else said
        named = tuple(each.decode() if isinstance(each, bytes) else str(each) for each in names)
    except (TypeError, ValueError):
        return None
    return named if sorted(named) == sorted(axes) else None


def _fits(
    axes: Order,
    shape: tuple[int, ...],
    sizes: Mapping[str, Collection[int]],
    beside: Sequence[tuple[str, tuple[int, ...]]],
) -> bool:
    length = dict(zip(axes, shape, strict=True))
    if any(length[axis] not in size for axis, size in sizes.items()):
        return False
    for names, other in beside:
        expected = tuple(length[axis] for axis in axes if axis in names.split())
        # SLEAP writes its occupancy with frames first, whatever the order of the rest.
        if other != expected and not (len(other) == 2 and other == expected[::-1]):
            return False
    return True
