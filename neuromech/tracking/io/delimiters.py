"""Why the columns of a table cannot be told apart: spreadsheets of other countries, and tabs.

Such a table is not read: whatever saved it may have changed the numbers, too (a spreadsheet that writes
decimal commas takes 460.405 for four hundred and sixty thousand). The error says what to do.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_OTHERS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_WAY_OUT = "use the file as the tracker wrote it, or save it with commas and decimal points"


def cause(header: Sequence[str]) -> str:
    """Return what separates the columns of a table if not commas, from its first row; "" if commas do."""
    if header and header[0].strip().lower().startswith("sep="):
        return f"begins with a line for spreadsheets ('{header[0].strip()[:8]}'); {_WAY_OUT}"
    whole = ",".join(header)
    for mark, name in _OTHERS.items():
        if whole.count(mark) >= 2 * len(header):
            return f"separates its columns by {name}, not by commas; {_WAY_OUT}"
    if len(header) == 1 and len(header[0].split()) >= 3:
        return f"separates its columns by blanks, not by commas; {_WAY_OUT}"
    return ""


def decimal_comma(cell: str) -> str:
    """Return why a cell is no number if it is one with a decimal comma, "" otherwise."""
    if re.fullmatch(r"\s*[-+]?\d+,\d+\s*", cell):
        return ": that is a decimal comma; save the table with decimal points"
    return ""
