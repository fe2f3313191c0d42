"""A spiking brain as controller: senses to spikes to rates, and rates to muscles or to another controller.

    senses --random spikes--> named neurons --wiring--> named neurons --leaky spike counts (Hz)--> muscles
        (connections.csv), or currents into the command neurons of the controller ``under`` it

See controllers/fly_brain's controller.yaml for the keys, `poisson` for ``encoding`` and ``commands``.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.state import Stateful
from neuromech._lib.types import Observation
from neuromech.brain import flywire, shared_parameters, shipped_wiring
from neuromech.brain.encoders import random_spikes
from neuromech.brain.named_neurons import Named
from neuromech.brain.neurons.event_driven import EventNetwork
from neuromech.brain.neurons.lif import Membrane, Spikes, SpikingNetwork
from neuromech.brain.neurons.spiking import DenseNetwork
from neuromech.brain.runaway import Watch
from neuromech.controllers import under_brain
from neuromech.muscles import neuromuscular_weights
from neuromech.specs import content
from neuromech.specs.run import Perturb, Run, Window
from neuromech.world.body import Body

ENGINES = {"events": EventNetwork, "jax": DenseNetwork}
"""Who computes the neurons: event by event on the CPU, or every neuron in every step wherever JAX runs."""
PARAMETERS = ("rate_ms", "peak_Hz", "neuromuscular", "tone", "descending_pA_per_Hz")
"""Sections of parameters.yaml, beside ``membrane`` and those that the encoding reads."""

KEPT_PERIODS = 10_000
"""Control periods whose spikes wait to be asked for."""


class SpikingController(Stateful):
    """A network of spiking neurons on a large wiring, with the perturbations of a run applied.

    Parameters
    ----------
    run : its controller.yaml is read here; ``folders`` hold neurons.csv, connections.csv, parameters.yaml.
    body : the body whose senses and muscles it meets.
    parameters : those of the folder's parameters.yaml unless a fit gives them.

    Raises
    ------
    InputError
        A table, a parameter or a perturbation names something that is not there.
    """

    activity_unit = "Hz"
    state_names = (
        "network", "_rng", "_rates", "_periods", "_fresh", "_muted", "_drive", "_runaway", "_below",
    )  # fmt: skip

    def __init__(self, run: Run, body: Body, parameters: Mapping[str, Any] | None = None) -> None:
        spec, perturb = run.controller, run.perturb
        folders = [Path(folder) for folder in spec["folders"]]
        p = dict(parameters or content.parameters(folders))
        membrane = _membrane(p.pop("membrane", {}), perturb.scale_chemical)
        if perturb.scale_gap_junctions != 1:
            raise InputError("spiking neurons have no gap junctions to scale")
        brain = shipped_wiring.first(spec["wiring"], folders)
        self.named = Named(folders, body.muscles, brain)
        found = random_spikes.sources(spec["encoding"], body)
        sections = random_spikes.sections(found)
        shared_parameters.check_parameters(p, (*PARAMETERS, *sections), sections)
        self._afferents = random_spikes.build(found, self.named, p, perturb.swap)
        self._commands = random_spikes.commanded(spec, self.named)
        self._below, own = under_brain.build(spec, run, body, p["descending_pA_per_Hz"], self.named)
        self._ablated, self._silence, self._stimulate = _perturbed(own, self.named)
        self.network = _network(spec, brain, membrane, own, run.seed)
        self.network.ablate(self._ablated)
        for cells in self._driven():
            self.network.unrefract(cells)
        self._steps, left = divmod(round(1e6 * run.clock.control_s), round(1e3 * membrane.step_ms))
        if left or not self._steps:
            raise InputError(f"clock.control_s must be a multiple of the neurons' {membrane.step_ms:g} ms")
        self._control_s, self._step_ms = run.clock.control_s, membrane.step_ms
        self._membrane, self._rate_ms = membrane, float(p["rate_ms"])
        if self._rate_ms <= 0:
            raise InputError(f"parameter rate_ms must be above 0, not {self._rate_ms:g}")
        groups = shared_parameters.Groups(self.named.connectome, spec["groups"])
        peak = groups.vector(p["peak_Hz"])
        if (peak <= 0).any():
            raise InputError("parameter peak_Hz must be above 0 for every neuron")
        self._decode = neuromuscular_weights(groups, p["neuromuscular"]) / peak
        self._moved = self.named.connectome.nmj.any(axis=0)
        self._tone = float(p["tone"])
        self._row = np.full(brain.synapses.size, -1)
        there = self.named.cells >= 0
        self._row[self.named.cells[there]] = np.flatnonzero(there)
        self._runaway = Watch(spec["runaway"], run.clock.control_s)
        self._names(spec)
        self.notes: tuple[str, ...] = tuple(_notes(brain, self.named))
        rooted = brain.ids.dtype.kind == "i"
        self.spikes_name = "FlyWire root id" if rooted else f"row of {brain.name}"
        self._spike_ids = brain.ids if rooted else np.arange(brain.synapses.size)
        self.network.advance(1, np.zeros(0, int), np.zeros(0, int))  # compiled before a recording is open
        self.reset(run.seed)

    def _names(self, spec: Mapping[str, Any]) -> None:
        """Set the names that a recorder and a raster ask for."""
        # One unit for all: potentials of a graded network below are left out.
        told = self._below if self._below and self._below.activity_unit == self.activity_unit else None
        inner = [f"{spec['under']}.{name}" for name in told.neuron_names] if told else []
        self._told = told
        self.neuron_names: tuple[str, ...] = (*self.named.names, *inner)
        shown = {
            label: tuple(self.named.names[i] for i in self.named.connectome.resolve(names))
            for label, names in spec["display"]["groups"].items()
        }
        for label, names in (told.neuron_groups if told else {}).items():
            shown[f"{spec['under']} {label}"] = tuple(f"{spec['under']}.{name}" for name in names)
        self.neuron_groups: Mapping[str, tuple[str, ...]] = shown
        self.traces: tuple[str, ...] = tuple(spec["display"]["traces"])
        for name in self.traces:
            if name not in self.neuron_names:
                raise unknown("neuron in display.traces", name, self.neuron_names)

    def reset(self, seed: int) -> None:
        """Every neuron at rest, the clock of the perturbations at zero."""
        self.network.reset()
        self._rng = np.random.default_rng(seed)
        self._rates = np.zeros(len(self.named.names))
        self._periods = 0
        # Bounded, for where nobody asks for them, as in training.
        self._fresh: deque[Spikes] = deque(maxlen=KEPT_PERIODS)
        self._muted = np.zeros(self.network.size, bool)
        self._drive = np.zeros(self.network.size)
        self.network.mute(self._muted)
        self._runaway.reset()
        if self._below:
            self._below.reset(seed)

    def act(self, observation: Observation) -> np.ndarray:
        """Muscle excitations for the next control period, float32 (muscle,).

        Raises
        ------
        RunawayError
            There have been more spikes than ``runaway`` allows for too long.
        """
        t_s = self._periods * self._control_s
        self._periods += 1
        self._electrodes(t_s)
        cells, rates = self._inputs(observation, t_s)
        kicks = random_spikes.events(self._rng, cells, rates, self._steps, self._step_ms)
        spikes = self.network.advance(self._steps, *kicks)
        self._fresh.append(spikes)
        self._count(spikes)
        self._runaway.see(spikes.cell, t_s + self._control_s, self.named.label)
        return self._act_on_muscles(observation)

    def _act_on_muscles(self, observation: Observation) -> np.ndarray:
        """What reaches the muscles; a silenced neuron's rate reaches none."""
        heard = np.where(self._muted[self.named.cells] & (self.named.cells >= 0), 0.0, self._rates)
        own = np.tanh(np.maximum(self._tone + self._decode @ heard, 0.0)).astype(np.float32)
        if self._below is None:
            return own
        self._below.hear(heard)
        return np.where(self._moved, own, self._below.act(observation))

    @property
    def activity(self) -> np.ndarray:
        """Rates (Hz) of the named neurons, leaky spike counts, then what the controller under it tells."""
        rates = self._rates.astype(np.float32)
        return rates if self._told is None else np.concatenate([rates, self._told.activity])

    def take_spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Spikes since last asked: their times (spike,), s, and neurons (spike,) int64."""
        fresh = list(self._fresh)
        self._fresh.clear()
        if not fresh:
            return np.zeros(0), np.zeros(0, np.int64)
        step, cell = (np.concatenate(part) for part in zip(*fresh, strict=True))
        order = np.lexsort((cell, step))  # the engines tell of a step's spikes in different orders
        # A step's spike is at its end.
        return (step[order] + 1) * (self._step_ms / 1000.0), self._spike_ids[cell[order]]

    def _driven(self) -> list[np.ndarray]:
        """Neurons that get random spikes from outside: they have no refractory period, as published."""
        windows = [cells for window, cells in self._stimulate if window.rate_Hz]
        return [each.cells for each in (*self._afferents, *self._commands)] + windows

    def _inputs(self, observation: Observation, t_s: float) -> tuple[np.ndarray, np.ndarray]:
        """Neurons that get random spikes now and at which mean rates (Hz)."""
        parts = [(each.cells, each.rates(observation)) for each in self._afferents]
        parts += [(each.cells, np.full(len(each.cells), each.rate(t_s))) for each in self._commands]
        for window, cells in self._stimulate:
            if window.rate_Hz and window.covers(t_s):
                parts.append((cells, np.full(len(cells), window.rate_Hz)))
        if not parts:
            return np.zeros(0, int), np.zeros(0)
        return np.concatenate([cells for cells, _ in parts]), np.concatenate([rates for _, rates in parts])

    def _electrodes(self, t_s: float) -> None:
        """Switch silencing and currents on and off."""
        if not self._silence and not self._stimulate:
            return
        muted, drive = np.zeros_like(self._muted), np.zeros_like(self._drive)
        for window, cells in self._silence:
            muted[cells] |= window.covers(t_s)
        for window, cells in self._stimulate:
            if window.covers(t_s):
                drive[cells] += self._membrane.resistance_GOhm * window.current_pA
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
    for name, value in given.items():
        if name not in known:
            raise unknown("parameter", f"membrane.{name}", [f"membrane.{each}" for each in known])
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            raise InputError(f"parameter membrane.{name} must be a finite number, not {value!r}")
    membrane = Membrane(**{name: float(value) for name, value in given.items()})
    return replace(membrane, weight_mV=membrane.weight_mV * scale_chemical)


def _network(
    spec: Mapping[str, Any], brain: flywire.Brain, membrane: Membrane, perturb: Perturb, seed: int
) -> SpikingNetwork:
    if spec["engine"] not in ENGINES:
        raise unknown("engine", str(spec["engine"]), ENGINES)
    synapses = brain.synapses
    if perturb.shuffle_wiring not in (True, False, ("chemical",)):
        raise InputError("spiking neurons: perturb.shuffle_wiring takes true or false")
    if perturb.shuffle_wiring:
        synapses = synapses.shuffled(seed)
    return ENGINES[spec["engine"]](synapses, membrane)


def _perturbed(
    perturb: Perturb, named: Named
) -> tuple[np.ndarray, list[tuple[Window, np.ndarray]], list[tuple[Window, np.ndarray]]]:
    silence, stimulate = (
        [(window, named.must_find(window.neurons)) for window in windows]
        for windows in (perturb.silence, perturb.stimulate)
    )
    return named.must_find(perturb.ablate), silence, stimulate


def _notes(brain: flywire.Brain, named: Named) -> list[str]:
    """What a reader of the results should know about the wiring."""
    notes = [f"wiring {brain.name}: {brain.synapses.size} neurons, {len(brain.synapses.post)} edges"]
    if brain.note:
        notes.append(f"{brain.name} has {brain.note}")
    if named.absent:
        shown = ", ".join(named.absent[:6]) + (", ..." if len(named.absent) > 6 else "")
        notes.append(f"{len(named.absent)} of {len(named.names)} named neurons are not in it: {shown}")
    return notes
