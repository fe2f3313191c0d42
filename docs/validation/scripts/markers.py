"""Tables in files that people write: a text goes between two markers."""

from __future__ import annotations

from pathlib import Path

from neuromech._lib.errors import InputError
from neuromech.evaluation import tables_in_pages

VALIDATION = Path(__file__).resolve().parent.parent
"""The pages of the site that hold the tables."""


def into(file: Path, markers: tuple[str, str], text: str) -> bool:
    """Put ``text`` between the markers of a file; False if it has none."""
    try:
        tables_in_pages.put(file, markers, text)
    except InputError:
        return False
    return True
