"""Attributes of a recording: what an episode was, in texts and numbers; lists and groups are JSON text.

A file may have been edited by hand. All that this program takes from attributes later is looked at here,
once, so that a wrong value is one line and not a traceback elsewhere. Those of other names are nobody's
business and stay as they are.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError

RENAMED = {"gait": "gait_tracker"}
"""Former names by which older recordings call attributes: `gait` is a metric, too."""
NEEDED = ("complete", "ended", "record_s")
"""Attributes that every recording has."""
SECTIONS = ("medium", "stimulus", "plate", "floor", "norms")
"""Groups of an environment."""
_APPENDAGES = {"proboscis": {"head", "tip", "extended_mm"}, "grooming": {"left", "right", "near_mm"}}
"""Groups of what a tracker of gaits looks at, and the keys of each."""
_PAIRS = ("head", "across", "along")
"""What a tracker of gaits reads from two landmarks."""


def stored(value: Any) -> str | int | float:
    """Return a value as netCDF can hold it; what is neither text nor number becomes JSON text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_ | int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(value)
    return json.dumps(value, default=str)


def checked(attrs: Mapping[str, Any], path: Path, landmarks: Collection[str]) -> dict[str, Any]:
    """Return the attributes of a recording under their present names, those that programs read checked.

    `landmarks` are the names of the body's landmarks, of which a tracker of gaits looks at some.

    Raises
    ------
    InputError
        One is missing, or not what it must be; says its name and the file.
    """
    found = {RENAMED.get(str(name), str(name)): value for name, value in attrs.items()}
    for name in NEEDED:
        if name not in found:
            raise InputError(f"{path} is damaged: it has no attribute {name}")
    for name, (what, fits) in KINDS.items():
        if name in found and not fits(found[name]):
            raise InputError(
                f"{path} is damaged: its attribute {name} must be {what}, not {_shown(found[name])}"
            )
    for key, value in _looked_at(json.loads(found.get("gait_tracker", "{}"))):
        if not _sound(key, value, landmarks):
            raise InputError(
                f"{path} is damaged: its attribute gait_tracker says {key}: {str(value)[:60]!r}, "
                "which cannot be"
            )
    return found


def _shown(value: Any) -> str:
    value = value.item() if isinstance(value, np.generic) else value
    return f"{value if isinstance(value, str | int | float) else type(value).__name__!r:.60}"


def _looked_at(gait: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Return what a tracker of gaits looks at as (key, value), keys of groups as `group.key`."""
    pairs: list[tuple[str, Any]] = []
    for name, value in gait.items():
        inner = value.items() if isinstance(value, Mapping) else None
        pairs += [(name, value)] if inner is None else [(f"{name}.{key}", each) for key, each in inner]
    return pairs


def _sound(key: str, value: Any, landmarks: Collection[str]) -> bool:
    """Return whether a size is a number of at least 0, and whether landmarks are there."""
    if key.startswith("stride_line."):
        return isinstance(value, list) and len(value) > 1 and all(map(_number, value))
    if key.endswith("_mm"):
        return _number(value) and float(value) >= 0
    words = value if isinstance(value, list) else [value]
    return all(isinstance(each, str) and each in landmarks for each in words) and (
        key not in _PAIRS or len(words) == 2
    )


def _number(value: Any) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool) and _finite(value)


def _flag(value: Any) -> bool:
    return _number(value) and float(value) in (0.0, 1.0)


def _seed(value: Any) -> bool:
    return _number(value) and float(value) >= 0 and float(value) % 1 == 0


def _length(value: Any) -> bool:
    return _number(value) and float(value) > 0


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


def _environment(value: Any) -> bool:
    """Return whether a group may be an environment: its sections are groups, its numbers are numbers."""
    if not isinstance(value, dict) or not isinstance(value.get("name", ""), str):
        return False
    sections = {name: value.get(name) or {} for name in SECTIONS}
    if not all(isinstance(each, dict) for each in sections.values()) or not _finite(value):
        return False
    current, radius = sections["medium"].get("current_mm_s"), sections["plate"].get("radius_mm")
    vector = isinstance(current, list) and len(current) in (2, 3) and all(map(_number, current))
    return (current is None or vector) and (radius is None or (_number(radius) and radius >= 0))


def _gait(value: Any) -> bool:
    """Return whether a group may be what a tracker of gaits looks at."""
    if not isinstance(value, dict) or not _finite(value):
        return False
    for name, keys in _APPENDAGES.items():
        if name in value and not (isinstance(value[name], dict) and set(value[name]) == keys):
            return False
    feet = value.get("grooming") or {}
    return all(isinstance(feet[side], list) and len(feet[side]) == 3 for side in ("left", "right") if feet)


def _finite(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_finite(each) for each in value.values())
    if isinstance(value, list):
        return all(_finite(each) for each in value)
    try:
        return not isinstance(value, int | float | np.number) or math.isfinite(value)
    except (OverflowError, TypeError):  # a whole number beyond every float, a complex one
        return False


KINDS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "complete": ("0 or 1", _flag),
    "posture_given": ("0 or 1", _flag),
    **dict.fromkeys(
        (
            "ended",
            "animal",
            "experiment",
            "tracker",
            "units",
            "frame",
            "source",
            "content_hash",
            "connectome",
        ),
        ("a text", _text),
    ),
    "seed": ("a whole number of at least 0", _seed),
    "record_s": ("a number above 0", _length),
    "body_length_mm": ("a number above 0", _length),
    "environment": ("a JSON object that describes an environment", _of_json(_environment)),
    "gait_tracker": ("a JSON object that says what a tracker of gaits looks at", _of_json(_gait)),
    "limbs": ("a JSON object of names", _of_json(_names)),
    "joints": ("a JSON object of names", _of_json(_names)),
    "neuron_groups": ("a JSON object of lists of names", _of_json(_groups)),
    "traces": ("a JSON list of names", _of_json(_words)),
    "notes": ("a JSON list of texts", _of_json(_words)),
}
"""What an attribute must be, as a message says it, and whether a value is."""
