"""Tables in files that people write: a text goes between two markers."""

from __future__ import annotations

from pathlib import Path

VALIDATION = Path(__file__).resolve().parent.parent / "docs" / "validation"
"""The pages of the site that hold the tables."""


def into(file: Path, markers: tuple[str, str], text: str) -> bool:
    """Put ``text`` between the markers of a file; False if it has none."""
    whole = file.read_text()
    if markers[0] not in whole:
        return False
    head, rest = whole.split(markers[0])
    file.write_text(f"{head}{markers[0]}\n{text}\n{markers[1]}{rest.split(markers[1])[1]}")
    return True
