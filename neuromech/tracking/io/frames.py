"""Which frames of a file to read, where the file numbers them itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.tracking.io.base import ReaderOptions


def checked(numbers: np.ndarray, path: Path) -> np.ndarray:
    """Return the numbers of a file's frames as integers; rows without any number are 0, 1 ...

    Raises
    ------
    InputError
        They are not whole numbers of at least 0 that increase.
    """
    if not len(numbers) or (numbers.dtype.kind == "f" and np.isnan(numbers).all()):
        return np.arange(len(numbers))
    if not (np.isfinite(numbers) & (numbers >= 0) & (numbers < 2**53) & (numbers % 1 == 0)).all():
        raise InputError(f"{path}: frames should be numbered by whole numbers, in every row")
    whole = numbers.astype(int)
    steps = np.diff(whole)
    if (steps <= 0).any():
        again = int(whole[1 + np.flatnonzero(steps <= 0)[0]])
        raise InputError(f"{path}: frame {again} occurs twice, or out of order")
    return whole


def stretch(numbers: np.ndarray, values_per_frame: int, given: ReaderOptions, path: Path) -> slice:
    """Return the rows of a file whose frames have these increasing numbers that the user wants.

    Raises
    ------
    InputError
        There are none, or more than are read at once.
    """
    if given.frames is None:
        return given.stretch(len(numbers), values_per_frame, path)
    low, high = np.searchsorted(numbers, [given.frames[0], given.frames[1] + 1])
    if low == high:
        raise InputError(f"{path} has no frame in frames={list(given.frames)}")
    return replace(given, frames=(int(low), max(int(high) - 1, int(low) + 1))).stretch(
        len(numbers), values_per_frame, path
    )
