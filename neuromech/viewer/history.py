"""What a run does to an animal, and when: its windows, pushes, changes and ramps by their times."""

from __future__ import annotations

from typing import Any

from neuromech.specs.checking import plain
from neuromech.specs.controller import WiredSpec
from neuromech.specs.perturb import Perturb
from neuromech.specs.run import Run


def done(run: Run) -> list[dict[str, Any]]:
    """Return what a run does at a time: when (s), what, and with which values; in the order of the times."""
    found: list[tuple[float, str, dict[str, Any]]] = []
    for name, windows in (("silence", run.perturb.silence), ("stimulate", run.perturb.stimulate)):
        for window in windows:
            found.append((window.start_s, name, plain(window)))
    for touch in run.environment.touch:
        found.append((touch.start_s, "push", plain(touch)))
    for change in run.environment.changes:
        found.append((change.at_s, "surround", plain(change)))
    ramps = run.controller.ramps if isinstance(run.controller, WiredSpec) else {}
    for name, points in ramps.items():
        found += [(t_s, "command", {"name": name, "value": value}) for t_s, value in points]
    found.sort(key=lambda each: each[0])
    hidden = ("start_s", "at_s")
    return [
        {"t_s": t_s, "act": name, "keys": {key: v for key, v in keys.items() if key not in hidden}}
        for t_s, name, keys in found
    ]


def from_the_beginning(run: Run) -> dict[str, Any]:
    """Return what is done to the wiring from the beginning on, where anything is."""
    none = Perturb()
    given = {key: value for key, value in vars(run.perturb).items() if key not in ("silence", "stimulate")}
    return {key: plain(value) for key, value in given.items() if value != getattr(none, key)}
