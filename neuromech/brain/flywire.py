"""The wiring of the fly's whole brain: several releases and cuttings of FlyWire, each converted once.

A converted wiring is a folder of plain arrays that are memory-mapped: ``start``, ``post`` and ``count`` of
`neurons.synapses.Synapses`, ``ids`` (the source's name of each neuron) and ``about.json``. It lies beside the
fetched files (`data.cache`); `load` makes it when its sources are on this machine.

Signs are those of the source. Where a source gives transmitters instead (``flywire783_ge5_within_side``),
GABA and glutamate inhibit, everything else excites, also where nothing was predicted (Shiu et al. 2024,
doi:10.1038/s41586-024-07763-9).
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.brain.neurons.synapses import Synapses
from neuromech.specs import datasets

FORMAT = 1
ARRAYS = ("start", "post", "count", "ids")
INHIBITORY = ("GABA", "GLUT")


@dataclass(frozen=True, eq=False)
class Brain:
    """A wiring with the names of its neurons.

    ``ids`` (neuron,) are root ids (int64) or labels; ``column`` is the column of a controller's neurons.csv
    that holds them; ``note`` says what this wiring cannot show, empty if it is whole.
    """

    name: str
    column: str
    ids: np.ndarray
    synapses: Synapses
    note: str

    def cells(self, ids: Sequence[str]) -> np.ndarray:
        """Indices (id,) of neurons by the source's name for them; -1 for those it does not have."""
        order = np.argsort(self.ids, kind="stable")
        if self.ids.dtype.kind == "i":
            wanted = np.array([int(each) if each.isdigit() else -1 for each in ids], np.int64)
        else:
            wanted = np.array(ids, str)
        place = np.minimum(np.searchsorted(self.ids, wanted, sorter=order), len(order) - 1)
        found = order[place]
        return np.where(self.ids[found] == wanted, found, -1) if len(wanted) else np.zeros(0, np.intp)


@dataclass(frozen=True)
class Source:
    """Where a wiring comes from: names of the registry of `data`, and how they become arrays."""

    column: str
    needs: tuple[str, ...]
    read: Callable[[Sequence[Path]], tuple[np.ndarray, Synapses]]
    note: str = ""


def load(name: str) -> Brain:
    """Return a wiring, its arrays memory-mapped.

    Raises
    ------
    InputError
        There is no such wiring, or it is not on this machine; says how to get it.
    """
    source = _source(name)
    place = folder(name)
    if not _fits(place):
        missing = [need for need in source.needs if datasets.here(datasets.find(need)) is None]
        if missing and all(datasets.find(need).url for need in missing):
            raise InputError(f"{name} is not on this machine; 'neuromech data fetch {name}' gets it")
        ids, synapses = _read(source)
        _write(place, name, ids, synapses)
        if not _fits(place):  # nowhere to write: keep it in memory
            return Brain(name, source.column, ids, synapses, source.note)
    arrays = {each: np.load(place / f"{each}.npy", mmap_mode="r", allow_pickle=False) for each in ARRAYS}
    synapses = Synapses(arrays["start"], arrays["post"], arrays["count"])
    return Brain(name, source.column, arrays["ids"], synapses, source.note)


def _read(source: Source) -> tuple[np.ndarray, Synapses]:
    """Read the files that a wiring is made of; only those of the registry, and only if they are whole."""
    return source.read([datasets.whole(datasets.find(need), datasets.path(need)) for need in source.needs])


def absent(names: Sequence[str]) -> InputError:
    """Return the error for wirings of which none is on this machine: which would do, and how to get one."""
    if not names:
        return InputError("which wiring? " + ", ".join(SOURCES))
    sizes = {}
    for name in names:
        needs = [datasets.find(need) for need in _source(name).needs]
        if all(each.url for each in needs):
            sizes[name] = sum(each.size for each in needs) / 1e6
    offers = ", ".join(f"{name} ({size:.3g} MB)" for name, size in sizes.items())
    how = f"'neuromech data fetch NAME' gets {offers}" if sizes else "none of them can be fetched"
    return InputError(f"this run needs a wiring that is not on this machine, {' or '.join(names)}; {how}")


def here(name: str) -> bool:
    """Whether a wiring is on this machine, converted or not."""
    needs = _source(name).needs
    return _fits(folder(name)) or all(datasets.here(datasets.find(need)) for need in needs)


def fetch(name: str, progress: bool = True) -> Path:
    """Download what a wiring is made of, convert it, and return its folder.

    Raises
    ------
    InputError
        No such wiring, no network, another file than expected, or no reader for its format.
    """
    source = _source(name)
    if source.read is read_published:
        _parquet()  # known to be missing before a hundred megabytes have come
    for need in source.needs:
        datasets.fetch(need, progress)
    load(name)
    return folder(name)


def _parquet() -> Any:
    try:
        from pyarrow import parquet
    except ImportError:
        raise InputError("reading parquet needs pyarrow: pip install 'neuromech[flywire]'") from None
    return parquet


def read_published(paths: Sequence[Path]) -> tuple[np.ndarray, Synapses]:
    """Read the published model's two files, connectivity (parquet) and completeness (CSV).

    Columns ``Presynaptic_Index``, ``Postsynaptic_Index``, ``Excitatory x Connectivity``; the indices count
    the rows of the completeness file, whose first column holds the root ids.
    """
    connectivity, completeness = paths
    parquet = _parquet()
    with completeness.open(newline="", encoding="utf-8") as file:
        rows = csv.reader(file)
        next(rows, None)
        ids = np.array([int(row[0]) for row in rows], np.int64)
    columns = ("Presynaptic_Index", "Postsynaptic_Index", "Excitatory x Connectivity")
    there = parquet.read_schema(connectivity).names
    for column in columns:
        if column not in there:
            raise InputError(f"{connectivity} has no column '{column}'; it has {', '.join(there)}")
    pre, post, count = (
        parquet.read_table(connectivity, columns=[column]).column(0).to_numpy().astype(np.int32)
        for column in columns
    )
    return ids, Synapses.of(len(ids), pre, post, count)


def read_within_side(paths: Sequence[Path]) -> tuple[np.ndarray, Synapses]:
    """Read edges by root id (``pre``, ``post``, ``syn`` in npz) and the transmitters of the neurons."""
    edges, neurons = paths
    with np.load(edges, allow_pickle=False) as found:
        pre, post, count = found["pre"], found["post"], found["syn"]
    ids = np.union1d(pre, post)
    with gzip.open(neurons, "rt", encoding="utf-8", newline="") as file:
        inhibitory = [int(row["root_id"]) for row in csv.DictReader(file) if row["nt_type"] in INHIBITORY]
    sign = np.where(np.isin(ids, inhibitory), -1, 1)
    start = np.searchsorted(ids, pre)
    return ids, Synapses.of(len(ids), start, np.searchsorted(ids, post), count * sign[start])


SOURCES: Mapping[str, Source] = {
    "flywire_783": Source(
        "flywire_783", ("flywire_783_connectivity", "flywire_783_completeness"), read_published
    ),
    "flywire_630": Source(
        "flywire_630", ("flywire_630_connectivity", "flywire_630_completeness"), read_published
    ),
    "flywire783_ge5_within_side": Source(
        "flywire_783",
        ("flywire783_ge5_within_side", "flywire783_neurons"),
        read_within_side,
        "edges of at least 5 synapses within one side of the brain: nothing crosses the midline, so that "
        "neither feeding nor steering can be expected of it",
    ),
}
"""Wirings by name; ``flywire`` alone means the newest whole one."""


def _source(name: str) -> Source:
    if name not in SOURCES:
        raise unknown("wiring", name, SOURCES)
    return SOURCES[name]


def folder(name: str) -> Path:
    """Return where a converted wiring lies, or would."""
    return datasets.cache() / "fly" / f"{name}_wiring"


def _fits(place: Path) -> bool:
    """Whether a folder holds a whole wiring of this format."""
    try:
        about = json.loads((place / "about.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return about.get("format") == FORMAT and all((place / f"{each}.npy").is_file() for each in ARRAYS)


def _write(place: Path, name: str, ids: np.ndarray, synapses: Synapses) -> None:
    """Save arrays into a folder that appears whole or not at all; without a place to write, not at all."""
    arrays = {"start": synapses.start, "post": synapses.post, "count": synapses.count, "ids": ids}
    entries = [datasets.find(need) for need in SOURCES[name].needs]
    about = {
        "format": FORMAT,
        "wiring": name,
        "neurons": len(ids),
        "edges": len(synapses.post),
        "made_from": {entry.file: entry.sha256 for entry in entries},
        "licence": sorted({entry.licence for entry in entries}),
        "citation": sorted({entry.citation for entry in entries}),
    }
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{name}.", dir=place.parent))
    except OSError:
        return
    try:
        for each, values in arrays.items():
            np.save(part / f"{each}.npy", np.ascontiguousarray(values), allow_pickle=False)
        (part / "about.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)
        os.replace(part, place)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
