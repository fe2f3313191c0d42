"""A spiking brain as controller: senses to spikes to rates, and rates to muscles or to another controller.

    senses --random spikes--> named neurons --wiring--> named neurons --leaky spike counts (Hz)--> muscles
        (connections.csv), or currents into the command neurons of the controller `under` it

The keys are explained in the controller.yaml of controllers/fly_brain, those of `encoding` and `commands` in
`neuromech.brain.encoders.random_spikes`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.numbers import number
from neuromech._lib.state import Stateful
from neuromech._lib.types import Observation
from neuromech.brain import extrasynaptic, pathways, shared_parameters
from neuromech.brain.encoders import random_spikes
from neuromech.brain.encoders.random_spikes import Afferents, RateCommand
from neuromech.brain.named_neurons import NamedNeurons
from neuromech.brain.neurons.event_driven import EventNetwork
from neuromech.brain.neurons.lif import Membrane, Spikes, SpikingNetwork
from neuromech.brain.neurons.spiking import DenseNetwork
from neuromech.brain.runaway import RunawayMonitor
from neuromech.brain.sparse_connectome import SparseConnectome
from neuromech.controllers import descending_pathway
from neuromech.controllers.descending_pathway import DescendingPathway
from neuromech.muscles import neuromuscular_weights
from neuromech.specs import content
from neuromech.specs.controller import SpikingSpec
from neuromech.specs.perturb import Perturb, Window
from neuromech.specs.run import Run
from neuromech.world.body import Body

ENGINES = {"events": EventNetwork, "jax": DenseNetwork}
"""Who computes the neurons: event by event on the CPU, or every neuron in every step wherever JAX runs."""
PARAMETERS = ("rate_ms", "peak_Hz", "neuromuscular", "tone", "descending_pA_per_Hz")
"""Sections of parameters.yaml, beside `membrane` and those that the encoding reads."""

KEPT_PERIODS = 10_000
"""Control periods whose spikes wait to be asked for."""


@dataclass(frozen=True)
class SpikeInputs:
    """What makes neurons fire from outside, and what is done to them.

    Parameters
    ----------
    afferents : neurons behind the senses.
    commands : neurons that fire at given rates.
    silence, stimulate : windows of the run, with indices of their neurons.
    resistance_GOhm : of a membrane, mV for each pA.
    """

    afferents: Sequence[Afferents]
    commands: Sequence[RateCommand]
    silence: Sequence[tuple[Window, np.ndarray]]
    stimulate: Sequence[tuple[Window, np.ndarray]]
    resistance_GOhm: float

    def spared(self, t_s: float) -> np.ndarray:
        """Return the neurons (cell,) that are made to fire now, which as published are never refractory.

        Those of senses always are, others while their window is open or their rate is above 0.
        """
        groups = [each.cells for each in self.afferents]
        groups += [each.cells for each in self.commands if each.rate_Hz(t_s) > 0]
        groups += [cells for window, cells in self.stimulate if window.rate_Hz and window.covers(t_s)]
        return np.unique(np.concatenate(groups)) if groups else np.zeros(0, int)

    def rates_Hz(self, observation: Observation, t_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the neurons that get random spikes now, and at which mean rates (Hz)."""
        parts = [(each.cells, each.rates_Hz(observation)) for each in self.afferents]
        parts += [(each.cells, np.full(len(each.cells), each.rate_Hz(t_s))) for each in self.commands]
        for window, cells in self.stimulate:
            if window.rate_Hz and window.covers(t_s):
                parts.append((cells, np.full(len(cells), window.rate_Hz)))
        if not parts:
            return np.zeros(0, int), np.zeros(0)
        return np.concatenate([cells for cells, _ in parts]), np.concatenate([rates for _, rates in parts])

    def muted(self, t_s: float, size: int) -> np.ndarray:
        """Return whose spikes reach nobody now, bool (neuron,)."""
        muted = np.zeros(size, bool)
        for window, cells in self.silence:
            muted[cells] |= window.covers(t_s)
        return muted

    def drive_mV(self, t_s: float, size: int) -> np.ndarray:
        """Return where electrodes would take the potentials now, mV above rest (neuron,)."""
        drive = np.zeros(size)
        for window, cells in self.stimulate:
            if window.covers(t_s):
                drive[cells] += self.resistance_GOhm * window.current_pA
        return drive


def build(run: Run, body: Body, parameters: Mapping[str, Any] | None = None) -> SpikingController:
    """Build the spiking controller of a run.

    Parameters
    ----------
    run : its controller.yaml is read here; `folders` hold neurons.csv, connections.csv, parameters.yaml.
    body : whose senses and muscles it meets.
    parameters : those of the folder's parameters.yaml unless a fit gives them.

    Raises
    ------
    InputError
        A table, a parameter or a perturbation names something that is not there.
    """
    spec, perturb = run.controller, run.perturb
    assert isinstance(spec, SpikingSpec)
    p = dict(parameters or content.parameters(spec.folders))
    membrane = _membrane(p.pop("membrane", {}), perturb.scale_chemical)
    extrasynaptic.refuse(perturb, spec.name)
    if perturb.scale_gap_junctions != 1:
        raise InputError("spiking neurons have no gap junctions to scale")
    wiring = SparseConnectome.first(spec.wiring, spec.folders)
    named = NamedNeurons(spec.folders, body.muscles, wiring, spec.connections)
    entries = random_spikes.read(spec.encoding, body)
    sections = random_spikes.sections(entries)
    shared_parameters.check_parameters(p, (*PARAMETERS, *sections), sections)
    pathway, own, notes = descending_pathway.build(spec, run, body, p["descending_pA_per_Hz"], named)
    inputs = SpikeInputs(
        random_spikes.build(entries, named, p, own.swap),
        random_spikes.rate_commands(spec, named),
        [(window, named.must_find(window.neurons)) for window in own.silence],
        [(window, named.must_find(window.neurons)) for window in own.stimulate],
        membrane.resistance_GOhm,
    )
    pathways.refuse_other_scales(own.scale_pathways)
    cuts = [(named.must_find(each.pre), named.must_find(each.post)) for each in own.scale_pathways]
    network = _network(spec, wiring, membrane, own, run.seed, cuts)
    network.ablate(named.must_find(own.ablate))
    return SpikingController(run, spec, named, network, inputs, p, pathway, (*notes, *_notes(wiring, named)))


class SpikingController(Stateful):
    """A network of spiking neurons on a large wiring, with the perturbations of a run applied.

    Parameters
    ----------
    run : of which it reads clock and seed.
    spec : its controller.yaml.
    named : the neurons that have names.
    network : of all neurons.
    inputs : what makes neurons fire from outside.
    parameters : class-shared parameters, checked.
    pathway : the controller under the brain, if there is one.
    notes : what a reader of the results should know.

    Raises
    ------
    InputError
        A number is out of range, or the control period is no multiple of the neurons' step.
    """

    activity_unit = "Hz"
    state_names = (
        "network", "_rng", "_rates", "_periods", "_fresh", "_muted", "_drive", "_runaway", "pathway",
    )  # fmt: skip

    def __init__(
        self,
        run: Run,
        spec: SpikingSpec,
        named: NamedNeurons,
        network: SpikingNetwork,
        inputs: SpikeInputs,
        parameters: Mapping[str, Any],
        pathway: DescendingPathway | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.named, self.network, self.pathway, self.notes = named, network, pathway, notes
        self._inputs = inputs
        step_ms = network.membrane.step_ms
        self._steps, left = divmod(round(1e6 * run.clock.control_s), round(1e3 * step_ms))
        if left or not self._steps:
            raise InputError(f"clock.control_s must be a multiple of the neurons' {step_ms:g} ms")
        self._control_s, self._step_ms = run.clock.control_s, step_ms
        self._rate_ms = float(parameters["rate_ms"])
        if self._rate_ms <= 0:
            raise InputError(f"parameter rate_ms must be above 0, not {self._rate_ms:g}")
        groups = shared_parameters.Groups(named.connectome, spec.groups)
        peak = groups.vector(parameters["peak_Hz"])
        if (peak <= 0).any():
            raise InputError("parameter peak_Hz must be above 0 for every neuron")
        self._decode = neuromuscular_weights(groups, parameters["neuromuscular"]) / peak
        self._moved = named.connectome.nmj.any(axis=0)
        self._tone = float(parameters["tone"])
        self._row = np.full(network.size, -1)
        there = named.cells >= 0
        self._row[named.cells[there]] = np.flatnonzero(there)
        self._runaway = RunawayMonitor(spec.runaway, run.clock.control_s)
        self.spikes_name, self._spike_ids = named.wiring.spikes_named()
        self._name_neurons(spec)
        network.advance(1, np.zeros(0, int), np.zeros(0, int))  # compiled before a recording is open
        self.reset(run.seed)

    def _name_neurons(self, spec: SpikingSpec) -> None:
        """Set the names that a recorder and a raster ask for."""
        lower = self.pathway.controller if self.pathway else None
        # One unit for all: potentials of a graded network below are left out.
        self._recorded = lower if lower and lower.activity_unit == self.activity_unit else None
        inner = [f"{spec.under}.{name}" for name in self._recorded.neuron_names] if self._recorded else []
        self.neuron_names: tuple[str, ...] = (*self.named.names, *inner)
        shown = {
            label: tuple(self.named.names[i] for i in self.named.connectome.resolve(names))
            for label, names in spec.display.groups.items()
        }
        for label, names in (self._recorded.neuron_groups if self._recorded else {}).items():
            shown[f"{spec.under} {label}"] = tuple(f"{spec.under}.{name}" for name in names)
        self.neuron_groups: Mapping[str, tuple[str, ...]] = shown
        self.traces: tuple[str, ...] = spec.display.traces
        for name in self.traces:
            if name not in self.neuron_names:
                raise unknown("neuron in display.traces", name, self.neuron_names)

    def reset(self, seed: int) -> None:
        """Put every neuron at rest and the clock of the perturbations at zero."""
        self.network.reset()
        self._rng = np.random.default_rng(seed)
        self._rates = np.zeros(len(self.named.names))
        self._periods = 0
        # Bounded, for where nobody asks for them, as in training.
        self._fresh: deque[Spikes] = deque(maxlen=KEPT_PERIODS)
        self._muted = np.zeros(self.network.size, bool)
        self._drive = np.zeros(self.network.size)
        self.network.mute(self._muted)
        self._spared: np.ndarray | None = None
        self._runaway.reset()
        if self.pathway:
            self.pathway.reset(seed)

    def act(self, observation: Observation) -> np.ndarray:
        """Return the muscle excitations for the next control period, float32 (muscle,).

        Raises
        ------
        RunawayError
            There have been more spikes than `runaway` allows for too long.
        """
        t_s = self._periods * self._control_s
        self._periods += 1
        self._electrodes(t_s)
        cells, rates = self._inputs.rates_Hz(observation, t_s)
        kicks = random_spikes.events(self._rng, cells, rates, self._steps, self._step_ms)
        spikes = self.network.advance(self._steps, *kicks)
        self._fresh.append(spikes)
        self._count(spikes)
        self._runaway.update(spikes.cell, t_s + self._control_s, self.named.label)
        return self._excitations(observation)

    def _excitations(self, observation: Observation) -> np.ndarray:
        """Return what reaches the muscles; a silenced neuron's rate reaches none."""
        heard = np.where(self._muted[self.named.cells] & (self.named.cells >= 0), 0.0, self._rates)
        own = np.tanh(np.maximum(self._tone + self._decode @ heard, 0.0)).astype(np.float32)
        if self.pathway is None:
            return own
        return np.where(self._moved, own, self.pathway.act(heard, observation))

    @property
    def activity(self) -> np.ndarray:
        """Rates (Hz) of the named neurons, leaky spike counts, then those of the controller under it."""
        rates = self._rates.astype(np.float32)
        return rates if self._recorded is None else np.concatenate([rates, self._recorded.activity])

    def take_spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the spikes since last asked: their times (spike,), s, and neurons (spike,) int64."""
        fresh = list(self._fresh)
        self._fresh.clear()
        if not fresh:
            return np.zeros(0), np.zeros(0, np.int64)
        step, cell = (np.concatenate(part) for part in zip(*fresh, strict=True))
        order = np.lexsort((cell, step))  # the engines tell of a step's spikes in different orders
        # A step's spike is at its end.
        return (step[order] + 1) * (self._step_ms / 1000.0), self._spike_ids[cell[order]]

    def _electrodes(self, t_s: float) -> None:
        """Switch silencing, currents and refractory periods on and off."""
        spared = self._inputs.spared(t_s)
        if self._spared is None or not np.array_equal(spared, self._spared):
            self._spared = spared
            self.network.unrefract(spared)
        if not self._inputs.silence and not self._inputs.stimulate:
            return
        muted = self._inputs.muted(t_s, self.network.size)
        drive = self._inputs.drive_mV(t_s, self.network.size)
        if (muted != self._muted).any():
            self._muted = muted
            self.network.mute(muted)
        if (drive != self._drive).any():
            self._drive = drive
            self.network.drive(drive)

    def _count(self, spikes: Spikes) -> None:
        """Add spikes to the rates: each is worth 1 / rate_ms and fades with rate_ms."""
        self._rates *= np.exp(-self._steps * self._step_ms / self._rate_ms)
        row = self._row[spikes.cell]
        mine = row >= 0
        age_ms = (self._periods * self._steps - 1 - spikes.step[mine]) * self._step_ms
        worth = np.exp(-age_ms / self._rate_ms) * (1000.0 / self._rate_ms)
        np.add.at(self._rates, row[mine], worth)


def _membrane(given: Mapping[str, Any], scale_chemical: float) -> Membrane:
    known = [field.name for field in fields(Membrane)]
    for name in given:
        if name not in known:
            raise unknown("parameter", f"membrane.{name}", [f"membrane.{each}" for each in known])
    membrane = Membrane(
        **{name: number(f"parameter membrane.{name}", value) for name, value in given.items()}
    )
    return replace(membrane, weight_mV=membrane.weight_mV * scale_chemical)


def _network(
    spec: SpikingSpec,
    wiring: SparseConnectome,
    membrane: Membrane,
    perturb: Perturb,
    seed: int,
    cuts: Sequence[tuple[np.ndarray, np.ndarray]],
) -> SpikingNetwork:
    if spec.engine not in ENGINES:
        raise unknown("engine", spec.engine, ENGINES)
    if perturb.shuffle_wiring not in (True, False, ("chemical",)):
        raise InputError("spiking neurons: perturb.shuffle_wiring takes true or false")
    if perturb.random_wiring:
        raise InputError("spiking neurons: perturb.random_wiring is for small wirings; see shuffle_wiring")
    if perturb.shuffle_wiring:
        wiring = wiring.shuffle(perturb.dealt_by(seed))
    synapses = pathways.cut(wiring.synapses, cuts) if cuts else wiring.synapses
    return ENGINES[spec.engine](synapses, membrane)


def _notes(wiring: SparseConnectome, named: NamedNeurons) -> list[str]:
    """Return what a reader of the results should know about the wiring."""
    notes = [f"wiring {wiring.name}: {wiring.synapses.size} neurons, {len(wiring.synapses.post)} edges"]
    if wiring.note:
        notes.append(f"{wiring.name} has {wiring.note}")
    if named.absent:
        shown = ", ".join(named.absent[:6]) + (", ..." if len(named.absent) > 6 else "")
        notes.append(f"{len(named.absent)} of {len(named.names)} named neurons are not in it: {shown}")
    return notes
