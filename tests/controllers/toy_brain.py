"""A toy of the whole brain: named neurons alone, wired as a test wants, where the real wiring would lie."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest

from neuromech.brain import wirings
from neuromech.brain.neurons.synapses import Synapses
from neuromech.specs import content

STRONG = 60
"""Synapses of every edge: 16 mV, so that two spikes at once make the next neuron fire."""
Named = Callable[[str], list[int]]


def write(
    monkeypatch: pytest.MonkeyPatch, folder: Path, wired: Callable[[Named], Iterable[tuple[int, int]]]
) -> None:
    """Write the toy; `wired` returns its edges and is given what finds neurons by the beginnings of names."""
    monkeypatch.setenv("NEUROMECH_CACHE", str(folder))
    with (content.find("controllers", "fly_brain") / "neurons.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["flywire_783"]]

    def of(start: str) -> list[int]:
        return [k for k, row in enumerate(rows) if row["name"].startswith(start)]

    pre, post = np.array(list(wired(of))).T
    ids = np.array([int(row["flywire_783"]) for row in rows], np.int64)
    synapses = Synapses.of(len(ids), pre, post, np.full(len(pre), STRONG))
    wirings.write(wirings.folder("flywire_783"), "flywire_783", ids, synapses)
