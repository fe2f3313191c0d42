"""The optic lobe that a controller's folder describes: its table, its parameters, its columns.

`optic_lobe.csv` is the table, `optic_lobe.yaml` what was learned (training/motion_vision.py).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from neuromech._lib.errors import InputError, unknown
from neuromech.brain.circuit import Circuit
from neuromech.brain.encoders import contrast_gain
from neuromech.brain.encoders.base import Encoder, Entry, Scalar, Sections
from neuromech.brain.encoders.contrast_gain import ContrastGain
from neuromech.brain.neurons.columns import Columns, Light, State, Wiring
from neuromech.senses.eye.eye import Eye
from neuromech.specs import content

COLUMNS = ("pre", "post", "du", "dv", "synapses", "sign")
"""Columns of optic_lobe.csv: two cell types, how many columns apart, synapses per target cell, the sign."""


@dataclass(frozen=True)
class Table:
    """optic_lobe.csv: rows of synapses from one cell type to another, some columns away.

    Parameters
    ----------
    types : names of the cell types.
    pairs : (pre, post) of types that are connected.
    pair : (row,) which of the pairs a row belongs to.
    offset : (row, 2) how many columns away it comes from, (du, dv).
    synapses : (row,) per target cell.
    sign : (row,) -1 or 1.
    """

    types: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    pair: np.ndarray
    offset: np.ndarray
    synapses: np.ndarray
    sign: np.ndarray

    @property
    def source(self) -> np.ndarray:
        """Index of the presynaptic type of each row, (row,)."""
        return np.array([self.types.index(pre) for pre, _ in self.pairs])[self.pair]

    @property
    def target(self) -> np.ndarray:
        """Index of the postsynaptic type of each row, (row,)."""
        return np.array([self.types.index(post) for _, post in self.pairs])[self.pair]

    def numbers(self, names: list[str]) -> list[int]:
        """Return the indices of the named types.

        Raises
        ------
        InputError
            There is no such type.
        """
        for name in names:
            if name not in self.types:
                raise unknown("cell type", name, self.types)
        return [self.types.index(name) for name in names]

    def shuffled(self, seed: int) -> Table:
        """Return the same pairs of types with the offsets of all rows exchanged at random.

        What a type connects to, how strongly and with which sign stays; from where in the eye does not.
        """
        order = np.random.default_rng(seed).permutation(len(self.offset))
        return Table(self.types, self.pairs, self.pair, self.offset[order], self.synapses, self.sign)


def read(path: Path) -> Table:
    """Read an optic_lobe.csv.

    Raises
    ------
    InputError
        A column is missing or a cell is not a number.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from None
    for name in COLUMNS:
        if not rows or name not in rows[0]:
            raise InputError(f"{path} has no column {name}")
    pairs = tuple(dict.fromkeys((row["pre"], row["post"]) for row in rows))
    number = {pair: k for k, pair in enumerate(pairs)}
    try:
        numbers = np.array([[float(row[name]) for name in COLUMNS[2:]] for row in rows])
    except (TypeError, ValueError) as error:
        raise InputError(f"{path}: {error}") from None
    if not np.isfinite(numbers).all() or (numbers[:, 2] < 0).any() or (abs(numbers[:, 3]) != 1).any():
        raise InputError(f"{path}: synapses must be at least 0, sign -1 or 1")
    return Table(
        types=tuple(dict.fromkeys(name for pair in pairs for name in pair)),
        pairs=pairs,
        pair=np.array([number[row["pre"], row["post"]] for row in rows]),
        offset=numbers[:, :2].astype(int),
        synapses=numbers[:, 2],
        sign=numbers[:, 3],
    )


def build(table: Table, parameters: Mapping[str, Any], columns: np.ndarray) -> Columns:
    """Place a lobe's cells at the columns of an eye.

    `parameters` are frame_s, tau_s and rest {type: value}, strength {pre>post: value per synapse}, and light,
    the types that light drives.

    Raises
    ------
    InputError
        A type or a pair has no value, or one too many.
    """
    keys = {"tau_s": table.types, "rest": table.types, "strength": [f"{a}>{b}" for a, b in table.pairs]}
    values = {}
    for section, names in keys.items():
        given = parameters[section]
        for name in given:
            if name not in names:
                raise unknown(f"name in {section}", str(name), names)
        for name in names:
            if name not in given:
                raise InputError(f"{section} has no value for {name}")
        values[section] = np.array([float(given[name]) for name in names])
    light = np.zeros(len(table.types))
    light[table.numbers(list(parameters["light"]))] = 1.0
    if (values["tau_s"] <= 0).any() or (values["strength"] < 0).any():
        raise InputError("tau_s must be above 0 and strength at least 0: signs stand in the table")
    return Columns(
        wiring=Wiring.of(table.source, table.target, table.offset, columns),
        tau_s=jnp.asarray(values["tau_s"], jnp.float32),
        rest=jnp.asarray(values["rest"], jnp.float32),
        weight=jnp.asarray(values["strength"][table.pair] * table.synapses * table.sign, jnp.float32),
        light=jnp.asarray(light, jnp.float32),
    )


@dataclass(frozen=True)
class Learned:
    """A table and its cells, unrolled over an eye with what they learned; `frame_s` is the step of that."""

    table: Table
    cells: Columns
    frame_s: float


def load(folders: Sequence[Path], columns: np.ndarray) -> Learned:
    """Read optic_lobe.csv and optic_lobe.yaml, in the last of `folders` that has them, for an eye.

    Raises
    ------
    InputError
        There is none, or it is damaged.
    """
    having = [folder for folder in folders if (folder / "optic_lobe.csv").is_file()]
    if not having:
        raise InputError(f"{folders[-1] if folders else 'the controller'} has no optic_lobe.csv")
    table = read(having[-1] / "optic_lobe.csv")
    learned = content.read_yaml(having[-1] / "optic_lobe.yaml")["optic_lobe"]
    return Learned(table, build(table, learned, columns), float(learned["frame_s"]))


class OpticLobe(Encoder):
    """The lobe behind an eye, and how active some of its cell types are, each averaged over the eye.

    `kept` (feature,) are the types whose release is pooled; types where `present` (type,) is 0 release
    nothing. The eye's rays are in the order of the columns. The lobe moves on once in `frame_s`, which is
    what it learned at; in between, the features stay. It sees through `gain`, if there is one.

    Keys of an entry: `neurons` {cell type: [neurons]} and, if there is one, `contrast_gain`. Parameters:
    `gain_pA` in the section `optic_lobe`, the same for both eyes; the cells' own in optic_lobe.yaml. A type
    whose neurons are all ablated is taken out of the lobe, too.
    """

    cells: Columns
    kept: Int[Array, " feature"]
    present: Float[Array, " type"]
    frame_s: Scalar
    gain: ContrastGain | None
    keys: ClassVar[tuple[str, ...]] = ("neurons", "contrast_gain")
    channels: int = eqx.field(static=True)

    @classmethod
    def sections(cls, entry: Entry) -> Sections:
        """Return the sections of parameters.yaml that an entry reads."""
        return {"optic_lobe": ("gain_pA",)}

    @classmethod
    def from_entry(cls, entry: Entry, circuit: Circuit) -> tuple[OpticLobe, np.ndarray]:
        """Build the lobe of one eye and the currents (pA) of each pooled type, (neuron, type)."""
        lattice = entry.sense.lattice if isinstance(entry.sense, Eye) else None
        if lattice is None or not len(lattice.columns):
            raise InputError(f"encoding.{entry.name} must read an eye with lattice: hexagonal")
        lobe = load(circuit.spec.folders, lattice.columns)
        kept = lobe.table.numbers([str(cell) for cell in entry["neurons"]])
        currents = np.zeros((len(circuit.connectome.neurons), len(kept)))
        ablated, absent = set(circuit.ablated.tolist()), []
        for feature, (cell, names) in enumerate(zip(kept, entry["neurons"].values(), strict=True)):
            fed = circuit.connectome.resolve(names)
            currents[fed, feature] = circuit.parameters["optic_lobe"]["gain_pA"]
            absent += [cell] if ablated.issuperset(fed.tolist()) else []
        spec = entry["contrast_gain"]
        gain = None if spec is None else contrast_gain.build(spec, lattice.columns)
        return cls.of(lobe, len(lattice.columns), kept, absent, gain), currents

    @staticmethod
    def of(
        lobe: Learned, columns: int, kept: list[int], absent: list[int], gain: ContrastGain | None = None
    ) -> OpticLobe:
        """Put a lobe behind an eye of so many `columns`; the types `absent` are taken out."""
        present = np.ones(len(lobe.cells.rest), np.float32)
        present[absent] = 0.0
        return OpticLobe(
            cells=lobe.cells,
            kept=jnp.asarray(kept),
            present=jnp.asarray(present),
            frame_s=jnp.float32(lobe.frame_s),
            gain=gain,
            channels=columns,
        )

    def init(self) -> Float[Array, " memory"]:
        """Return cells at rest, the gain's background, and the time since the last frame, s: -1 first."""
        return jnp.concatenate([self.cells.init().ravel(), jnp.zeros(self.channels), jnp.array([-1.0])])

    def step(
        self, memory: Float[Array, " memory"], sensed: Float[Array, " ray"], step_s: Scalar
    ) -> tuple[Float[Array, " memory"], Float[Array, " feature"]]:
        """Advance by `step_s`; returns the cells and the mean release of each kept type."""
        types, since_s = len(self.cells.rest), memory[-1]
        state = memory[: types * self.channels].reshape(types, -1, 1)
        background = memory[types * self.channels : -1, None]
        light = sensed[:, None]
        first = since_s < 0.0
        # The tolerance is half a step, because sums of steps are not exact.
        due = first | (since_s + 0.5 * step_s >= self.frame_s)

        def frame(old: tuple[State, Light]) -> tuple[State, Light]:
            # The eye starts adapted to its first image.
            cells, usual = jax.lax.cond(first, lambda _: self._settled(light), lambda kept: kept, old)
            return self._frame(cells, usual, light)

        # One condition around all, because each of them copies the lobe, whatever comes of it.
        state, background = jax.lax.cond(due, frame, lambda old: old, (state, background))
        since_s = jnp.where(due, 0.0, since_s) + step_s
        release = jnp.maximum(state[self.kept, :, 0], 0.0) * self.present[self.kept][:, None]
        memory = jnp.concatenate([state.ravel(), background.ravel(), since_s[None]])
        return memory, release.mean(axis=1)

    def _settled(self, light: Light) -> tuple[State, Light]:
        """Return the cells and the background after long seeing the same light."""
        background = light if self.gain is None else self.gain.init(light)
        _, seen = self._seen(background, light)
        return self.cells.settle(seen, self.frame_s, self.present), background

    def _frame(self, state: State, background: Light, light: Light) -> tuple[State, Light]:
        """Return the cells and the background after one frame."""
        background, seen = self._seen(background, light)
        return self.cells.step(state, seen, self.frame_s, self.present), background

    def _seen(self, background: Light, light: Light) -> tuple[Light, Light]:
        """Return the new background, and the light as the cells get it."""
        return (background, light) if self.gain is None else self.gain.step(background, light, self.frame_s)
