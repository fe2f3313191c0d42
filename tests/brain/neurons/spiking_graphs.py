"""Random spiking networks with input, and the slowest way of running them, to hold the fast ones against."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from neuromech.brain.neurons.lif import Membrane, Spikes, SpikingNetwork
from neuromech.brain.neurons.synapses import Synapses


@dataclass(frozen=True)
class Case:
    """A network and what is done to it for `steps` steps."""

    synapses: Synapses
    steps: int
    free: np.ndarray
    kick_step: np.ndarray
    kick_cell: np.ndarray
    muted: np.ndarray
    drive_mV: np.ndarray
    membrane: Membrane = field(default_factory=Membrane)

    def play(self, network: SpikingNetwork, at_once: int | None = None) -> np.ndarray:
        """Run it, some steps at a time; sorted pairs (spike, 2) of step and neuron."""
        network.unrefract(self.free)
        network.mute(self.muted)
        network.drive(self.drive_mV)
        size = at_once or self.steps
        found = []
        for first in range(0, self.steps, size):
            now = (self.kick_step >= first) & (self.kick_step < first + size)
            found.append(network.advance(size, self.kick_step[now] - first, self.kick_cell[now]))
        return pairs(Spikes(*(np.concatenate(part) for part in zip(*found, strict=True))))


def pairs(spikes: Spikes) -> np.ndarray:
    """Sorted steps and neurons (spike, 2)."""
    order = np.lexsort((spikes.cell, spikes.step))
    return np.stack([spikes.step[order], spikes.cell[order]], axis=1)


def case(neurons: int, degree: int, steps: int, seed: int, electrodes: bool = False) -> Case:
    """A random graph, a third of it inhibitory, of which a twentieth gets random kicks at 150 Hz.

    With `electrodes` some neurons are muted and some get steady currents.
    """
    rng = np.random.default_rng(seed)
    edges = neurons * degree
    sign = np.where(rng.random(edges) < 0.3, -1, 1)
    synapses = Synapses.of(
        neurons,
        rng.integers(neurons, size=edges),
        rng.integers(neurons, size=edges),
        (1 + rng.poisson(12, edges)) * sign,
    )
    free = rng.choice(neurons, neurons // 20, replace=False)
    kick_step, which = np.nonzero(rng.random((steps, len(free))) < 0.015)
    muted, drive = np.zeros(neurons, bool), np.zeros(neurons)
    if electrodes:
        muted[rng.choice(neurons, neurons // 10)] = True
        drive[rng.choice(neurons, neurons // 20)] = rng.uniform(-5, 12, neurons // 20)
    return Case(synapses, steps, free, kick_step, free[which], muted, drive)


def slowly(given: Case) -> np.ndarray:
    """The equations of `lif.Membrane` step by step in numpy, every neuron in every step."""
    m, n = given.membrane, given.synapses.size
    slow, fast = np.exp(-m.step_ms / m.membrane_ms), np.exp(-m.step_ms / m.synapse_ms)
    v, g = np.full(n, m.rest_mV), np.zeros(n)
    refractory = np.full(n, m.refractory_steps)
    refractory[given.free] = 0
    last = np.full(n, -(10**9))
    weights = np.zeros((n, n))
    weights[given.synapses.pre, given.synapses.post] = given.synapses.count * m.weight_mV
    history: list[np.ndarray] = []
    for step in range(given.steps):
        active = step - last >= refractory
        target = m.rest_mV + given.drive_mV
        coupling = m.synapse_ms / (m.membrane_ms - m.synapse_ms) * (slow - fast)
        v = np.where(active, target + (v - target) * slow + g * coupling, v)
        g = np.where(active, g * fast, g)
        fired = (v > m.threshold_mV) & active
        last[fired] = step
        takes = active & ~fired
        if step >= m.delay_steps:
            sent = history[step - m.delay_steps] & ~given.muted
            g = np.where(takes, g + weights[sent].sum(axis=0), g)
        kicked = given.kick_cell[given.kick_step == step]
        np.add.at(v, kicked[takes[kicked]], m.kick_mV)
        v, g = np.where(fired, m.rest_mV, v), np.where(fired, 0.0, g)
        history.append(fired)
    return np.argwhere(np.array(history))
