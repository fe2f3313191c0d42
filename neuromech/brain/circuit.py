"""The circuit that a neuron model is built from: wiring, parameters shared by class, and perturbations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.brain import pathways, shared_parameters, spelling
from neuromech.brain.connectome import Connectome
from neuromech.brain.shared_parameters import Groups
from neuromech.specs import content
from neuromech.specs.controller import WiredSpec
from neuromech.specs.perturb import Perturb, Window


@dataclass(frozen=True)
class Circuit:
    """A wiring with its parameters, before any neuron model has made equations of them.

    Parameters
    ----------
    connectome : the wiring, shuffled where the run asks for it. Ablated neurons are still in it: what is left
        of an animal keeps the synapses that it grew with.
    parameters : sections of parameters.yaml; a section gives one number, or numbers by name.
    spec : the merged controller.yaml, of which a neuron model may read keys of its own.
    perturb : what the run does to the neurons, their names spelt as in the tables.
    notes : what a reader of the results should know, such as a name that was read as another.
    """

    connectome: Connectome
    parameters: Mapping[str, Any]
    spec: WiredSpec = WiredSpec(name="the wiring", model="none")
    perturb: Perturb = Perturb()
    notes: tuple[str, ...] = ()

    @staticmethod
    def load(
        spec: WiredSpec,
        perturb: Perturb | None = None,
        seed: int = 0,
        parameters: Mapping[str, Any] | None = None,
        muscles: Sequence[str] | None = None,
    ) -> Circuit:
        """Read the tables and parameters of a controller and do to the wiring what a run asks for.

        Parameters
        ----------
        spec : the merged controller.yaml; its `folders` hold the tables and parameters.yaml.
        perturb : of the run.
        seed : of the shuffle of the wiring, if there is one, and the one that the name of a fit may hold.
        parameters : in place of those of parameters.yaml.
        muscles : of the body, in its order; those that the tables name if None.

        Raises
        ------
        InputError
            A table or a perturbation names something that is not there.
        """
        connectome = Connectome.read(spec.folders, muscles, spec.connections)
        perturb, notes = spelled(perturb or Perturb(), connectome.spelled)
        if perturb.random_wiring:
            connectome = connectome.randomise(perturb.dealt_by(seed))
        if perturb.shuffle_wiring:
            connectome = _shuffled(connectome, perturb.dealt_by(seed), perturb.shuffle_wiring)
        if perturb.scale_pathways:
            connectome, empty = pathways.scaled(connectome, perturb.scale_pathways)
            notes = (*notes, *empty)
        parameters = dict(parameters or content.parameters(spec.folders, spec.fitted, seed))
        return Circuit(connectome, parameters, spec, perturb, notes)

    @cached_property
    def groups(self) -> Groups:
        """The groups of neurons that names in parameters.yaml mean."""
        return Groups(self.connectome, self.spec.groups)

    @cached_property
    def ablated(self) -> np.ndarray:
        """Indices of the neurons that are ablated."""
        return self.connectome.resolve(self.perturb.ablate)

    @property
    def present(self) -> np.ndarray:
        """Whether each neuron takes part, 1, or is ablated, 0; float32 (neuron,)."""
        present = np.ones(len(self.connectome.neurons), np.float32)
        present[self.ablated] = 0.0
        return present

    def check(self, sections: Sequence[str], members: Mapping[str, Collection[str]]) -> None:
        """Refuse parameters that nobody reads, that are missing, or that are no finite numbers.

        Parameters
        ----------
        sections : of parameters.yaml, all that are read.
        members : names of the numbers of those sections whose numbers are not named by neurons.

        Raises
        ------
        InputError
            A section or a number is missing, unknown or not finite.
        """
        shared_parameters.check_parameters(self.parameters, sections, members)

    def vector(self, section: str) -> np.ndarray:
        """Return the numbers of a section of parameters.yaml, one per neuron."""
        return self.groups.vector(self.parameters[section])

    def matrix(self, section: str) -> np.ndarray:
        """Return the numbers of a section of parameters.yaml, one per pair of neurons, (post, pre)."""
        return self.groups.matrix(self.parameters[section])

    def check_above_zero(self, *sections: str) -> None:
        """Raise `InputError` unless every number of these sections of parameters.yaml is above 0."""
        for section in sections:
            value = self.parameters[section]
            if isinstance(value, Mapping):
                if (self.vector(section) <= 0).any():
                    raise InputError(f"parameter {section} must be above 0 for every neuron")
            elif value <= 0:
                raise InputError(f"parameter {section} must be above 0, not {value}")

    def refuse_gap_junctions(self, kind: str) -> None:
        """Raise `InputError` if there are gap junctions, which neurons of this kind do not have."""
        if self.connectome.gap.any() or self.connectome.gap_muscle.any():
            raise InputError(f"{self.spec.name}: {kind} have no gap junctions, but connections.csv does")


def spelled(perturb: Perturb, valid: Callable[[str], str]) -> tuple[Perturb, tuple[str, ...]]:
    """Return a perturbation with the names of neurons as the tables spell them, and notes on those changed.

    Parameters
    ----------
    perturb : of a run.
    valid : returns the valid name for one as it was written, or raises `InputError`.
    """
    notes: dict[str, None] = {}

    def name(written: str) -> str:
        meant = valid(written)
        if meant != written:
            notes[spelling.note(written, meant)] = None
        return meant

    def target(written: str) -> str:
        try:
            return name(written)
        except InputError:
            return written  # a muscle; where it is looked up, the message has the nearest names

    def windows(given: tuple[Window, ...]) -> tuple[Window, ...]:
        return tuple(replace(each, neurons=tuple(map(name, each.neurons))) for each in given)

    perturb = replace(
        perturb,
        ablate=tuple(map(name, perturb.ablate)),
        silence=windows(perturb.silence),
        stimulate=windows(perturb.stimulate),
        swap=tuple((name(one), name(other)) for one, other in perturb.swap),
        scale_pathways=tuple(
            replace(each, pre=tuple(map(name, each.pre)), post=tuple(map(target, each.post)))
            for each in perturb.scale_pathways
        ),
    )
    return perturb, tuple(notes)


@lru_cache(maxsize=8)
def _shuffled(wiring: Connectome, seed: int, scope: bool | tuple[str, ...]) -> Connectome:
    """Return a shuffled wiring. A fit plays one thousands of times, and to shuffle takes half a second."""
    return wiring.shuffle(seed, scope)
