"""A wiring too large for matrices: its edges as a sparse table, its neurons by the names of their source."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from neuromech._lib.errors import InputError, unknown
from neuromech.brain import spelling, wirings
from neuromech.brain.neurons.synapses import Synapses
from neuromech.brain.spelling import SpellingWarning

LARGEST = 5000
"""The largest number of neurons of which a matrix is made; its 25 million numbers take 200 MB."""
DESCRIBED = re.compile(r"(?P<type>\S.*) (?P<side>[LRM])(?: (?P<number>\d+))?")
"""A neuron by type and side, such as "DNa02 L", or "MDN L 2" where there are several."""


@dataclass(frozen=True, eq=False, repr=False)
class SparseConnectome:
    """A wiring with the names of its neurons, in the vocabulary of `Connectome`; its synapses are chemical.

    Parameters
    ----------
    name : of the wiring.
    ids : (neuron,) what the source calls its neurons: whole numbers (int64) or words.
    synapses : who reaches whom with how many contacts, negative where they inhibit.
    id_column : the column of a controller's neurons.csv that holds these ids.
    id_name : what the source calls an id, such as "FlyWire root id"; empty if it has no word for it.
    note : what this wiring cannot show, empty if it is whole.
    labels : what the source says of its neurons, columns of text (neuron,) by name: type, class, side ...
    """

    name: str
    ids: np.ndarray
    synapses: Synapses
    id_column: str = ""
    id_name: str = ""
    note: str = ""
    labels: wirings.Labels = field(default_factory=dict)

    @staticmethod
    def load(name: str, folders: Sequence[Path] = ()) -> SparseConnectome:
        """Return a wiring by its name, such as "flywire_783".

        Parameters
        ----------
        name : of a wiring that is on this machine, or can be made from files that are.
        folders : of controllers that ship wirings of their own.

        Raises
        ------
        InputError
            There is no such wiring, or it is not on this machine; says how to get it.
        """
        ready = wirings.shipped(folders)
        if name in ready:
            ids, synapses, about = wirings.read_shipped(ready[name])
            return SparseConnectome(name, ids, synapses, name, about.get("ids", ""), about.get("note", ""))
        if name not in wirings.WIRINGS:
            raise unknown("wiring", name, [*wirings.WIRINGS, *ready])
        source = wirings.WIRINGS[name]
        ids, synapses, labels = wirings.converted(name)
        return SparseConnectome(name, ids, synapses, source.id_column, source.id_name, source.note, labels)

    @staticmethod
    def first(names: Iterable[str], folders: Sequence[Path] = ()) -> SparseConnectome:
        """Return the first of several wirings that a controller ships or that is on this machine.

        Parameters
        ----------
        names : in the order of preference.
        folders : of the controller.

        Raises
        ------
        InputError
            There is no such wiring, or none of them is here; the message says which can be fetched, and how.
        """
        wanted, ready = list(names), wirings.shipped(folders)
        known = [*wirings.WIRINGS, *ready]
        if not wanted:
            raise InputError("which wiring? " + ", ".join(known))
        for name in wanted:
            if name not in known:
                raise unknown("wiring", name, known)
        for name in wanted:
            if name in ready or wirings.here(name):
                return SparseConnectome.load(name, folders)
        raise wirings.absent(wanted)

    def __repr__(self) -> str:
        edges = len(self.synapses.post)
        return f"SparseConnectome({self.name}: {self.synapses.size} neurons, {edges} chemical synapses)"

    @property
    def neurons(self) -> tuple[str, ...]:
        """Names of the neurons: the source's ids as text."""
        return tuple(map(str, self.ids.tolist()))

    def find(self, names: Iterable[str]) -> np.ndarray:
        """Return the indices (name,) of neurons by their ids; -1 for those that the wiring does not have."""
        asked = list(names)
        if self.ids.dtype.kind == "i":
            wanted = np.array([int(each) if each.isdecimal() else -1 for each in asked], np.int64)
        else:
            wanted = np.array(asked, str)
        return wirings.places(self.ids, wanted, self._order)

    def find_described(self, described: Iterable[str]) -> np.ndarray:
        """Return the indices (name,) of neurons by their ids, or by type and side; -1 for what is not there.

        "DNa02 L" is the neuron of type DNa02 whose side begins with an L; where there are several of a type
        on one side, "MDN L 2" is the second in the order of their ids. Type and side are the source's labels.
        """
        asked = list(described)
        found = self.find(asked)
        if not {"type", "side"} <= self.labels.keys():
            return found
        sides = np.char.upper(self.labels["side"].astype("U1"))
        for place in np.flatnonzero(found < 0):
            match = DESCRIBED.fullmatch(asked[place])
            if match is None:
                continue
            alike = np.flatnonzero((self.labels["type"] == match["type"]) & (sides == match["side"]))
            number = int(match["number"] or 1)
            if (match["number"] or len(alike) == 1) and 1 <= number <= len(alike):
                found[place] = alike[np.argsort(self.ids[alike])][number - 1]
        return found

    @cached_property
    def _order(self) -> np.ndarray:
        return np.argsort(self.ids, kind="stable")

    def resolve(self, names: str | Iterable[str]) -> np.ndarray:
        """Return the indices of the named neurons, in the order asked for and without repeats.

        A name that is only spelt otherwise is accepted with a `SpellingWarning`.

        Raises
        ------
        InputError
            A name is that of no neuron of the wiring; says the nearest ones.
        """
        asked = [names] if isinstance(names, str) else [str(each) for each in names]
        found = self.find(asked)
        if (found < 0).any():
            folded = spelling.by_folded(self.neurons)
            for place in np.flatnonzero(found < 0):
                meant = folded.get(spelling.folded(asked[place]))
                if meant is None:
                    raise unknown(f"neuron of {self.name}", asked[place], self.neurons)
                warnings.warn(spelling.note(asked[place], meant), SpellingWarning, stacklevel=2)
                found[place] = self.find([meant])[0]
        return np.array(list(dict.fromkeys(found.tolist())), np.intp)

    def select(self, **wanted: str | Iterable[str]) -> np.ndarray:
        """Return the indices (neuron,) of neurons whose labels are the wanted ones, in the wiring's order.

        Parameters
        ----------
        wanted : for a label its value, or several: `select(type="DNg100", side="L")`. `class_` is the label
            "class", a word that Python keeps for itself.

        Raises
        ------
        InputError
            The wiring has no such label, or none of its neurons has such a value.
        """
        chosen = np.ones(self.synapses.size, bool)
        for key, value in wanted.items():
            label = key.rstrip("_")
            if label not in self.labels:
                raise unknown(f"label of {self.name}", label, self.labels)
            values = [value] if isinstance(value, str) else list(value)
            for each in values:
                if not (self.labels[label] == each).any():
                    raise unknown(f"{label} in {self.name}", each, np.unique(self.labels[label]).tolist())
            chosen &= np.isin(self.labels[label], values)
        return np.flatnonzero(chosen)

    def to_pandas(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return neurons and connections as tables; a whole brain's second has fifteen million rows.

        Returns
        -------
        neurons : one row per neuron, labelled by its id, with what the source says of it.
        connections : one row per edge: pre, post (ids), kind, weight (contacts), sign.
        """
        count, pre = np.asarray(self.synapses.count), self.synapses.pre
        connections = pd.DataFrame(
            {
                "pre": self.ids[pre],
                "post": self.ids[np.asarray(self.synapses.post)],
                "kind": pd.Categorical.from_codes(np.zeros(len(count), np.int8), ["chemical"]),
                "weight": np.abs(count),
                "sign": np.sign(count).astype(np.int8),
            }
        )
        index = pd.Index(self.ids, name=self.id_name or "name")
        return pd.DataFrame(dict(self.labels), index=index), connections

    def adjacency(
        self, kind: str = "chemical", signed: bool = False, among: Iterable[str] | None = None
    ) -> xr.DataArray:
        """Return the connections as a labelled matrix.

        Parameters
        ----------
        kind : "chemical", the only one that such a wiring has.
        signed : whether inhibitory weights are negative.
        among : names of the neurons of the matrix; all if None.

        Returns
        -------
        (pre, post) of weights (contacts), labelled by the neurons' ids.

        Raises
        ------
        InputError
            There is no such kind or neuron, or the matrix would have more than 5,000 neurons.
        """
        if kind != "chemical":
            raise unknown(f"kind of connection in {self.name}", kind, ["chemical"])
        size = self.synapses.size
        chosen = np.arange(size) if among is None else self.resolve(among)
        if len(chosen) > LARGEST:
            raise InputError(
                f"a matrix of {len(chosen):,} neurons would be too large: name up to {LARGEST:,} in among="
            )
        place = np.full(size, -1)
        place[chosen] = np.arange(len(chosen))
        pre, post = place[self.synapses.pre], place[np.asarray(self.synapses.post)]
        inside = (pre >= 0) & (post >= 0)
        weights = np.zeros((len(chosen), len(chosen)))
        count = np.asarray(self.synapses.count)[inside]
        weights[pre[inside], post[inside]] = count if signed else np.abs(count)
        names = self.ids[chosen]
        return xr.DataArray(
            weights, {"pre": names, "post": names}, ("pre", "post"), name=kind, attrs={"units": "contacts"}
        )

    def ablate(self, names: str | Iterable[str]) -> SparseConnectome:
        """Return the wiring without the named neurons and their connections.

        Raises
        ------
        InputError
            A name is that of no neuron of the wiring; says the nearest ones.
        """
        size = self.synapses.size
        left = np.setdiff1d(np.arange(size), self.resolve(names))
        place = np.full(size, -1)
        place[left] = np.arange(len(left))
        pre, post = place[self.synapses.pre], place[np.asarray(self.synapses.post)]
        inside = (pre >= 0) & (post >= 0)
        count = np.asarray(self.synapses.count)[inside]
        synapses = Synapses.of(len(left), pre[inside], post[inside], count)
        labels = {name: column[left] for name, column in self.labels.items()}
        return replace(self, ids=self.ids[left], synapses=synapses, labels=labels)

    def shuffle(self, seed: int) -> SparseConnectome:
        """Return the wiring with targets exchanged at random, as `Synapses.shuffled` does.

        Raises
        ------
        InputError
            So few or so dense edges that no such exchange was found.
        """
        return replace(self, synapses=self.synapses.shuffled(seed))

    def spikes_named(self) -> tuple[str, np.ndarray]:
        """Return what a list of spikes names neurons by, and each neuron's number there, (neuron,) int64.

        That is the id, where ids are numbers and have a name, else the row of the wiring's table.
        """
        if self.id_name and self.ids.dtype.kind == "i":
            return self.id_name, np.asarray(self.ids)
        return f"row of {self.name}", np.arange(self.synapses.size)
