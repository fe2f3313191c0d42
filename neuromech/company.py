"""The other animal of a world in the loop: what it senses, and what moves it."""

from __future__ import annotations

import dataclasses
from typing import Any

from neuromech._lib import state as states
from neuromech._lib.errors import InputError
from neuromech.controllers import Controller, build
from neuromech.senses.bystander import Bystander
from neuromech.specs.perturb import Perturb
from neuromech.specs.run import Run
from neuromech.world.world import World


class Company(Bystander):
    """The other animal, moved by its own controller: it acts on what it senses, before every period.

    Parameters
    ----------
    world : where it is; `world.second` is its body.
    controller : what moves it.
    """

    def __init__(self, world: World, controller: Controller) -> None:
        super().__init__(world)
        self.controller, self._seed = controller, 0

    @staticmethod
    def of(run: Run, world: World) -> Company | None:
        """Return the other animal of a run, None where there is none.

        Raises
        ------
        InputError
            Its controller does not fit its body.
        """
        if world.second is None:
            return None
        spec = world.second.spec
        its = dataclasses.replace(
            run, body=spec.body_spec, controller=spec.controller_spec, perturb=Perturb()
        )
        return Company(world, build(its, world.second.body))

    def seed(self, seed: int) -> None:
        """Take the seed of the next episode."""
        self._seed = seed

    def begin(self) -> None:
        """Begin an episode."""
        self.controller.reset(self._seed)

    def act(self) -> None:
        """Sense, decide and hold the excitations for the next period."""
        self.hold(self.controller.act(self.observe()))

    def save_state(self) -> dict[str, Any]:
        """Return what it remembers; its body is part of the world.

        Raises
        ------
        InputError
            Its controller cannot save its state.
        """
        controller: Any = self.controller
        if not states.has_state(controller):
            raise InputError(f"{type(controller).__name__} of the other animal cannot save its state")
        return {**super().save_state(), "controller": controller.save_state()}

    def restore_state(self, state: Any) -> None:
        """Remember what `save_state` returned."""
        given = states.names(state, ("senses", "controller"), "the other animal")
        super().restore_state({"senses": given["senses"]})
        controller: Any = self.controller
        controller.restore_state(given["controller"])
