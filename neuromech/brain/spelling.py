"""Names of neurons as people write them: `DD01`, `AVA_L` and `avar` for `DD1`, `AVAL` and `AVAR`."""

from __future__ import annotations

import re
from collections.abc import Iterable

SEPARATOR = re.compile(r"(?<!\d)[\s_.-]+|[\s_.-]+(?!\d)")
"""Separators between the parts of a name; between numbers they have a meaning: `PB_1_2` is not `PB_12`."""
LEADING_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
"""Zeros in front of a number, as in `DD01`."""


class SpellingWarning(UserWarning):
    """A name was not that of any neuron as it was written, but only one could be meant."""


def folded(name: str) -> str:
    """Return a name without what people write differently: case, separators and leading zeros."""
    return LEADING_ZEROS.sub("", SEPARATOR.sub("", name)).casefold()


def by_folded(valid: Iterable[str]) -> dict[str, str]:
    """Return the valid names by how they read once folded, without those that then read alike."""
    found: dict[str, str] = {}
    ambiguous = set()
    for name in valid:
        if found.setdefault(folded(name), name) != name:
            ambiguous.add(folded(name))
    return {key: name for key, name in found.items() if key not in ambiguous}


def note(written: str, meant: str) -> str:
    """Return the line that says how a name was read."""
    return f"{written} is read as {meant}"
