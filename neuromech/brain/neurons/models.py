"""The neuron models that controller.yaml can name under `model`."""

from neuromech._lib.registry import Registry
from neuromech.brain.neurons.base import Neurons

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
