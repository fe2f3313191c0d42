"""The mechanical energy of an animal's centre of mass, per mass, from where its trunk is.

What a force plate shows (Heglund, Cavagna & Taylor 1982, J Exp Biol 97:41) is here taken from the path of the
trunk, which is the centre of mass but for what head, legs and tail do.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from neuromech._lib.types import Times
from neuromech.tracking.kinematics import trajectory

GRAVITY_MM_S2 = 9810.0
"""The acceleration of free fall, mm/s^2."""
SPEED_S = 0.02
"""The velocity of the trunk is its displacement over this time, s, a tenth of a stride and less."""
W_KG = 1e-6
"""One mm^2/s^3 in W/kg."""


def external_power(times: Times, trunk: Float[np.ndarray, "time 3"]) -> float | None:
    """Return the power, W/kg, that lifts and speeds up the centre of mass: all increases of its energy.

    Its energy is kinetic, of its way ahead and up, and that of its height; energy that it loses counts as
    lost. None where the path is too short or has gaps.
    """
    velocity = trajectory.rate(times, trunk, SPEED_S)
    known = np.flatnonzero(np.isfinite(velocity).all(axis=1))
    if len(known) < 3 or not np.isfinite(trunk).all():
        return None
    inner = slice(int(known[0]), int(known[-1]) + 1)
    energy = 0.5 * (velocity[inner] ** 2).sum(axis=1) + GRAVITY_MM_S2 * trunk[inner, 2]
    elapsed = times[inner][-1] - times[inner][0]
    return float(np.clip(np.diff(energy), 0.0, None).sum() / elapsed * W_KG) if elapsed > 0 else None
