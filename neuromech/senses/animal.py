"""An animal in its world: it takes muscle excitations, and returns what its senses read."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from neuromech._lib import state as states
from neuromech._lib.types import Observation
from neuromech.senses.asked import AskedVelocity
from neuromech.senses.base import Sense, Surroundings
from neuromech.senses.bystander import Bystander
from neuromech.senses.compiled_period import CompiledPeriod, compiled_period
from neuromech.senses.reference import ReferenceSense
from neuromech.specs.environment import ASKED_VELOCITY, REFERENCE
from neuromech.world.sight import Sight
from neuromech.world.world import World


@dataclass
class Animal:
    """A world with the senses of the body in it.

    Parameters
    ----------
    world : what moves the body.

    Raises
    ------
    InputError
        A sense of body.yaml names a part that the model lacks.
    """

    world: World
    by_the_reference: bool = False
    """Whether every period is played by `World.step`, which is slower and the same to the bit."""
    company: Bystander | None = None
    """The other animal of the world; where there is one and nobody says what moves it, it does nothing."""

    def __post_init__(self) -> None:
        """Make the senses and let them read once: what they compile is ready before a recording is open."""
        self.senses: dict[str, Sense] = dict(self.world.body.senses)
        if self.world.asked_range_mm_s is not None:
            self.senses[ASKED_VELOCITY] = AskedVelocity(*self.world.asked_range_mm_s)
        if self.world.reference is not None:
            self.senses[REFERENCE] = ReferenceSense(self.world.reference)
        if self.company is None and self.world.second is not None:
            self.company = Bystander(self.world)
        self.surroundings = self._around()
        self.observe()
        self._period, self._bindings = self._bound(), self.world.bindings

    def reset(
        self, x_mm: float = 0.0, y_mm: float = 0.0, heading_rad: float = 0.0, moment_s: float = 0.0
    ) -> Observation:
        """Put the animal at rest at a place, as `World.reset` does; return what it senses there."""
        self.world.reset(x_mm, y_mm, heading_rad, moment_s)
        if self.company is not None:
            self.company.begin()
        return self.observe()

    def step(self, excitation: np.ndarray) -> Observation:
        """Hold `excitation` (muscle,) for one control period; return what the animal then senses."""
        period = self.period
        if period is not None:
            return period.step(excitation)
        if self.company is not None:
            self.company.act()
        self.world.step(excitation)
        return self.observe()

    @property
    def period(self) -> CompiledPeriod | None:
        """The compiled period of this animal; None where a part of its world has no compiled form."""
        self.world.begin_stage()
        if self._bindings != self.world.bindings:
            self.surroundings = self._around()
            self._period, self._bindings = self._bound(), self.world.bindings
        return self._period

    def _bound(self) -> CompiledPeriod | None:
        if self.by_the_reference:
            return None
        return compiled_period(self.world, self.senses, self.surroundings)

    def _around(self) -> Surroundings:
        shown, second = self.world.shown, self.world.second
        if second is not None and self.world.scene is not None:
            shown = Sight(self.world.scene, self.world, second.body, second.spec.luminance)
        return Surroundings(shown, self.world.asked_mm_s)

    def __getstate__(self) -> dict[str, Any]:
        """Return everything but the compiled period, which points to the memory of this very simulation."""
        return {**vars(self), "_period": None, "_bindings": -1}

    def save_state(self) -> dict[str, Any]:
        """Return the state of the world and of those senses that remember something, between two steps."""
        found = {"world": self.world.save_state(), "senses": states.save_parts(self.senses)}
        return found if self.company is None else {**found, "company": self.company.save_state()}

    def restore_state(self, state: Any) -> None:
        """Go on from what `save_state` of an animal like this one returned.

        Raises
        ------
        InputError
            The state is that of another body or environment.
        """
        company = () if self.company is None else ("company",)
        given = states.names(state, ("world", "senses", *company), "an animal")
        self.world.restore_state(given["world"])
        states.restore_parts(self.senses, given["senses"], "an animal")
        if self.company is not None:
            self.company.restore_state(given["company"])

    def observe(self) -> Observation:
        """Return one float32 array (channel,) per sense."""
        data, t_s = self.world.data, self.world.time_s
        now = self.surroundings
        shown = now.stimulus.scene if isinstance(now.stimulus, Sight) else now.stimulus
        if shown is not self.world.shown or now.asked_mm_s != self.world.asked_mm_s:
            self.surroundings = self._around()
        return {name: sense.read(data, t_s, self.surroundings) for name, sense in self.senses.items()}
