"""The section `encoding` of controller.yaml: which neurons each sense drives.

Every entry has a `kind`, one of `ENCODERS`, the `sense` of body.yaml that it reads, and the keys of its kind,
which stand with their parameters and equations on the page of that kind in this folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np

from neuromech._lib.errors import unknown
from neuromech._lib.registry import Registry
from neuromech.brain.circuit import Circuit
from neuromech.brain.encoders.base import Encoder, Entry, Sections
from neuromech.specs.controller import EncodingSpec
from neuromech.world.body import Body

ENCODERS: Registry[type[Encoder]] = Registry(
    "encoder",
    {
        "stretch": "neuromech.brain.encoders.stretch:Stretch",
        "on_off": "neuromech.brain.encoders.on_off:OnOff",
        "touch": "neuromech.brain.encoders.touch:Touch",
        "afferent": "neuromech.brain.encoders.afferent:Afferent",
        "odour": "neuromech.brain.encoders.odour:Odour",
        "direction_selective": "neuromech.brain.encoders.direction_selective:DirectionSelective",
        "optic_lobe": "neuromech.brain.encoders.optic_lobe:OpticLobe",
    },
)
"""Classes of encoders by the `kind` of an entry; others add theirs by `register("encoder", name)`."""


def read(
    encoding: Mapping[str, EncodingSpec], body: Body, kinds: Mapping[str, Any] = ENCODERS, of: str = ""
) -> list[Entry]:
    """Return the entries of `encoding`, checked.

    Parameters
    ----------
    encoding : of controller.yaml.
    body : of the animal.
    kinds : classes that have `keys`, by the kinds of entry that there are.
    of : whose kinds they are, as a message is to say it.

    Raises
    ------
    InputError
        An entry has no kind that there is here, or reads a sense that the body lacks.
    """
    senses = body.spec.senses
    for name, given in encoding.items():
        if given.kind not in kinds:
            raise unknown(f"kind of encoding.{name}{of}", given.kind, kinds)
        if given.sense not in senses:
            raise unknown(f"sense in encoding.{name}", given.sense, senses)
    return [Entry(name, given, body) for name, given in encoding.items()]


def sections(entries: Sequence[Entry]) -> Sections:
    """Return the sections of parameters.yaml that the entries read."""
    found: Sections = {}
    for entry in entries:
        found |= ENCODERS[entry.given.kind].sections(entry)
    return found


def build(entries: Sequence[Entry], circuit: Circuit) -> tuple[tuple[Encoder, ...], np.ndarray]:
    """Return the encoders and the currents (pA) per feature of all, side by side, (neuron, feature).

    Neurons that perturb.swap names in pairs exchange what they sense of the world.

    Raises
    ------
    InputError
        An entry names a channel or a neuron that is not there, or a number makes no sense.
    """
    neurons = circuit.connectome.neurons
    for name in (name for pair in circuit.perturb.swap for name in pair):
        if name not in neurons:
            raise unknown("neuron in perturb.swap", name, neurons)
    pairs = [(neurons.index(one), neurons.index(other)) for one, other in circuit.perturb.swap]
    encoders, currents = [], []
    for entry in entries:
        kind = ENCODERS[entry.given.kind]
        encoder, current = kind.from_entry(entry, circuit)
        for one, other in pairs if kind.swaps else ():
            current[[one, other]] = current[[other, one]]
        encoders.append(encoder)
        currents.append(current)
    groups = [(kind, list(group)) for kind, group in groupby(encoders, type)]
    joined = tuple(each for kind, group in groups for each in kind.joined(group))
    return joined, np.hstack(currents) if currents else np.zeros((len(neurons), 0))
