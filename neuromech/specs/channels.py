"""What channels.yaml says: ion channels as formulas with numbers, and which cells have how much of each.

Potentials in mV, times in ms, conductances in nS, capacitances in pF, calcium in mM (micromolar where a key
says so). A formula is a product of sums, each of constants, sigmoids, Gaussians, bells and Lorentzians, as
published kinetics are written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from annotated_types import MinLen

from neuromech._lib.errors import InputError, unknown
from neuromech.specs import content
from neuromech.specs.checking import Origin, check, strict
from neuromech.specs.values import Count, Name, Neurons, NotNegative, Number, Positive

FILE = "channels.yaml"
"""The file beside controller.yaml."""


@dataclass(frozen=True, kw_only=True)
class Sum:
    """A sum of terms in the potential v."""

    constant: Number = 0.0
    """A number."""
    sigmoids: tuple[tuple[Number, Number, Number], ...] = ()
    """[scale, half_mV, slope_mV]: scale / (1 + exp(-(v - half) / slope)); a negative slope falls."""
    gaussians: tuple[tuple[Number, Number, Positive], ...] = ()
    """[scale, centre_mV, width_mV]: scale exp(-((v - centre) / width)^2)."""
    lorentzians: tuple[tuple[Number, Number, Positive], ...] = ()
    """[scale, centre_mV, width_mV]: scale / (1 + ((v - centre) / width)^2)."""
    bells: tuple[tuple[Number, Number, Positive, Number, Positive], ...] = ()
    """[scale, left_mV, left_slope, right_mV, right_slope]: scale / (exp(-(v - left) / left_slope) +
    exp((v - right) / right_slope))."""


Formula = Annotated[tuple[Sum, ...], MinLen(1)]
"""Sums whose product is meant."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A gate of a channel: d gate/dt = (steady(v) - gate) / tau_ms(v)."""

    steady: Formula
    """Its steady state."""
    tau_ms: Formula
    """Its time constant, ms."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """One part of the open share of a channel: weight times the product of gates to their powers."""

    weight: Number = 1.0
    """Its weight."""
    gates: Annotated[dict[Name, Count], MinLen(1)]
    """Powers by the name of the gate."""


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Rates between open and closed of a channel that calcium opens.

    opening = opening_per_ms exp(opening_per_mV v) / (1 + (opening_uM / calcium)^opening_power)
    closing = closing_per_ms exp(closing_per_mV v) / (1 + (calcium / closing_uM)^closing_power)
    """

    opening_per_ms: Positive
    opening_per_mV: Number
    opening_uM: Positive
    opening_power: Positive
    closing_per_ms: Positive
    closing_per_mV: Number
    closing_uM: Positive
    closing_power: Positive


@dataclass(frozen=True, kw_only=True)
class Nanodomain:
    """Calcium beside the mouth of an open calcium channel.

    calcium = background + |conductance (v - E)| / (8 pi radius diffusion F) exp(-radius / sqrt(diffusion /
    (binding buffer)))
    """

    partner: Name
    """The calcium channel."""
    activation: Name = "m"
    """Its gate that opens it."""
    inactivation: Name = "h"
    """Its gate that inactivates it."""
    radius_nm: Positive
    """Distance from the mouth, nm."""
    diffusion_um2_per_s: Positive
    """Diffusion coefficient of calcium."""
    binding_per_M_s: Positive
    """Rate at which the buffer binds calcium."""
    buffer_uM: Positive
    """Concentration of the buffer."""
    conductance_pS: Positive
    """Conductance of one calcium channel."""
    background_uM: Positive
    """Calcium where the channel is closed."""


@dataclass(frozen=True, kw_only=True)
class ChannelSpec:
    """One kind of ion channel. What it has says what opens it, one of the four below or nothing (a leak)."""

    ion: Name
    """What it carries, the name of a reversal potential of the cell; `calcium` flows into the cell's pool."""
    source: Name
    """Where its numbers were read."""
    gates: dict[Name, Gate] = field(default_factory=dict)
    """Gates that the potential opens."""
    opening: tuple[Opening, ...] = ()
    """How much of it is open; without gates it is open always."""
    rates: Rates | None = None
    """Calcium and the potential together open it."""
    nanodomain: Nanodomain | None = None
    """The calcium channel beside which it sits; without one it feels the calcium of the cell."""
    half_calcium_mM: Positive | None = None
    """Calcium of the cell alone opens it, half of it at this much."""
    tau_ms: Positive | None = None
    """Its time constant, ms, where calcium alone opens it."""

    def __post_init__(self) -> None:
        """Refuse a channel with two ways to open, or a gate that nothing names."""
        ways = [bool(self.gates), self.rates is not None, self.half_calcium_mM is not None]
        if sum(ways) > 1:
            raise InputError("a channel has gates, rates or half_calcium_mM, one of them")
        if (self.half_calcium_mM is None) != (self.tau_ms is None):
            raise InputError("half_calcium_mM and tau_ms go together")
        if self.nanodomain is not None and self.rates is None:
            raise InputError("a channel in a nanodomain has rates")
        for each in (name for part in self.opening for name in part.gates if name not in self.gates):
            raise unknown("gate", each, self.gates)
        if bool(self.gates) != bool(self.opening):
            raise InputError("gates and opening go together")


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Calcium inside: dc/dt = free_share influx / (2 F volume) - (c - rest) / tau, at least `floor`."""

    volume_um3: Positive
    """Volume into which calcium flows."""
    free_share: Positive
    """Share that is not buffered."""
    tau_ms: Positive
    """Time constant of its removal."""
    rest_mM: NotNegative
    """Where removal leads."""
    floor_mM: NotNegative = 0.0
    """The least there is."""


@dataclass(frozen=True, kw_only=True)
class CellSpec:
    """The membrane of a kind of cell, one compartment."""

    neurons: Annotated[Neurons, MinLen(1)]
    """Neurons and classes that have it."""
    source: Name
    """Where its numbers were read."""
    capacitance_pF: Positive
    """Capacitance of the whole membrane."""
    reversal_mV: dict[Name, Number]
    """Reversal potentials by ion."""
    conductance_nS: Annotated[dict[Name, NotNegative], MinLen(1)]
    """The largest conductance of each channel, by its name."""
    calcium: Pool | NotNegative = 5e-5
    """Calcium inside: a pool, or a constant, mM."""


@strict
@dataclass(frozen=True, kw_only=True)
class ChannelsFile:
    """channels.yaml: channels by name, and cells."""

    channels: dict[Name, ChannelSpec]
    """Kinds of channels, by name."""
    cells: dict[Name, CellSpec]
    """Kinds of cells, by name."""


def read(folders: Sequence[Path]) -> ChannelsFile:
    """Read the channels.yaml of a controller's folders; the last folder that has one says it all.

    Raises
    ------
    InputError
        There is none, or it is wrong; one line with the file and the key.
    """
    files = [folder / FILE for folder in reversed(list(folders)) if (folder / FILE).is_file()]
    if not files:
        raise InputError(f"controller.detail=channels needs a file {FILE} in {folders[-1]}")
    origin = Origin(file=files[0])
    found = check(ChannelsFile, content.read_yaml(files[0]), origin)
    for name, cell in found.cells.items():
        for channel in cell.conductance_nS:
            at = f"{files[0]}: cells.{name}: "
            if channel not in found.channels:
                raise InputError(at + str(unknown("channel", channel, found.channels)))
            spec = found.channels[channel]
            if spec.ion not in cell.reversal_mV:
                raise InputError(f"{at}reversal_mV.{spec.ion} is missing, which {channel} needs")
            if spec.nanodomain is not None and spec.nanodomain.partner not in cell.conductance_nS:
                raise InputError(f"{at}{channel} needs {spec.nanodomain.partner} in the same cell")
    return found
