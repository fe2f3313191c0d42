"""Cell types that repeat in every column of a hexagonal eye, wired alike everywhere: an optic lobe.

The membrane of each cell is graded and leaky (Lappalainen et al. 2024, doi:10.1038/s41586-024-07939-3):
tau dV/dt = rest + light + sum w max(V_pre, 0) - V, in the arbitrary units of a unit contrast. Columns have
axial coordinates (u, v); towards the nose is +v, up is -u - v / 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

State = Float[Array, "type column batch"]
Light = Float[Array, "column batch"]
Map = Float[Array, "type place batch"]


NONE = np.int32(0)
"""Zero with the integer type of slice indices, which JAX does not give to a plain 0."""
SETTLING = 200
"""Steps until a lobe is in equilibrium with a still image: 2 s of 10 ms, many times the slowest membrane."""


def rings(columns: np.ndarray) -> np.ndarray:
    """Return how many steps each column is from the middle one, (column,)."""
    return np.maximum(np.abs(columns).max(axis=1), np.abs(columns.sum(axis=1)))


class Wiring(eqx.Module):
    """Rows of a table of connections between cell types, unrolled over an eye's columns.

    Row k says that a cell of type `target[k]` gets input from the cell of type `source[k]` whose column
    is `offset[k]` = (du, dv) before its own. Columns lie on a map (one row of places after the other, with
    room about the eye for every offset), `place` (column,): the same step on the eye is then the same
    `shift` (row,) along the map from every column, and a whole row of the table is one slice of it.
    """

    source: Int[Array, " row"]
    target: Int[Array, " row"]
    shift: Int[Array, " row"]
    place: Int[Array, " column"]
    places: int = eqx.field(static=True)
    first: int = eqx.field(static=True)
    span: int = eqx.field(static=True)

    @staticmethod
    def of(source: np.ndarray, target: np.ndarray, offset: np.ndarray, columns: np.ndarray) -> Wiring:
        """Unroll a table: `source` and `target` (row,), `offset` (row, 2)."""
        reach = int(np.abs(columns).max() + np.abs(offset).max())
        width = 2 * reach + 1
        place = (columns + reach) @ [width, 1]
        return Wiring(
            source=jnp.asarray(source),
            target=jnp.asarray(target),
            shift=jnp.asarray(offset @ [width, 1]),
            place=jnp.asarray(place),
            places=width * width,
            first=int(place.min()),
            span=int(np.ptp(place)) + 1,
        )

    def spread(self, cells: State) -> Map:
        """Put what columns have on the map, 0 where the eye has none."""
        empty = jnp.zeros((len(cells), self.places, cells.shape[-1]), cells.dtype)
        return empty.at[:, self.place].set(cells)

    def slice(self, on_map: Map, kind: Array, shift: Array | np.int32) -> Float[Array, "1 span batch"]:
        """Return what one type has `shift` beyond every place between the first and the last column."""
        size = (1, self.span, on_map.shape[-1])
        return jax.lax.dynamic_slice(on_map, (kind, self.first + shift, NONE), size)

    def gather(
        self, weight: Float[Array, " row"], on_map: Map, ends: tuple[Array, Array], sign: int
    ) -> State:
        """Sum rows: from types `ends[0]`, `sign` x shift away, to types `ends[1]`, times `weight`."""
        begin, end = ends

        def add(k: Array, sums: Array) -> Array:
            part = weight[k] * self.slice(on_map, begin[k], sign * self.shift[k])
            old = jax.lax.dynamic_slice(sums, (end[k], NONE, NONE), part.shape)
            return jax.lax.dynamic_update_slice(sums, old + part, (end[k], NONE, NONE))

        empty = jnp.zeros((on_map.shape[0], self.span, on_map.shape[-1]), on_map.dtype)
        return jax.lax.fori_loop(0, len(weight), add, empty)[:, self.place - self.first]


@jax.custom_vjp
def currents(wiring: Wiring, weight: Float[Array, " row"], release: State) -> State:
    """Return what every cell gets from the others: the sum of `weight` x `release` over its rows.

    One slice after the other: on a CPU that is six times as fast as gathering cell by cell.
    """
    return wiring.gather(weight, wiring.spread(release), (wiring.source, wiring.target), -1)


def _forward(wiring: Wiring, weight: Array, release: State) -> tuple[State, tuple[Wiring, Array, State]]:
    return currents(wiring, weight, release), (wiring, weight, release)


def _backward(kept: tuple[Wiring, Array, State], error: State) -> tuple[None, Array, State]:
    # Written out, because the automatic rule keeps the sums of every turn of the loop.
    wiring, weight, release = kept
    blamed, released = wiring.spread(error), wiring.spread(release)
    back = wiring.gather(weight, blamed, (wiring.target, wiring.source), 1)

    def blame(row: tuple[Array, Array, Array]) -> Array:
        source, target, shift = row
        return (wiring.slice(released, source, -shift) * wiring.slice(blamed, target, NONE)).sum()

    return None, jax.lax.map(blame, (wiring.source, wiring.target, wiring.shift)), back


currents.defvjp(_forward, _backward)


class Columns(eqx.Module):
    """An optic lobe: one cell of every type in every column.

    `tau_s` and `rest` (type,); `weight` (row,), signed; `light` (type,) is 1 for the types that the
    light of their own column drives, else 0.
    """

    wiring: Wiring
    tau_s: Float[Array, " type"]
    rest: Float[Array, " type"]
    weight: Float[Array, " row"]
    light: Float[Array, " type"]

    def init(self, batch: int = 1) -> State:
        """Return the state in which every cell is at its rest."""
        columns = len(self.wiring.place)
        return jnp.broadcast_to(self.rest[:, None, None], (len(self.rest), columns, batch))

    def step(self, state: State, light: Light, step_s: Any, present: Array | None = None) -> State:
        """Return the state after `step_s` of constant light; types whose `present` is 0 release nothing.

        The leak is integrated exactly, inputs are held over the step.
        """
        release = jnp.maximum(state, 0.0)
        if present is not None:
            release = release * present[:, None, None]
        driven = currents(self.wiring, self.weight, release) + self.light[:, None, None] * light[None]
        share = -jnp.expm1(-step_s / self.tau_s)[:, None, None]
        return state + share * (driven + self.rest[:, None, None] - state)

    def settle(self, light: Light, step_s: Any, present: Array | None = None) -> State:
        """Return the state of a lobe that has long seen the same light: `SETTLING` steps from rest."""

        def again(_: Array, state: State) -> State:
            return self.step(state, light, step_s, present)

        return jax.lax.fori_loop(0, SETTLING, again, self.init(light.shape[-1]))

    def watch(self, film: Float[Array, "time column batch"], step_s: float, kept: Sequence[int]) -> Array:
        """Return states of the `kept` types through a film, (time, kept, column, batch), from rest."""
        chosen = jnp.asarray(list(kept))

        def advance(state: State, light: Light) -> tuple[State, Array]:
            state = self.step(state, light, step_s)
            return state, state[chosen]

        return jax.lax.scan(advance, self.init(film.shape[-1]), film)[1]
