"""An eye: a bundle of rays from a site of the body, which sample the scene of the world."""

from collections.abc import Sequence
from typing import Annotated, Literal

import mujoco
import numpy as np
from annotated_types import Ge, Gt, Le, Lt

from neuromech._lib.kernels import Call
from neuromech.senses.base import Live, Sense, Surroundings
from neuromech.senses.eye.lattice import Lattice
from neuromech.specs.values import Count
from neuromech.world.body import Body


class Eye(Sense):
    """Luminance along each ray, averaged over its patch; zero where the world shows nothing.

    Rays are straight (no refraction at the cornea or the wall) and pass through the body.

    Parameters
    ----------
    body : the body that has the eye.
    site : the optical centre: x along the optical axis, z up; it turns with the eye.
    side : left or right.
    rays : number of rays.
    field_deg : width of the visual field.
    acceptance_deg : width at half height of the patch over which a ray averages.
    lattice : how the rays are spread; see `Lattice`.
    triplet_deg : distance of the rays of a triplet.
    covered : whether the eye sees nothing.

    Raises
    ------
    InputError
        The lattice cannot have that many rays.
    """

    unit = "1"

    def __init__(
        self,
        body: Body,
        *,
        site: str,
        side: Literal["left", "right"],
        rays: Count,
        field_deg: Annotated[float, Gt(0), Le(360)],
        acceptance_deg: Annotated[float, Ge(0), Lt(180)],
        lattice: Literal["spiral", "triplets", "hexagonal"] = "spiral",
        triplet_deg: Annotated[float, Gt(0), Lt(60)] | None = None,
        covered: bool = False,
    ) -> None:
        self.lattice = Lattice.of(
            side=side, rays=rays, field_deg=field_deg, acceptance_deg=acceptance_deg, lattice=lattice,
            triplet_deg=triplet_deg,
        )  # fmt: skip
        self.side, self.field_deg = side, field_deg
        self.channels = tuple(f"ray_{i:04d}" for i in range(len(self.lattice.retinal)))
        self.low, self.high = 0.0, 1.0
        self._site = int(body.site_ids([site])[0])
        self._rays, self._blur = self.lattice.rays, self.lattice.acceptance_rad
        self._covered = covered
        self.sides = (side,) * len(self.channels)
        self.segments = (body.model.body(body.model.site_bodyid[self._site]).name,) * len(self.channels)

    def read(self, data: mujoco.MjData, t_s: float, around: Surroundings) -> np.ndarray:
        """Return the luminance along each ray, float32 (channel,)."""
        seen = np.zeros(len(self.channels), np.float32)
        if around.scene is not None and not self._covered:
            centre, axes = data.site_xpos[self._site], data.site_xmat[self._site]
            around.scene.look(self._rays, centre, axes, t_s, self._blur, seen)
        return seen

    def compiled(self, live: Live, seen: np.ndarray) -> Sequence[Call] | None:
        """Return the calls that cast the rays, as `Sense.compiled`; None if the scene has no kernel."""
        if live.around.scene is None or self._covered:
            return ()  # what is never written stays zero
        centre, axes = live.data.site_xpos[self._site], live.data.site_xmat[self._site]
        return live.around.scene.looked(self._rays, centre, axes, live.clock_s, self._blur, seen)
