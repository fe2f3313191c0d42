"""A neuron model as a controller uses it: what it reads, and how it is built from wiring."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuromech.brain.neurons.base import Neurons
from neuromech.brain.shared_parameters import Groups
from neuromech.specs.run import Perturb


@dataclass(frozen=True)
class NeuronModel:
    """A neuron model as a controller uses it.

    ``parameters`` are the sections of parameters.yaml that it reads; ``half_contacts`` is that of
    `share_by_class` for contacts onto muscles; ``network`` takes (groups, parameters, controller.yaml,
    perturbations, indices of ablated neurons); ``muscle_law`` names the law of `neuromech.muscles`.
    """

    parameters: tuple[str, ...]
    activity_unit: str
    half_contacts: float
    muscle_law: str
    network: Callable[[Groups, Mapping[str, Any], Mapping[str, Any], Perturb, np.ndarray], Neurons]
