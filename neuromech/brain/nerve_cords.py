"""Whole nerve cords of the fly, alone or with the brain: MANC, MaleCNS and BANC, in their published files.

Signs are not measured in these animals: a neuron whose predicted transmitter is GABA, glutamate or histamine
inhibits, every other one excites, also where nothing was predicted (as in Shiu et al. 2024,
doi:10.1038/s41586-024-07763-9; histamine is that of photoreceptors, Hardie 1989, doi:10.1038/339704a0).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.brain.neurons.synapses import Synapses
from neuromech.brain.wirings import Labels, Source, arrow, places

INHIBITORY = ("gaba", "glutamate", "histamine")
"""Transmitters, as the tables spell them, whose synapses inhibit."""
CORD = "vnc_"
"""How the male CNS begins the superclasses of neurons that lie within the nerve cord."""
READER = partial(arrow, "feather")
"""Raises `InputError` where Feather cannot be read."""


def read_male_cns(paths: Sequence[Path]) -> tuple[np.ndarray, Synapses]:
    """Read the flat tables of the male CNS: annotations, transmitters, and weights between traced bodies.

    A body is a neuron if it has a `superclass`, as the paper counts. Edges with another end are left out.
    """
    ids, labels = male_cns_neurons(paths)
    return ids, _edges(paths[2], ("body_pre", "body_post", "weight"), ids, labels)


def male_cns_neurons(paths: Sequence[Path]) -> tuple[np.ndarray, Labels]:
    """Return the ids of those neurons, and what annotations and transmitters say of them."""
    annotations, transmitters = paths[:2]
    columns = {"type": "type", "superclass": "class", "subclass": "subclass", "somaSide": "side",
               "somaNeuromere": "neuromere", "instance": "instance"}  # fmt: skip
    ids, labels = _neurons(annotations, "bodyId", columns)
    told = labels["class"] != ""
    ids, labels = ids[told], {name: column[told] for name, column in labels.items()}
    bodies, by = _neurons(transmitters, "body", {"consensus_nt": "transmitter"})
    place = places(bodies, ids)
    return ids, {**labels, "transmitter": np.where(place >= 0, by["transmitter"][place], "")}


def read_male_cns_brain(paths: Sequence[Path]) -> tuple[np.ndarray, Synapses]:
    """Read the same files without the neurons of the nerve cord: the brain, the optic lobes and the neck."""
    ids, labels = male_cns_brain_neurons(paths)
    return ids, _edges(paths[2], ("body_pre", "body_post", "weight"), ids, labels)


def male_cns_brain_neurons(paths: Sequence[Path]) -> tuple[np.ndarray, Labels]:
    """Return the ids of those neurons, whose superclass does not begin with `CORD`, and their labels."""
    ids, labels = male_cns_neurons(paths)
    brain = ~np.char.startswith(labels["class"], CORD)
    return ids[brain], {name: column[brain] for name, column in labels.items()}


def read_manc(paths: Sequence[Path]) -> tuple[np.ndarray, Synapses]:
    """Read MANC 1.2.1 as compiled for the BANC papers: neurons, and the contacts between them."""
    ids, labels = manc_neurons(paths)
    return ids, _edges(paths[1], ("pre", "post", "count"), ids, labels)


def manc_neurons(paths: Sequence[Path]) -> tuple[np.ndarray, Labels]:
    """Return the ids of those neurons, and what their table says of them."""
    return _compiled_neurons(paths[0], "manc_121_id", ())


def read_banc(paths: Sequence[Path]) -> tuple[np.ndarray, Synapses]:
    """Read BANC 888: annotated segments and the contacts between them.

    A segment is a neuron if it is proofread, at least roughly, and no glia, trachea or other cell.
    """
    ids, labels = banc_neurons(paths)
    return ids, _edges(paths[1], ("pre", "post", "count"), ids, labels)


def banc_neurons(paths: Sequence[Path]) -> tuple[np.ndarray, Labels]:
    """Return the ids of those neurons, and what their table says of them."""
    return _compiled_neurons(paths[0], "root_id", ("proofread", "roughly_proofread"))


def _compiled_neurons(
    meta: Path, id_column: str, proofread: Sequence[str]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    columns = {"cell_type": "type", "super_class": "class", "cell_class": "subclass", "side": "side",
               "neurotransmitter_predicted": "transmitter", "body_part_effector": "effector",
               "body_part_sensory": "sensory_organ", "nerve": "nerve",
               **dict(zip(proofread, proofread, strict=True))}  # fmt: skip
    ids, labels = _neurons(meta, id_column, columns)
    if proofread:
        told = [labels.pop(each) for each in proofread]
        kept = np.isin(np.char.lower(told), ("true", "1")).any(axis=0)
        kept &= ~np.isin(labels["class"], ("glia", "trachea", "not_a_neuron"))
        ids, labels = ids[kept], {name: column[kept] for name, column in labels.items()}
    return ids, labels


def _neurons(
    file: Path, id_column: str, columns: Mapping[str, str]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return ids, int64 (neuron,), and columns of text by our names for them; an empty cell is ""."""
    table = _table(file, (id_column, *columns))
    ids = _whole(table.column(id_column), file, id_column)
    if len(np.unique(ids)) < len(ids):
        values, counts = np.unique(ids, return_counts=True)
        raise InputError(f"{file}: neuron {values[counts > 1][0]} is there twice")
    labels = {}
    for column, name in columns.items():
        words = ["" if each is None else str(each) for each in table.column(column).to_pylist()]
        labels[name] = np.array(words, str)
    return ids, labels


def _edges(file: Path, columns: tuple[str, str, str], ids: np.ndarray, labels: Labels) -> Synapses:
    """Return the edges between neurons that are there, their signs by the transmitter of the first."""
    table = _table(file, columns)
    pre, post, count = (_whole(table.column(name), file, name) for name in columns)
    if len(count) and (count.min() < 1 or count.max() >= 2**31):
        raise InputError(f"{file}: {columns[2]} must be whole numbers above 0, not {count.min()}")
    start, end = places(ids, pre), places(ids, post)
    inside = (start >= 0) & (end >= 0)
    sign = np.where(np.isin(np.char.lower(labels["transmitter"]), INHIBITORY), -1, 1)
    start, end, count = start[inside], end[inside], count[inside]
    return Synapses.of(len(ids), start, end, count * sign[start])


def _table(file: Path, columns: Sequence[str]) -> Any:
    feather, memory = arrow("feather"), arrow("ipc")
    try:
        with memory.open_file(str(file)) as opened:
            there = opened.schema.names
    except Exception as error:  # pyarrow raises its own, of every kind
        raise InputError(f"{file} cannot be read as Feather: {' '.join(str(error).split())[:200]}") from None
    for column in columns:
        if column not in there:
            raise InputError(f"{file} has no column '{column}'; it has {', '.join(there)}")
    return feather.read_table(file, columns=list(dict.fromkeys(columns)), memory_map=True)


def _whole(column: Any, file: Path, name: str) -> np.ndarray:
    """Return a column as int64; ids come as numbers from some and as text from others."""
    try:
        if column.null_count:
            raise ValueError
        return np.asarray(column.cast("int64").to_numpy(), np.int64)
    except Exception:  # a word, an empty cell
        raise InputError(f"{file}: column '{name}' must hold whole numbers") from None


MALE_CNS = Source(
    "malecns", "body id of the male CNS", ("malecns_annotations", "malecns_transmitters", "malecns_weights"),
    read_male_cns, ready=READER, label=male_cns_neurons,
)  # fmt: skip
"""The whole central nervous system of a male, release 1.0: 166,700 neurons, 25.6 million edges."""
MALE_CNS_BRAIN = Source(
    MALE_CNS.id_column, MALE_CNS.id_name, MALE_CNS.needs, read_male_cns_brain,
    "a brain cut off from its nerve cord: ascending neurons have no inputs there",
    ready=READER, label=male_cns_brain_neurons,
)  # fmt: skip
"""Of the same release what is not of the nerve cord, which is what FlyWire has of a female."""
MANC = Source(
    "manc", "body id of MANC", ("manc_neurons", "manc_edges"), read_manc,
    "a nerve cord without a brain: descending neurons have no inputs in the head",
    ready=READER, label=manc_neurons,
)  # fmt: skip
"""The nerve cord of a male, release 1.2.1: 23,650 neurons, 5.3 million edges."""
BANC = Source(
    "banc", "root id of BANC", ("banc_neurons", "banc_edges"), read_banc, ready=READER, label=banc_neurons
)
"""Brain and nerve cord of a female, release 888: about 156,000 proofread neurons, 11.5 million edges."""
