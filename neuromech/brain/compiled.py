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
from neuromech.brain.brain import advance, init
from neuromech.brain.invariants import divided

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


@dataclass(frozen=True)
class Look:
    """What the arrays of a tree look like: by this, what is compiled for them is found again."""

    structure: Any
    leaves: tuple[jax.ShapeDtypeStruct, ...]

    @staticmethod
    def of(tree: Any) -> Look:
        """Return what the arrays of `tree` look like."""
        leaves, structure = jax.tree.flatten(tree)
        return Look(structure, tuple(jax.ShapeDtypeStruct(leaf.shape, leaf.dtype) for leaf in leaves))


@dataclass(frozen=True, eq=False)
class Compiled:
    """A control period of all brains that look alike, compiled.

    numbers: takes a brain and returns what `steps` needs of it: its numbers, and what follows from them.
    states: how what a brain remembers is packed for a lane of `steps`.
    steps: takes (numbers, packed states, given, lanes in use) and returns (packed states, shown), each but
        the numbers with a leading axis of lanes. `given` holds the channels of the senses, the injected
        currents (pA) and the presence of the neurons, one after the other; `shown` holds the excitations of
        the muscles, then the activity of the neurons.
    """

    numbers: Callable[[Any], list[Array]]
    states: Packing
    steps: Callable[..., Any]


@lru_cache(maxsize=8)
def side_by_side(look: Look, control_s: float, substeps: int) -> Compiled:
    """Return `advance` of one or several brains with the same numbers in one call, compiled.

    What follows from the numbers of a brain alone, such as the decay over a step, is computed once and handed
    over. That saves work; and XLA hands a part of a call over to another thread where more than eight of its
    operations wait for nothing, which takes longer than all of them, the more so on a busy machine.

    A loop steps one lane after the other: that costs a call less for each, and leaves the order in which a
    lane's numbers are added up as it is. (One product of matrices for all lanes would be faster for some
    brains and slower for others, with other last bits.) A brain alone goes through the same loop, so that its
    bits are those that it has beside others.
    """
    brain = jax.tree.unflatten(look.structure, look.leaves)
    rest = jax.eval_shape(init, brain)
    states = Packing.of(rest)
    channels = sum(encoder.channels for encoder in brain.encoders)
    inputs = jax.ShapeDtypeStruct((channels + 2 * brain.decode.shape[1],), jnp.float32)

    def step(leaves: list[Array], state: list[Array], given: Array) -> Any:
        brain, before = jax.tree.unflatten(look.structure, leaves), states.unpack(state)
        injected_pA, present = jnp.split(given[channels:], 2)
        after, excitation = advance(
            brain, before, given[:channels], injected_pA, present, control_s, substeps
        )
        shown = jnp.concatenate([excitation, brain.network.activity(after.neurons)])
        return states.pack(after), shown

    before, after = divided(step, look.leaves, jax.eval_shape(states.pack, rest), inputs)
    packing = Packing.of(jax.eval_shape(before, look.leaves))

    @jax.jit
    def numbers(leaves: list[Array]) -> list[Array]:
        return packing.pack(before(leaves))

    @jax.jit
    def steps(packed: list[Array], state: list[Array], given: Array, lanes: Any) -> Any:
        def lane(i: Array, done: Any) -> Any:
            remembered, shown = done
            now, values = after(packing.unpack(packed), [all_[i] for all_ in remembered], given[i])
            put = [all_.at[i].set(new) for all_, new in zip(remembered, now, strict=True)]
            return put, shown.at[i].set(values)

        muscles, neurons = brain.decode.shape
        shown = jnp.zeros((len(given), muscles + neurons), jnp.float32)
        return jax.lax.fori_loop(0, lanes, lane, (state, shown))

    return Compiled(lambda brain: numbers(jax.tree.leaves(brain)), states, steps)
