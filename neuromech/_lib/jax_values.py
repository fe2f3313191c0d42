"""JAX's arrays and pytrees as plain NumPy arrays, and back; JAX itself is not imported for it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np


def is_jax(value: Any) -> bool:
    """Return whether a value is an array of JAX, random keys included."""
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.Array)


def leaves(value: Any) -> tuple[list[Any], Callable[[list[Any]], Any]] | None:
    """Return the leaves of a JAX pytree and what builds such a one of others, or None for anything else."""
    jax = sys.modules.get("jax")
    if jax is None or jax.tree_util.all_leaves([value]):
        return None
    found, structure = jax.tree_util.tree_flatten(value)
    return found, lambda fresh: jax.tree_util.tree_unflatten(structure, fresh)


def to_numpy(value: Any) -> np.ndarray:
    """Return a copy of an array of JAX.

    Random keys become their data, whole numbers (..., word). Numbers that NumPy's files have no type for,
    such as bfloat16, become whole numbers of the same bits.
    """
    jax = sys.modules["jax"]
    array = np.array(jax.random.key_data(value) if _is_key(value) else value)
    return array.view(f"u{array.itemsize}") if array.dtype.kind == "V" else array


def from_numpy(now: Any, saved: np.ndarray) -> Any:
    """Return what `to_numpy` made of an array of the kind that `now` is, as such an array again."""
    jax = sys.modules["jax"]
    if _is_key(now):
        return jax.random.wrap_key_data(saved, impl=jax.random.key_impl(now))
    if np.dtype(now.dtype).kind == "V":
        return jax.numpy.asarray(saved.view(now.dtype))
    # A number of JAX that comes from one of Python takes on the type of what it is combined with.
    return jax.numpy.asarray(saved.item() if now.weak_type and not saved.shape else saved)


def _is_key(value: Any) -> bool:
    jax = sys.modules["jax"]
    return bool(jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key))
