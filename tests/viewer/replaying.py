"""Acts for any experiment, and the bits that an episode with them leaves."""

from __future__ import annotations

from typing import Any

import numpy as np

from neuromech.loop import Loop
from neuromech.specs.run import Run
from neuromech.viewer import acts
from neuromech.viewer.acts import Act
from neuromech.viewer.controls import controls
from neuromech.viewer.player import Player


def moment(loop: Loop) -> np.ndarray:
    """Return the body, the muscles and the brain of a loop now, as one row of numbers."""
    data = loop.world.data
    return np.concatenate([data.qpos, data.qvel, data.act, data.ctrl, loop.controller.activity])


def everything(run: Run, loop: Loop) -> list[Act]:
    """Return one act of every kind that can be done in a run, with values that make a difference."""
    can = controls(run, loop)
    segment = loop.world.body.segments.names[0]
    found = [acts.read("push", {"segment": segment, "force_nN": [0.0, can["force_nN"], 0.0], "for_s": 0.02})]
    # A brain may have been given a wiring without some of its named neurons.
    named = getattr(loop.controller, "named", None)
    absent = set() if named is None else set(named.absent)
    known = [name for name in loop.controller.neuron_names if name not in absent]
    names = list(known[:2]) if can["neurons"] else []
    if names:
        found.append(
            acts.read("stimulate", {"neurons": names, can["stimulate"]: can["amount"], "for_s": 0.02})
        )
    for command in can["commands"][:1]:
        value = command["high"] if command["value"] != command["high"] else command["low"]
        found.append(acts.read("command", {"name": command["name"], "value": value}))
    numbers = {
        entry["path"][0]: entry["value"] * 0.5 + 0.1
        for entry in can["stimulus"]
        if len(entry["path"]) == 1 and type(entry["value"]) is float and entry["path"][0] in CHANGED
    }
    if numbers:
        found.append(acts.read("surround", {"stimulus": numbers}))
    if can["current_mm_s"] is not None:
        found.append(acts.read("surround", {"current_mm_s": [2.0, 1.0, 0.0]}))
    if can["belt_mm_s"] is not None:
        found.append(acts.read("surround", {"belt_mm_s": 7.0}))
    if names:
        found.append(acts.read("silence", {"neurons": [known[-1]]}))
    return found


CHANGED = ("speed_mm_s", "speed_deg_s", "contrast", "wavelength_mm", "peak_mM", "length_mm", "radius_mm")


def played(run: Run, periods: int) -> tuple[Player, list[np.ndarray]]:
    """Play a run, with an act of every kind after every so many periods; return what every period left."""
    player = Player(run)
    rows: list[np.ndarray] = []

    def go() -> None:
        for _ in range(periods):
            player.advance()
            rows.append(moment(player.loop))

    go()
    for act in everything(run, player.loop):
        player.do(act)
        go()
    return player, rows


def replayed(run: Run, controller: Any = None) -> list[np.ndarray]:
    """Play a run from its beginning and return what every period left."""
    loop = Loop.of(run, controller=controller)
    loop.begin()
    rows = []
    for _ in range(loop.periods):
        loop.went_on(loop.animal.step(loop.controller.act(loop.observed)))
        rows.append(moment(loop))
    return rows
