"""One medium around two bodies: the forces on each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from neuromech._lib import state as states
from neuromech.world.medium.base import Medium
from neuromech.world.medium.implicit import ImplicitForces


class Both:
    """The media of several bodies, one after the other.

    What the motion of one body does to the water around another is left out.

    Parameters
    ----------
    media : of each body.
    """

    def __init__(self, media: Sequence[Medium]) -> None:
        for medium in media[1:]:
            if isinstance(medium, ImplicitForces):
                medium.leave_springs()
        self._media = {f"body_{number}": medium for number, medium in enumerate(media)}

    def apply(self) -> None:
        """Add the forces on all bodies."""
        for medium in self._media.values():
            medium.apply()

    def save_state(self) -> dict[str, Any]:
        """Return what the media remember."""
        return states.save_parts(self._media)

    def restore_state(self, state: Any) -> None:
        """Remember what `save_state` returned."""
        states.restore_parts(self._media, state, "a medium around two bodies")
