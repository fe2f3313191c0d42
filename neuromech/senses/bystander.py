"""The other animal of a world: what it senses, and what is held of its muscles."""

from __future__ import annotations

from typing import Any

import numpy as np

from neuromech._lib import state as states
from neuromech._lib.types import Observation
from neuromech.senses.base import Sense, Surroundings
from neuromech.world.sight import Sight
from neuromech.world.world import World


class Bystander:
    """A second animal that does nothing: its muscles stay as they are held.

    Parameters
    ----------
    world : where it is; `world.second` is its body.
    """

    def __init__(self, world: World) -> None:
        assert world.second is not None
        self.world, self.second = world, world.second
        self.senses: dict[str, Sense] = dict(self.second.body.senses)

    def seed(self, seed: int) -> None:
        """Take the seed of the next episode; there is nothing random about it."""

    def begin(self) -> None:
        """Begin an episode, after the world was reset."""

    def act(self) -> None:
        """Do what it does before a control period: nothing."""

    def hold(self, excitation: np.ndarray) -> None:
        """Hold excitations (muscle,) from now on; raises `InputError` as `World.step` does."""
        self.second.excite(self.world.data, excitation)

    def observe(self) -> Observation:
        """Return one float32 array (channel,) per sense; its eyes see the first animal."""
        scene = self.world.scene
        shown = self.world.shown
        if scene is not None:
            shown = Sight(scene, self.world, self.world.body, self.second.spec.luminance)
        data, t_s, around = self.world.data, self.world.time_s, Surroundings(shown)
        return {name: sense.read(data, t_s, around) for name, sense in self.senses.items()}

    def save_state(self) -> dict[str, Any]:
        """Return what its senses remember; its body is part of the world."""
        return {"senses": states.save_parts(self.senses)}

    def restore_state(self, state: Any) -> None:
        """Remember what `save_state` returned."""
        given = states.names(state, ("senses",), "the other animal")
        states.restore_parts(self.senses, given["senses"], "the other animal")
