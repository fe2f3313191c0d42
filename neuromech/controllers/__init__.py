"""Controllers: what turns observations into muscle excitations. ``build`` makes the one a run asks for."""

from collections.abc import Callable, Mapping
from typing import Any

from neuromech._lib.errors import InputError, unknown
from neuromech.controllers import connectome, policy, spiking
from neuromech.controllers.base import Controller, SpikeSource
from neuromech.controllers.connectome import ConnectomeController
from neuromech.controllers.random import RandomController
from neuromech.specs.run import Run
from neuromech.world.body import Body

Parameters = Mapping[str, Any] | None


def _not_here(run: Run) -> Controller:
    raise InputError(
        f"the controller of {run.experiment} was given from Python and is not in its files: give it again as "
        "Experiment.controller"
    )


def _neural(run: Run, body: Body, parameters: Parameters) -> Controller:
    return ConnectomeController(run.controller, body, run.clock, run.perturb, run.seed, parameters)


MODELS: dict[str, Callable[[Run, Body, Parameters], Controller]] = {
    **dict.fromkeys(connectome.MODELS, _neural),
    "policy": lambda run, body, parameters: policy.build(run, body, parameters),
    "spiking": lambda run, body, parameters: spiking.SpikingController(run, body, parameters),
    "random": lambda run, body, parameters: RandomController(run.controller, body, run.clock),
    "from_python": lambda run, body, parameters: _not_here(run),
}

__all__ = ["MODELS", "Controller", "SpikeSource", "build"]


def build(run: Run, body: Body, parameters: Parameters = None) -> Controller:
    """Build the controller of a run for a body; ``parameters`` replace the fitted ones of its folder.

    Raises
    ------
    InputError
        Its model is unknown, or its tables, parameters or perturbations are wrong.
    """
    model = str(run.controller["model"])
    if model not in MODELS:
        raise unknown("controller model", model, MODELS)
    return MODELS[model](run, body, parameters)
