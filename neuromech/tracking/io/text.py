"""Text files in whatever encoding an editor or a spreadsheet saved them.

UTF-8 with or without a byte order mark, UTF-16 and UTF-32, and Windows-1252 where a file is none of these:
the last is a guess, which leaves numbers alone and may spell names wrongly, so that it is noted. A stray byte
among numbers is no accent in a name: such a file is damaged.
"""

from __future__ import annotations

import codecs
import io
import re
from pathlib import Path
from typing import TextIO

from neuromech._lib.errors import InputError

WINDOWS = "cp1252"
"""What Western European versions of Windows call ANSI; its letters are those of Latin-1."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PIECE = 1 << 20
_HEAD = 1 << 16
# Control characters but blanks and the one that ends a file in DOS, and a lone letter, or a lone sign but for
# that of degrees beside a digit, which no language writes.
_STRAY = re.compile(
    rb"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f\x7f]"
    rb"|(?<![A-Za-z\x80-\xff])[\xc0-\xff](?![A-Za-z\x80-\xff])"
    rb"|(?<=[0-9.])[\x80-\xaf\xb1-\xbf](?![A-Za-z\x80-\xff])|(?<![A-Za-z\x80-\xff])[\x80-\xaf\xb1-\xbf](?=[0-9.])"
)


def encoding(path: Path, head_only: bool = False) -> str:
    """Return the name of a text file's encoding; `head_only` looks at its first 64 kB alone.

    Raises
    ------
    InputError: it cannot be opened, or its bytes are no text.
    """
    try:
        with path.open("rb") as file:
            return _encoding(file, path, _HEAD if head_only else None)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror or error}") from None


def opened(path: Path, name: str) -> TextIO:
    """Open a text file of the encoding `name`, its line ends as they are."""
    return path.open(newline="", encoding=name)


def decode(content: bytes, path: Path) -> tuple[str, str]:
    """Return the text of the bytes that `path` holds, and the name of their encoding.

    Raises
    ------
    InputError: they are no text.
    """
    name = _encoding(io.BytesIO(content), path, None)
    return content.decode(name), name


def notes(name: str) -> list[str]:
    """Return what the user should know about the encoding `name`."""
    if name != WINDOWS:
        return []
    return ["the file is not in UTF-8; it was read as Windows-1252, so names with accents may be wrong"]


def _encoding(file: io.BufferedIOBase, path: Path, most: int | None) -> str:
    marked = _marked(file.read(_HEAD))
    names, places = (marked,) if marked else ("utf-8", WINDOWS), []
    for name in names:
        file.seek(0)
        place = _bad_byte(file, name, most)
        if place is None:
            return name
        places.append(place)
    file.seek(places[0])
    wrong = file.read(1)
    said = f"byte {places[0]} is 0x{wrong[0]:02x}" if wrong else "it ends in the middle of a character"
    kind = f"text in {names[0].upper().removesuffix('-SIG')}, as it begins" if marked else "text"
    raise InputError(f"{path} cannot be read: it is no {kind} ({said})")


def _marked(first: bytes) -> str | None:
    """Return the encoding that a mark, or every other byte being zero, shows."""
    for mark, name in _MARKS:
        if first.startswith(mark):
            return name
    even, odd = first[: len(first) // 2 * 2 : 2], first[1::2]
    if len(odd) >= 4 and (odd.count(0) > 0.9 * len(odd)) != (even.count(0) > 0.9 * len(even)):
        return "utf-16-le" if odd.count(0) > even.count(0) else "utf-16-be"
    return None


def _bad_byte(file: io.BufferedIOBase, name: str, most: int | None) -> int | None:
    """Return the place of the first byte that cannot be, None if all can."""
    decoder, place, last = codecs.getincrementaldecoder(name)(), 0, b""
    while True:
        piece = file.read(_PIECE if most is None else most)
        if name == WINDOWS and (stray := _STRAY.search(last + piece)):
            return place - len(last) + stray.start()
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(piece, final=not piece and most is None)
        except UnicodeDecodeError as error:
            return max(place - pending + error.start, 0)
        place, last = place + len(piece), piece[-1:]
        if not piece or most is not None:
            return None
