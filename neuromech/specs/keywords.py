"""A run's keys as Python keywords: what `neuromech run` takes as `key=value`, from a notebook."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.specs.compose import PATH_KEYS
from neuromech.specs.perturb import Perturb

PERTURBATIONS = tuple(field.name for field in dataclasses.fields(Perturb))
"""Keys of `perturb`, which may be given without it: `ablate=["ASEL"]`."""
GROUPS = ("body", "environment", "controller", "perturb", "clock", "start")
"""Keys that hold other keys: a mapping given for one of them sets those."""
SHORT = {**{key: f"perturb.{key}" for key in PERTURBATIONS}, "connectome": "controller.connectome"}
"""Keys that may be given without the group that they stand in."""
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_NO_WORDS = ("true", "false", "null", "nan", "inf")


def overrides(keywords: Mapping[str, Any]) -> list[str]:
    """Return keywords as the `key=value` texts of the command line.

    Parameters
    ----------
    keywords : any key of a run's configuration; a dotted one, such as `environment.stimulus.width_mm`, may be
        given as `**{"environment.stimulus.width_mm": 5}` or as `environment={"stimulus": {"width_mm": 5}}`.
        The keys of `perturb` and `connectome` may stand alone. `seeds=range(3, 8)` is `seed=3, episodes=5`.

    Raises
    ------
    InputError
        `seeds` are not whole numbers that follow each other, or a value cannot be written in YAML.
    """
    given = dict(keywords)
    if "seeds" in given:
        for key in ("seed", "episodes"):
            if key in given:
                raise InputError(f"give seeds or {key}, not both")
        given["seed"], given["episodes"] = consecutive(given.pop("seeds"))
    texts = []
    for key, value in given.items():
        name = SHORT.get(key, key)
        if name in PATH_KEYS and isinstance(value, str | Path):  # taken as it stands, without quotes
            texts.append(f"{name}={value}")
            continue
        texts += [f"{path}={_text(path, each)}" for path, each in _leaves(name, value)]
    return texts


def consecutive(seeds: Any) -> tuple[int, int]:
    """Return the first of seeds that follow each other, and how many there are.

    Raises
    ------
    InputError
        They are not whole numbers that follow each other.
    """
    wanted = "seeds must be whole numbers that follow each other, as in range(3, 8)"
    if isinstance(seeds, str | bytes) or not isinstance(seeds, Sequence | range | np.ndarray):
        raise InputError(f"{wanted}, not {seeds!r}")
    numbers = [
        int(each) if isinstance(each, int | np.integer) and not isinstance(each, bool) else None
        for each in seeds
    ]
    first = numbers[0] if numbers else None
    if first is None or numbers != list(range(first, first + len(numbers))):
        raise InputError(f"{wanted}, not {seeds!r}")
    return first, len(numbers)


def _leaves(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the keys that a value sets: those inside a mapping that is given for a group of keys."""
    if isinstance(value, Mapping) and key.split(".")[0] in GROUPS and (value or key in GROUPS):
        for inner, each in value.items():
            yield from _leaves(f"{key}.{inner}", each)
    else:
        yield key, value


def _text(key: str, value: Any) -> str:
    """Return a value in the grammar of the command line, in which every text is quoted."""
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str) and _WORD.fullmatch(value) and value.casefold() not in _NO_WORDS:
        return value
    if isinstance(value, str | Path):
        # A backslash is one only before a quote, and there it has to be doubled.
        return "'" + re.sub(r"(\\*)('|$)", lambda m: m[1] * 2 + ("\\'" if m[2] else ""), str(value)) + "'"
    if isinstance(value, Mapping):
        for name in value:
            if not _WORD.fullmatch(str(name)):
                raise InputError(f"{key}: a key must be a plain word, not {name!r}")
        return "{" + ",".join(f"{name}:{_text(key, each)}" for name, each in value.items()) + "}"
    if isinstance(value, Sequence | range | set | frozenset):
        return "[" + ",".join(_text(key, each) for each in value) + "]"
    raise InputError(f"{key} must be a number, a text, a list or a dict, not {type(value).__name__}")
