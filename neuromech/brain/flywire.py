"""FlyWire: releases and cuttings of the wiring of the fly's whole brain, and the formats that they come in.

Signs are those of the source. Where a source gives transmitters instead (`flywire783_ge5_within_side`), GABA
and glutamate inhibit, everything else excites, also where nothing was predicted (Shiu et al. 2024,
doi:10.1038/s41586-024-07763-9).
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.brain.neurons.synapses import Synapses
from neuromech.brain.wirings import Source, arrow

INHIBITORY = ("GABA", "GLUT")
"""Transmitters, as the table of neurons spells them, whose synapses inhibit."""
ROOT_ID = "FlyWire root id"
"""What FlyWire calls the number by which it names a neuron in one release."""


def read_published(paths: Sequence[Path]) -> tuple[np.ndarray, Synapses]:
    """Read the published model's two files, connectivity (parquet) and completeness (CSV).

    Columns `Presynaptic_Index`, `Postsynaptic_Index`, `Excitatory x Connectivity`; the indices count the rows
    of the completeness file, whose first column holds the root ids.
    """
    connectivity, completeness = paths
    reader = arrow("parquet")
    with completeness.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows, None)
        ids = np.array([int(row[0]) for row in rows], np.int64)
    columns = ("Presynaptic_Index", "Postsynaptic_Index", "Excitatory x Connectivity")
    there = reader.read_schema(connectivity).names
    for column in columns:
        if column not in there:
            raise InputError(f"{connectivity} has no column '{column}'; it has {', '.join(there)}")
    pre, post, count = (
        reader.read_table(connectivity, columns=[column]).column(0).to_numpy().astype(np.int32)
        for column in columns
    )
    return ids, Synapses.of(len(ids), pre, post, count)


def read_within_side(paths: Sequence[Path]) -> tuple[np.ndarray, Synapses]:
    """Read edges by root id (`pre`, `post`, `syn` in npz) and the transmitters of the neurons."""
    edges, neurons = paths
    with np.load(edges, allow_pickle=False) as found:
        pre, post, count = found["pre"], found["post"], found["syn"]
    ids = np.union1d(pre, post)
    with gzip.open(neurons, "rt", encoding="utf-8", newline="") as file:
        inhibitory = [int(row["root_id"]) for row in csv.DictReader(file) if row["nt_type"] in INHIBITORY]
    sign = np.where(np.isin(ids, inhibitory), -1, 1)
    start = np.searchsorted(ids, pre)
    return ids, Synapses.of(len(ids), start, np.searchsorted(ids, post), count * sign[start])


FLYWIRE_783 = Source(
    "flywire_783",
    ROOT_ID,
    ("flywire_783_connectivity", "flywire_783_completeness"),
    read_published,
    ready=partial(arrow, "parquet"),
)
"""The release of 2023 in the published model's form: 138,639 neurons, 15 million edges."""
FLYWIRE_630 = Source(
    "flywire_630",
    ROOT_ID,
    ("flywire_630_connectivity", "flywire_630_completeness"),
    read_published,
    ready=partial(arrow, "parquet"),
)
"""The release that the published model was tuned on."""
WITHIN_SIDE = Source(
    "flywire_783",
    ROOT_ID,
    ("flywire783_ge5_within_side", "flywire783_neurons"),
    read_within_side,
    "edges of at least 5 synapses within one side of the brain: nothing crosses the midline, so that neither "
    "feeding nor steering can be expected of it",
)
"""A cutting of the release 783."""
