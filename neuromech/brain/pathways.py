"""Pathways that are cut or scaled: the connections from some neurons onto others, or onto muscles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.brain.connectome import Connectome
from neuromech.brain.neurons.synapses import Synapses
from neuromech.brain.rewiring import SQUARE
from neuromech.specs.perturb import Pathway

KINDS = {
    "all": ("chemical", "gap", "nmj", "gap_muscle"),
    "chemical": ("chemical", "nmj"),
    "gap_junction": ("gap", "gap_muscle"),
}
"""The matrices of a connectome that a pathway of each kind is in."""


def scaled(connectome: Connectome, pathways: Sequence[Pathway]) -> tuple[Connectome, tuple[str, ...]]:
    """Return the wiring with the contacts of some pathways multiplied, and notes on those that are empty.

    Of two pathways that share a connection both factors count. A gap junction passes current both ways, so
    that it belongs to the pathway in either direction.

    Parameters
    ----------
    connectome : the wiring.
    pathways : their ends are neurons, classes, types or, as targets, muscles.

    Raises
    ------
    InputError
        An end is no neuron, class, type or muscle.
    """
    matrices = {name: np.array(getattr(connectome, name)) for name in KINDS["all"]}
    notes = []
    for each in pathways:
        pre = connectome.resolve(each.pre)
        post, muscles = _targets(connectome, each.post)
        places = {name: np.ix_(pre, post if name in SQUARE else muscles) for name in KINDS[each.kind]}
        if not any(getattr(connectome, name)[place].any() for name, place in places.items()):
            notes.append(f"perturb.scale_pathways: there is no connection of {each.told}")
        for name, place in places.items():
            factor = np.ones_like(matrices[name])
            factor[place] = each.scale
            if name == "gap":  # once, also where both ends name the same neurons
                factor.T[place] = each.scale
            matrices[name] *= factor
    return replace(connectome, **matrices), tuple(notes)


def cut(synapses: Synapses, ends: Sequence[tuple[np.ndarray, np.ndarray]]) -> Synapses:
    """Return the edges without those from some neurons onto others.

    Parameters
    ----------
    synapses : of a whole brain.
    ends : of each pathway, the neurons where it starts and those where it ends, as indices.
    """
    pre, post = synapses.pre, np.asarray(synapses.post)
    left = np.ones(len(post), bool)
    for starts, targets in ends:
        here, there = np.zeros(synapses.size, bool), np.zeros(synapses.size, bool)
        here[starts], there[targets] = True, True
        left &= ~(here[pre] & there[post])
    return Synapses.of(synapses.size, pre[left], post[left], np.asarray(synapses.count)[left])


def refuse_other_scales(pathways: Sequence[Pathway]) -> None:
    """Refuse what is more than a cut, where contacts are whole numbers.

    Raises
    ------
    InputError
        A pathway has another scale than 0, or is one of gap junctions.
    """
    for each in pathways:
        if each.scale != 0:
            raise InputError(f"perturb.scale_pathways: spiking neurons take scale=0 only, not {each.scale:g}")
        if each.kind == "gap_junction":
            raise InputError("perturb.scale_pathways: spiking neurons have no gap junctions to cut")


def _targets(connectome: Connectome, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the indices of the neurons and of the muscles that some names mean."""
    muscles = [connectome.muscles.index(name) for name in names if name in connectome.muscles]
    others = [name for name in names if name not in connectome.muscles]
    for name in others:
        try:
            connectome.spelled(name)
        except InputError:
            known = [*connectome.groups(), *connectome.muscles]
            raise unknown("neuron, class or muscle in perturb.scale_pathways", name, known) from None
    return connectome.resolve(others), np.array(muscles, np.intp)
