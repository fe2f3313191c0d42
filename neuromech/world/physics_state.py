"""The state of MuJoCo's simulation as plain arrays: what it integrates, and what it computes from that."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np

from neuromech._lib import state as states
from neuromech._lib.errors import InputError

INTEGRATED = mujoco.mjtState.mjSTATE_INTEGRATION
"""The parts of the state that the next step depends on: time, pose, velocity, activations, forces and the
solver's warm start."""
_OWNER = "the physics"


def save(model: mujoco.MjModel, data: mujoco.MjData) -> dict[str, Any]:
    """Return the state of a simulation between two steps.

    `integrated` (float,) is MuJoCo's own vector of it. `computed` holds every float array of `MjData` that
    has a fixed size, by name: some of what senses read is of the last step and not of the present pose, such
    as the velocity of muscles, so that it cannot be computed anew.
    """
    integrated = np.empty(mujoco.mj_stateSize(model, INTEGRATED))
    mujoco.mj_getState(model, data, integrated, INTEGRATED)
    return {
        "integrated": integrated,
        "computed": {name: np.array(getattr(data, name)) for name in _computed(model)},
    }


def restore(model: mujoco.MjModel, data: mujoco.MjData, state: Any) -> None:
    """Put a simulation into the state that `save` returned.

    Contacts, whose number changes, are those of the present pose until the next step.

    Raises
    ------
    InputError
        The state is that of another body, or holds numbers that are not finite.
    """
    given = states.names(state, ("integrated", "computed"), _OWNER)
    own = save(model, data)
    integrated, computed = (states.thaw(own[key], given[key], f"{_OWNER}.{key}") for key in own)
    if not (_same_shape(integrated, own["integrated"]) and np.isfinite(integrated).all()):
        raise InputError(f"the state does not fit: {_OWNER}.integrated must be finite numbers")
    for name, values in computed.items():
        if not _same_shape(values, own["computed"][name]):
            raise InputError(f"the state does not fit: {_OWNER}.computed.{name} is empty")
    mujoco.mj_setState(model, data, integrated, INTEGRATED)
    mujoco.mj_fwdPosition(model, data)
    mujoco.mj_setState(model, data, integrated, INTEGRATED)
    for name, values in computed.items():
        getattr(data, name)[...] = values


def _same_shape(one: Any, other: np.ndarray) -> bool:
    return isinstance(one, np.ndarray) and one.shape == other.shape


def _computed(model: mujoco.MjModel) -> list[str]:
    """Return the names of the float arrays of `MjData` whose sizes follow from the model alone."""
    fresh = mujoco.MjData(model)  # without contacts and constraints: arrays of these are empty
    fields = {name: getattr(fresh, name) for name in dir(fresh) if not name.startswith("_")}
    arrays = {name: field for name, field in fields.items() if isinstance(field, np.ndarray)}
    return [name for name, array in arrays.items() if array.size and array.dtype == float]
