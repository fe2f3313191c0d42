"""Graded neurons some of which have membranes of ion channels instead, in the same network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromech._lib.errors import InputError
from neuromech.brain.circuit import Circuit
from neuromech.brain.neurons.base import Vector
from neuromech.brain.neurons.graded_wireless import GradedWireless, WirelessState
from neuromech.brain.neurons.membranes.membrane import Membrane, MembraneState
from neuromech.brain.shared_parameters import single
from neuromech.specs import channels


class DetailedState(WirelessState):
    """Potentials (mV) as the network knows them, levels of signals, and the membranes of ion channels."""

    membranes: dict[str, MembraneState]


class GradedChannels(GradedWireless):
    """Graded neurons (see `GradedWireless`), of which those that channels.yaml names have ion channels.

    Everything outside a membrane stays as it is. Of a cell i with channels the network sees

        u_i = V_i - V_rest,i, mV for mV, in the place of the graded potential above rest,

    and with it the release r(u_i) and the gap junctions. What the network, a sense, an electrode or noise
    puts into the cell is a current on the scale of the graded neurons, whose input conductance was chosen and
    not measured; the cell gets it times

        k_i = (slope of its steady current at rest) / (leak_nS - plateau_nS of the graded neuron),

    in true pA, so that a small lasting current moves either membrane by the same number of mV. A match of
    capacitances instead (1 to 10 pF against the 100 pF and more that follow from leak_nS and tau_ms) would
    leave 1 % of the current, and the cell silent. Its own leak, plateau and time constant take the place of
    those of parameters.yaml.

    The graded neurons step as ever; meanwhile the membranes take steps of 0.2 ms at most under the currents
    of that moment, but for what their own movement takes away through gap junctions.
    """

    membranes: dict[str, Membrane]
    resting: dict[str, MembraneState]
    scale: dict[str, Float[Array, " cell"]]
    """k of each cell, by the name of its kind."""
    places: tuple[tuple[str, tuple[int, ...]], ...] = eqx.field(static=True)
    """Indices of the cells, by the name of their kind."""

    @classmethod
    def from_circuit(cls, circuit: Circuit) -> GradedChannels:
        """Build the neurons of a wiring and the membranes of channels.yaml.

        Raises
        ------
        InputError
            There is no channels.yaml, it is wrong, or a neuron has two membranes.
        """
        found = channels.read(circuit.spec.folders)
        plain = GradedWireless.from_circuit(circuit)
        places = _places(found, circuit)
        input_nS = np.asarray(plain.leak_nS - plain.plateau_nS)
        membranes, resting, scale = {}, {}, {}
        for name, cells in places.items():
            membrane = Membrane.of(found.cells[name], found.channels, len(cells))
            rest = membrane.at_rest()
            around = rest.potential_mV[0] + jnp.array([-0.5, 0.5])
            low, high = np.asarray(membrane.steady_current_pA(around))
            if (input_nS[list(cells)] <= 0).any():
                raise InputError(f"{name}: leak_nS must be above plateau_nS where a cell has channels")
            membranes[name], resting[name] = membrane, rest
            scale[name] = single((high - low) / input_nS[list(cells)])
        return cls(
            **{each.name: getattr(plain, each.name) for each in fields(GradedWireless)},
            membranes=membranes,
            resting=resting,
            scale=scale,
            places=tuple(places.items()),
        )

    def init(self) -> DetailedState:
        """Return all neurons at rest, and no signal."""
        begun = super().init()
        return DetailedState(begun.potential_mV, begun.level, dict(self.resting))

    def activity(self, state: DetailedState) -> Vector:
        """Return the potentials (mV), those of cells with channels as a patch clamp measures them."""
        potential_mV = state.potential_mV
        for name, cells in self.places:
            potential_mV = potential_mV.at[jnp.array(cells)].set(state.membranes[name].potential_mV)
        return potential_mV

    def step(
        self, state: DetailedState, injected_pA: Vector, present: Vector, step_ms: float, substeps: int = 1
    ) -> DetailedState:
        """Return the state after `substeps` steps of `step_ms`; signals are held while the neurons step."""
        signalled = injected_pA + self.signal_pA @ state.level
        potential_mV, membranes = state.potential_mV, dict(state.membranes)
        for _ in range(substeps):
            moved = self.stepped(potential_mV, signalled, present, step_ms)
            current = self.current(potential_mV, signalled)
            for name, cells in self.places:
                at = jnp.array(cells)
                membranes[name] = self._membrane(
                    name, at, membranes[name], current, potential_mV, present, step_ms
                )
                above = membranes[name].potential_mV - self.resting[name].potential_mV
                moved = moved.at[at].set(self.rest_mV[at] + above)
            potential_mV = moved
        level = self.signalled(state.level, potential_mV, step_ms * substeps)
        return DetailedState(potential_mV, level, membranes)

    def _membrane(
        self,
        name: str,
        at: Array,
        state: MembraneState,
        current_pA: Vector,
        potential_mV: Vector,
        present: Vector,
        step_ms: float,
    ) -> MembraneState:
        """Return one kind of cells after a step; one that is not present is held so low that it is silent."""
        above = potential_mV[at] - self.rest_mV[at]
        graded = self.plateau_nS[at] * self.scale_mV * jnp.tanh(above / self.scale_mV)
        coupled_pA = current_pA[at] + self.leak_nS[at] * above - graded
        k, rest_mV = self.scale[name], self.resting[name].potential_mV
        shunt_nS = -k * jnp.diagonal(self.gap_nS)[at]
        moved = self.membranes[name].step(state, k * coupled_pA, shunt_nS, rest_mV + above, step_ms)
        silent_mV = rest_mV + (self.silent_mV - self.rest_mV)[at]
        return MembraneState(jnp.where(present[at] > 0, moved.potential_mV, silent_mV), moved.channels)

    def part(self, selected: np.ndarray) -> GradedChannels:
        """Return only the neurons `selected`, with the membranes of those that are left."""
        bare = replace(self, membranes={}, resting={}, scale={}, places=())
        left = super(GradedChannels, bare).part(selected)
        assert isinstance(left, GradedChannels)
        order = {int(index): place for place, index in enumerate(selected)}
        membranes, resting, scale, places = {}, {}, {}, []
        for name, cells in self.places:
            kept = np.array([k for k, cell in enumerate(cells) if cell in order], np.intp)
            if not len(kept):
                continue
            membranes[name], resting[name], scale[name] = (
                _of_cells(each[name], kept) for each in (self.membranes, self.resting, self.scale)
            )
            places.append((name, tuple(order[cells[k]] for k in kept)))
        return replace(left, membranes=membranes, resting=resting, scale=scale, places=tuple(places))


def _of_cells(tree: Any, kept: np.ndarray) -> Any:
    return jax.tree.map(lambda leaf: leaf[kept], tree)


def _places(found: channels.ChannelsFile, circuit: Circuit) -> Mapping[str, tuple[int, ...]]:
    """Return the indices of the neurons of each kind of cell."""
    taken: dict[int, str] = {}
    places = {}
    for name, cell in found.cells.items():
        cells = tuple(int(index) for index in circuit.connectome.resolve(cell.neurons))
        for index in cells:
            if index in taken:
                raise InputError(
                    f"{channels.FILE}: {circuit.connectome.neurons[index]} is in two kinds of cells, "
                    f"{taken[index]} and {name}"
                )
            taken[index] = name
        places[name] = cells
    return places
