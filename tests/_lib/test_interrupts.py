"""Signals that become exceptions, at once or when a loop asks."""

import os
import signal
import weakref
from collections.abc import Iterator

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


def test_what_was_there_before_comes_back() -> None:
    former = signal.getsignal(signal.SIGTERM)
    restore = interrupts.listen()
    assert signal.getsignal(signal.SIGTERM) is not former
    restore()
    assert signal.getsignal(signal.SIGTERM) is former
    interrupts.check()
