"""One episode with the reward that a controller gets in it and the recording that the tracker measures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from neuromech import tasks
from neuromech._lib.errors import InputError
from neuromech._lib.types import Observation
from neuromech.loop import Loop
from neuromech.specs.run import Run


class BrokeDown(InputError):
    """The physics of an episode broke down: what moved the muscles was too much for the body."""


def play(
    run: Run,
    reward: Mapping[str, float],
    parameters: Mapping[str, Any] | None = None,
    controller: Any = None,
) -> tuple[dict[str, float], xr.Dataset]:
    """Play the episode of `run`; return the reward's terms per simulated second, and the landmarks.

    `parameters` and `controller` are as for `Loop.of`.

    Raises
    ------
    BrokeDown
        The episode began and could not be played to its end.
    """
    loop = Loop.of(run, parameters, controller)
    animal, world, task = loop.animal, loop.world, tasks.build({"reward": reward})
    begin, step = animal.reset, animal.step
    earned: dict[str, float] = {}

    def begun(
        x_mm: float = 0.0, y_mm: float = 0.0, heading_rad: float = 0.0, moment_s: float = 0.0
    ) -> Observation:
        observation = begin(x_mm, y_mm, heading_rad, moment_s)
        task.reset(world)
        return observation

    def stepped(excitation: np.ndarray) -> Observation:
        observation = step(excitation)
        for name, value in task.terms(world).items():
            earned[name] = earned.get(name, 0.0) + value
        return observation

    animal.reset, animal.step = begun, stepped
    try:
        seen = loop.play_in_memory()
    except InputError as error:
        raise BrokeDown(str(error)) from None
    return {name: value / run.duration_s for name, value in earned.items()}, seen
