"""Specs whose values are checked when one is made, whichever way: from YAML, from Python, by `replace`."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.specs.checking import STRICT, must
from neuromech.specs.describe import hints


class Checked:
    """A dataclass that refuses values of other kinds, or out of range, than its fields declare.

    A list stands for a tuple, a whole number for a real one, and NumPy's numbers for Python's. A part that is
    a dataclass itself has to be one already.
    """

    SECTION = ""
    """The key of a run under which it stands, for messages; "" for the run itself."""

    def __post_init__(self) -> None:
        """Check every value; raises `InputError` with the line that a wrong key of YAML has."""
        for key, annotation in hints(type(self)).items():
            given = getattr(self, key)
            try:
                fresh = _adapter(annotation).validate_python(_plain(given))
            except ValueError:
                name = f"{self.SECTION}.{key}" if self.SECTION else key
                if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
                    raise InputError(f"{name} must be a {annotation.__name__}, not {given!r:.60}") from None
                raise InputError(must(name, key, annotation, given)) from None
            object.__setattr__(self, key, fresh)


@lru_cache(maxsize=256)
def _adapter(annotation: Any) -> Any:
    from pydantic import TypeAdapter

    if dataclasses.is_dataclass(annotation):
        from pydantic import InstanceOf

        return TypeAdapter(InstanceOf[annotation])  # type: ignore[valid-type]
    config = {key: value for key, value in STRICT.items() if key in ("strict", "allow_inf_nan")}
    return TypeAdapter(annotation, config=config)  # type: ignore[call-overload]


def _plain(value: Any) -> Any:
    """Return NumPy's numbers as Python's, and lists as tuples."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple | np.ndarray):
        return tuple(_plain(each) for each in value)
    return value
