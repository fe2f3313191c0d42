"""A loop that lives in its own thread: it is played at a speed, listens to acts, and shows pictures."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from neuromech._lib.errors import InputError
from neuromech.loop import Seen
from neuromech.specs.checking import plain
from neuromech.specs.run import Run
from neuromech.tracking import track, units
from neuromech.viewer import brain_map, saving
from neuromech.viewer.acts import Act
from neuromech.viewer.controls import controls
from neuromech.viewer.history import from_the_beginning
from neuromech.viewer.player import Player
from neuromech.viewer.scene import WINDOW_SAMPLES, Scene, excitation_shown

PICTURES_PER_S = 30.0
"""Pictures that are made of a running loop while somebody watches."""
MOST_WAITING = 64
"""Requests that may wait for the loop; more are refused."""
MOST_ACTS = 500
"""Acts of one episode; more are refused."""
MOST_ROWS = 6000
"""Recorded rows from which metrics are computed: after so many they begin anew."""
LEAST_ROWS = 100
"""Recorded rows before metrics are computed."""
METRICS_SHARE = 0.04
"""The share of the time that may go into metrics."""


@dataclass(frozen=True)
class Picture:
    """What a page draws now: its number, the scene's numbers, and the floor, empty if it is as before."""

    number: int
    row: bytes
    floor: bytes


class Session:
    """A run that is played while others watch and act.

    Parameters
    ----------
    run : what is played.
    controller : in place of the run's own, as `Loop.of` takes it.
    speed : simulated seconds per second, None for as fast as it can.
    """

    def __init__(self, run: Run, controller: Any = None, speed: float | None = 1.0) -> None:
        self._player = Player(run, controller)
        self._speed, self._playing = speed, False
        self._requests: queue.Queue[tuple[Callable[[], Any], Future[Any]]] = queue.Queue(MOST_WAITING)
        self._closing = threading.Event()
        self._told = threading.Event()
        self.watchers = 0
        """How many watch: without any no picture is made."""
        self.on_picture: Callable[[], None] = lambda: None
        """Called, in the loop's thread, when `picture` or `status` is new."""
        self.picture = Picture(0, b"", b"")
        self.floor = b""
        self.error = ""
        self.measured = 0.0
        self._metrics: dict[str, Any] = {}
        self._metrics_due_s = 0.0
        self._new_scene()
        self._thread = threading.Thread(target=self._work, name="neuromech loop", daemon=True)
        self._thread.start()

    # What the window asks for; each waits until the loop has done it, between two control periods.

    def play(self) -> None:
        """Let the loop run."""
        self.ask(lambda: self._set_playing(True))

    def pause(self) -> None:
        """Hold the loop."""
        self.ask(lambda: self._set_playing(False))

    def step(self, periods: int = 1) -> None:
        """Play some control periods and hold the loop."""
        self.ask(lambda: self._step(periods))

    def reset(self, seed: int | None = None) -> None:
        """Begin the episode again, with another seed if one is given."""
        self.ask(lambda: self._reset(seed))

    def set_speed(self, times: float | None) -> None:
        """Set simulated seconds per second, None for as fast as the loop can."""
        self.ask(lambda: self._set_speed(times))

    def do(self, act: Act) -> None:
        """Do something to the animal now.

        Raises
        ------
        InputError
            It makes no sense; the episode goes on as it was.
        """
        self.ask(lambda: self._do(act))

    def saved(self) -> dict[str, str]:
        """Return "yaml" and "command", which repeat the episode up to now to the last bit."""
        run = self.ask(lambda: self._player.saved_run)
        return {"yaml": saving.as_yaml(run), "command": saving.command_or_reason(run)}

    @property
    def saved_run(self) -> Run:
        """The run that repeats the episode up to now."""
        return self.ask(lambda: self._player.saved_run)

    def ask(self, request: Callable[[], Any]) -> Any:
        """Have the loop's thread call something between two control periods; return what it returns.

        Raises
        ------
        InputError
            Too many requests wait, or the session is closed.
        """
        return self.submit(request).result()

    def submit(self, request: Callable[[], Any]) -> Future[Any]:
        """As `ask`, without waiting."""
        future: Future[Any] = Future()
        if self._closing.is_set():
            raise InputError("the session is closed")
        try:
            self._requests.put_nowait((request, future))
        except queue.Full:
            raise InputError("too many requests wait for the loop") from None
        self._told.set()
        return future

    def close(self) -> None:
        """End the loop; it may be called twice."""
        self._closing.set()
        self._told.set()
        if self._thread is not threading.current_thread():
            self._thread.join(timeout=30)

    @property
    def playing(self) -> bool:
        """Whether the loop runs."""
        return self._playing

    @property
    def closed(self) -> bool:
        """Whether the session has ended."""
        return self._closing.is_set()

    @property
    def time_s(self) -> float:
        """The time in the episode, s."""
        return self._player.time_s

    @property
    def described(self) -> dict[str, Any]:
        """What a page is told once: the scene, and what can be done to it."""
        return self._described

    @property
    def status(self) -> dict[str, Any]:
        """What a page is told now and then."""
        run = self._player.run
        return {
            "playing": self._playing,
            "time_s": self._player.time_s,
            "speed": self._speed,
            "measured": self.measured,
            "seed": run.seed,
            "error": self.error,
            "metrics": self._metrics,
            "metrics_s": self._metrics_s,
            "done": [
                {"t_s": each.t_s, "act": type(each.act).__name__.lower(), "keys": plain(each.act)}
                for each in self._player.done[-50:]
            ],
            "perturb": from_the_beginning(run),
        }

    # Below here only the loop's thread runs.

    def _work(self) -> None:
        clock_s = time.perf_counter()
        drawn_s = counted_s = clock_s
        counted_from = self._player.time_s
        while not self._closing.is_set():
            self._serve()
            now = time.perf_counter()
            if now - counted_s > 0.5:
                gone = self._player.time_s - counted_from
                self.measured = max(gone, 0.0) / (now - counted_s)
                counted_s, counted_from = now, self._player.time_s
            if not self._playing:
                self._told.wait(0.1)
                clock_s = time.perf_counter()
                continue
            self._advance()
            now = time.perf_counter()
            if now - drawn_s >= 1 / PICTURES_PER_S:
                drawn_s = now
                self._draw()
                self._update_metrics(now)
            if self._speed is None:
                continue
            clock_s += self._player.run.clock.control_s / self._speed
            ahead_s = clock_s - time.perf_counter()
            if ahead_s < -0.25:  # the loop cannot keep up: it does not hurry afterwards
                clock_s = time.perf_counter()
            elif ahead_s > 0.001:
                self._told.wait(ahead_s)
        while not self._requests.empty():
            self._requests.get()[1].set_exception(InputError("the session is closed"))

    def _serve(self) -> None:
        self._told.clear()
        while True:
            try:
                request, future = self._requests.get_nowait()
            except queue.Empty:
                return
            try:
                future.set_result(request())
            except Exception as error:  # whoever asked is told; the loop lives on
                future.set_exception(error)

    def _advance(self) -> None:
        player = self._player
        try:
            self._remember()
            player.advance()
        except Exception as error:  # the window shows it, and can begin again
            self._playing = False
            self.error = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
            self.on_picture()

    def _remember(self) -> None:
        """Keep the present moment for the metrics, as often as a recording would."""
        player = self._player
        clock = player.run.clock
        if self._seen is None or round(player.time_s / clock.control_s) % clock.control_per_record:
            return
        if self._rows >= MOST_ROWS:
            self._new_metrics()
        self._seen.add()
        self._rows += 1

    def _update_metrics(self, now: float) -> None:
        due = now >= self._metrics_due_s and self._rows >= LEAST_ROWS
        if self._seen is None or not due or not self.watchers:
            return
        tracker = self._player.run.body.tracker or ""
        try:
            found, unit = track(self._seen.dataset()), units(tracker)
            self._metrics = {
                name: [value, unit.get(name, "1")] for name, value in found.items() if value is not None
            }
        except Exception as error:  # too short a piece, for some trackers
            self._metrics = {"": [str(error)[:100], ""]}
        self._metrics_s = (self._metrics_from_s, self._player.time_s)
        took = time.perf_counter() - now
        self._metrics_due_s = now + max(2.0, took / METRICS_SHARE)

    def _new_metrics(self) -> None:
        player = self._player
        self._seen = Seen(player.loop) if player.run.body.tracker else None
        self._rows, self._metrics = 0, {}
        self._metrics_from_s, self._metrics_s = player.time_s, (0.0, 0.0)

    def _new_scene(self) -> None:
        """Make the scene of a new episode."""
        player = self._player
        loop, controller = player.loop, player.loop.controller
        names = controller.neuron_names
        wiring = brain_map.wiring_of(controller)
        self._map = brain_map.build(names, controller.neuron_groups, wiring) if names else None
        self._scene = Scene(loop.world, self._map)
        self._described = {
            "experiment": player.run.experiment,
            "controller": str(player.run.controller.name),
            "unit": controller.activity_unit if names else "",
            "traces": [name for name in controller.traces if name not in brain_map.absent_from(controller)],
            "window_s": WINDOW_SAMPLES * player.run.clock.record_s,
            "control_s": player.run.clock.control_s,
            "notes": list(loop.notes),
            "controls": controls(player.run, loop),
            **self._scene.described,
        }
        self._floor_time_s = -1.0
        self._new_metrics()
        self._draw(everything=True)

    def _draw(self, everything: bool = False) -> None:
        """Make a picture, if anybody watches."""
        if not self.watchers and not everything:
            return
        loop, scene = self._player.loop, self._scene
        seen = loop.observed
        row = scene.frame(loop.world, loop.controller.activity, seen, excitation_shown(loop.world))
        floor = b""
        if everything or scene.moves(loop.world) or self._stale_floor():
            self.floor = floor = scene.floor(loop.world)
            self._floor_time_s = self._player.time_s
        self.picture = Picture(self.picture.number + 1, row.tobytes(), floor)
        self.on_picture()

    def _stale_floor(self) -> bool:
        """Whether a floor that rests is to be told again, as the animal may have walked off."""
        return abs(self._player.time_s - self._floor_time_s) > 2.0

    def _set_playing(self, playing: bool) -> None:
        self._playing = playing and not self.error
        self.on_picture()

    def _set_speed(self, times: float | None) -> None:
        self._speed = times
        self.on_picture()

    def _step(self, periods: int) -> None:
        self._playing = False
        for _ in range(periods):
            if self.error or self._closing.is_set():
                break
            self._advance()
        self._draw(everything=True)

    def _reset(self, seed: int | None) -> None:
        self._player.reset(seed)
        self.error = ""
        self._new_metrics()
        self._draw(everything=True)

    def _do(self, act: Act) -> None:
        if len(self._player.done) >= MOST_ACTS:
            raise InputError(f"an episode has at most {MOST_ACTS} acts; reset it")
        self._player.do(act)
        if act.RESTARTS:
            self.error = ""
            self._new_scene()
            return
        if self._seen is not None:
            self._seen.go_on_with(self._player.loop)
        self._draw(everything=True)
