"""Numbers that users give to functions, checked in one place: the same is refused at every entrance."""

from __future__ import annotations

import math
from numbers import Integral, Rational, Real
from typing import Any

from neuromech._lib.errors import InputError

LARGEST = 1e15
"""The most that any number may be: beyond it stands a slip of the pen, in whatever unit."""
LARGEST_WHOLE = 2**63 - 1
"""The largest whole number that files can hold; also the largest seed."""


def number(
    name: str, value: Any, *, least: float | None = None, above: float | None = None, most: float = LARGEST
) -> float:
    """Return a finite number as a float.

    Parameters
    ----------
    name : what the message calls it.
    value : what was given; NumPy's numbers are numbers, truths and texts are none.
    least, above : what it must reach, or exceed.
    most : what it must not exceed, on either side of 0.

    Raises
    ------
    InputError
        It is no such number.
    """
    wanted = "a number"
    if above is not None:
        wanted = f"a number above {above:g}"
    elif least is not None:
        wanted = f"a number of at least {least:g}"
    if isinstance(value, bool) or not isinstance(value, Real):
        raise InputError(f"{name} must be {wanted}, not {_shown(value)}")
    if not isinstance(value, Rational) and not math.isfinite(value):
        raise InputError(f"{name} must be a finite {wanted[2:]}, not {_shown(value)}")
    if (above is not None and value <= above) or (least is not None and value < least):
        raise InputError(f"{name} must be {wanted}, not {_shown(value)}")
    if value > most or value < -most:  # pyright: ignore[reportOperatorIssue]
        raise InputError(f"{name} must be {wanted} and of at most {most:g}, not {_shown(value)}")
    return float(value)


def positive(name: str, value: Any, most: float = LARGEST) -> float:
    """Return a number above 0 as a float; raises `InputError` for anything else."""
    return number(name, value, above=0.0, most=most)


def whole(name: str, value: Any, *, least: int = 0, most: int = LARGEST_WHOLE) -> int:
    """Return a whole number from `least` to `most` as an int; raises `InputError` for anything else."""
    if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < least:
        raise InputError(f"{name} must be a whole number of at least {least}, not {_shown(value)}")
    if int(value) > most:
        raise InputError(f"{name} must be a whole number of at most {most}, not {_shown(value)}")
    return int(value)


def _shown(value: Any) -> str:
    text = " ".join(str(value).split()) if isinstance(value, Real) else " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:60]} ..."
