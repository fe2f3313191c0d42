"""The one error a user is meant to read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

LONGEST = 100
"""A name of more characters than this is cut off in a message."""
LONGEST_LINE = 1000
"""A message of more characters loses its middle."""


class InputError(ValueError):
    """Something the user gave is wrong, said in one line.

    The command line prints the message on stderr without a traceback and exits with code 2. What a file or a
    path puts into the message cannot break the line nor command the terminal: characters that do not print
    are spelled out, a line break as a backslash and n.
    """

    def __init__(self, message: object = "") -> None:
        said = "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(message))
        if len(said) > LONGEST_LINE:  # a file may hold names without end; what to do stands at the end
            said = f"{said[: LONGEST_LINE // 2]} ... {said[-LONGEST_LINE // 2 + 5 :]}"
        super().__init__(said)


class UnexpectedKeyword(InputError, TypeError):
    """A keyword that something does not take: what Python's own calls raise, too.

    Libraries that try keywords out, as TorchRL does with `frameskip`, look for this type and its words.
    """


def nearest(name: str, valid: Iterable[str], count: int = 4) -> list[str]:
    """Return up to `count` valid names that are like `name`, best first, ignoring case."""
    by_folded = {candidate.casefold(): candidate for candidate in valid}
    return [
        by_folded[key] for key in difflib.get_close_matches(name.casefold(), by_folded, n=count, cutoff=0.5)
    ]


def unknown(kind: str, name: str, valid: Iterable[str]) -> InputError:
    """Return the error for a name that does not exist, with the nearest ones that do.

    `kind` says what was looked for ("neuron", "experiment"); `valid` are the names there are.
    """
    name, there_are = str(name), sorted(set(valid))
    near = nearest(name, there_are)
    if near:
        hint = f"nearest: {', '.join(near)}"
    elif len(there_are) > 8:
        hint = f"there are {', '.join(there_are[:8])} and {len(there_are) - 8} more"
    else:
        hint = f"there are {', '.join(there_are) or 'none'}"
    return InputError(f"unknown {kind} '{name if len(name) <= LONGEST else f'{name[:LONGEST]}...'}'; {hint}")


def unexpected_keyword(what: str, name: str, valid: Iterable[str], advice: str = "") -> UnexpectedKeyword:
    """Return the error for a keyword that `what` does not take, with the nearest ones that it does."""
    listed = sorted(valid)
    near = nearest(name, listed)
    hint = f"nearest: {', '.join(near)}" if near else f"there are {', '.join(listed)}"
    shown = name if len(name) <= LONGEST else f"{name[:LONGEST]}..."
    return UnexpectedKeyword(f"{what} got an unexpected keyword argument '{shown}'; {hint}{advice}")
