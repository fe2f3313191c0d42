"""What makes neurons of a spiking brain fire from outside: senses, commands, an experimenter.

Entries of ``encoding`` in controller.yaml name a ``sense`` of body.yaml, a ``kind`` and, under ``neurons``,
the neurons that each channel drives. Each of these fires at random at the rate that the kind gives:

=============  ================================================  ===========================
kind           mean rate, Hz                                     parameters of the entry
=============  ================================================  ===========================
``saturating`` peak_Hz x / (x + half), nothing below 0           peak_Hz, half_<unit>
``threshold``  peak_Hz (x - threshold) / scale, from 0 to peak   peak_Hz, threshold, scale
=============  ================================================  ===========================

``commands`` (and ``ramps``) give named neurons a mean rate in Hz, constant or changing through time. Events
are as in the published model: in each step with probability rate x step, each a kick that makes the neuron
fire.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.types import Observation
from neuromech.brain import descending_drive
from neuromech.brain.encoders import sensory
from neuromech.brain.encoders.sensory import Source
from neuromech.brain.named_neurons import Named
from neuromech.world.body import Body

FASTEST_HZ = 1000.0
"""No neuron is made to fire faster: far below one event in every step, which would be no random train."""
NUMBERS = {"saturating": ("peak_Hz", "half_{unit}"), "threshold": ("peak_Hz", "threshold", "scale")}


@dataclass(frozen=True)
class Afferents:
    """Neurons behind one sense: ``cells`` (cell,) in the wiring; who hears which ``channel`` (pair,).

    ``place`` (pair,) is an index into ``cells``; a neuron that hears several channels follows the highest.
    """

    sense: str
    kind: str
    numbers: tuple[float, ...]
    cells: np.ndarray
    place: np.ndarray
    channel: np.ndarray

    def rates(self, observation: Observation) -> np.ndarray:
        """Mean rates (cell,), Hz."""
        found = np.zeros(len(self.cells))
        np.maximum.at(found, self.place, self._each(np.asarray(observation[self.sense], float)[self.channel]))
        return found

    def _each(self, x: np.ndarray) -> np.ndarray:
        """Mean rate (pair,) that each reading asks for, Hz."""
        if self.kind == "saturating":
            peak, half = self.numbers
            x = np.maximum(x, 0.0)
            return peak * x / (x + half)
        peak, threshold, scale = self.numbers
        return peak * np.clip((x - threshold) / scale, 0.0, 1.0)


def sources(encoding: Mapping[str, Mapping[str, Any]], body: Body) -> list[Source]:
    """Return the entries of ``encoding``, checked.

    Raises
    ------
    InputError
        An entry has no kind that there is, reads a sense that the body lacks, or misses a key.
    """
    sensory.check(encoding, body, dict.fromkeys(NUMBERS, ("neurons",)), " for spiking neurons")
    return [Source(name, entry, body) for name, entry in encoding.items()]


def sections(found: Sequence[Source]) -> dict[str, tuple[str, ...]]:
    """Return the sections of parameters.yaml that the entries read, with their numbers."""
    return {
        each.name: tuple(key.format(unit=each.sense.unit) for key in NUMBERS[each.entry["kind"]])
        for each in found
    }


def build(
    found: Sequence[Source],
    named: Named,
    parameters: Mapping[str, Any],
    swap: Sequence[tuple[str, str]] = (),
) -> list[Afferents]:
    """Return the neurons behind each entry; ``swap`` names pairs that exchange what they sense.

    Raises
    ------
    InputError
        An entry names no channel of its sense, or a number makes no sense.
    """
    numbers = sections(found)
    exchanged = {}
    for one, other in swap:
        first, second = named.must_find(one), named.must_find(other)
        if len(first) != 1 or len(second) != 1:
            raise InputError(f"perturb.swap takes single neurons, not {one} and {other}")
        exchanged |= {int(first[0]): int(second[0]), int(second[0]): int(first[0])}
    afferents = []
    for source in found:
        channels = list(source.channels)
        cells, channel = [], []
        for name, neurons in source.entry["neurons"].items():
            if name not in channels:
                raise unknown(f"channel in encoding.{source.name}", str(name), channels)
            these = [exchanged.get(int(cell), int(cell)) for cell in named.find(neurons)]
            cells += these
            channel += [channels.index(name)] * len(these)
        values = tuple(float(parameters[source.name][key]) for key in numbers[source.name])
        if values[-1] == 0 or values[0] < 0:
            raise InputError(
                f"parameter {source.name}: peak_Hz must be at least 0, {numbers[source.name][-1]} not 0"
            )
        unique, place = np.unique(np.array(cells, int), return_inverse=True)
        sense, kind = source.entry["sense"], source.entry["kind"]
        afferents.append(Afferents(sense, kind, values, unique, place, np.array(channel, int)))
    return afferents


@dataclass(frozen=True)
class Commanded:
    """Named neurons that fire at a rate (Hz) given through time."""

    cells: np.ndarray
    times_s: np.ndarray
    rates_Hz: np.ndarray

    def rate(self, t_s: float) -> float:
        """Mean rate at ``t_s``, Hz."""
        return float(np.interp(t_s, self.times_s, self.rates_Hz))


def commanded(spec: Mapping[str, Any], named: Named) -> list[Commanded]:
    """Return those ``commands`` of controller.yaml that are not 0 throughout.

    Raises
    ------
    InputError
        A command names no neuron, is no rate, or its ramp is not made of pairs with rising times.
    """
    found = []
    for name, points in descending_drive.courses(spec):
        if (points[:, 1] < 0).any() or (points[:, 1] > FASTEST_HZ).any():
            raise InputError(f"controller.commands.{name}: a rate must be from 0 to {FASTEST_HZ:g} Hz")
        cells = named.find(name)
        if points[:, 1].any():
            if not len(cells):
                raise InputError(f"controller.commands.{name}: it is not in the wiring {named.brain.name}")
            found.append(Commanded(cells, points[:, 0], points[:, 1]))
    return found


def events(
    rng: np.random.Generator, cells: np.ndarray, rates_Hz: np.ndarray, steps: int, step_ms: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the events of a control period: their steps, rising, and neurons."""
    chance = rates_Hz * (step_ms / 1000.0)
    busy = chance > 0
    step, which = np.nonzero(rng.random((steps, int(busy.sum()))) < chance[busy])
    return step, cells[busy][which]
