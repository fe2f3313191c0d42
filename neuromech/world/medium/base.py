"""The interface of a medium, which adds its forces to a step of the physics."""

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from neuromech._lib.kernels import Call


@runtime_checkable
class Medium(Protocol):
    """A medium: it adds its forces to a step of the physics.

    A medium that keeps views of the simulator's memory must be able to collect them again, as
    `implicit.ImplicitForces` does, because the views of a copied simulation would be those of the original. A
    medium whose own state changes during an episode has `save_state` and `restore_state` (see
    `_lib/state.py`).
    """

    def apply(self) -> None:
        """Add the forces of the present pose and velocity to `data.M` and `data.qfrc_applied`.

        It is called between mj_step1 and mj_step2.
        """
        ...


@runtime_checkable
class CompiledMedium(Medium, Protocol):
    """A medium whose forces are compiled calls, so that a control period needs no interpreter.

    Any other medium works as well, and its world takes longer.
    """

    def compiled(self) -> Sequence[Call]:
        """Return calls that do what `apply` does, on this medium's own memory."""
        ...


MediumMaker = Callable[..., Medium]
"""A function or class that makes a medium from a body, its state as built, and keys of environment.yaml."""
