"""The compiled step of a brain: one jitted call that takes and returns as few arrays as possible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from neuromech._lib.cache import keep_compiled_brains
from neuromech.brain.brain import advance

keep_compiled_brains()

WIDTH = 16
"""Lanes of a call for many brains."""


@dataclass(frozen=True)
class Packing:
    """The packing of a tree for a compiled step: its single numbers in one vector, its empty arrays left out.

    Every array that goes into or out of a compiled step takes as long as the computation of some neurons.
    `single` and `empty` say which leaves of `structure` are single numbers and which hold nothing.
    """

    structure: Any
    single: tuple[bool, ...]
    empty: tuple[bool, ...]

    @staticmethod
    def of(tree: Any) -> Packing:
        """Return how `tree` is packed."""
        leaves, structure = jax.tree.flatten(tree)
        single = tuple(leaf.shape == () and leaf.dtype == jnp.float32 for leaf in leaves)
        return Packing(structure, single, tuple(leaf.shape == (0,) for leaf in leaves))

    def pack(self, tree: Any) -> list[Array]:
        """Return what is handed over: the arrays in their order, then the vector of single numbers."""
        leaves = jax.tree.leaves(tree)
        numbers = [leaf for leaf, single in zip(leaves, self.single, strict=True) if single]
        each = zip(leaves, self.single, self.empty, strict=True)
        others = [leaf for leaf, single, empty in each if not single and not empty]
        return [*others, jnp.stack(numbers)] if numbers else others

    def unpack(self, arrays: list[Array]) -> Any:
        """Return the tree of what `pack` made."""
        numbers = iter(arrays[-1] if any(self.single) else ())
        others = iter(arrays)
        leaves = [
            next(numbers) if single else jnp.zeros(0) if empty else next(others)
            for single, empty in zip(self.single, self.empty, strict=True)
        ]
        return jax.tree.unflatten(self.structure, leaves)


@lru_cache(maxsize=8)
def compiled(brains: Packing, states: Packing, control_s: float, substeps: int) -> Callable[..., Any]:
    """Return `advance`, jitted over packed brains and states.

    It takes (packed brain, packed state, sensed, injected, present) and returns (packed state, excitation,
    activity of the neurons).
    """
    return jax.jit(_step(brains, states, control_s, substeps))


@lru_cache(maxsize=8)
def side_by_side(brains: Packing, states: Packing, control_s: float, substeps: int) -> Callable[..., Any]:
    """Return `advance` of several brains with the same numbers in one call, jitted.

    It takes and returns what that of `compiled` does, with a leading axis of `WIDTH` lanes for all but the
    packed brain, and the number of lanes that are in use. A loop steps one lane after the other: that costs
    a call less for each, and leaves the order in which a lane's numbers are added up as it is. (One product
    of matrices for all lanes would be faster for some brains and slower for others, with other last bits.)
    """
    step = _step(brains, states, control_s, substeps)

    @jax.jit
    def steps(
        packed: list[Array], state: list[Array], sensed: Array, injected_pA: Array, present: Array, lanes: Any
    ) -> Any:
        def lane(i: Array, done: Any) -> Any:
            before, *shown = done
            after, *values = step(packed, [all_[i] for all_ in before], sensed[i], injected_pA[i], present[i])
            put = [
                all_.at[i].set(new) for all_, new in zip([*before, *shown], [*after, *values], strict=True)
            ]
            return put[: len(before)], *put[len(before) :]

        one = jax.eval_shape(step, packed, [all_[0] for all_ in state], sensed[0], injected_pA[0], present[0])
        shown = [jnp.zeros((WIDTH, *value.shape), value.dtype) for value in one[1:]]
        return jax.lax.fori_loop(0, lanes, lane, (state, *shown))

    return steps


def _step(brains: Packing, states: Packing, control_s: float, substeps: int) -> Callable[..., Any]:
    def step(
        packed: list[Array], state: list[Array], sensed: Array, injected_pA: Array, present: Array
    ) -> Any:
        brain, before = brains.unpack(packed), states.unpack(state)
        after, excitation = advance(brain, before, sensed, injected_pA, present, control_s, substeps)
        return states.pack(after), excitation, brain.network.activity(after.neurons)

    return step
