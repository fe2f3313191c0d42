"""Descending drive: currents that a brain sends into named neurons, constant or changing through time.

In controller.yaml `commands` gives each neuron (or class) its value and `ramps` may give it, in place of
that, `[[time_s, value], ...]` with straight lines in between; `command_pA` of parameters.yaml is the current
per unit of value, by neuron.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.brain.circuit import Circuit
from neuromech.specs.controller import Point, WiredSpec


@dataclass(frozen=True)
class Drive:
    """One command: the neurons it reaches, their pA per unit of value, and values at rising times (s)."""

    cells: np.ndarray
    scale_pA: np.ndarray
    times_s: np.ndarray
    values: np.ndarray

    def current_pA(self, t_s: float) -> np.ndarray:
        """Return the current into each of `cells` at `t_s`, pA."""
        return self.scale_pA * np.interp(t_s, self.times_s, self.values)

    @property
    def steady(self) -> bool:
        """Whether it stays the same through time."""
        return len(self.times_s) == 1


def sections(spec: WiredSpec) -> dict[str, tuple[str, ...] | None]:
    """Return the section of parameters.yaml that commands read, if there are commands."""
    return {"command_pA": None} if spec.commands else {}


def build(circuit: Circuit) -> list[Drive]:
    """Return the descending drive of a controller, one entry per command.

    Raises
    ------
    InputError
        A command names no neuron, or the times of its ramp do not rise.
    """
    given = list(commands(circuit.spec))
    if not given:
        return []
    scale = circuit.vector("command_pA")
    found = []
    for name, points in given:
        cells = circuit.connectome.resolve(name)
        found.append(Drive(cells, scale[cells], points[:, 0], points[:, 1]))
    return found


def at_start_pA(circuit: Circuit) -> np.ndarray:
    """Return the current (neuron,) that the commands send at time 0, pA; raises as `build`."""
    current = np.zeros(len(circuit.connectome.neurons), np.float32)
    for drive in build(circuit):
        current[drive.cells] += drive.current_pA(0.0).astype(np.float32)
    return current


def commands(spec: WiredSpec) -> Iterator[tuple[str, np.ndarray]]:
    """Yield every command's name, and its times and values, (point, 2).

    Raises
    ------
    InputError
        A ramp is that of no command, or its times do not rise.
    """
    for name in spec.ramps:
        if name not in spec.commands:
            raise unknown("command in controller.ramps", name, spec.commands)
    for name, value in spec.commands.items():
        yield name, _points(name, value, spec.ramps.get(name) or ())


def _points(name: str, value: float, ramp: Sequence[Point]) -> np.ndarray:
    """Return (point, 2) of times and values."""
    points = np.array(ramp or [(0.0, value)], float)
    if (np.diff(points[:, 0]) <= 0).any():
        raise InputError(f"controller.ramps.{name}: times must rise, not {[float(t) for t in points[:, 0]]}")
    return points
