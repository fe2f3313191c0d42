"""What a key must be, in plain words, from the type that a dataclass declares for it."""

from __future__ import annotations

import dataclasses
import math
import types
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Gt, Le, Lt

from neuromech.specs.values import Custom

UNITS = {
    "cycles_per_deg": "cycles/deg",
    "deg": "deg",
    "deg_s": "deg/s",
    "Hz": "Hz",
    "hz": "Hz",
    "mg": "mg",
    "mg_mm3": "mg/mm^3",
    "mg_mm_s": "mg/mm/s",
    "mg_s": "mg/s",
    "mM": "mM",
    "mm": "mm",
    "mm2_s": "mm^2/s",
    "mm_s": "mm/s",
    "mm_s2": "mm/s^2",
    "ms": "ms",
    "nN": "nN",
    "nN_mm": "nN/mm",
    "pA": "pA",
    "per_mm": "1/mm",
    "rad": "rad",
    "s": "s",
    "spikes_per_s": "1/s",
}
"""The unit that the end of a key's name stands for."""

FAR = 1e6
"""An upper end from here on is there for slips of the pen, and is told to nobody else."""


def unit_of(key: str) -> str:
    """Return the unit that the name of a key ends with, "" where it has none: mm/s of `speed_mm_s`."""
    parts = key.split("_")
    for first in range(len(parts)):
        if first and (unit := UNITS.get("_".join(parts[first:]))):
            return unit
    return UNITS.get(key, "")


def split(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """Return a type and the marks that `Annotated` gave it, those of nested ones first."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        kind, more = split(inner)
        return kind, (*more, *marks)
    return annotation, ()


def members(annotation: Any) -> tuple[Any, ...]:
    """Return the types of a union, or the one type that there is."""
    kind, _ = split(annotation)
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (annotation,)


def hints(cls: Any) -> dict[str, Any]:
    """Return the types of a dataclass' keys by the names that they have in YAML (`from_` is `from`).

    A field whose metadata say `{"hidden": True}` is no key.
    """
    found = get_type_hints(cls, include_extras=True)
    return {
        field.name.rstrip("_"): found[field.name]
        for field in dataclasses.fields(cls)
        if not field.metadata.get("hidden")
    }


def words(annotation: Any) -> list[str]:
    """Return the words that a value may be."""
    kinds = (split(part)[0] for part in members(annotation))
    return [str(word) for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]


def expected(annotation: Any, finite: bool = False, far: bool = False) -> str:
    """Return what a value must be: "a number above 0", "left or right", "2 numbers in brackets".

    `finite` says so of numbers, for a message about one that is not; `far` also tells ends that are far away.
    """
    kind, marks = split(annotation)
    for mark in marks:
        if isinstance(mark, Custom):
            return mark.expected
    if len(parts := members(annotation)) > 1:
        # Null leaves a key out, and needs no telling to somebody who wrote something else.
        ways = [expected(part, finite, far) for part in parts if part is not type(None)]
        return " or ".join(dict.fromkeys(ways))
    origin = get_origin(kind) or kind
    if origin is bool:
        return "true or false"
    if origin is int:
        return "a whole number" + _range(marks, far)
    if origin is float:
        return f"a {'finite ' if finite else ''}number" + _range(marks, far)
    if origin is str:
        return "text"
    if origin is Literal:
        return _listed([str(word) for word in get_args(kind)], "or")
    if dataclasses.is_dataclass(origin):
        return "a group of keys"
    if origin is Path:
        return "a path"
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return "a group of 'name: value'"
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return _sequence(get_args(kind), finite, far)
    return "something else"


def _sequence(items: tuple[Any, ...], finite: bool, far: bool) -> str:
    if items and items[-1] is not Ellipsis and len(items) > 1:
        return f"{len(items)} {_plural(items[0], finite, far)} in brackets"
    return f"a list of {_plural(items[0], finite, far) if items else 'values'} in brackets"


def _plural(annotation: Any, finite: bool, far: bool) -> str:
    kind, marks = split(annotation)
    origin = get_origin(kind) or kind
    if origin in (int, float):
        whole = "whole " if origin is int else "finite " if finite else ""
        return f"{whole}numbers{_range(marks, far)}"
    if origin is str:
        return "words"
    return "groups" if dataclasses.is_dataclass(origin) else "values"


def _range(marks: tuple[Any, ...], far: bool) -> str:
    low, high = -math.inf, math.inf
    above = below = False
    for mark in marks:
        if isinstance(mark, Gt):
            low, above = float(mark.gt), True  # type: ignore[arg-type]
        elif isinstance(mark, Ge):
            low = float(mark.ge)  # type: ignore[arg-type]
        elif isinstance(mark, Lt):
            high, below = float(mark.lt), True  # type: ignore[arg-type]
        elif isinstance(mark, Le):
            high = float(mark.le)  # type: ignore[arg-type]
    if not far:
        low, high = low if low > -FAR else -math.inf, high if high < FAR else math.inf
    if not above and not below and math.isfinite(low) and math.isfinite(high):
        return f" between {low:g} and {high:g}"
    ends = []
    if math.isfinite(low):
        ends.append(f"above {low:g}" if above else f"of at least {low:g}")
    if math.isfinite(high):
        ends.append(f"below {high:g}" if below else f"of at most {high:g}")
    return " " + " and ".join(ends) if ends else ""


def _listed(words: list[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
