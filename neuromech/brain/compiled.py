"""The compiled step of a brain: one jitted call that takes and returns as few arrays as possible."""

from __future__ import annotations

import math
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
# A step of a brain is waited for at once, so that handing it to another thread would only cost time. This is
# for the whole process; where JAX has computed already, it stays as it is.
jax.config.update("jax_cpu_enable_async_dispatch", False)

WIDTH = 16
"""Lanes of a call for many brains."""
ALONE = 2
"""Lanes of a call for one brain, which uses the first. With a single lane the compiler would take the axis of
lanes away, and was seen to make a worm's step twice as slow.
"""


LARGEST_COPIED = 4096
"""Arrays of more numbers than this are handed over as they are: to copy them would take longer."""


@dataclass(frozen=True)
class Packing:
    """The packing of a tree for a compiled step: its small arrays in one vector, its empty ones left out.

    Every array that goes into or out of a compiled step takes as long as the computation of some neurons.
    `shapes` are those of the leaves of `structure`; `copied` says which of them lie in the vector.
    """

    structure: Any
    shapes: tuple[tuple[int, ...], ...]
    copied: tuple[bool, ...]

    @staticmethod
    def of(tree: Any) -> Packing:
        """Return how `tree` is packed."""
        leaves, structure = jax.tree.flatten(tree)
        copied = (leaf.dtype == jnp.float32 and leaf.size <= LARGEST_COPIED for leaf in leaves)
        return Packing(structure, tuple(leaf.shape for leaf in leaves), tuple(copied))

    def pack(self, tree: Any) -> list[Array]:
        """Return what is handed over: the large arrays in their order, then the vector of all others."""
        leaves = list(zip(jax.tree.leaves(tree), self.copied, strict=True))
        small = [jnp.ravel(leaf) for leaf, copied in leaves if copied and leaf.size]
        large = [leaf for leaf, copied in leaves if not copied]
        return [*large, jnp.concatenate(small)] if small else large

    def unpack(self, arrays: list[Array]) -> Any:
        """Return the tree of what `pack` made."""
        large, first, leaves = iter(arrays), 0, []
        for shape, copied in zip(self.shapes, self.copied, strict=True):
            if not copied:
                leaves.append(next(large))
                continue
            size = math.prod(shape)
            leaves.append(arrays[-1][first : first + size].reshape(shape) if size else jnp.zeros(shape))
            first += size
        return jax.tree.unflatten(self.structure, leaves)


@lru_cache(maxsize=8)
def side_by_side(brains: Packing, states: Packing, control_s: float, substeps: int) -> Callable[..., Any]:
    """Return `advance` of one or several brains with the same numbers in one call, jitted.

    It takes (packed brain, packed states, given, lanes in use) and returns (packed states, shown), each but
    the brain with a leading axis of lanes. `given` holds the channels of the senses, the injected currents
    (pA) and the presence of the neurons, one after the other; `shown` holds the excitations of the muscles,
    then the activity of the neurons.

    A loop steps one lane after the other: that costs a call less for each, and leaves the order in which a
    lane's numbers are added up as it is. (One product of matrices for all lanes would be faster for some
    brains and slower for others, with other last bits.) A brain alone goes through the same loop, so that its
    bits are those that it has beside others.
    """
    step = _step(brains, states, control_s, substeps)

    @jax.jit
    def steps(packed: list[Array], state: list[Array], given: Array, lanes: Any) -> Any:
        def lane(i: Array, done: Any) -> Any:
            before, shown = done
            after, values = step(packed, [all_[i] for all_ in before], given[i])
            put = [all_.at[i].set(new) for all_, new in zip(before, after, strict=True)]
            return put, shown.at[i].set(values)

        one = jax.eval_shape(step, packed, [all_[0] for all_ in state], given[0])[1]
        return jax.lax.fori_loop(0, lanes, lane, (state, jnp.zeros((len(given), *one.shape), one.dtype)))

    return steps


def _step(brains: Packing, states: Packing, control_s: float, substeps: int) -> Callable[..., Any]:
    def step(packed: list[Array], state: list[Array], given: Array) -> Any:
        brain, before = brains.unpack(packed), states.unpack(state)
        channels = sum(encoder.channels for encoder in brain.encoders)
        injected_pA, present = jnp.split(given[channels:], 2)
        after, excitation = advance(
            brain, before, given[:channels], injected_pA, present, control_s, substeps
        )
        shown = jnp.concatenate([excitation, brain.network.activity(after.neurons)])
        return states.pack(after), shown

    return step
