"""Controllers, which turn observations into muscle excitations; `build` makes the one of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.registry import Registry
from neuromech.brain.neurons.models import MODELS as NEURON_MODELS
from neuromech.controllers import connectome
from neuromech.controllers.base import Controller, SpikeSource
from neuromech.controllers.connectome import ConnectomeController
from neuromech.specs.controller import WiredSpec
from neuromech.specs.run import Run
from neuromech.world.body import Body

Parameters = Mapping[str, Any] | None

MODELS: Registry[Callable[[Run, Body, Parameters], Controller]] = Registry(
    "controller model",
    {
        "policy": "neuromech.controllers.policy:build",
        "spiking": "neuromech.controllers.spiking:build",
        "random": "neuromech.controllers.random:build",
        "from_python": "neuromech.controllers:not_here",
    },
)
"""What builds a controller, by the `model` of controller.yaml; the neuron models have one in common. Others
add theirs by `register("controller model", name)`."""

__all__ = ["MODELS", "ConnectomeController", "Controller", "SpikeSource", "build"]


def not_here(run: Run, body: Body, parameters: Parameters = None) -> Controller:
    """Refuse to build a controller that was given from Python, and so is in no file."""
    raise InputError(
        f"the controller of {run.experiment} was given from Python and is not in its files: give it again as "
        "Experiment.controller"
    )


def build(run: Run, body: Body, parameters: Parameters = None) -> Controller:
    """Build the controller of a run for a body; `parameters` replace the fitted ones of its folder.

    Raises
    ------
    InputError
        Its model is unknown, or its tables, parameters or perturbations are wrong.
    """
    model = run.controller.model
    if isinstance(run.controller, WiredSpec) and model in NEURON_MODELS:
        return connectome.build(run.controller, body, run.clock, run.perturb, run.seed, parameters)
    if model not in MODELS:
        raise unknown("controller model", model, [*NEURON_MODELS, *MODELS])
    return MODELS[model](run, body, parameters)
