"""What is tried, in a process of its own and watched from outside: crashes, hangs and memory are counted."""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

from tests.fuzz import configuring, reading

LONGEST_S = 5.0
MOST_MB = 1024.0
MOST_ADDRESS = 16 << 30
"""Bytes of addresses that a process may ask for, so that what runs away does not take the machine along."""
GIVE_UP_S, WAIT_S = 60.0, 1200.0
"""An input hangs that has had so much of the processor's time, or takes so long on a busy machine."""


@dataclass
class Tally:
    """What came out of the inputs of one row; `failures` are (number of the input, what happened)."""

    counts: Counter[str] = field(default_factory=Counter)
    longest_s: float = 0.0
    memory_mb: float = 0.0
    failures: list[tuple[int, str]] = field(default_factory=list)


def work(name: str, first: int, last: int, folder: str, at: Synchronized[int], answers: Any) -> None:
    """Try the inputs `first` to `last` of a row; `at` says which one is being tried."""
    subject = configuring if name in configuring.ROWS else reading
    subject.prepare(name)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_ADDRESS, MOST_ADDRESS))
    for number in range(first, last):
        at.value = number
        began = time.process_time()
        outcome, about = subject.attempt(name, number, Path(folder))
        lasted = time.process_time() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        answers.send((number, outcome, about, lasted, peak))
    answers.send(None)


def run(name: str, first: int, last: int, folder: Path, progress: bool = True) -> Tally:
    """Try inputs of one row, beginning again behind one that ends or hangs the process."""
    tally, number = Tally(), first
    context = multiprocessing.get_context("spawn")
    while number < last:
        at: Any = context.Value("q", number)
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(name, number, last, str(folder), at, theirs))
        process.start()
        theirs.close()
        heard, used = time.monotonic(), 0.0
        while True:
            if ours.poll(1.0):
                try:
                    answer = ours.recv()
                except EOFError:
                    process.join()
                    _failed(tally, at.value, "crash", f"exit code {process.exitcode}")
                    break
                if answer is None:
                    process.join()
                    _report(name, tally, last, progress)
                    return tally
                heard, used = time.monotonic(), _used_s(process.pid)
                number = answer[0] + 1
                add(tally, *answer)
                if answer[4] > MOST_MB:  # a new process, whose memory is small again
                    at.value = answer[0]
                    break
                if number % 1000 == 0:
                    _report(name, tally, number, progress)
            elif _used_s(process.pid) - used > GIVE_UP_S or time.monotonic() - heard > WAIT_S:
                _failed(tally, at.value, "hang", f"longer than {GIVE_UP_S:g} s")
                break
        number = at.value + 1
        process.kill()
        process.join()
    _report(name, tally, last, progress)
    return tally


def _used_s(process: int | None) -> float:
    """Return the processor's time that a process has had, s."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def add(tally: Tally, number: int, outcome: str, about: str, lasted: float, peak: float) -> None:
    """Count one answer; what took too long or too much is a failure whatever came out."""
    if lasted > LONGEST_S:
        outcome, about = "hang", f"{lasted:.1f} s"
    if peak > MOST_MB:
        outcome, about = "memory", f"{peak:.0f} MB"
    if outcome in ("read", "refused"):
        tally.counts[outcome] += 1
        # Of those that are fine: what failed says itself how long it took, and may be tried again.
        tally.longest_s, tally.memory_mb = max(tally.longest_s, lasted), max(tally.memory_mb, peak)
    else:
        _failed(tally, number, outcome, about)


def _failed(tally: Tally, number: int, outcome: str, about: str) -> None:
    tally.counts[outcome] += 1
    tally.failures.append((number, f"{outcome}: {about}"))


def _report(name: str, tally: Tally, done: int, progress: bool) -> None:
    if progress:
        counts = ", ".join(f"{count} {what}" for what, count in tally.counts.most_common())
        print(f"{name}: {done} inputs: {counts}", file=sys.stderr)
