"""Descending drive: currents that a brain sends into named neurons, constant or changing through time.

In controller.yaml `commands` gives each neuron (or class) its value and `ramps` may give it, in place of
that, `[[time_s, value], ...]` with straight lines in between; `command_pA` of parameters.yaml is the current
per unit of value, by neuron.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.brain.circuit import Circuit


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


def sections(spec: Mapping[str, Any]) -> dict[str, tuple[str, ...] | None]:
    """Return the section of parameters.yaml that commands read, if there are commands."""
    return {"command_pA": None} if spec.get("commands") else {}


def build(circuit: Circuit) -> list[Drive]:
    """Return the descending drive of a controller, one entry per command.

    Raises
    ------
    InputError
        A command names no neuron, is no number, or its ramp is not made of pairs with rising times.
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


def commands(spec: Mapping[str, Any]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield every command's name, and its times and values, (point, 2).

    Raises
    ------
    InputError
        A ramp is that of no command, a command is no number, or its ramp is not made of pairs with rising
        times.
    """
    given, ramps = spec.get("commands") or {}, spec.get("ramps") or {}
    for name in ramps:
        if name not in given:
            raise unknown("command in controller.ramps", str(name), given)
    for name, value in given.items():
        yield str(name), _points(str(name), value, ramps.get(name) or [])


def _points(name: str, value: Any, ramp: Any) -> np.ndarray:
    """Return (point, 2) of times and values."""
    key, listed = f"controller.commands.{name}", [[0.0, value]]
    if ramp:
        key, listed = f"controller.ramps.{name}", ramp
    points: np.ndarray
    try:
        points = np.array(listed, float)
    except (TypeError, ValueError):
        points = np.zeros((0, 0))
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        wanted = "[[time_s, value], ...]" if ramp else "a number"
        raise InputError(f"{key} must be {wanted}, not {ramp or value!r}")
    if (np.diff(points[:, 0]) <= 0).any():
        raise InputError(f"{key}: times must rise, not {[float(t) for t in points[:, 0]]}")
    return points
