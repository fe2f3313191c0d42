"""The descending pathway under a spiking brain: rates of its descending neurons become currents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.state import Stateful
from neuromech._lib.types import Observation
from neuromech.brain.circuit import spelled
from neuromech.brain.connectome import Connectome
from neuromech.brain.named_neurons import NamedNeurons
from neuromech.controllers import connectome
from neuromech.controllers.connectome import ConnectomeController
from neuromech.controllers.descending_port import CurrentChannel, DescendingPort
from neuromech.specs import content
from neuromech.specs.controller import SpikingSpec, WiredSpec
from neuromech.specs.perturb import Pathway, Perturb, Window
from neuromech.specs.run import Run
from neuromech.world.body import Body


class DescendingPathway(Stateful):
    """A connectome controller whose command neurons are driven by the neurons of a brain.

    Parameters
    ----------
    controller : its wiring, parameters and senses are its own.
    commands : names of its neurons that are driven.
    pA_per_Hz : (command, named) pA into each of them for each Hz of each named neuron of the brain.
    """

    state_names = ("controller",)

    def __init__(
        self, controller: ConnectomeController, commands: Sequence[str], pA_per_Hz: np.ndarray
    ) -> None:
        self.controller = controller
        self._port = DescendingPort(controller, {name: CurrentChannel((name,), 1.0) for name in commands})
        self._pA_per_Hz = pA_per_Hz

    def reset(self, seed: int) -> None:
        """Put every neuron at rest, without any descending current."""
        self.controller.reset(seed)

    def act(self, rates_Hz: np.ndarray, observation: Observation) -> np.ndarray:
        """Apply the brain's rates (named,); return the muscle excitations, float32 (muscle,)."""
        self._port.send((self._pA_per_Hz @ rates_Hz).astype(np.float32))
        return self.controller.act(observation)


def build(
    spec: SpikingSpec, run: Run, body: Body, per_Hz: Mapping[str, float], named: NamedNeurons
) -> tuple[DescendingPathway | None, Perturb, tuple[str, ...]]:
    """Build what is under a brain and share out the run's perturbations.

    Parameters
    ----------
    spec : merged controller.yaml of the brain; `under` names a controller, empty if there is none, and
        `descending` says which of the brain's neurons drive which of its command neurons.
    run, body : of the simulation.
    per_Hz : pA for each Hz, by command neuron.
    named : neurons of the brain.

    Returns
    -------
    The pathway, if there is one; the perturbations that are the brain's own, their names spelt as in the
    tables; and notes on names that were read as others.

    Raises
    ------
    InputError
        `descending` names no neuron there is, or `under` no controller of neurons.
    """
    descending = spec.descending
    if not spec.under:
        if descending:
            raise InputError("controller.descending needs a controller under the brain: set controller.under")
        mine, notes = spelled(run.perturb, _spelling(named, None, ""))
        return None, mine, notes
    lower = _undriven(spec, descending)
    theirs = Connectome.read(lower.folders, body.muscles, lower.connections)
    prefix = f"{spec.under}."
    perturb, notes = spelled(run.perturb, _spelling(named, theirs, prefix))
    mine, other = _shared_out(perturb, named, theirs, prefix)
    gains = np.zeros((len(descending), len(named.names)), np.float32)
    for row, (name, sources) in enumerate(descending.items()):
        if name not in theirs.groups():
            raise unknown(f"neuron of {spec.under} in controller.descending", str(name), theirs.groups())
        if name not in per_Hz:
            raise InputError(f"parameters: descending_pA_per_Hz.{name} is missing")
        gains[row, named.connectome.resolve(sources)] = per_Hz[name]
    controller = connectome.build(lower, body, run.clock, other, run.seed)
    return DescendingPathway(controller, list(descending), gains), mine, notes


def _undriven(spec: SpikingSpec, descending: Mapping[str, Any]) -> WiredSpec:
    """Return controller.yaml of the controller under a brain, without the commands that the brain gives."""
    lower = content.under(spec)
    without = {
        section: {name: value for name in descending if name in there}
        for section, there, value in (("commands", lower.commands, 0.0), ("ramps", lower.ramps, []))
    }
    return content.under(spec, {section: values for section, values in without.items() if values})


def _spelling(named: NamedNeurons, theirs: Connectome | None, prefix: str) -> Callable[[str], str]:
    """Return the function that turns a name as it was written into a valid one, if one could be meant."""

    def valid(written: str) -> str:
        plain = written.removeprefix(prefix)
        if named.has(written) or (theirs is not None and plain in theirs.groups()):
            return written
        wirings = [(named.connectome, written, "")]
        if theirs is not None:
            wirings.append((theirs, plain, prefix))
        for wiring, name, before in wirings:
            try:
                return before + wiring.spelled(name)
            except InputError:
                continue
        return written  # where it is looked up, the message has the nearest names

    return valid


def _shared_out(
    perturb: Perturb, named: NamedNeurons, theirs: Connectome, prefix: str
) -> tuple[Perturb, Perturb]:
    """Return what is meant for the brain, and what (or what with `prefix`) for the controller under it."""

    def lower(name: str) -> str | None:
        plain = name.removeprefix(prefix)
        mine = name in named.connectome.groups()
        return plain if (plain != name or not mine) and plain in theirs.groups() else None

    def names(given: tuple[str, ...], below: bool) -> tuple[str, ...]:
        return tuple(lower(name) or name for name in given if (lower(name) is not None) == below)

    def windows(given: tuple[Window, ...], below: bool) -> tuple[Window, ...]:
        each = [replace(window, neurons=names(window.neurons, below)) for window in given]
        return tuple(window for window in each if window.neurons)

    def within(pathway: Pathway, below: bool) -> Pathway | None:
        ends = [*pathway.pre, *pathway.post]
        under = {lower(name) is not None or name in theirs.muscles for name in ends}
        if len(under) > 1:
            raise InputError(
                f"perturb.scale_pathways: {pathway.told} leads from one controller to another, which "
                "controller.descending and parameters.yaml connect"
            )
        pre, post = (tuple(lower(name) or name for name in side) for side in (pathway.pre, pathway.post))
        return replace(pathway, pre=pre, post=post) if under == {below} else None

    def part(below: bool) -> dict[str, Any]:
        found = (within(pathway, below) for pathway in perturb.scale_pathways)
        return {
            "scale_pathways": tuple(pathway for pathway in found if pathway is not None),
            "ablate": names(perturb.ablate, below),
            "silence": windows(perturb.silence, below),
            "stimulate": windows(perturb.stimulate, below),
        }

    return replace(perturb, **part(False)), Perturb(**part(True))
