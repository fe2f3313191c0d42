"""The connectome as controller: senses to neurons to muscles, by connections of the wiring alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from neuromech import muscles
from neuromech._lib.state import Stateful
from neuromech._lib.types import Observation
from neuromech.brain import brain as brains
from neuromech.brain import descending_drive, extrasynaptic
from neuromech.brain.brain import Brain
from neuromech.brain.circuit import Circuit
from neuromech.brain.compiled import ALONE, Look, side_by_side
from neuromech.brain.encoders import encoding
from neuromech.brain.encoders.base import Entry
from neuromech.brain.inputs import Inputs
from neuromech.brain.neurons import models
from neuromech.brain.shared_parameters import single
from neuromech.specs.controller import WiredSpec
from neuromech.specs.perturb import Perturb
from neuromech.specs.run import Clock
from neuromech.world.body import Body

SECTIONS = ("noise_pA", "neuromuscular", "tone")
"""Sections of parameters.yaml that every controller of this kind reads, whatever its neurons."""


def build(
    spec: WiredSpec,
    body: Body,
    clock: Clock,
    perturb: Perturb | None = None,
    seed: int = 0,
    parameters: Mapping[str, Any] | None = None,
) -> ConnectomeController:
    """Build the controller that a controller.yaml describes: tables to circuit, circuit to brain.

    Parameters
    ----------
    spec : merged controller.yaml; its `folders` hold neurons.csv, connections.csv and parameters.yaml.
    body : whose senses and muscles it meets.
    clock, perturb, seed : of the run.
    parameters : class-shared parameters; those of parameters.yaml unless a fit gives them.

    Raises
    ------
    InputError
        A table, a parameter or a perturbation names something that is not there.
    """
    model = models.of(spec)
    circuit = Circuit.load(spec, perturb, seed, parameters, body.muscles)
    entries = encoding.read(spec.encoding, body)
    sections = encoding.sections(entries) | descending_drive.sections(spec)
    members = {name: keys for name, keys in sections.items() if keys is not None}
    circuit.check((*model.sections, *SECTIONS, *sections), members)
    brain = assemble(circuit, entries)
    return ConnectomeController(circuit, brain, [entry.given.sense for entry in entries], clock, seed)


def assemble(circuit: Circuit, entries: Sequence[Entry] = ()) -> Brain:
    """Return the brain of a circuit: its neurons, the encoders of its senses, its hold on the muscles.

    Raises
    ------
    InputError
        A parameter is out of range, or an entry of `encoding` names something that is not there.
    """
    model, p, perturb = models.of(circuit.spec), circuit.parameters, circuit.perturb
    extrasynaptic.refuse(perturb, circuit.spec.name, model.sections)
    encoders, encode = encoding.build(entries, circuit)
    decode = muscles.neuromuscular_weights(
        circuit.groups,
        p["neuromuscular"],
        perturb.scale_chemical,
        perturb.scale_gap_junctions,
        model.half_contacts,
    )
    return Brain(
        network=model.from_circuit(circuit),
        encoders=encoders,
        encode=single(encode),
        decode=single(decode),
        tone=single(p["tone"]),
        excite=muscles.LAWS[model.muscle_law],
    )


class ConnectomeController(Stateful):
    """A network of neurons on a connectome, with the perturbations of a run applied.

    Parameters
    ----------
    circuit : what its neurons are made from.
    brain : made of it by `assemble`.
    senses : which of the body's senses each encoder of the brain reads, in the encoders' order.
    clock : of the run.
    seed : of the noise, until `reset` gives another.

    Raises
    ------
    InputError
        A command or a perturbation is not one for these neurons.
    """

    state_names = ("_state", "_activity", "_inputs", "_periods", "descending_pA")
    connectome_name: str
    """Which of the wirings that its folder offers connects the neurons, "" where there is only one."""
    descending_pA: np.ndarray | None
    """Current into every neuron from a brain or a policy above, pA (neuron,); None without one. Set it before
    `act`; it stays until it is set anew, and `reset` takes it away."""

    def __init__(
        self, circuit: Circuit, brain: Brain, senses: Sequence[str], clock: Clock, seed: int = 0
    ) -> None:
        self.circuit, self.connectome, self.brain = circuit, circuit.connectome, brain
        spec = circuit.spec
        self.connectome_name = spec.connectome or ""
        self.activity_unit = brain.network.activity_unit
        self.neuron_names = circuit.connectome.neurons
        self.neuron_groups: Mapping[str, tuple[str, ...]] = {
            label: tuple(self.neuron_names[i] for i in circuit.connectome.resolve(names))
            for label, names in spec.display.groups.items()
        }
        self.traces: tuple[str, ...] = spec.display.traces
        self.notes = circuit.notes
        self._senses = list(senses)
        self._inputs = Inputs(circuit, clock.control_s)
        self._control_s = clock.control_s
        self._settling = round(spec.settle_s / clock.control_s)
        rest = brains.init(brain)
        self._at_rest = brain.network.activity(rest.neurons)
        self._substeps = clock.brain_substeps
        compiled = side_by_side(*self.compilation)
        self._packed, self._rest = compiled.numbers(brain), _lanes(compiled.states.pack(rest))
        self._advance = compiled.steps
        self._unfelt = np.zeros(sum(encoder.channels for encoder in brain.encoders), np.float32)
        # Compiled here and not by the first act: by then a recording is open, and Ctrl-C in the middle of the
        # compiler was seen to crash the interpreter on its way out.
        present = circuit.present
        given = np.concatenate([self._unfelt, np.zeros_like(present), present])
        self._advance(self._packed, self._rest, np.stack([given] * ALONE), 1)
        self.reset(seed)

    def reset(self, seed: int) -> None:
        """Put the clock of the perturbations at zero and every neuron at rest, or settle the neurons first.

        With `settle_s` in controller.yaml the neurons first run for that time: they get the commands of the
        start and no sensory input, and no muscle is driven.
        """
        self._state, self._activity = self._rest, self._at_rest
        self._inputs.reset(seed)
        self.descending_pA = None
        self._periods = 0
        for _ in range(self._settling):
            given = np.zeros((ALONE, self.inputs), np.float32)
            given[0] = np.concatenate(
                [self._unfelt, self._inputs.injected_pA(0.0), self._inputs.present(0.0)]
            )
            self._step(given)

    def act(self, observation: Observation) -> np.ndarray:
        """Return the muscle excitations for the next control period, float32 (muscle,)."""
        given = np.zeros((ALONE, self.inputs), np.float32)  # a new one each time: JAX may read it later on
        self.fill_inputs(observation, given[0])
        return self._step(given)

    @property
    def compilation(self) -> tuple[Look, float, int]:
        """What a compiled step of this brain is made for, as `brain.compiled.side_by_side` takes it."""
        return Look.of(self.brain), self._control_s, self._substeps

    @property
    def packed(self) -> list[Any]:
        """The numbers of the brain as a compiled step takes them."""
        return self._packed

    @property
    def packed_state(self) -> list[Any]:
        """What neurons and encoders remember, as a compiled step takes it for a lane."""
        return [array[0] for array in self._state]

    @packed_state.setter
    def packed_state(self, state: list[Any]) -> None:
        self._state = _lanes(state)

    @property
    def inputs(self) -> int:
        """How many numbers the next step of the brain takes."""
        return len(self._unfelt) + 2 * len(self.neuron_names)

    def fill_inputs(self, observation: Observation, given: np.ndarray) -> None:
        """Write what the next step of the brain takes, float32 (inputs,), and count the period.

        For a step that somebody else makes, together with those of other brains; `show` then takes what
        came of it.
        """
        t_s = self._periods * self._control_s
        self._periods += 1
        first, neurons = len(self._unfelt), len(self.neuron_names)
        if self._senses:
            np.concatenate([observation[sense] for sense in self._senses], out=given[:first])
        injected = given[first : first + neurons]
        injected[:] = self._inputs.injected_pA(t_s)
        if self.descending_pA is not None:
            injected += self.descending_pA
        given[first + neurons :] = self._inputs.present(t_s)

    def show(self, shown: np.ndarray) -> np.ndarray:
        """Take what came of a step, excitations and then activity; return the excitations (muscle,)."""
        muscles = len(shown) - len(self.neuron_names)
        self._activity = shown[muscles:]
        return shown[:muscles]

    @property
    def activity(self) -> np.ndarray:
        """Membrane potentials (mV) or firing rates (Hz), as `activity_unit` says, (neuron,)."""
        return np.asarray(self._activity)

    def __getstate__(self) -> dict[str, Any]:
        """Return everything but the compiled function, which belongs to this process."""
        state = vars(self).copy()
        del state["_advance"]
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._advance = side_by_side(*self.compilation).steps

    def _step(self, given: np.ndarray) -> np.ndarray:
        self._state, shown = self._advance(self._packed, self._state, given, 1)
        return self.show(np.asarray(shown)[0])


def _lanes(state: list[Any]) -> list[Any]:
    """Return what one brain remembers as the call for one brain takes it."""
    return [jnp.stack([array] * ALONE) for array in state]
