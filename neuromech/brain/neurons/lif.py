"""Leaky integrate-and-fire neurons with a synapse that decays: constants, and what a network of them is.

The published model of the whole brain of the fly (Shiu et al. 2024, doi:10.1038/s41586-024-07763-9; equations
and constants read in the authors' code, philshiu/Drosophila_brain_model, model.py at 2a83ad6).
"""

from dataclasses import dataclass
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np

from neuromech._lib.errors import InputError


class Spikes(NamedTuple):
    """Spikes in the order of time: steps since the last reset (spike,) int64, and neurons (spike,) int32."""

    step: np.ndarray
    cell: np.ndarray


@dataclass(frozen=True)
class Membrane:
    """Constants that all neurons share.

        membrane_ms dv/dt = rest_mV - v + g + resistance x current,    synapse_ms dg/dt = -g

    A spike when v > threshold_mV; then v = rest_mV and g = 0, and both are held, and whatever arrives is
    lost, for `refractory_ms`. A spike adds weight_mV x contacts to g of its targets `delay_ms` later;
    a kick adds kick_mV to v.

    Within a step: integrate, look for crossings, deliver, kick, reset; so a neuron that fires in a step loses
    what arrives in it.
    """

    rest_mV: float = -52.0
    threshold_mV: float = -45.0
    membrane_ms: float = 20.0
    synapse_ms: float = 5.0
    refractory_ms: float = 2.2
    delay_ms: float = 1.8
    weight_mV: float = 0.275
    kick_mV: float = 68.75
    resistance_GOhm: float = 0.01
    step_ms: float = 0.1

    def __post_init__(self) -> None:
        """Refuse constants that the closed form does not hold for."""
        if not self.membrane_ms > self.synapse_ms > 0 or self.step_ms <= 0:
            raise InputError(
                "spiking neurons need membrane_ms > synapse_ms > 0 and step_ms > 0, not "
                f"{self.membrane_ms:g}, {self.synapse_ms:g} and {self.step_ms:g}"
            )
        if self.delay_steps < 1 or self.refractory_ms < 0 or self.threshold_mV <= self.rest_mV:
            raise InputError("spiking neurons need a delay of at least a step and a threshold above rest")

    @property
    def delay_steps(self) -> int:
        """Steps from a spike to its effect on others."""
        return round(self.delay_ms / self.step_ms)

    @property
    def refractory_steps(self) -> int:
        """Steps after a spike in which a neuron is held."""
        return round(self.refractory_ms / self.step_ms)

    @property
    def mode(self) -> float:
        """The share c of g in the potential, once what decays with the membrane has been split off."""
        return self.synapse_ms / (self.synapse_ms - self.membrane_ms)

    @property
    def ratio(self) -> float:
        """How many times as fast as the potential g decays, p."""
        return self.membrane_ms / self.synapse_ms

    @property
    def risk(self) -> float:
        """What decides about a rising potential: x y + c g y^p will cross the threshold if x^p exceeds this
        times g.
        """
        p, height = self.ratio, self.threshold_mV - self.rest_mV
        return (height * p / (p - 1.0)) ** (p - 1.0) * -self.mode * p


@runtime_checkable
class SpikingNetwork(Protocol):
    """What a controller asks of spiking neurons, whoever computes them."""

    membrane: Membrane

    @property
    def size(self) -> int:
        """Number of neurons."""
        ...

    def reset(self) -> None:
        """Put every neuron at rest at step 0; who is dead, muted or never refractory stays so, drives end."""
        ...

    def ablate(self, cells: np.ndarray) -> None:
        """From now on these neurons neither receive nor fire."""
        ...

    def mute(self, muted: np.ndarray) -> None:
        """Set whose spikes reach nobody (neuron,) when they arrive, the published model's silencing."""
        ...

    def unrefract(self, cells: np.ndarray) -> None:
        """From now on these neurons, and no others, are not refractory beyond the step in which they fire."""
        ...

    def drive(self, drive_mV: np.ndarray) -> None:
        """Set the steady potential (neuron,) that currents would take each neuron to, mV above rest."""
        ...

    def advance(self, steps: int, kick_step: np.ndarray, kick_cell: np.ndarray) -> Spikes:
        """Take `steps` steps; each kick adds `kick_mV` to a neuron's potential in its step."""
        ...
