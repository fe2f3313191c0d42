"""Tables in texts that people write: a table goes between two markers that name its evaluation."""

from __future__ import annotations

from pathlib import Path

from neuromech._lib.errors import InputError
from neuromech._lib.files import write_text
from neuromech.evaluation.scorecard import Scorecard, markdown


def markers(name: str) -> tuple[str, str]:
    """Return the marks before and after the table of an evaluation."""
    stem = Path(name).stem
    return f"<!-- evaluation {stem}: made by neuromech evaluate -->", f"<!-- /evaluation {stem} -->"


def check(page: Path, marks: tuple[str, str]) -> None:
    """Refuse a text that cannot be read or has no place for what goes between two marks.

    Raises
    ------
    InputError
        Says which marks it needs.
    """
    _parts(page, marks)


def write(page: Path, found: Scorecard) -> None:
    """Put the table of a card into a text.

    Raises
    ------
    InputError
        The text has no place for it, or cannot be written.
    """
    put(page, markers(found.evaluation), markdown(found))


def put(page: Path, marks: tuple[str, str], text: str) -> None:
    """Put a text between two marks of a file.

    Raises
    ------
    InputError
        The file has no place for it, or cannot be written.
    """
    before, after = _parts(page, marks)
    try:
        write_text(page, f"{before}\n{text}\n{after}".rstrip("\n"))
    except OSError as error:
        raise InputError(f"cannot write page={page}: {error.strerror or error}") from None


def _parts(page: Path, marks: tuple[str, str]) -> tuple[str, str]:
    opening, closing = marks
    try:
        text = page.read_text("utf-8")
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise InputError(f"cannot read page={page}: {said}") from None
    if text.count(opening) != 1 or text.count(closing) != 1 or text.index(opening) > text.index(closing):
        raise InputError(f"page={page} needs the lines '{opening}' and '{closing}', once each")
    head, rest = text.split(opening)
    return head + opening, closing + rest.split(closing)[1]
