"""What a key of a YAML file may hold: annotated types that are checked and described in one place.

A dataclass of this package, or the options of a class that is registered elsewhere, names them in its fields:
`width_mm: Positive`. Plain `float`, `int`, `str`, `bool`, `list[str]`, `tuple[float, float]` and
`Literal["left", "right"]` work as well; numbers are always finite.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, MaxLen, MinLen

from neuromech._lib.numbers import LARGEST, LARGEST_WHOLE

Number = Annotated[float, Ge(-LARGEST), Le(LARGEST)]
"""A number of either sign."""
Positive = Annotated[float, Gt(0), Le(LARGEST)]
"""A number above 0."""
Duration = Annotated[float, Gt(0), Le(1e6)]
"""A length of time above 0, s; an episode of more than 11 days is a slip of the pen."""
NotNegative = Annotated[float, Ge(0), Le(LARGEST)]
"""A number of at least 0."""
Share = Annotated[float, Ge(0), Le(1)]
"""A number between 0 and 1."""
Count = Annotated[int, Ge(1), Le(10**9)]
"""A whole number of at least 1."""
Whole = Annotated[int, Ge(0), Le(LARGEST_WHOLE)]
"""A whole number of at least 0 that files can hold."""
Name = Annotated[str, MinLen(1)]
"""A word that is not empty."""
Vector2 = tuple[float, float]
"""x and y."""
Vector3 = tuple[float, float, float]
"""x, y and z."""
Interval = tuple[float, float]
"""The lower and the upper end."""
Colour = tuple[Share, Share, Share]
"""Red, green and blue."""

MOST_NAMES = 10_000
"""Names that one pattern may stand for: more than any animal has parts, few enough to list."""


@dataclass(frozen=True)
class Custom:
    """A type that is written in more ways than Python's, with the function that reads it.

    Parameters
    ----------
    expected : what a message says that the key must be.
    read : returns the value, or raises `ValueError` for something else.
    schema : the JSON schema of what may be written.
    """

    expected: str
    read: Callable[[Any], Any]
    schema: Mapping[str, Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        """Return the schema by which pydantic checks such a key."""
        from pydantic_core import PydanticCustomError, core_schema

        def checked(value: Any) -> Any:
            try:
                return self.read(value)
            except (TypeError, ValueError, KeyError):
                raise PydanticCustomError("custom", "custom") from None

        return core_schema.no_info_plain_validator_function(checked)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        """Return the JSON schema of such a key."""
        return dict(self.schema)

    def __hash__(self) -> int:
        """Be found by what it says."""
        return hash(self.expected)


def numbered(value: Any) -> tuple[str, ...]:
    """Return names from a list, or from `{prefix, first, count, digits}`: spine_00 ... spine_48.

    Raises
    ------
    ValueError
        It is neither, or there is no name in it.
    """
    if isinstance(value, Mapping):
        if not {"prefix", "count"} <= set(value) <= {"prefix", "first", "count", "digits"}:
            raise ValueError
        first, count, digits = value.get("first", 0), value["count"], value.get("digits", 2)
        whole = all(type(number) is int and number >= 0 for number in (first, count, digits))
        if not isinstance(value["prefix"], str) or not whole or not 0 < count <= MOST_NAMES or digits > 9:
            raise ValueError
        return tuple(f"{value['prefix']}{first + i:0{digits}d}" for i in range(count))
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        raise ValueError
    if not all(isinstance(name, str) and name for name in value):
        raise ValueError
    return tuple(value)


def _neurons(value: Any) -> tuple[str, ...]:
    words = [value] if isinstance(value, str) or type(value) is int else value
    if not isinstance(words, list | tuple) or "" in words:
        raise ValueError
    if not all(isinstance(word, str) or type(word) is int for word in words):
        raise ValueError
    return tuple(str(word) for word in words)


_WORD = {"type": "string", "minLength": 1}
_PATTERN = {
    "type": "object",
    "description": "Names that are numbered: {prefix: spine_, count: 49} is spine_00 ... spine_48.",
    "properties": {
        "prefix": {"type": "string"},
        "first": {"type": "integer", "minimum": 0, "default": 0},
        "count": {"type": "integer", "minimum": 1, "maximum": MOST_NAMES},
        "digits": {"type": "integer", "minimum": 0, "maximum": 9, "default": 2},
    },
    "required": ["prefix", "count"],
    "additionalProperties": False,
}
Names = Annotated[
    tuple[str, ...],
    Custom(
        "a list of names in brackets, or {prefix: word, count: number}",
        numbered,
        {"anyOf": [{"type": "array", "items": _WORD, "minItems": 1}, _PATTERN]},
    ),
]
"""Names of parts of a body, one at least: a list, or `{prefix, first, count, digits}` of numbered ones."""

_NEURON = {"anyOf": [_WORD, {"type": "integer"}]}
Neurons = Annotated[
    tuple[str, ...],
    Custom(
        "a name or a list of names in brackets",
        _neurons,
        {"anyOf": [_NEURON, {"type": "array", "items": _NEURON}]},
    ),
]
"""Neurons, classes or types: one name, or a list in which a name may be a number, as segmented cells have."""


def patterned(expected: str, pattern: str) -> Custom:
    """Return the check of a text that matches a regular expression as a whole."""

    def text(value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError
        return value

    return Custom(expected, text, {"type": "string", "pattern": f"^{pattern}$"})


Fit = Annotated[
    str,
    patterned(
        "the name of a file of the folder's fits/, as in shuffled_3 or shuffled_{seed}", r"\w+(\{seed\})?"
    ),
]
"""Parameters that another fit found: fits/NAME.yaml beside controller.yaml; {seed} is the seed of the run."""

__all__ = [
    "Fit",
    "Colour",
    "Count",
    "Custom",
    "Duration",
    "Interval",
    "MaxLen",
    "MinLen",
    "Name",
    "Names",
    "Neurons",
    "NotNegative",
    "Number",
    "Positive",
    "Share",
    "Vector2",
    "Vector3",
    "Whole",
    "patterned",
]
