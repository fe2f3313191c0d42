"""The registry of media: the force law that environment.yaml names under `medium`."""

import mujoco

from neuromech._lib.registry import Registry
from neuromech.specs.environment import MediumSpec
from neuromech.world.body import Body
from neuromech.world.medium.base import Medium, MediumMaker

MEDIA: Registry[MediumMaker] = Registry(
    "medium",
    {
        "none": "neuromech.world.medium.air:nothing",
        "air": "neuromech.world.medium.air:build",
        "drag": "neuromech.world.medium.resistive:build",
        "elongated_body": "neuromech.world.medium.hull:build",
    },
)
"""Functions or classes that make a medium, by the `law` under `medium` in environment.yaml.

One is given `body` (a `Body`) and `data` (an `mjData` of the body as built) where it asks for them, and the
keys of environment.yaml as keywords.
"""


def build(spec: MediumSpec, body: Body, data: mujoco.MjData) -> Medium:
    """Build the medium that environment.yaml describes around a body.

    `data` is the state of the body as built. The `law` is `drag` (also without it): drag of the whole body
    along and across, for a body much slower than its viscous drag; `elongated_body`: water with inertia, a
    current and buoyancy; `air`: gravity alone; `none`; or what somebody registered.

    Raises
    ------
    InputError
        The body does not say what the law asks of it.
    """
    return spec.build(body=body, data=data)
