"""Large wirings by name: those that are fetched and converted once, and those that a controller ships.

A fetched wiring has a `Source` in the registry `WIRINGS`. Converted, it is a folder of plain arrays that are
memory-mapped: `start`, `post` and `count` of `Synapses`, `ids` (what the source calls each neuron) and
`about.json`; `labels.npz` holds types, classes and sides where the source gives them. It lies beside the
fetched files; `converted` makes it when its sources are on this machine.
`SparseConnectome.load` reads both kinds.

A shipped wiring is a folder `wirings/NAME` beside a controller.yaml. In `wiring.yaml`, `note` says what it
cannot show (empty if it is whole) and `ids` what its neurons' numbers are called, if they are numbers.
`neurons.csv` has the `id` of each neuron, what the source calls it; `connections.csv` has `pre` and `post`
(ids), the `count` of contacts and the `sign`, 1 or -1. The controller's own neurons.csv gives its names for
these neurons in a column called NAME.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.registry import Registry
from neuromech.brain import wiring_tables
from neuromech.brain.neurons.synapses import Synapses
from neuromech.specs import content, datasets

FORMAT = 1
"""The version of the format of converted folders; folders of another version are converted again."""
ARRAYS = ("start", "post", "count", "ids")
"""The names of the arrays in a converted folder."""
LABELS = "labels.npz"
"""The file of a converted folder with what the source says of its neurons."""
SIGNS = {"1": 1, "-1": -1}
"""The signs of a shipped wiring's connections, as they are written."""


Labels = Mapping[str, np.ndarray]
"""Columns of text by name, each (neuron,): type, class, side and what else a source says of its neurons."""


@dataclass(frozen=True)
class Source:
    """Where a wiring comes from and how it becomes arrays.

    Parameters
    ----------
    id_column : the column of a controller's neurons.csv that holds its ids.
    id_name : what the source calls an id.
    needs : names of the files, in the registry of `neuromech data`.
    read : makes ids (neuron,) and synapses of these files.
    note : what this wiring cannot show, empty if it is whole.
    ready : raises `InputError` where a reader is not installed; called before anything is downloaded.
    label : returns the ids that `read` returns, and what the files say of these neurons, where they do.
    """

    id_column: str
    id_name: str
    needs: tuple[str, ...]
    read: Callable[[Sequence[Path]], tuple[np.ndarray, Synapses]]
    note: str = ""
    ready: Callable[[], Any] | None = None
    label: Callable[[Sequence[Path]], tuple[np.ndarray, Labels]] | None = None


def arrow(module: str) -> Any:
    """Return a module of pyarrow that reads files, such as "parquet".

    Raises
    ------
    InputError
        pyarrow is not installed; says what to install.
    """
    try:
        import pyarrow  # noqa: F401  (a module of it may have been imported before it was taken away)
    except ImportError:
        raise InputError(f"reading {module} needs pyarrow: pip install 'neuromech[flywire]'") from None
    return import_module(f"pyarrow.{module}")


def places(ids: np.ndarray, wanted: np.ndarray, order: np.ndarray | None = None) -> np.ndarray:
    """Return the index in `ids` of each wanted id, -1 where it is not there; `order` is what sorts `ids`."""
    order = np.argsort(ids, kind="stable") if order is None else order
    if not len(order):
        return np.full(len(wanted), -1, np.intp)
    found = order[np.minimum(np.searchsorted(ids, wanted, sorter=order), len(order) - 1)]
    return np.where(ids[found] == wanted, found, -1)


WIRINGS: Registry[Source] = Registry(
    "wiring",
    {
        "flywire_783": "neuromech.brain.flywire:FLYWIRE_783",
        "flywire_630": "neuromech.brain.flywire:FLYWIRE_630",
        "flywire783_ge5_within_side": "neuromech.brain.flywire:WITHIN_SIDE",
        "malecns_1.0": "neuromech.brain.nerve_cords:MALE_CNS",
        "malecns_1.0_brain": "neuromech.brain.nerve_cords:MALE_CNS_BRAIN",
        "manc_1.2.1": "neuromech.brain.nerve_cords:MANC",
        "banc_888": "neuromech.brain.nerve_cords:BANC",
    },
)
"""Sources of wirings by name; others add theirs by `register("wiring", name)`."""


def converted(name: str) -> tuple[np.ndarray, Synapses, Labels]:
    """Return ids (neuron,), synapses and labels of a wiring of the registry; convert them if need be.

    Ids and synapses are memory-mapped.

    Raises
    ------
    InputError
        There is no such wiring, or it is not on this machine; says how to get it.
    """
    source, place = WIRINGS[name], folder(name)
    if not _fits(place):
        missing = [need for need in source.needs if datasets.here(datasets.find(need)) is None]
        if missing and all(datasets.find(need).url for need in missing):
            raise InputError(f"{name} is not on this machine; 'neuromech data fetch {name}' gets it")
        # Only the files of the registry, and only if they are whole.
        paths = [datasets.whole(datasets.find(need), datasets.path(need)) for need in source.needs]
        ids, synapses = source.read(paths)
        labels = source.label(paths)[1] if source.label else {}
        write(place, name, ids, synapses, labels)
        if not _fits(place):  # nowhere to write: keep it in memory
            return ids, synapses, labels
    arrays = {each: np.load(place / f"{each}.npy", mmap_mode="r", allow_pickle=False) for each in ARRAYS}
    synapses = Synapses(arrays["start"], arrays["post"], arrays["count"])
    if not (place / LABELS).is_file():
        return arrays["ids"], synapses, {}
    with np.load(place / LABELS, allow_pickle=False) as columns:
        return arrays["ids"], synapses, {column: columns[column] for column in columns.files}


def here(name: str) -> bool:
    """Return whether a wiring of the registry is on this machine, converted or not."""
    needs = WIRINGS[name].needs
    return _fits(folder(name)) or all(datasets.here(datasets.find(need)) for need in needs)


def fetch(name: str, progress: bool = True) -> Path:
    """Download what a wiring is made of, convert it, and return its folder.

    Raises
    ------
    InputError
        No such wiring, no network, another file than expected, or no reader for its format.
    """
    source = WIRINGS[name]
    if source.ready:
        source.ready()  # checked before a hundred megabytes are downloaded
    for need in source.needs:
        datasets.fetch(need, progress)
    converted(name)
    return folder(name)


def folder(name: str) -> Path:
    """Return where a converted wiring lies, or would."""
    return datasets.cache() / "fly" / f"{name}_wiring"


def shipped(folders: Sequence[Path]) -> dict[str, Path]:
    """Return the folders of the wirings that a controller's folders ship, by name; the last folder wins."""
    return {file.parent.name: file.parent for each in folders for file in each.glob("wirings/*/wiring.yaml")}


def read_shipped(place: Path) -> tuple[np.ndarray, Synapses, dict[str, str]]:
    """Return ids (neuron,), synapses and wiring.yaml of a shipped wiring, in the order of its table.

    Raises
    ------
    InputError
        A table or a cell is missing, or names a neuron that is not there; the message has file and line.
    """
    table = place / "neurons.csv"
    index: dict[str, int] = {}
    for line, row in wiring_tables.rows(table, ("id",)):
        if row["id"] in index:
            raise InputError(f"{table} line {line}: neuron {row['id']} is there twice")
        index[row["id"]] = len(index)
    table = place / "connections.csv"
    edges = []
    for line, row in wiring_tables.rows(table, ("pre", "post", "count", "sign")):
        for end in (row["pre"], row["post"]):
            if end not in index:
                raise InputError(f"{table} line {line}: {unknown('neuron', end, index)}")
        if not (row["count"].isdecimal() and int(row["count"])) or row["sign"] not in SIGNS:
            raise InputError(
                f"{table} line {line}: count must be a whole number above 0 and sign 1 or -1, "
                f"not {row['count']} and {row['sign']}"
            )
        edges.append((index[row["pre"]], index[row["post"]], int(row["count"]) * SIGNS[row["sign"]]))
    pre, post, count = np.array(edges, np.int64).reshape(-1, 3).T
    numbers = bool(index) and all(each.isdecimal() and int(each) < 2**63 for each in index)
    ids = np.array([int(each) for each in index], np.int64) if numbers else np.array(list(index), str)
    about = {key: str(value or "") for key, value in content.read_yaml(place / "wiring.yaml").items()}
    return ids, Synapses.of(len(index), pre, post, count), about


def absent(names: Sequence[str]) -> InputError:
    """Return the error for wirings of which none is on this machine: which would do, and how to get one."""
    sizes = {}
    for name in names:
        needs = [datasets.find(need) for need in WIRINGS[name].needs]
        if all(each.url for each in needs):
            sizes[name] = sum(each.size for each in needs) / 1e6
    offers = ", ".join(f"{name} ({size:.3g} MB)" for name, size in sizes.items())
    how = f"'neuromech data fetch NAME' gets {offers}" if sizes else "none of them can be fetched"
    return InputError(f"this run needs a wiring that is not on this machine, {' or '.join(names)}; {how}")


def _fits(place: Path) -> bool:
    """Return whether a folder holds a whole wiring of this format."""
    try:
        about = json.loads((place / "about.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return about.get("format") == FORMAT and all((place / f"{each}.npy").is_file() for each in ARRAYS)


def write(place: Path, name: str, ids: np.ndarray, synapses: Synapses, labels: Labels | None = None) -> None:
    """Save arrays into a folder that appears whole or not at all; without a place to write, not at all."""
    arrays = {"start": synapses.start, "post": synapses.post, "count": synapses.count, "ids": ids}
    entries = [datasets.find(need) for need in WIRINGS[name].needs]
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
        if labels:
            np.savez_compressed(part / LABELS, allow_pickle=False, **labels)
        (part / "about.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)
        os.replace(part, place)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
