"""The settings and the interface that all ways of training a controller share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuromech.controllers.policy_network import Network
from neuromech.training.training_task import TrainingTask


@dataclass(frozen=True)
class Settings:
    """How a training is run.

    Parameters
    ----------
    algorithm : the settings of the algorithm, as under `algorithm` in configs/train/NAME.yaml.
    folder : where checkpoint and learning curve are kept; it exists.
    seed : all random numbers of the training follow from it.
    steps : when the training ends, in the learner's own unit.
    checkpoint_steps : from one checkpoint to the next.
    envs : environments side by side.
    spawn : whether each environment has a process of its own.
    progress : whether a bar is shown.
    """

    algorithm: Mapping[str, Any]
    folder: Path
    seed: int
    steps: int
    checkpoint_steps: int = 1
    envs: int = 1
    spawn: bool = False
    progress: bool = True


@dataclass(frozen=True)
class Learner:
    """A way of training a controller.

    Parameters
    ----------
    learn : trains on a task, or goes on from the checkpoint in the folder; returns a network, or all
        parameters of the controller. It writes the learning curve with `curves.write`, at least one row.
    trains : the values of `learner` in configs/train.yaml that it is for: muscles, descending, parameters,
        wiring.
    steps_are : what one step of its learning curve is, for the axis of the figure.
    """

    learn: Callable[[TrainingTask, Settings], Network | Mapping[str, Any]]
    trains: tuple[str, ...]
    steps_are: str
