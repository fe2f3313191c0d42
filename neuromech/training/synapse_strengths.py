"""The strengths of a controller's chemical synapses as what a training changes."""

from __future__ import annotations

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.brain.circuit import Circuit
from neuromech.specs.checking import check
from neuromech.training.fit import Problem
from neuromech.training.train_spec import WiringTask
from neuromech.training.training_task import TrainingTask

SECTIONS = ("chemical_nS", "chemical_pA")
"""The sections of parameters.yaml that hold strengths: of neurons with potentials, or with rates."""


def problem(task: TrainingTask) -> Problem:
    """Return a free strength for every chemical connection, or for every two classes that are connected.

    The wiring is the one at hand: where the run shuffles it, the shuffled one. Strengths begin as they are
    and stay within `reach` times that and one over it, so that no connection comes, goes or changes its sign.
    With `start: even` they all begin at the geometric mean of those that the animal's own wiring has, however
    the run shuffles it. Gap junctions and what muscles get stay as they are.

    Raises
    ------
    InputError
        The controller's neurons have no strengths of chemical connections.
    """
    assert task.under is not None
    keys = check(WiringTask, task.spec)
    circuit = Circuit.load(task.under, task.run.perturb, task.run.seed)
    section = next((name for name in SECTIONS if isinstance(circuit.parameters.get(name), dict)), None)
    if section is None:
        raise InputError(
            f"learner=wiring: {task.under.name} has no {' or '.join(SECTIONS)} in its parameters.yaml"
        )
    begun = _strengths(circuit, section, keys.per)
    if keys.start == "even":
        own = _strengths(Circuit.load(task.under, seed=task.run.seed), section, "synapse")
        begun = dict.fromkeys(begun, float(np.exp(np.mean(np.log(list(own.values()))))))
    base = {**circuit.parameters, section: {**circuit.parameters[section], **begun}}
    bounds = {f"{section}.{name}": (gain / keys.reach, gain * keys.reach) for name, gain in begun.items()}
    return Problem(bounds, base, ())


def _strengths(circuit: Circuit, section: str, per: str) -> dict[str, float]:
    """Return the strength of every connection that has one, or mean ones of classes, by `pre>post`."""
    connectome, gains = circuit.connectome, circuit.matrix(section)
    names = connectome.neurons if per == "synapse" else connectome.classes
    found: dict[str, list[float]] = {}
    for i, j in zip(*np.nonzero(connectome.chemical), strict=True):
        found.setdefault(f"{names[i]}>{names[j]}", []).append(float(gains[j, i]))
    begun = {name: float(np.mean(each)) for name, each in found.items()}
    return {name: gain for name, gain in begun.items() if gain > 0}
