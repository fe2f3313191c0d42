"""What the tests of the worm's brain share: what it feels, how it is played, how its tables are spoilt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from neuromech._lib.types import Observation
from neuromech.controllers.connectome import ConnectomeController
from neuromech.specs import content
from neuromech.specs.perturb import Perturb
from neuromech.specs.run import Clock

CLOCK = Clock(0.0025, 0.01, 0.05, 2)
FOLDER = content.find("controllers", "worm_connectome")
Make = Callable[..., ConnectomeController]
NONE = Perturb()


def senses(step: int) -> Observation:
    """Return what a worm might feel: a bend that travels, salt that rises and falls, a touch at times."""
    phase = 2 * np.pi * (0.005 * step - np.arange(24) / 16)
    return {
        "salt": np.array([5 + 3 * np.sin(0.05 * step)], np.float32),
        "bend": (8 * np.sin(phase)).astype(np.float32),
        "touch": np.array([300.0 if step % 40 < 10 else 0.0, 0.0], np.float32),
        "food": np.zeros(2, np.float32),
        "glycerol": np.zeros(1, np.float32),
    }


def play(controller: ConnectomeController, steps: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return activity (step, neuron) and excitation (step, muscle) of an episode on `senses`."""
    controller.reset(seed)
    activity, excitation = [], []
    for step in range(steps):
        excitation.append(controller.act(senses(step)))
        activity.append(controller.activity)
    return np.array(activity), np.array(excitation)


def edit(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")
