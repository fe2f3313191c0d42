"""Ctrl-C and SIGTERM as exceptions that are not lost.

Python drops an exception that a signal's handler raises inside a destructor or a weak reference's callback,
and a long loop over JAX calls many of those. Such a loop therefore asks by itself, between two steps. Where
nobody asks, the exception is raised at once, and again until it has come through: other people's code may
drop it, or answer it with an exception of another kind.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Interrupted(KeyboardInterrupt):
    """Ctrl-C."""


class Terminated(Interrupted):
    """SIGTERM, so that a program ends as it does on Ctrl-C."""


KINDS: dict[signal.Signals, type[Interrupted]] = {
    signal.SIGINT: Interrupted,
    signal.SIGTERM: Terminated,
}
"""The exception of each signal."""

AGAIN_S = 2.0
"""An interrupt that has not come through this long after it was raised is raised again, s."""

_asked: list[type[Interrupted]] = []
_asking: list[None] = []  # one entry for each loop under way that asks


def check() -> None:
    """Raise the interrupt that has arrived, if any."""
    if _asked:
        raise _asked[0]


@contextmanager
def asking() -> Iterator[Callable[[], None]]:
    """Hold interrupts back until the caller asks for them, with the function that this context gives."""
    check()
    _asking.append(None)
    try:
        yield check
    finally:
        _asking.pop()


def listen() -> Callable[[], None]:
    """Make both signals exceptions, raised at once where nobody asks; return what puts all back.

    What it returns may be called twice, and is called as soon as an exception has come through.
    """
    done, sending = threading.Event(), threading.Lock()

    def arrive(number: int, frame: object) -> None:
        if done.is_set():
            return
        kind = KINDS[signal.Signals(number)]
        if not _asked:
            _asked.append(kind)
        if not _asking:
            threading.Thread(target=send_again, args=(number,), daemon=True).start()
            raise kind

    def send_again(number: int) -> None:
        done.wait(AGAIN_S)
        with sending:
            if not done.is_set():
                os.kill(os.getpid(), number)

    former = {}
    for number in KINDS:
        try:
            former[number] = signal.signal(number, arrive)
        except ValueError:  # not in the main thread: signals are the caller's matter
            break

    def restore() -> None:
        with sending:
            done.set()
        _asked.clear()
        for number, handler in former.items():
            signal.signal(number, handler)

    return restore
