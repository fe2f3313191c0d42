"""The neuron models that controller.yaml can name under ``model``."""

from neuromech.brain.neurons import bursting, graded, rate, rate_saturating
from neuromech.brain.neurons.model import NeuronModel

MODELS: dict[str, NeuronModel] = {
    "graded": graded.MODEL,
    "rate": rate.MODEL,
    "rate_saturating": rate_saturating.MODEL,
    "bursting": bursting.MODEL,
}
