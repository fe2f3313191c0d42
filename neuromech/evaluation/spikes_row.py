"""A spiking brain out of its body as a row: some neurons get random spikes, and who fires is counted."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.brain.encoders import random_spikes
from neuromech.brain.neurons.event_driven import EventNetwork
from neuromech.brain.neurons.lif import Membrane
from neuromech.brain.neurons.synapses import Synapses
from neuromech.brain.sparse_connectome import SparseConnectome
from neuromech.evaluation.episode_values import Values
from neuromech.evaluation.questions import Question
from neuromech.specs.controller import SpikingSpec
from neuromech.specs.evaluation_parts import SpikesSpec


def answer(question: Question, seed: int) -> Values:
    """Return what trials of a spiking brain come to, means over them.

    spikes: of all neurons in a trial. active: neurons that fired in any trial. output_Hz: the rate of the
    neuron that is looked at.

    Raises
    ------
    InputError
        The controller has no wiring of spiking neurons, the wiring is not here, or there is no such neuron.
    """
    spec = question.row.spikes
    assert spec is not None
    controller = question.run(seed).controller
    if not isinstance(controller, SpikingSpec):
        raise InputError(f"{controller.name} has no wiring of spiking neurons")
    brain = SparseConnectome.first(controller.wiring, controller.folders)
    excited, output = (_named(brain, controller.folders, name) for name in (spec.excite, spec.output))
    synapses = brain.synapses.shuffled(seed) if spec.shuffled else brain.synapses
    return measure(synapses, excited, int(output[0]), spec, seed)


def measure(synapses: Synapses, excited: np.ndarray, output: int, spec: SpikesSpec, seed: int = 0) -> Values:
    """Play trials in which neurons `excited` (cell,) get random spikes; they are not refractory to these."""
    membrane = Membrane()
    network = EventNetwork(synapses, membrane)
    network.unrefract(excited)
    steps = round(1000 * spec.duration_s / membrane.step_ms)
    rng, spikes, outputs = np.random.default_rng(seed), [], []
    fired, rates = np.zeros(synapses.size, bool), np.full(len(excited), spec.rate_Hz)
    for _ in range(spec.trials):
        network.reset()
        found = network.advance(steps, *random_spikes.events(rng, excited, rates, steps, membrane.step_ms))
        spikes.append(len(found.cell))
        outputs.append((found.cell == output).sum() / spec.duration_s)
        fired[found.cell] = True
    return {
        "spikes": float(np.mean(spikes)),
        "active": float(fired.sum()),
        "output_Hz": float(np.mean(outputs)),
    }


def _named(brain: SparseConnectome, folders: Sequence[Path], start: str) -> np.ndarray:
    """Return the neurons of a wiring (cell,) to which neurons.csv gives names that start so."""
    files = [each / "neurons.csv" for each in folders if (each / "neurons.csv").is_file()]
    if not files:
        raise InputError("the controller has no neurons.csv, which names the neurons of its wiring")
    rows = []
    for path in files:
        with path.open(encoding="utf-8") as file:
            rows += list(csv.DictReader(file))
    cells = brain.find_described(
        [row.get(brain.id_column) or "" for row in rows if row["name"].startswith(start)]
    )
    if not len(cells := cells[cells >= 0]):
        raise unknown("neuron", start, [row["name"] for row in rows])
    return cells
