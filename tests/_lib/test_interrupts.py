"""Signals that become exceptions, at once or when a loop asks."""

import os
import signal
import time
import weakref
from collections.abc import Iterator
from contextlib import suppress

import pytest

from neuromech._lib import interrupts


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    restore = interrupts.listen()
    yield
    restore()


@pytest.mark.parametrize(("number", "kind"), list(interrupts.KINDS.items()))
def test_a_signal_is_raised_at_once_where_nobody_asks(
    number: signal.Signals, kind: type[KeyboardInterrupt]
) -> None:
    with pytest.raises(kind):
        os.kill(os.getpid(), number)


@pytest.mark.parametrize(("number", "kind"), list(interrupts.KINDS.items()))
def test_a_loop_that_asks_gets_it_when_it_asks(number: signal.Signals, kind: type[KeyboardInterrupt]) -> None:
    with interrupts.asking() as check:
        check()
        os.kill(os.getpid(), number)
        with pytest.raises(kind):
            check()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_signal_that_a_weak_reference_swallows_is_not_lost() -> None:
    class Thing:
        pass

    thing = Thing()
    kept = weakref.ref(thing, lambda _: os.kill(os.getpid(), signal.SIGTERM))
    del thing
    assert kept() is None
    with pytest.raises(interrupts.Terminated), interrupts.asking():
        pass


@pytest.mark.parametrize("lost", [OSError, KeyError])
def test_an_exception_that_is_dropped_is_raised_again(
    lost: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As configuration libraries do, that answer it with an error of their own while they clean up."""
    monkeypatch.setattr(interrupts, "AGAIN_S", 0.05)
    with suppress(lost):
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(60)
        finally:
            raise lost
    with pytest.raises(interrupts.Terminated):
        time.sleep(60)


def test_what_has_come_through_does_not_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interrupts, "AGAIN_S", 0.05)
    received: list[int] = []
    former = signal.signal(signal.SIGTERM, lambda number, frame: received.append(number))
    try:
        restore = interrupts.listen()
        with pytest.raises(interrupts.Terminated):
            os.kill(os.getpid(), signal.SIGTERM)
        restore()
        time.sleep(0.2)
    finally:
        signal.signal(signal.SIGTERM, former)
    assert not received


def test_what_was_there_before_comes_back() -> None:
    former = signal.getsignal(signal.SIGTERM)
    restore = interrupts.listen()
    assert signal.getsignal(signal.SIGTERM) is not former
    restore()
    assert signal.getsignal(signal.SIGTERM) is former
    interrupts.check()
