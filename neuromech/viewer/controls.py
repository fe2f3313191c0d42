"""What of a run can be changed in a window: commands, numbers of the stimulus, current and belt, neurons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import mujoco
import numpy as np

from neuromech.brain import descending_drive
from neuromech.loop import Loop
from neuromech.specs import content
from neuromech.specs.controller import SpikingSpec, WiredSpec
from neuromech.specs.run import Run

CURRENT_PA = 20.0
"""Current that is offered to begin with, pA, to neurons of which no command says how much they take."""
RATE_HZ = 100.0
"""Rate that is offered to begin with, Hz, to spiking neurons."""


def controls(run: Run, loop: Loop) -> dict[str, Any]:
    """Return what a window offers to change, as plain data.

    Parameters
    ----------
    run : that is played.
    loop : of it.
    """
    spec, environment = run.controller, run.environment
    wired = isinstance(spec, WiredSpec) and bool(loop.controller.neuron_names)
    floor = (loop.world.model.geom_type == mujoco.mjtGeom.mjGEOM_PLANE).any()
    stimulus = environment.stimulus.as_plain()
    water = environment.medium.options.get("current_mm_s")
    return {
        "commands": _commands(spec) if isinstance(spec, WiredSpec) else [],
        "kind": str(stimulus.pop("kind")),
        "stimulus": _changeable(stimulus),
        "current_mm_s": None if water is None else list(water),
        "belt_mm_s": environment.belt_mm_s if floor else None,
        "neurons": wired,
        "stimulate": ("rate_Hz" if isinstance(spec, SpikingSpec) else "current_pA") if wired else "",
        "amount": _amount(spec) if isinstance(spec, WiredSpec) else 0.0,
        "force_nN": _weight_nN(loop),
        "controllers": sorted(content.names("controllers")) if wired else [],
    }


def _commands(spec: WiredSpec) -> list[dict[str, Any]]:
    """Return every command with its value at the start and the ends of its slider."""
    found = []
    for name, points in descending_drive.commands(spec):
        value = float(points[0, 1])
        most = max(1.0, 2.0 * float(np.abs(points[:, 1]).max()))
        if isinstance(spec, SpikingSpec):
            most = max(most, 2 * RATE_HZ)
        low = -most if (points[:, 1] < 0).any() else 0.0
        found.append({"name": name, "value": value, "low": low, "high": most})
    return found


def _changeable(tree: Mapping[str, Any], above: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """Return the numbers, truths and words of a stimulus with their places, groups one level deep."""
    found: list[dict[str, Any]] = []
    for key, value in tree.items():
        path = [*above, key]
        if isinstance(value, Mapping) and not above:
            found += _changeable({k: v for k, v in value.items() if v is not None}, (key,))
        elif (
            isinstance(value, list)
            and all(isinstance(each, int | float) for each in value)
            or isinstance(value, bool | str)
            or (isinstance(value, int | float) and math.isfinite(value))
        ):
            found.append({"path": path, "value": value})
    return found


def _amount(spec: WiredSpec) -> float:
    """Return how strongly neurons are stimulated to begin with, pA, or Hz of those that spike."""
    if isinstance(spec, SpikingSpec):
        return RATE_HZ
    if not spec.commands:
        return CURRENT_PA
    given = content.parameters(spec.folders).get("command_pA", {})
    numbers = given.values() if isinstance(given, Mapping) else [given]
    return max([abs(float(each)) for each in numbers if isinstance(each, int | float)], default=CURRENT_PA)


def _weight_nN(loop: Loop) -> float:
    """Return a force that moves the animal without throwing it: its weight, or what its medium resists."""
    mass_mg = float(loop.world.model.body_mass.sum())
    options = loop.world.environment.medium.options
    if (
        drag := options.get("normal_mg_s")
    ) is not None:  # overdamped: one of 25 segments then moves a body length per second
        return float(f"{0.04 * float(drag) * loop.world.body.length_mm:.1g}")
    return float(f"{9810.0 * mass_mg * (0.2 if 'viscosity_mg_mm_s' in options else 1.0):.1g}")
