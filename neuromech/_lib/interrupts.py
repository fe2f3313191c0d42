"""Ctrl-C and SIGTERM as exceptions that are not lost.

Python drops an exception that a signal's handler raises inside a destructor or a weak reference's callback,
and a long loop over JAX calls many of those. Such a loop therefore asks by itself, between two steps.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Terminated(KeyboardInterrupt):
    """SIGTERM, so that a program ends like it does on Ctrl-C."""


KINDS: dict[signal.Signals, type[KeyboardInterrupt]] = {
    signal.SIGINT: KeyboardInterrupt,
    signal.SIGTERM: Terminated,
}
_asked: list[type[KeyboardInterrupt]] = []
_asking: list[None] = []  # one entry for each loop under way that asks


def check() -> None:
    """Raise the interrupt that has arrived, if any."""
    if _asked:
        raise _asked[0]


@contextmanager
def asking() -> Iterator[Callable[[], None]]:
    """While it lasts, interrupts wait for the caller to ask; gives the function to ask with."""
    check()
    _asking.append(None)
    try:
        yield check
    finally:
        _asking.pop()


def listen() -> Callable[[], None]:
    """Make both signals exceptions, raised at once where nobody asks; returns what puts all back."""

    def arrive(number: int, frame: object) -> None:
        _asked.append(KINDS[signal.Signals(number)])
        if not _asking:
            check()

    former = {}
    for number in KINDS:
        try:
            former[number] = signal.signal(number, arrive)
        except ValueError:  # not in the main thread: signals are the caller's matter
            break

    def restore() -> None:
        _asked.clear()
        for number, handler in former.items():
            signal.signal(number, handler)

    return restore
