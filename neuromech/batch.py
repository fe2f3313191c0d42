"""Many closed loops side by side: their physics on threads, their brains in one call for each period."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neuromech._lib.kernels import run as run_program
from neuromech._lib.kernels import run_often, table
from neuromech._lib.types import Observation
from neuromech.brain.compiled import WIDTH
from neuromech.controllers.side_by_side import side_by_side_of
from neuromech.loop import Loop, Seen
from neuromech.senses.animal import Animal
from neuromech.senses.compiled_period import CompiledPeriod
from neuromech.world.course import Course, CourseMemory

Tick = Callable[[Path, float], object]
AT_ONCE = 64
"""As many loops are worth having in memory at once: more would not be faster."""
NOTHING = table([])
"""The program of no animal at all."""


@dataclass(frozen=True)
class Held:
    """For how many control periods an animal's excitations are held, and how far it must not fall meanwhile.

    `fallen_share` and `nose_mm` are as for `CourseMemory.begin`.
    """

    periods: int
    fallen_share: float = 0.0
    nose_mm: float = 0.0


class Animals:
    """Animals, each in a world of its own, that are stepped together.

    Where their worlds have a compiled form, one call steps all of a thread, and the other threads of Python
    go on meanwhile. What an animal does is to the bit what it does alone.

    Parameters
    ----------
    animals : of any bodies and worlds.
    threads : how many share the work of a step; one is the caller's own.
    """

    def __init__(self, animals: Sequence[Animal], threads: int = 1) -> None:
        self._animals, self._threads = animals, min(threads, len(animals))
        self._pool = ThreadPoolExecutor(self._threads - 1) if self._threads > 1 else None
        self._over = np.zeros(len(animals), np.int64)
        self._courses: dict[int, tuple[CompiledPeriod, CourseMemory, np.ndarray]] = {}

    def step(
        self, excitations: Sequence[np.ndarray], lanes: Sequence[int] | None = None
    ) -> list[Observation]:
        """Hold the excitations (muscle,) of animals for one period; return what each then senses.

        Parameters
        ----------
        excitations : of each animal that is stepped.
        lanes : which ones these are; all of them if left out.

        Raises
        ------
        InputError
            As `World.step`.
        """
        chosen = self._animals if lanes is None else [self._animals[lane] for lane in lanes]
        periods = [animal.period for animal in chosen]
        compiled = [period for period in periods if period is not None]
        if len(compiled) < len(periods):
            return [animal.step(each) for animal, each in zip(chosen, excitations, strict=True)]
        for period, excitation in zip(compiled, excitations, strict=True):
            period.begin(excitation)
        programs = [period.program for period in compiled]
        parts = [programs[k :: self._threads] for k in range(self._threads)]
        mine, *others = [np.concatenate(part) for part in parts if part] or [NOTHING]
        jobs = [self._pool.submit(run_program, each) for each in others] if self._pool is not None else []
        run_program(mine)
        for job in jobs:
            job.result()
        return [period.finish() for period in compiled]

    def hold(
        self,
        excitations: Sequence[np.ndarray],
        lanes: Sequence[int],
        courses: Sequence[Held],
    ) -> list[tuple[Observation, Course]] | None:
        """Hold the excitations (muscle,) of animals for several periods; return what each then senses.

        Of one that falls, where that ends its course, no further period is played.

        Parameters
        ----------
        excitations : of each animal.
        lanes : which animals these are.
        courses : for how many periods each is held, and what ends it before.

        Returns
        -------
        the observation at the end and the course of each; None where a part of a world has no compiled form:
        nothing has been done then.

        Raises
        ------
        InputError
            As `World.step`.
        """
        most = max((each.periods for each in courses), default=0)
        held = [self._course(lane, most) for lane in lanes]
        if None in held:
            return None
        bound = [each for each in held if each is not None]
        for (period, course, _), excitation, asked in zip(bound, excitations, courses, strict=True):
            period.begin(excitation)
            course.begin(asked.fallen_share, asked.nose_mm)
        times = np.array([each.periods for each in courses], np.int64)
        places = np.array(lanes, np.int64)

        def play(k: int) -> None:
            programs = [program for _, _, program in bound[k :: self._threads]]
            ends = np.cumsum([len(each) for each in programs], dtype=np.int64)
            program, own = np.concatenate(programs or [NOTHING]), slice(k, None, self._threads)
            run_often(program, ends, times[own].copy(), places[own].copy(), self._over)

        jobs = [self._pool.submit(play, k) for k in range(1, self._threads)] if self._pool else []
        play(0)
        for job in jobs:
            job.result()
        return [(period.finish(), course.taken()) for period, course, _ in bound]

    def _course(self, lane: int, periods: int) -> tuple[CompiledPeriod, CourseMemory, np.ndarray] | None:
        """Return the period of an animal, where its course is written, and the program of both."""
        animal = self._animals[lane]
        period, known = animal.period, self._courses.get(lane)
        if period is None or not period.whole:
            return None
        if known is None or known[0] is not period or known[1].periods < periods:
            course = CourseMemory(animal.world, periods, self._over[lane : lane + 1])
            known = period, course, np.concatenate([period.program, table([course.call])])
            self._courses[lane] = known
        return known

    def close(self) -> None:
        """Let the threads go."""
        if self._pool is not None:
            self._pool.shutdown()


def play(
    loops: Sequence[Loop],
    paths: Sequence[Path],
    attrs: Mapping[str, Any],
    tick: Tick = lambda path, t_s: None,
) -> None:
    """Play the episodes of some loops of one duration and record each to its path.

    They are shared out among threads, one for each core. An exception or Ctrl-C ends all recordings with its
    reason and keeps them.

    Parameters
    ----------
    loops : of one experiment: seeds, perturbations and parameters may differ, clock and duration may not.
    paths : of the recordings.
    attrs : what the recordings say beside what every one does.
    tick : called with the path of a recording and the time (s) of every row of it, by one thread at a time.
    """
    stop, lock = threading.Event(), threading.Lock()

    def tell(path: Path, t_s: float) -> None:
        with lock:
            tick(path, t_s)

    blocks = shares(len(loops))
    with ThreadPoolExecutor(len(blocks)) as pool:
        jobs = [
            pool.submit(_play, [loops[i] for i in block], [paths[i] for i in block], attrs, tell, stop)
            for block in blocks
        ]
        try:
            wait(jobs, return_when=FIRST_EXCEPTION)
        finally:
            stop.set()  # whoever is not done by now is to end: another one failed, or Ctrl-C came
    failed = [error for job in jobs if (error := job.exception()) is not None]
    for error in sorted(failed, key=lambda each: isinstance(each, Stopped)):
        raise error  # the cause, not what it made the others do


class Stopped(KeyboardInterrupt):
    """Ends an episode because another one, played at the same time, has failed or was interrupted."""


def shares(count: int, cores: int | None = None) -> list[list[int]]:
    """Share out the numbers below `count` to blocks of at most `WIDTH`, as many blocks as keep cores busy."""
    cores = cores or os.cpu_count() or 1
    rounds = -(-count // (cores * WIDTH))
    blocks = min(count, cores * rounds)
    return [list(range(count))[start::blocks] for start in range(blocks)]


def watch(loops: Sequence[Loop], activity: bool = False) -> list[xr.Dataset]:
    """Play the episodes of some loops in this thread and return what a camera sees of each, without a file.

    Parameters
    ----------
    loops : of one clock and duration; all else may differ. Brains are computed `WIDTH` at a time.
    activity : whether the activity of neurons is returned, too.
    """
    seen = [Seen(loop, activity) for loop in loops]
    _advance(loops, lambda lane, excitation: seen[lane].add())
    return [each.dataset() for each in seen]


def _play(
    loops: Sequence[Loop], paths: Sequence[Path], attrs: Mapping[str, Any], tick: Tick, stop: threading.Event
) -> None:  # fmt: skip
    with ExitStack() as stack:
        recorders = [
            stack.enter_context(loop.recorder(path, attrs)) for loop, path in zip(loops, paths, strict=True)
        ]

        def row(lane: int, excitation: np.ndarray) -> None:
            loops[lane].record(recorders[lane], excitation)
            tick(paths[lane], loops[lane].world.time_s)
            if lane == len(loops) - 1 and stop.is_set():
                raise Stopped

        try:
            _advance(loops, row)
        finally:
            for loop, recorder in zip(loops, recorders, strict=True):
                loop.record_spikes(recorder)


def _advance(loops: Sequence[Loop], row: Callable[[int, np.ndarray], object]) -> None:
    """Play episodes to their end; `row` is called with a lane and its excitation at every row."""
    for loop in loops:
        loop.begin()
    brains = side_by_side_of([loop.controller for loop in loops])
    animals = Animals([loop.animal for loop in loops])
    every, periods = loops[0].run.clock.control_per_record, loops[0].periods
    try:
        for step in range(periods):
            excitations = brains.act([loop.observed for loop in loops])
            if step % every == 0:
                for lane, excitation in enumerate(excitations):
                    row(lane, excitation)
            for loop, seen in zip(loops, animals.step(excitations), strict=True):
                loop.went_on(seen)
    finally:
        brains.give_back()
