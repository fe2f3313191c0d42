"""What a body moves through: the force law that environment.yaml names under ``medium``."""

from collections.abc import Callable, Mapping
from typing import Any

import mujoco

from neuromech._lib.errors import unknown
from neuromech.world.body import Body
from neuromech.world.medium import air, hull, resistive
from neuromech.world.medium.base import Medium


def build(spec: Mapping[str, Any], body: Body, data: mujoco.MjData) -> Medium:
    """Build the medium that ``spec`` describes around a body, whose ``data`` is that of the body as built.

    ``spec["law"]`` is ``drag`` (also without it): whole-body drag along and across, for a body much slower
    than its viscous drag; ``elongated_body``: water with inertia, a current and buoyancy; or ``air``: gravity
    alone.

    Raises
    ------
    InputError
        The law is unknown, a coefficient is missing, negative or not finite, or the body does not say what
        the law asks of it.
    """
    law = str(spec.get("law", "drag"))
    if law not in LAWS:
        raise unknown("law of medium", law, LAWS)
    return LAWS[law](spec, body, data)


LAWS: dict[str, Callable[[Mapping[str, Any], Body, mujoco.MjData], Medium]] = {
    "drag": resistive.build,
    "elongated_body": hull.build,
    "air": air.build,
}
