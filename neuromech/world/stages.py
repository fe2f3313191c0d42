"""The stages of a world: what surrounds the animal, from one change of environment.yaml to the next."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

from neuromech.specs.environment import EnvironmentSpec
from neuromech.world import stimuli
from neuromech.world.body import Body
from neuromech.world.medium import laws
from neuromech.world.medium.base import Medium
from neuromech.world.medium.both import Both
from neuromech.world.stimuli.base import Stimulus

SCENE = "scene_"
"""What the names of the scene's parts begin with in the model of a body that has joined it."""


@dataclass(frozen=True)
class Stage:
    """What surrounds the animal for a part of an episode.

    Parameters
    ----------
    period : the control period with which it begins, counted from 0.
    shown : what there is to sense, if anything.
    medium : what the body moves through.
    belt_mm_s : how fast the floor runs backwards.
    """

    period: int
    shown: Stimulus | None
    medium: Medium
    belt_mm_s: float


def build(environment: EnvironmentSpec, body: Body, data: mujoco.MjData, control_s: float) -> list[Stage]:
    """Return the stages of a world, in their order.

    Parameters
    ----------
    environment : with its changes.
    body, data : the body, and its state as it was built.
    control_s : control period, s.

    Raises
    ------
    InputError
        A change has a key that the stimulus or the medium has not.
    """
    found: list[Stage] = []
    medium = _medium(environment, body, data)
    specs = environment.stages()
    periods = [int(np.ceil(at_s / control_s - 1e-9)) for at_s, _ in specs]
    begins = [(period * control_s, spec) for period, (_, spec) in zip(periods, specs, strict=True)]
    for period, (_, spec), (_, shown) in zip(periods, begins, stimuli.in_turn(begins), strict=True):
        if found and spec.medium != environment.medium:
            medium = _medium(spec, body, data)
        found.append(Stage(period, shown, medium, spec.belt_mm_s))
    return found


def _medium(environment: EnvironmentSpec, body: Body, data: mujoco.MjData) -> Medium:
    own = laws.build(environment.medium, body, data)
    if not isinstance(body.other, Body):
        return own
    return Both([own, laws.build(environment.medium, body.other, data)])


def run_belt(model: mujoco.MjModel, belt_mm_s: float) -> None:
    """Let the floor of the scene that a body has joined run backwards at a speed."""
    floor = [i for i in range(model.ngeom) if model.geom(i).name.startswith(SCENE)]
    model.geom_surfacevel[floor, 0] = -belt_mm_s
    model.flg_surfacevel = bool(model.geom_surfacevel.any())
