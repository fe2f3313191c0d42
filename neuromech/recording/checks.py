"""What a recording says of itself, checked when it is read back: a file may have been edited by hand.

The recorder stores words and numbers as they are, and lists and groups as JSON (`Recorder`). Everything that
this program takes from them later is looked at here, once, so that a wrong value is one line and not a
traceback somewhere else. Attributes of other names are nobody's business and stay as they are.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neuromech._lib.errors import InputError

_AXES = {
    "landmarks": ("time", "landmark", "xyz"),
    "qpos": ("time", "q"),
    "muscle": ("time", "muscle"),
    "activity": ("time", "neuron"),
    "stimulus": ("time", "stimulus_channel"),
    "spike_time": ("spike",),
    "spike_neuron": ("spike",),
}
"""Axes of the variables of a recording; those of senses are (time, NAME_channel)."""
_WORDS = ("animal", "experiment", "tracker", "ended", "units", "frame", "source", "content_hash")
_SECTIONS = ("medium", "stimulus", "plate", "floor", "norms")
"""Groups of an environment."""


def check(dataset: xr.Dataset, path: Path) -> None:
    """Check the attributes of a recording, and the axes of its variables.

    Raises
    ------
    InputError
        One of them is not what a recorder writes.
    """
    for name in ("complete", "record_s"):
        if name not in dataset.attrs:
            raise InputError(f"{path} has no attribute {name}, which every recording has")
    for name, expected, good in _ATTRIBUTES:
        if name in dataset.attrs and not good(dataset.attrs[name]):
            said = repr(dataset.attrs[name])
            said = said if len(said) <= 60 else f"{said[:57]}..."
            raise InputError(f"{path}: its attribute {name} should be {expected}, not {said}")
    for name, variable in dataset.variables.items():
        axes = _axes(str(name))
        if axes and variable.dims != axes:
            raise InputError(f"{path}: its {name} should be ({', '.join(axes)}), not {variable.dims}")
        if axes and variable.dtype.kind not in "iuf":
            raise InputError(f"{path}: its {name} does not hold numbers")
        for axis in axes[1:]:
            label = "muscle_name" if axis == "muscle" else axis
            _check_names(dataset, str(name), label, axis, path)
    if "xyz" in dataset.variables and [str(each) for each in dataset["xyz"].values] != ["x", "y", "z"]:
        raise InputError(f"{path}: its landmarks should have the coordinates x, y, z")
    _check_gait(dataset, path)


def _check_gait(dataset: xr.Dataset, path: Path) -> None:
    """Check what a tracker of gaits looks at: landmarks by name, and sizes in mm (`body.yaml`, key gait)."""
    looks = json.loads(dataset.attrs.get("gait_tracker") or dataset.attrs.get("gait") or "{}")
    known = {str(name) for name in dataset["landmark"].values}
    for name, value in looks.items():
        inner = {f"{name}.{key}": each for key, each in value.items()} if isinstance(value, Mapping) else {}
        for key, each in (inner or {name: value}).items():
            if key.endswith("_mm"):
                good = _number(each, 0.0)
            else:
                words = each if isinstance(each, list) else [each]
                pair = len(words) == {"head": 2, "across": 2, "along": 2}.get(key, len(words))
                good = pair and all(isinstance(word, str) and word in known for word in words)
            if not good:
                raise InputError(
                    f"{path}: its attribute gait says {key}: {str(each)[:60]!r}, which cannot be"
                )


def _check_names(dataset: xr.Dataset, name: str, label: str, axis: str, path: Path) -> None:
    if label not in dataset.variables or dataset[label].dims != (axis,):
        raise InputError(f"{path}: its {name} has no names along {axis}")
    words = [str(each) for each in dataset[label].values]
    if len(set(words)) < len(words):
        again = Counter(words).most_common(1)[0][0]
        raise InputError(f"{path}: {again[:40]!r} stands twice along {axis}")


def _axes(name: str) -> tuple[str, ...]:
    if name.startswith("sense_"):
        return "time", f"{name.removeprefix('sense_')}_channel"
    return _AXES.get(name, ())


def _number(value: object, least: float = -math.inf, above: bool = False) -> bool:
    if isinstance(value, str | bytes | bool) or not isinstance(value, int | float | np.number):
        return False
    size = float(value.real)
    return math.isfinite(size) and (size > least if above else size >= least)


def _json(value: object, good: Callable[[Any], bool]) -> bool:
    """Return whether a text is JSON of which `good` is true; an empty one stands for nothing."""
    try:
        return isinstance(value, str) and (not value or good(json.loads(value)))
    except (ValueError, RecursionError):
        return False


def _names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _group(value: object, good: Callable[[Any], bool]) -> bool:
    return isinstance(value, Mapping) and all(good(each) for each in value.values())


def _environment(value: object) -> bool:
    """Return whether a group may be an environment: its sections are groups, its numbers are numbers."""
    if not isinstance(value, Mapping) or not isinstance(value.get("name", ""), str):
        return False
    sections = {name: value.get(name) or {} for name in _SECTIONS}
    if not all(isinstance(each, Mapping) for each in sections.values()) or not _finite(value):
        return False
    current, radius = sections["medium"].get("current_mm_s"), sections["plate"].get("radius_mm")
    if current is not None and not (
        isinstance(current, list) and len(current) in (2, 3) and all(map(_number, current))
    ):
        return False
    return radius is None or _number(radius, 0.0)


def _gait(value: object) -> bool:
    """Return whether a group may be what a tracker of gaits looks at."""
    if not isinstance(value, Mapping) or not _finite(value):
        return False
    wanted = {"proboscis": {"head", "tip", "extended_mm"}, "grooming": {"left", "right", "near_mm"}}
    for name, keys in wanted.items():
        if name in value and not (isinstance(value[name], Mapping) and set(value[name]) == keys):
            return False
    feet = value.get("grooming") or {}
    return all(isinstance(feet[side], list) and len(feet[side]) == 3 for side in ("left", "right") if feet)


def _finite(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(_finite(each) for each in value.values())
    if isinstance(value, list):
        return all(_finite(each) for each in value)
    return not isinstance(value, float) or math.isfinite(value)


_ATTRIBUTES: list[tuple[str, str, Callable[[Any], bool]]] = [
    *((name, "a word", lambda value: isinstance(value, str)) for name in _WORDS),
    ("complete", "0 or 1", lambda value: _number(value) and value in (0, 1)),
    ("posture_given", "0 or 1", lambda value: _number(value) and value in (0, 1)),
    ("seed", "a whole number of at least 0", lambda value: _number(value, 0) and float(value) % 1 == 0),
    ("record_s", "a number of seconds above 0", lambda value: _number(value, 0.0, above=True)),
    ("body_length_mm", "a number of mm above 0", lambda value: _number(value, 0.0, above=True)),
    ("notes", "a list of words in JSON", lambda value: _json(value, _names)),
    ("traces", "a list of names in JSON", lambda value: _json(value, _names)),
    ("neuron_groups", "lists of names by group in JSON", lambda v: _json(v, lambda g: _group(g, _names))),
    ("limbs", "names by leg in JSON", lambda v: _json(v, lambda g: _group(g, lambda w: isinstance(w, str)))),
    (
        "joints",
        "names by joint in JSON",
        lambda v: _json(v, lambda g: _group(g, lambda w: isinstance(w, str))),
    ),
    ("gait", "a group in JSON", lambda value: _json(value, _gait)),
    ("gait_tracker", "a group in JSON", lambda value: _json(value, _gait)),
    ("environment", "an environment in JSON", lambda value: _json(value, _environment)),
]
"""Name of every attribute that is read again, what it should be, and whether a value is that."""
