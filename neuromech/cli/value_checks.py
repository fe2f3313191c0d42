"""Checks of the values that a `key=value` of the command line was given, one function for each kind.

Each function takes the values by key and the key, and returns the value; it raises `InputError` where the
value is of another kind.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from neuromech._lib import numbers
from neuromech._lib.errors import InputError
from neuromech._lib.files import user_path

Values = Mapping[str, Any]
"""The values of a command line by key."""


def number(given: Values, key: str) -> float:
    """Return a number."""
    return numbers.number(key, given[key])


def seconds(given: Values, key: str) -> float:
    """Return a finite number of seconds, at least 0."""
    return numbers.number(key, given[key], least=0.0)


def whole(given: Values, key: str) -> int:
    """Return a whole number of at least 0."""
    return numbers.whole(key, given[key])


def flag(given: Values, key: str) -> bool:
    """Return true or false."""
    if not isinstance(given[key], bool):
        raise InputError(f"{key} must be true or false, not {given[key]!r}")
    return given[key]


def word(given: Values, key: str) -> str:
    """Return one name."""
    if isinstance(given[key], list | dict | bool) or given[key] is None:
        raise InputError(f"{key} must be one name, not {given[key]!r}")
    return str(given[key])


def words(given: Values, key: str) -> tuple[str, ...]:
    """Return the names of a list in brackets."""
    if not isinstance(given[key], list):
        raise InputError(f"{key} must be a list of names in brackets, not {given[key]!r}")
    return tuple(str(each) for each in given[key])


def group(given: Values, key: str) -> dict[str, str]:
    """Return the keypoint of every leg's foot, a group in braces."""
    from neuromech.tracking.kinematics.legs import leg_position

    if not isinstance(given[key], dict) or not given[key]:
        raise InputError(f"{key} must be a group of leg:keypoint in braces, not {given[key]!r}")
    found = {str(leg): str(foot) for leg, foot in given[key].items()}
    for leg in found:
        leg_position(leg)
    return found


def pair(given: Values, key: str) -> tuple[int, int]:
    """Return the first and the last of a range, two whole numbers in brackets."""
    value = given[key]
    if not (isinstance(value, list) and len(value) == 2 and all(type(each) is int for each in value)):
        raise InputError(
            f"{key} must be [first,last], two whole numbers, not {json.dumps(value, default=str)}"
        )
    return value[0], value[1]


def simulation(given: Values) -> Path:
    """Return the folder or file of the simulation that is asked for."""
    if "simulation" not in given:
        raise InputError("which recording? add simulation=DIR, the folder that 'neuromech run' made")
    path = user_path(str(given["simulation"]))
    if not os.path.exists(path):  # Path.exists raises for a name that is too long
        raise InputError(f"simulation: there is no folder {path}")
    return path


def output(given: Values) -> Path | None:
    """Return where the results shall go, None if that is not said."""
    return user_path(word(given, "output")) if "output" in given else None
