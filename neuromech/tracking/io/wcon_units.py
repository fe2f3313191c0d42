"""Units as WCON spells them: prefixes, words and letters, and factors such as 0.04*s, in/72 or 12*in."""

from __future__ import annotations

import math
import re
from pathlib import Path

from neuromech._lib.errors import InputError

_POWERS = {"centi": 1e-2, "milli": 1e-3, "micro": 1e-6, "nano": 1e-9, "kilo": 1e3, "mega": 1e6, "giga": 1e9}
_LETTERS = {"c": "centi", "m": "milli", "u": "micro", "\u00b5": "micro", "\u03bc": "micro", "n": "nano",
            "k": "kilo", "K": "kilo", "M": "mega", "G": "giga"}  # fmt: skip
_WORD = re.compile(rf"({'|'.join(_POWERS)})?(metre|meter|second|minute|hour|day|inch|micron)(?:e?s)?")
_LETTER = re.compile(rf"([{''.join(_LETTERS)}])?(sec|s|m)|(min|h|d|in)")
_MM = {"metre": 1e3, "meter": 1e3, "m": 1e3, "micron": 1e-3, "inch": 25.4, "in": 25.4}
_S = {"second": 1.0, "sec": 1.0, "s": 1.0, "minute": 60.0, "min": 60.0, "hour": 3600.0, "h": 3600.0,
      "day": 86400.0, "d": 86400.0}  # fmt: skip
_PIXELS = {"px", "pixel", "pixels"}


def in_pixels(text: object) -> bool:
    """Return whether a unit is one of pixels."""
    return _split(text)[1] in _PIXELS


def millimetres(text: object, mm_per_px: float | None, path: Path) -> float:
    """Return the mm of a unit of length; pixels take the user's scale.

    Raises
    ------
    InputError
        It is no unit of length that is known here.
    """
    factor, name = _split(text)
    if name in _PIXELS and mm_per_px:
        return factor * mm_per_px
    found = _value(name, _MM)
    if found is None:
        more = "; add mm_per_px=NUMBER" if name in _PIXELS else ""
        raise InputError(f"{path}: lengths in {repr(text)[:40]}, a unit that is not known here{more}")
    return factor * found


def seconds(text: object, path: Path) -> float:
    """Return the seconds of a unit of time.

    Raises
    ------
    InputError
        It is no unit of time that is known here.
    """
    factor, name = _split(text)
    found = _value(name, _S)
    if found is None:
        raise InputError(f"{path}: times in {repr(text)[:40]}, a unit that is not known here")
    return factor * found


def _value(name: str, units: dict[str, float]) -> float | None:
    word, letter = _WORD.fullmatch(name), _LETTER.fullmatch(name)
    if word and word[2] in units:
        return _POWERS.get(word[1] or "", 1.0) * units[word[2]]
    if letter:
        unit, prefix = letter[2] or letter[3], _LETTERS.get(letter[1] or "", "")
        return _POWERS.get(prefix, 1.0) * units[unit] if unit in units else None
    return None


def _split(text: object) -> tuple[float, str]:
    """Return the factor and the one unit of a product such as 0.04*s or s/25; (1, all of it) of others."""
    whole = str(text).strip()
    factor, unit = 1.0, ""
    for sign, part in re.findall(r"(^|[*/])([^*/]*)", whole):
        try:
            number = float(part)
        except ValueError:
            if unit or sign == "/":
                return 1.0, whole
            unit = part.strip()
            continue
        if not 0 < number < math.inf:
            return 1.0, whole
        factor = factor / number if sign == "/" else factor * number
    return (factor, unit) if 0 < factor < math.inf else (1.0, whole)
