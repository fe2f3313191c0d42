"""What every medium is: something that adds its forces to a step of the physics."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable


@runtime_checkable
class Medium(Protocol):
    """Something that adds its forces to a step; call `apply` between mj_step1 and mj_step2."""

    def apply(self) -> None:
        """Add the forces of the present pose and velocity to `data.M` and `data.qfrc_applied`."""
        ...


MediumMaker = Callable[..., Medium]
"""What makes a medium from a body, its state as built, and the keys of environment.yaml."""
