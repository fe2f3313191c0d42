"""Random spikes that drive neurons of a spiking brain from outside: senses, commands, an experimenter.

Entries of `encoding` in controller.yaml name a `sense` of body.yaml, a `kind` and, under `neurons`, the
neurons that each channel drives. Each of these fires at random at the mean rate that the kind gives.
`commands` (and `ramps`) give named neurons a mean rate in Hz, constant or changing through time.

Events are as in the published model: in each step, with probability rate x step, the neuron gets an input
that makes it fire.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.registry import Registry
from neuromech._lib.types import Observation
from neuromech.brain import descending_drive
from neuromech.brain.encoders import encoding
from neuromech.brain.encoders.base import Entry
from neuromech.brain.named_neurons import NamedNeurons
from neuromech.specs.controller import EncodingSpec, WiredSpec
from neuromech.world.body import Body

FASTEST_HZ = 1000.0
"""The highest rate of the input, Hz: far below one event per step, at which a train would not be random."""


class SpikeEncoder(ABC):
    """From a reading to the mean rate at which neurons fire.

    A kind of one's own is a subclass, a frozen dataclass of its numbers, registered by
    `register("spike encoder", name)`.
    """

    keys: ClassVar[tuple[str, ...]] = ("neurons",)
    """Keys that an entry of this kind has, beside `kind` and `sense`."""
    numbers: ClassVar[tuple[str, ...]]
    """Names of its numbers in the entry's section of parameters.yaml; `{unit}` is that of the sense."""

    @classmethod
    def names(cls, entry: Entry) -> tuple[str, ...]:
        """Return the names of its numbers for an entry, in the order of its fields."""
        return tuple(name.format(unit=entry.unit) for name in cls.numbers)

    @classmethod
    def from_entry(cls, entry: Entry, given: Mapping[str, Any]) -> SpikeEncoder:
        """Build the encoder of an entry from its section of parameters.yaml.

        Raises
        ------
        InputError
            A number makes no sense.
        """
        try:
            return cls(*(float(given[name]) for name in cls.names(entry)))
        except InputError as error:
            raise InputError(f"parameter {entry.name}: {error}") from None

    @abstractmethod
    def rates_Hz(self, reading: np.ndarray) -> np.ndarray:
        """Return the mean rate (reading,) that each reading asks for, Hz."""


@dataclass(frozen=True)
class Saturating(SpikeEncoder):
    """A reading x gives peak_Hz x / (x + half), and nothing below 0."""

    numbers = ("peak_Hz", "half_{unit}")
    peak_Hz: float
    half: float

    def __post_init__(self) -> None:
        """Refuse a negative rate and a division by 0."""
        if self.peak_Hz < 0 or self.half == 0:
            raise InputError("peak_Hz must be at least 0 and half not 0")

    def rates_Hz(self, reading: np.ndarray) -> np.ndarray:
        """Return the mean rate (reading,) that each reading asks for, Hz."""
        x = np.maximum(reading, 0.0)
        return self.peak_Hz * x / (x + self.half)


@dataclass(frozen=True)
class Threshold(SpikeEncoder):
    """A reading x gives peak_Hz (x - threshold) / scale, from 0 to peak_Hz."""

    numbers = ("peak_Hz", "threshold", "scale")
    peak_Hz: float
    threshold: float
    scale: float

    def __post_init__(self) -> None:
        """Refuse a negative rate and a division by 0."""
        if self.peak_Hz < 0 or self.scale == 0:
            raise InputError("peak_Hz must be at least 0 and scale not 0")

    def rates_Hz(self, reading: np.ndarray) -> np.ndarray:
        """Return the mean rate (reading,) that each reading asks for, Hz."""
        return self.peak_Hz * np.clip((reading - self.threshold) / self.scale, 0.0, 1.0)


ENCODERS: Registry[type[SpikeEncoder]] = Registry(
    "spike encoder", {"saturating": f"{__name__}:Saturating", "threshold": f"{__name__}:Threshold"}
)
"""Classes by the `kind` of an entry."""


@dataclass(frozen=True)
class Afferents:
    """Neurons behind one sense.

    Parameters
    ----------
    sense : of body.yaml.
    encoder : from a reading to a mean rate.
    cells : (cell,) indices of the neurons in the wiring.
    place, channel : (pair,) which of `cells` hears which channel; one that hears several follows the highest.
    """

    sense: str
    encoder: SpikeEncoder
    cells: np.ndarray
    place: np.ndarray
    channel: np.ndarray

    def rates_Hz(self, observation: Observation) -> np.ndarray:
        """Return the mean rates (cell,), Hz."""
        reading = np.asarray(observation[self.sense], float)[self.channel]
        found = np.zeros(len(self.cells))
        np.maximum.at(found, self.place, self.encoder.rates_Hz(reading))
        return found


def read(given: Mapping[str, EncodingSpec], body: Body) -> list[Entry]:
    """Return the entries of `encoding`, checked.

    Raises
    ------
    InputError
        An entry has no kind that there is here, or reads a sense that the body lacks.
    """
    return encoding.read(given, body, ENCODERS, " for spiking neurons")


def sections(entries: Sequence[Entry]) -> dict[str, tuple[str, ...]]:
    """Return the sections of parameters.yaml that the entries read, with the names of their numbers."""
    return {entry.name: ENCODERS[entry.given.kind].names(entry) for entry in entries}


def build(
    entries: Sequence[Entry],
    named: NamedNeurons,
    parameters: Mapping[str, Any],
    swap: Sequence[tuple[str, str]] = (),
) -> list[Afferents]:
    """Return the neurons behind each entry; `swap` names pairs that exchange what they sense.

    Raises
    ------
    InputError
        An entry names no channel of its sense, or a number makes no sense.
    """
    exchanged = {}
    for one, other in swap:
        first, second = named.must_find(one), named.must_find(other)
        if len(first) != 1 or len(second) != 1:
            raise InputError(f"perturb.swap takes single neurons, not {one} and {other}")
        exchanged |= {int(first[0]): int(second[0]), int(second[0]): int(first[0])}
    afferents = []
    for entry in entries:
        channels, cells, channel = list(entry.channels), [], []
        for name, neurons in entry["neurons"].items():
            if name not in channels:
                raise unknown(f"channel in encoding.{entry.name}", str(name), channels)
            these = [exchanged.get(int(cell), int(cell)) for cell in named.find(neurons)]
            cells += these
            channel += [channels.index(name)] * len(these)
        unique, place = np.unique(np.array(cells, int), return_inverse=True)
        encoder = ENCODERS[entry.given.kind].from_entry(entry, parameters[entry.name])
        afferents.append(Afferents(entry.given.sense, encoder, unique, place, np.array(channel, int)))
    return afferents


@dataclass(frozen=True)
class RateCommand:
    """Named neurons that fire at a mean rate (Hz) given through time."""

    cells: np.ndarray
    times_s: np.ndarray
    rates_Hz: np.ndarray

    def rate_Hz(self, t_s: float) -> float:
        """Return the mean rate at `t_s`, Hz."""
        return float(np.interp(t_s, self.times_s, self.rates_Hz))


def rate_commands(spec: WiredSpec, named: NamedNeurons) -> list[RateCommand]:
    """Return those `commands` of controller.yaml that are not 0 throughout.

    Raises
    ------
    InputError
        A command names no neuron, is no rate, or the times of its ramp do not rise.
    """
    found = []
    for name, points in descending_drive.commands(spec):
        if (points[:, 1] < 0).any() or (points[:, 1] > FASTEST_HZ).any():
            raise InputError(f"controller.commands.{name}: a rate must be from 0 to {FASTEST_HZ:g} Hz")
        cells = named.find(name)
        if points[:, 1].any():
            if not len(cells):
                raise InputError(f"controller.commands.{name}: it is not in the wiring {named.wiring.name}")
            found.append(RateCommand(cells, points[:, 0], points[:, 1]))
    return found


def events(
    rng: np.random.Generator, cells: np.ndarray, rates_Hz: np.ndarray, steps: int, step_ms: float
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the random spikes of a control period; returns their steps, rising, and their neurons."""
    chance = rates_Hz * (step_ms / 1000.0)
    busy = chance > 0
    step, which = np.nonzero(rng.random((steps, int(busy.sum()))) < chance[busy])
    return step, cells[busy][which]
