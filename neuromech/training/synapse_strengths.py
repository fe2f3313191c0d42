"""The strengths of a controller's chemical synapses as what a training changes."""

from __future__ import annotations

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.brain.circuit import Circuit
from neuromech.specs.checking import check
from neuromech.training.fit import Problem
from neuromech.training.train_spec import WiringTask
from neuromech.training.training_task import TrainingTask

SECTION = "chemical_nS"
"""The section of parameters.yaml that holds strengths."""


def problem(task: TrainingTask) -> Problem:
    """Return a free strength for every chemical connection, or for every two classes that are connected.

    The wiring is the one at hand: where the run shuffles it, the shuffled one. Strengths begin as they are
    and stay within `reach` times that and one over it, so that no connection comes, goes or changes its sign.
    Gap junctions and what muscles get stay as they are.

    Raises
    ------
    InputError
        The controller's neurons have no strengths of chemical connections.
    """
    assert task.under is not None
    keys = check(WiringTask, task.spec)
    circuit = Circuit.load(task.under, task.run.perturb, task.run.seed)
    if not isinstance(circuit.parameters.get(SECTION), dict):
        raise InputError(f"learner=wiring: {task.under.name} has no {SECTION} in its parameters.yaml")
    connectome = circuit.connectome
    gains = circuit.matrix(SECTION)
    pre, post = np.nonzero(connectome.chemical)
    names = connectome.neurons if keys.per == "synapse" else connectome.classes
    found: dict[str, list[float]] = {}
    for i, j in zip(pre, post, strict=True):
        found.setdefault(f"{names[i]}>{names[j]}", []).append(float(gains[j, i]))
    begun = {name: float(np.mean(each)) for name, each in found.items()}
    free = {name: gain for name, gain in begun.items() if gain > 0}
    base = {**circuit.parameters, SECTION: {**circuit.parameters[SECTION], **free}}
    bounds = {f"{SECTION}.{name}": (gain / keys.reach, gain * keys.reach) for name, gain in free.items()}
    return Problem(bounds, base, ())
