"""The wiring of an animal as matrices: its neurons, synapses and gap junctions, and surgery on them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.numbers import whole
from neuromech.brain import rewiring, spelling, wiring_tables
from neuromech.brain.rewiring import SQUARE
from neuromech.brain.spelling import SpellingWarning
from neuromech.brain.wiring_tables import KINDS
from neuromech.specs import content
from neuromech.specs.controller import CONNECTIONS, Connectomes

_MATRICES: Mapping[str, tuple[str, str | None]] = {
    "chemical": ("chemical", "chemical_sign"),
    "gap_junction": ("gap", None),
    "neuromuscular": ("nmj", "nmj_sign"),
    "gap_junction_onto_muscle": ("gap_muscle", None),
}
"""Names of the matrices of weights and of signs by what `adjacency` calls them."""


@dataclass(frozen=True, eq=False, repr=False)
class Connectome:
    """The wiring of one animal as dense read-only matrices, the presynaptic neuron first.

    Weights count contacts (or whatever the table counts) and are never negative; signs are +1
    (excitatory), -1 (inhibitory) or 0 (no connection). With n neurons and m muscles:
    `chemical`, `chemical_sign` and `gap` (symmetric) are (n, n); `nmj`, `nmj_sign` and `gap_muscle` are
    (n, m). A gap junction of a neuron with itself stays on the diagonal, so that counts match the source, and
    carries no current in any model.

    Examples
    --------
    >>> from neuromech.brain.connectome import Connectome
    >>> worm = Connectome.load("worm_connectome")
    >>> worm
    Connectome(302 neurons, 3709 chemical synapses, 1110 gap junctions, 956 neuromuscular connections)
    >>> neurons, connections = worm.to_pandas()
    >>> neurons.loc["AVAL", "transmitter"]
    'acetylcholine'
    >>> float(worm.adjacency("chemical").sel(pre="ASEL", post="AIYL"))
    32.0
    >>> len(worm.ablate(["AVA", "AVB"]).neurons)
    298
    """

    neurons: tuple[str, ...]
    classes: tuple[str, ...]
    types: tuple[str, ...]
    transmitters: tuple[str, ...]
    muscles: tuple[str, ...]
    chemical: np.ndarray
    chemical_sign: np.ndarray
    gap: np.ndarray
    nmj: np.ndarray
    nmj_sign: np.ndarray
    gap_muscle: np.ndarray
    annotations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Further columns of neurons.csv, such as side or source, by name, with one text per neuron."""

    def __post_init__(self) -> None:
        """Lock the arrays: surgery makes a new connectome."""
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    @staticmethod
    def load(
        name_or_folder: str | Path, config_dirs: Sequence[Path] = (), connectome: str | None = None
    ) -> Connectome:
        """Read the wiring of a controller, without a body: its muscles are those that the tables name.

        Parameters
        ----------
        name_or_folder : name of a controller, or a folder with neurons.csv and connections.csv.
        config_dirs : directories of one's own configurations; controllers are looked for beside them first.
        connectome : which of the wirings that the controller offers for its neurons, as in
            `Connectome.load("worm_connectome", connectome="white1986")`; the one that its controller.yaml
            names if None.

        Raises
        ------
        InputError
            There is no such controller, it has no tables, it offers no such wiring, or a cell of a table is
            wrong; one line with file and line of the cell.
        """
        spec, folders = _controller(name_or_folder, config_dirs)
        if not any((folder / "neurons.csv").is_file() for folder in folders):
            over = f"; it stands over {spec['under']}, which has one" if spec.get("under") else ""
            raise InputError(
                f"{name_or_folder} has no wiring of its own{over}: no neurons.csv in {folders[-1]}"
            )
        if spec.get("wiring"):
            wirings = ", ".join(spec["wiring"])
            warnings.warn(f"{name_or_folder} names neurons only; {wirings} connect them", stacklevel=2)
        chosen = Connectomes.written(spec, folders[-1] / "controller.yaml", connectome)
        return Connectome.read(folders, connections=chosen.connections)

    @staticmethod
    def read(
        folders: Sequence[Path], muscles: Sequence[str] | None = None, connections: str = CONNECTIONS
    ) -> Connectome:
        """Read the tables of folders, each of which may connect the neurons of those before it.

        Parameters
        ----------
        folders : of the tables.
        muscles : names of a body's muscles, in its order; those that the tables name if None.
        connections : the table of connections; a folder that has none of that name is read with its
            connections.csv.

        Raises
        ------
        InputError
            A table or a cell is missing or wrong; one line with its file and line and the nearest names.
        """
        places = tuple(Path(folder) for folder in folders)
        files = [*(folder / "neurons.csv" for folder in places), *wiring_tables.files(places, connections)]
        stamps = tuple(file.stat().st_mtime_ns if file.is_file() else 0 for file in files)
        return _read(places, None if muscles is None else tuple(muscles), connections, stamps)

    def __repr__(self) -> str:
        counts = {
            "chemical synapses": np.count_nonzero(self.chemical),
            "gap junctions": np.count_nonzero(np.triu(self.gap)) + np.count_nonzero(self.gap_muscle),
            "neuromuscular connections": np.count_nonzero(self.nmj),
        }
        return f"Connectome({len(self.neurons)} neurons, {', '.join(f'{n} {k}' for k, n in counts.items())})"

    def resolve(self, names: str | Iterable[str]) -> np.ndarray:
        """Return the indices of the named neurons, in the order asked for and without repeats.

        A name is a neuron (`AVAL`), a class (`AVA`) or a type (`sensory`); one string may stand for a list.
        A name that is only spelt otherwise (`aval`, `AVA_L`) is accepted with a `SpellingWarning`.

        Raises
        ------
        InputError
            A name is that of no neuron, class or type; says the nearest ones.
        """
        groups = self.groups()
        found: dict[int, None] = {}
        for written in [names] if isinstance(names, str) else names:
            name = self.spelled(written)
            if name != written:
                warnings.warn(spelling.note(written, name), SpellingWarning, stacklevel=2)
            found.update(dict.fromkeys(groups[name]))
        return np.array(list(found), dtype=np.intp)

    def spelled(self, name: str) -> str:
        """Return the valid name that is meant: the same, or the only one that differs just in its spelling.

        Raises
        ------
        InputError
            No neuron, class or type is called so, or several could be meant.
        """
        groups = self.groups()
        found = name if name in groups else self._folded.get(spelling.folded(name))
        if found is None:
            raise unknown("neuron or class", name, groups)
        return found

    def groups(self) -> Mapping[str, tuple[int, ...]]:
        """Return every valid name (types, classes, neurons) with the indices it stands for."""
        return self._groups

    @cached_property
    def _groups(self) -> Mapping[str, tuple[int, ...]]:
        members: dict[str, list[int]] = {}
        for names in (self.types, self.classes):
            for index, name in enumerate(names):
                members.setdefault(name, []).append(index)
        members |= {name: [index] for index, name in enumerate(self.neurons)}
        return {name: tuple(indices) for name, indices in members.items()}

    @cached_property
    def _folded(self) -> Mapping[str, str]:
        return spelling.by_folded(self._groups)

    def to_pandas(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return neurons and connections as tables.

        Returns
        -------
        neurons : one row per neuron, labelled by its name: class, type, transmitter and further columns.
        connections : one row per connection: pre, post, kind, weight (contacts), sign. A gap junction is
            listed once, with the sign 0; one onto a muscle has the muscle as its post.
        """
        columns = {"class": self.classes, "type": self.types, "transmitter": self.transmitters}
        neurons = pd.DataFrame({**columns, **self.annotations}, index=pd.Index(self.neurons, name="name"))
        parts = []
        for name, (matrix, sign) in _MATRICES.items():
            weights = getattr(self, matrix)
            pre, post = np.nonzero(np.triu(weights) if matrix == "gap" else weights)
            targets = self.neurons if matrix in SQUARE else self.muscles
            parts.append(
                pd.DataFrame(
                    {
                        "pre": [self.neurons[i] for i in pre],
                        "post": [targets[j] for j in post],
                        "kind": name.removesuffix("_onto_muscle"),
                        "weight": weights[pre, post],
                        "sign": getattr(self, sign)[pre, post].astype(int) if sign else 0,
                    }
                )
            )
        return neurons, pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)

    def adjacency(self, kind: str = "chemical", signed: bool = False) -> xr.DataArray:
        """Return one kind of connection as a labelled matrix.

        Parameters
        ----------
        kind : "chemical", "gap_junction" (symmetric), "neuromuscular" or "gap_junction_onto_muscle".
        signed : whether inhibitory weights are negative; gap junctions have no sign.

        Returns
        -------
        (pre, post) of weights (contacts), labelled by the names of neurons and, if they are the targets,
        muscles. Each neuron's class and type are coordinates as well: `pre_class`, `pre_type`, and so on.

        Raises
        ------
        InputError
            There is no such kind.
        """
        if kind not in _MATRICES:
            raise unknown("kind of connection", kind, _MATRICES)
        matrix, sign = _MATRICES[kind]
        weights = getattr(self, matrix) * (getattr(self, sign) if signed and sign else 1)
        coordinates: dict[str, Any] = {"pre": list(self.neurons)}
        coordinates["post"] = list(self.neurons if matrix in SQUARE else self.muscles)
        for axis in ("pre", "post") if matrix in SQUARE else ("pre",):
            coordinates[f"{axis}_class"] = (axis, list(self.classes))
            coordinates[f"{axis}_type"] = (axis, list(self.types))
        return xr.DataArray(
            weights, coordinates, ("pre", "post"), name=kind, attrs={"units": "contacts, as the table counts"}
        )

    def ablate(self, names: str | Iterable[str]) -> Connectome:
        """Return the wiring without the named neurons, classes or types and without their connections.

        In a simulation `perturb.ablate` does it otherwise: there the neurons stay in the matrices and are
        held silent, because what is left of an animal keeps the synapses that it grew with.

        Raises
        ------
        InputError
            A name is that of no neuron, class or type; says the nearest ones.
        """
        left = np.setdiff1d(np.arange(len(self.neurons)), self.resolve(names))
        changed: dict[str, Any] = {
            name: tuple(getattr(self, name)[i] for i in left)
            for name in ("neurons", "classes", "types", "transmitters")
        }
        for name in ("chemical", "chemical_sign", "gap", "nmj", "nmj_sign", "gap_muscle"):
            rows = getattr(self, name)[left]
            changed[name] = rows[:, left] if name in SQUARE else rows
        further = {name: tuple(column[i] for i in left) for name, column in self.annotations.items()}
        return replace(self, **changed, annotations=further)

    def shuffle(self, seed: int, scope: bool | str | Sequence[str] = True) -> Connectome:
        """Return the wiring with edges exchanged at random, every neuron keeping its numbers of partners.

        Two edges a->b and c->d become a->d and c->b, at least ten accepted exchanges per edge. Weight and
        sign stay with the presynaptic side, so in- and out-degree of every neuron, out-weight, and each
        neuron's transmitter are kept (in-weight is not); no edge is doubled and no self-connection made,
        and those there are (38 chemical, 14 gap in the worm) stay. Gap junctions stay symmetric.
        The method is that of Maslov & Sneppen 2002, doi:10.1126/science.1065103.

        Parameters
        ----------
        seed : of the random exchanges.
        scope : True exchanges everything: chemical, gap junctions and neuromuscular, each kind within
            itself. A sequence names kinds (`chemical`, `gap_junction`, `neuromuscular`) or neuron types
            (`sensory`, `interneuron`, ...) or both; kinds alone exchange all edges of those kinds, types
            alone spare the neuromuscular table. With types given an edge is exchanged only if

            - it starts at a sensory neuron, whatever its target, and `sensory` is named, or
            - both its ends are of named types other than sensory (among interneurons),

            (gap junctions alike, "starts at" meaning either end), and the two groups are exchanged each
            within itself. So `("sensory", "interneuron")` leaves alone all edges from interneurons to motor
            neurons and back (AVB-B and AVA-A with their gap junctions), among motor neurons, and to muscles.
            A pair of types, `premotor>motor`, names the chemical edges from the one to the other, exchanged
            among themselves.

        Raises
        ------
        InputError
            The scope names neither a kind nor a type, or nothing at all.
        """
        if isinstance(scope, bool):
            kinds, types = (set(KINDS) if scope else set()), set()
        else:
            kinds, types = rewiring.scope(scope, KINDS, self.types)
        changed: dict[str, np.ndarray] = {}
        parts = (
            ("chemical", "chemical", "chemical_sign"),
            ("gap_junction", "gap", None),
            ("neuromuscular", "nmj", "nmj_sign"),
            ("gap_junction", "gap_muscle", None),
        )
        for number, (kind, name, sign_name) in enumerate(parts):
            if kind not in kinds or (types and name == "gap_muscle"):
                continue
            weight, gap = getattr(self, name), name == "gap"
            pre, post = np.nonzero(np.triu(weight) if gap else weight)
            old, new = (pre, post), (pre.copy(), post.copy())
            groups = rewiring.blocks(name, pre, post, types, self.types)
            for block, (chosen, leads) in enumerate(groups):
                rng = np.random.default_rng([whole("seed", seed), number, block])
                rewiring.exchange(*new, np.flatnonzero(chosen), leads, name in SQUARE, gap, rng)
            changed[name] = rewiring.moved(weight, old, new, mirrored=gap)
            if sign_name:
                changed[sign_name] = rewiring.moved(getattr(self, sign_name), old, new, mirrored=False)
        return replace(self, **changed)

    def randomise(self, seed: int) -> Connectome:
        """Return a random graph of equal density: every connection between neurons dealt out anew.

        There are as many chemical connections and gap junctions as before, with the same weights and signs,
        each between two different neurons that are drawn evenly (Erdos & Renyi 1959); no pair has two. A
        neuron keeps neither its numbers of partners nor its transmitter. Connections onto muscles stay, and
        so do those of a neuron with itself. `seed` is that of the draw.
        """
        rng, signed = np.random.default_rng([whole("seed", seed), 4]), (self.chemical, self.chemical_sign)
        chemical, sign, gap = rewiring.dealt(rng, signed, (self.gap,), len(self.neurons))
        return replace(self, chemical=chemical, chemical_sign=sign, gap=gap)


def _controller(
    name_or_folder: str | Path, config_dirs: Sequence[Path]
) -> tuple[Mapping[str, Any], list[Path]]:
    """Return controller.yaml and the folders of its tables, the controller's own last."""
    path = Path(name_or_folder)
    if not isinstance(name_or_folder, Path) and (len(path.parts) < 2 or not path.is_dir()):
        spec, folders = content.written("controllers", str(name_or_folder), config_dirs)
        return spec, [Path(each) for each in folders]
    if not path.is_dir():
        raise InputError(f"there is no folder {path}")
    own = content.read_yaml(path / "controller.yaml") if (path / "controller.yaml").is_file() else {}
    if "extends" not in own:
        return own, [path]
    beside = path.resolve().parent.parent / "configs"
    base, folders = content.written("controllers", str(own["extends"]), [beside, *config_dirs])
    return content.union(base, own), [*(Path(each) for each in folders), path]


@lru_cache(maxsize=8)
def _read(
    folders: tuple[Path, ...], muscles: tuple[str, ...] | None, connections: str, stamps: tuple[int, ...]
) -> Connectome:
    """Read the tables; a fit asks for the same ones thousands of times, `stamps` tell when they changed."""
    given = wiring_tables.read(folders, muscles, connections)
    n, m = len(given.columns["name"]), len(given.muscles)
    chemical, gap, nmj, gap_muscle = (np.zeros((n, size)) for size in (n, n, m, m))
    chemical_sign, nmj_sign = np.zeros((n, n), np.int8), np.zeros((n, m), np.int8)
    for each in given.connections:
        i, j = each.pre, each.post
        if each.kind == "chemical":
            chemical[i, j], chemical_sign[i, j] = each.weight, each.sign
        elif each.kind == "neuromuscular":
            nmj[i, j], nmj_sign[i, j] = each.weight, each.sign
        elif each.onto_muscle:
            gap_muscle[i, j] = each.weight
        else:
            gap[i, j] = gap[j, i] = each.weight
    return Connectome(
        neurons=given.columns["name"],
        classes=given.columns["class"],
        types=given.columns["type"],
        transmitters=given.columns["transmitter"],
        muscles=given.muscles,
        chemical=chemical,
        chemical_sign=chemical_sign,
        gap=gap,
        nmj=nmj,
        nmj_sign=nmj_sign,
        gap_muscle=gap_muscle,
        annotations={
            key: each for key, each in given.columns.items() if key not in wiring_tables.NEURON_COLUMNS
        },
    )
