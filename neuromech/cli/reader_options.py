"""The options of the command line about an animal's file: the fields of `ReaderOptions`, by their own names.

The names and kinds of the options are those of the dataclass; this module holds the way in which each is
written, and its line of the help.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from neuromech.cli import value_checks

if TYPE_CHECKING:
    from neuromech.specs.run import Run
    from neuromech.tracking.io.base import ReaderOptions

HELP = {
    "fps": ("fps=30", "frames per second"),
    "unit": ("unit=mm", "or px, um, cm, m"),
    "mm_per_px": ("mm_per_px=0.01", "scale of a picture"),
    "spine": ("spine=[nose,...]", "the keypoints of the midline, nose to tail"),
    "limbs": ("limbs={hl:foot,...}", "the feet, by leg: f or h and l or r; six legs also m"),
    "joints": ("joints={hip_hl:name,...}", "joints of the hind legs: back_, hip_, knee_, heel_ of hl and hr"),
    "keypoints": ("keypoints=[a,...]", "names, where the file has none"),
    "individual": ("individual=2", "which animal, where there are several"),
    "likelihood": ("likelihood=0.6", "less certain points are gaps"),
    "max_gap_s": ("max_gap_s=0.2", "bridge gaps up to this"),
    "frames": ("frames=[0,9999]", "only these"),
    "up": ("up=-y", "which way is up, in 3-D"),
    "y_down": ("y_down=true", "y points down the picture"),
}
"""How each option is written, and its explanation in the help."""

OURS = ("body_length_mm",)
"""The fields that the command itself fills in."""

KINDS: dict[str, Callable[[Mapping[str, Any], str], Any]] = {
    "float": value_checks.number,
    "str": value_checks.word,
    "bool": value_checks.flag,
    "tuple[str, ...]": value_checks.words,
    "tuple[int, int]": value_checks.pair,
    "Mapping[str, str]": value_checks.group,
}
"""The function that checks a value, by the type of the field."""


def options() -> dict[str, str]:
    """Return the type of every option by name, as the dataclass has them."""
    from neuromech.tracking.io.base import ReaderOptions

    return {
        each.name: str(each.type).removesuffix(" | None")
        for each in fields(ReaderOptions)
        if each.name not in OURS
    }


def describe() -> str:
    """Return the lines of the help on the animal's file."""
    from neuromech.tracking.io import FORMATS

    lines = ["about the animal's file, where it does not say it itself:"]
    names = list(FORMATS)
    for start in range(0, len(names), 6):
        told = "format=NAME" if not start else ""
        ends = "," if start + 6 < len(names) else "; else it is found out"
        lines.append(f"  {told:<20} {', '.join(names[start : start + 6])}{ends}")
    shown = [HELP.get(name, (f"{name}=...", "")) for name in options()]
    return "\n".join([*lines, *(f"  {how:<20} {about}".rstrip() for how, about in shown)])


def read(given: Mapping[str, Any], run: Run | None) -> ReaderOptions:
    """Return what the user says about the animal's file, checked.

    `run` is the simulation's, whose body tells how long the animal should be.
    """
    from neuromech.tracking.io.base import ReaderOptions

    found = {name: KINDS[kind](given, name) for name, kind in options().items() if name in given}
    return ReaderOptions(**found, body_length_mm=run.body.length_mm if run else None)
