"""Concentration of a chemical at points of the body."""

from collections.abc import Sequence

import mujoco
import numpy as np

from neuromech._lib.kernels import Call, bind, kernel, unpack
from neuromech.senses.base import Live, Sense, Surroundings
from neuromech.specs.values import NotNegative
from neuromech.world.body import Body
from neuromech.world.stimuli.base import Field


class Chemical(Sense):
    """Concentration at sites of the body, in the unit of the field; zero where the world holds no chemical.

    Parameters
    ----------
    body : the body whose sites they are.
    sites : names of the sites, which are the channels.
    unit : unit of the concentration.
    reach_mm : makes it taste: a site that is higher above the floor than this has no contact and tastes
        nothing, nor is what only smells. Without it, what does not smell is not sensed.
    substance : the only one that it senses; without it, every field that names none is sensed.
    """

    def __init__(
        self,
        body: Body,
        *,
        sites: tuple[str, ...],
        unit: str,
        reach_mm: NotNegative | None = None,
        substance: str = "",
    ) -> None:
        self.channels, self.unit = sites, unit
        self.low, self.high = 0.0, np.inf
        self._sites = body.site_ids(sites)
        self._reach_mm, self._substance = reach_mm, substance

    def read(self, data: mujoco.MjData, t_s: float, around: Surroundings) -> np.ndarray:
        """Return the concentration at each site, float32 (channel,)."""
        field = around.field
        if field is None or not self._senses(field):
            return np.zeros(len(self.channels), np.float32)
        position = data.site_xpos
        x, y = position[self._sites, 0], position[self._sites, 1]
        found = field.value(x, y, t_s).astype(np.float32)
        if self._reach_mm is not None:
            found[position[self._sites, 2] > self._reach_mm] = 0.0
        return found

    def compiled(self, live: Live, seen: np.ndarray) -> Sequence[Call] | None:
        """Return the calls that sample the field, as `Sense.compiled`; None if the field has no kernel."""
        field = live.around.field
        if field is None or not self._senses(field):
            return ()  # what is never written stays zero
        sites = np.ascontiguousarray(self._sites, np.int64)
        sampled = field.sampled(live.data.site_xpos, sites, live.clock_s, seen)
        if sampled is None or self._reach_mm is None:
            return sampled
        return *sampled, bind(_lift, LIFT, self._reach_mm, live.data.site_xpos, sites, seen)

    def _senses(self, field: Field) -> bool:
        reaches = field.smells if self._reach_mm is None else field.tastes
        return reaches and field.substance == self._substance


LIFT = "f8 f8[:,:] i8[:] f4[:]"


@kernel
def _lift(row):
    """Take the taste away from sites that are out of reach of the floor."""
    reach_mm, position, sites, seen = unpack(row, LIFT)
    for i in range(len(sites)):
        if position[sites[i], 2] > reach_mm:
            seen[i] = 0.0
