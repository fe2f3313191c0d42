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


def rings(columns: np.ndarray) -> np.ndarray:
    """Steps (column,) of each column from the middle one."""
    return np.maximum(np.abs(columns).max(axis=1), np.abs(columns.sum(axis=1)))


class Wiring(eqx.Module):
    """Rows of a table of connections between cell types, unrolled over an eye's columns.

    Row k says that a cell of type ``target[k]`` gets input from the cell of type ``source[k]`` whose column
    is ``offset[k]`` = (du, dv) before its own. ``reads`` (row, column) is the place of that cell in a flat
    list of (type, column), one past the end where the eye has no such column; ``feeds`` the same the other
    way round.
    """

    reads: Int[Array, "row column"]
    feeds: Int[Array, "row column"]
    into: Float[Array, "type row"]
    out_of: Float[Array, "type row"]
    target: Int[Array, " row"]

    @staticmethod
    def of(
        types: int, source: np.ndarray, target: np.ndarray, offset: np.ndarray, columns: np.ndarray
    ) -> Wiring:
        """Unroll a table: ``source`` and ``target`` (row,), ``offset`` (row, 2)."""
        # Numbers of the columns on a map with room for every offset; -1 where the eye has none.
        reach = int(np.abs(columns).max() + np.abs(offset).max())
        number = np.full((2 * reach + 1, 2 * reach + 1), -1)
        number[tuple(columns.T + reach)] = np.arange(len(columns))

        def cells(kinds: np.ndarray, sign: int) -> np.ndarray:
            there = number[tuple(np.moveaxis(columns + sign * offset[:, None] + reach, -1, 0))]
            return np.where(there >= 0, kinds[:, None] * len(columns) + there, types * len(columns))

        rows = np.arange(len(source))
        into, out_of = np.zeros((2, types, len(source)), np.float32)
        into[target, rows], out_of[source, rows] = 1.0, 1.0
        return Wiring(
            reads=jnp.asarray(cells(source, -1)),
            feeds=jnp.asarray(cells(target, 1)),
            into=jnp.asarray(into),
            out_of=jnp.asarray(out_of),
            target=jnp.asarray(target),
        )


@jax.custom_vjp
def currents(wiring: Wiring, weight: Float[Array, " row"], release: State) -> State:
    """What every cell gets from the others: the sum of ``weight`` x ``release`` over its rows."""
    return jnp.einsum("tk,kcb->tcb", wiring.into * weight, _taken(release, wiring.reads))


def _taken(cells: State, where: Int[Array, "row column"]) -> Float[Array, "row column batch"]:
    flat = cells.reshape(-1, cells.shape[-1])
    return jnp.concatenate([flat, jnp.zeros((1, flat.shape[1]), flat.dtype)])[where]


def _forward(wiring: Wiring, weight: Array, release: State) -> tuple[State, tuple[Wiring, Array, State]]:
    return currents(wiring, weight, release), (wiring, weight, release)


def _backward(kept: tuple[Wiring, Array, State], error: State) -> tuple[None, Array, State]:
    # Also a gather: scattering the errors, as the automatic rule would, takes ten times as long on a CPU.
    wiring, weight, release = kept
    back = jnp.einsum("sk,kcb->scb", wiring.out_of * weight, _taken(error, wiring.feeds))
    blame = jnp.einsum("kcb,kcb->k", _taken(release, wiring.reads), error[wiring.target])
    return None, blame, back


currents.defvjp(_forward, _backward)


class Columns(eqx.Module):
    """An optic lobe: one cell of every type in every column.

    ``tau_s`` and ``rest`` (type,); ``weight`` (row,), signed; ``light`` (type,) is 1 for the types that the
    light of their own column drives, else 0.
    """

    wiring: Wiring
    tau_s: Float[Array, " type"]
    rest: Float[Array, " type"]
    weight: Float[Array, " row"]
    light: Float[Array, " type"]

    def init(self, batch: int = 1) -> State:
        """Every cell at its rest."""
        columns = self.wiring.reads.shape[1]
        return jnp.broadcast_to(self.rest[:, None, None], (len(self.rest), columns, batch))

    def step(self, state: State, light: Light, step_s: Any, present: Array | None = None) -> State:
        """State after ``step_s`` under constant light; types where ``present`` (type,) is 0 release nothing.

        The leak is integrated exactly, inputs are held over the step.
        """
        release = jnp.maximum(state, 0.0)
        if present is not None:
            release = release * present[:, None, None]
        driven = currents(self.wiring, self.weight, release) + self.light[:, None, None] * light[None]
        share = -jnp.expm1(-step_s / self.tau_s)[:, None, None]
        return state + share * (driven + self.rest[:, None, None] - state)

    def watch(self, film: Float[Array, "time column batch"], step_s: float, kept: Sequence[int]) -> Array:
        """State of the ``kept`` types at each frame of a film, (time, kept, column, batch), from rest."""
        chosen = jnp.asarray(list(kept))

        def advance(state: State, light: Light) -> tuple[State, Array]:
            state = self.step(state, light, step_s)
            return state, state[chosen]

        return jax.lax.scan(advance, self.init(film.shape[-1]), film)[1]
