"""The connectome as controller: senses to neurons to muscles, nothing in between but wiring."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from neuromech import muscles
from neuromech._lib.errors import InputError, unknown
from neuromech._lib.types import Observation
from neuromech.brain import descending_drive, shared_parameters
from neuromech.brain.connectome import Connectome
from neuromech.brain.encoders import sensory
from neuromech.brain.neurons.models import MODELS
from neuromech.brain.shared_parameters import single
from neuromech.controllers import period as brains
from neuromech.specs import content
from neuromech.specs.run import Clock, Perturb, Window
from neuromech.world.body import Body

NOISE_BLOCK = 256
_NOTHING = np.zeros(0, np.float32)  # what a brain without senses gets


class ConnectomeController:
    """A network of neurons on a connectome, with the perturbations of a run applied.

    Parameters
    ----------
    spec : merged controller.yaml; ``folders`` hold neurons.csv, connections.csv and parameters.yaml.
    body : the body whose muscles and joints it meets.
    clock, perturb : of the run.
    parameters : class-shared parameters; those of the folder's parameters.yaml unless a fit gives them.

    Raises
    ------
    InputError
        A table, a parameter or a perturbation names something that is not there.
    """

    def __init__(
        self,
        spec: Mapping[str, Any],
        body: Body,
        clock: Clock,
        perturb: Perturb,
        seed: int = 0,
        parameters: Mapping[str, Any] | None = None,
    ) -> None:
        folders = [Path(folder) for folder in spec["folders"]]
        if spec["model"] not in MODELS:
            raise unknown("neuron model", str(spec["model"]), MODELS)
        model = MODELS[spec["model"]]
        self.activity_unit = model.activity_unit
        self.parameters = dict(parameters or content.parameters(folders))
        sources = sensory.sources(spec["encoding"], body, folders)
        sections = sensory.sections(sources) | descending_drive.sections(spec)
        members = {name: keys for name, keys in sections.items() if keys is not None}
        shared_parameters.check_parameters(self.parameters, (*model.parameters, *sections), members)
        self.connectome = _shuffled(Connectome.read(folders, body.muscles), perturb, seed)
        self.neuron_names = tuple(self.connectome.neurons)
        self.neuron_groups: Mapping[str, tuple[str, ...]] = {
            label: tuple(self.neuron_names[i] for i in self.connectome.resolve(names))
            for label, names in spec["display"]["groups"].items()
        }
        self.traces: tuple[str, ...] = tuple(spec["display"]["traces"])
        groups = shared_parameters.Groups(self.connectome, spec["groups"])
        self._commands = descending_drive.build(spec, groups, self.parameters)
        if any(window.rate_Hz for window in perturb.stimulate):
            raise InputError(f"perturb.stimulate: {spec['model']} neurons take current_pA, not rate_Hz")
        gone = self.connectome.resolve(perturb.ablate)
        encoders, encode = sensory.build(sources, groups, self.parameters, perturb.swap, gone)
        self.brain = brains.Brain(
            network=model.network(groups, self.parameters, spec, perturb, gone),
            encoders=encoders,
            encode=single(encode),
            decode=single(
                muscles.neuromuscular_weights(
                    groups,
                    self.parameters["neuromuscular"],
                    perturb.scale_chemical,
                    perturb.scale_gap_junctions,
                    model.half_contacts,
                )
            ),
            tone=single(self.parameters["tone"]),
            excite=muscles.LAWS[model.muscle_law],
        )
        self._senses = [source.entry["sense"] for source in sources]
        self._control_s = clock.control_s
        self._settling = round(float(spec.get("settle_s", 0.0)) / clock.control_s)
        rest = brains.init(self.brain)
        self._at_rest = self.brain.network.activity(rest.neurons)
        packings = brains.Packing.of(self.brain), brains.Packing.of(rest)
        self._packed, self._rest = packings[0].pack(self.brain), packings[1].pack(rest)
        self._advance = brains.compiled(*packings, clock.control_s, clock.brain_substeps)
        self._silence, self._stimulate = (
            [(window, self.connectome.resolve(window.neurons)) for window in windows]
            for windows in (perturb.silence, perturb.stimulate)
        )
        # White current: its effect on a membrane must not depend on the control period.
        self._noise_pA = groups.vector(self.parameters["noise_pA"]) / np.sqrt(1000.0 * clock.control_s)
        self._present = np.ones(len(self.neuron_names), np.float32)
        self._present[gone] = 0.0
        # Compiled here and not by the first act: by then a recording is open, and Ctrl-C in the middle of the
        # compiler was seen to crash the interpreter on its way out.
        self._nothing = np.zeros(sum(encoder.channels for encoder in encoders), np.float32)
        self._advance(self._packed, self._rest, self._nothing, np.zeros_like(self._present), self._present)
        self.reset(seed)

    def reset(self, seed: int) -> None:
        """The clock of the perturbations at zero, every neuron at rest or, after ``settle_s``, in its stride.

        While it settles a brain gets the commands of the start and feels nothing; no muscle is reached.
        """
        self._state, self._activity = self._rest, self._at_rest
        self._rng = np.random.default_rng(seed)
        self._noise = iter(())
        self._periods = 0
        for _ in range(self._settling):
            self._state, _, self._activity = self._advance(
                self._packed, self._state, self._nothing, self._injected(0.0), self._kept(0.0)
            )

    def act(self, observation: Observation) -> np.ndarray:
        """Muscle excitations for the next control period, float32 (muscle,)."""
        t_s = self._periods * self._control_s
        self._periods += 1
        sensed = np.concatenate([_NOTHING, *(observation[sense] for sense in self._senses)])
        self._state, excitation, self._activity = self._advance(
            self._packed, self._state, sensed, self._injected(t_s), self._kept(t_s)
        )
        return np.asarray(excitation)

    @property
    def activity(self) -> np.ndarray:
        """Membrane potentials (mV) or firing rates (Hz), as ``activity_unit`` says, (neuron,)."""
        return np.asarray(self._activity)

    def _injected(self, t_s: float) -> np.ndarray:
        """Noise, commands and the electrodes that are on, pA (neuron,)."""
        noise = next(self._noise, None)
        if noise is None:
            # Drawn in blocks on the host: inside the jitted step the generator cost more than the brain.
            block = self._rng.standard_normal((NOISE_BLOCK, len(self._noise_pA)), np.float32)
            self._noise = iter(block * self._noise_pA.astype(np.float32))
            noise = next(self._noise)
        for command in self._commands:
            noise[command.cells] += command.current_pA(t_s)
        for window, cells in _open(self._stimulate, t_s):
            noise[cells] += window.current_pA
        return noise

    def _kept(self, t_s: float) -> np.ndarray:
        """1 for neurons that take part, 0 for those ablated or silenced now, (neuron,)."""
        present = self._present.copy()
        for _, cells in _open(self._silence, t_s):
            present[cells] = 0.0
        return present


def _shuffled(connectome: Connectome, perturb: Perturb, seed: int) -> Connectome:
    if perturb.shuffle_wiring:
        connectome = connectome.shuffle(seed, perturb.shuffle_wiring)
    return connectome


def _open(windows: Iterable[tuple[Window, np.ndarray]], t_s: float) -> Iterator[tuple[Window, np.ndarray]]:
    """Those of the windows that are open at ``t_s``, each with its neurons."""
    return ((window, cells) for window, cells in windows if window.covers(t_s))
