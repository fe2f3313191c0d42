"""Attributes of a recording: what an episode was, in texts and numbers; lists and groups are JSON text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError

RENAMED = {"gait": "gait_tracker"}
"""Former names by which older recordings call attributes: `gait` is a metric, too."""


def stored(value: Any) -> str | int | float:
    """Return a value as netCDF can hold it; what is neither text nor number becomes JSON text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_ | int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    return json.dumps(value, default=str)


def checked(attrs: Mapping[str, Any], path: Path) -> dict[str, Any]:
    """Return the attributes of a recording under their present names, those that programs read checked.

    Raises
    ------
    InputError
        One is not what it must be; says its name and the file.
    """
    found = {RENAMED.get(str(name), str(name)): value for name, value in attrs.items()}
    for name in NEEDED:
        if name not in found:
            raise InputError(f"{path} is damaged: it has no attribute {name}")
    for name, value in found.items():
        what, fits = KINDS.get(name, ("", _anything))
        if not fits(value):
            shown = value.item() if isinstance(value, np.generic) else value
            shown = shown if isinstance(shown, str | int | float) else type(shown).__name__
            raise InputError(f"{path} is damaged: its attribute {name} must be {what}, not {shown!r:.60}")
    return found


def _anything(value: Any) -> bool:
    return True


def _number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and bool(np.isfinite(value))


def _flag(value: Any) -> bool:
    return _number(value) and int(value) in (0, 1)


def _length(value: Any) -> bool:
    return _number(value) and bool(value > 0)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _of_json(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def check(value: Any) -> bool:
        try:
            return isinstance(value, str) and fits(json.loads(value))
        except (ValueError, RecursionError):
            return False

    return check


def _words(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _names(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


def _groups(value: Any) -> bool:
    return isinstance(value, dict) and all(_words(each) for each in value.values())


def _mapping(value: Any) -> bool:
    return isinstance(value, dict)


NEEDED = ("complete", "ended", "record_s")
"""Attributes that every recording has."""
KINDS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "complete": ("0 or 1", _flag),
    "ended": ("a text", _text),
    "animal": ("a text", _text),
    "tracker": ("a text", _text),
    "units": ("a text", _text),
    "seed": ("a number", _number),
    "record_s": ("a number above 0", _length),
    "body_length_mm": ("a number above 0", _length),
    "environment": ("a JSON object", _of_json(_mapping)),
    "gait_tracker": ("a JSON object", _of_json(_mapping)),
    "limbs": ("a JSON object of names", _of_json(_names)),
    "joints": ("a JSON object of names", _of_json(_names)),
    "neuron_groups": ("a JSON object of lists of names", _of_json(_groups)),
    "traces": ("a JSON list of names", _of_json(_words)),
    "notes": ("a JSON list of texts", _of_json(_words)),
}
"""What an attribute must be, as a message says it, and whether a value is."""
