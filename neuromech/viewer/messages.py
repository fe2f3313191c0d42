"""What a page may ask of a session: a few words with checked values, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le, MaxLen

from neuromech._lib.errors import InputError, unknown
from neuromech.specs.checking import check, strict
from neuromech.specs.values import Whole
from neuromech.viewer import acts
from neuromech.viewer.acts import Act

LARGEST_BYTES = 65_536
"""A message is at most as long as this."""


@strict
@dataclass(frozen=True)
class Play:
    """Let the loop run."""


@strict
@dataclass(frozen=True)
class Pause:
    """Hold the loop."""


@strict
@dataclass(frozen=True)
class Step:
    """Play some control periods and hold the loop."""

    periods: Annotated[int, Ge(1), Le(10_000)] = 1


@strict
@dataclass(frozen=True)
class Reset:
    """Begin the episode again, with another seed if one is given."""

    seed: Whole | None = None


@strict
@dataclass(frozen=True)
class Speed:
    """Set how fast simulated time runs against real time; null is as fast as it can."""

    times: Annotated[float, Gt(0), Le(1000)] | None = None


@strict
@dataclass(frozen=True)
class Save:
    """Return the YAML and the command line that repeat the episode."""


@strict
@dataclass(frozen=True)
class _Written:
    """An act as it is written."""

    act: Annotated[str, MaxLen(40)]
    keys: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Do:
    """Do something to the animal."""

    act: Act


Message = Play | Pause | Step | Reset | Speed | Save | Do


WORDS: dict[str, type[Any]] = {
    "play": Play,
    "pause": Pause,
    "step": Step,
    "reset": Reset,
    "speed": Speed,
    "save": Save,
    "do": _Written,
}
"""The words that a message may begin with."""


def read(text: str | bytes) -> Message:
    """Return what a message asks for.

    Raises
    ------
    InputError
        It is no JSON object with a known word under "say", or a value is not what it must be.
    """
    if isinstance(text, bytes):
        raise InputError("a message is text")
    if len(text) > LARGEST_BYTES:
        raise InputError(f"a message has at most {LARGEST_BYTES} characters")
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError):
        raise InputError("a message is a JSON object") from None
    if not isinstance(tree, Mapping):
        raise InputError("a message is a JSON object")
    word = tree.get("say")
    if not isinstance(word, str) or word not in WORDS:
        raise unknown("message", str(word)[:40], WORDS)
    found = check(WORDS[word], {key: value for key, value in tree.items() if key != "say"})
    return Do(acts.read(found.act, found.keys)) if isinstance(found, _Written) else found
