"""Air, which is too thin for a body to feel: only gravity is left."""

from collections.abc import Mapping
from typing import Any

import mujoco
import numpy as np

from neuromech._lib.errors import InputError
from neuromech.world.body import Body


class Air:
    """A medium that a body does not feel: only its own weight is left, and the engine sees to that."""

    def apply(self) -> None:
        """Add nothing."""


def build(spec: Mapping[str, Any], body: Body, data: mujoco.MjData) -> Air:
    """Let a body feel its weight and nothing else (``law: air``); ``gravity_mm_s2`` points down."""
    gravity = spec.get("gravity_mm_s2")
    if not isinstance(gravity, int | float) or not 0 <= gravity < np.inf:
        raise InputError(f"medium.gravity_mm_s2 must be a number of at least 0, not {gravity!r}")
    body.model.opt.gravity[:] = 0.0, 0.0, -float(gravity)
    return Air()
