"""The neuron models that controller.yaml can name under `model`."""

from neuromech._lib.registry import Registry
from neuromech.brain.neurons.base import Neurons
from neuromech.brain.neurons.membranes import need_jaxley
from neuromech.specs.controller import WiredSpec, has_ion_channels

MODELS: Registry[type[Neurons]] = Registry(
    "neuron model",
    {
        "graded": "neuromech.brain.neurons.graded:Graded",
        "graded_wireless": "neuromech.brain.neurons.graded_wireless:GradedWireless",
        "rate": "neuromech.brain.neurons.rate:Rate",
        "bursting": "neuromech.brain.neurons.bursting:Bursting",
        "rate_saturating": "neuromech.brain.neurons.rate_saturating:RateSaturating",
    },
)
"""Classes of neurons by name; others add theirs by `register("neuron model", name)`."""


def of(spec: WiredSpec) -> type[Neurons]:
    """Return the class of neurons of a controller: that of its `model`, at its level of detail.

    Raises
    ------
    InputError
        Ion channels are asked for, and Jaxley is not installed; says what to install.
    """
    if has_ion_channels(spec):
        need_jaxley()
        from neuromech.brain.neurons.graded_channels import GradedChannels

        return GradedChannels
    return MODELS[spec.model]
