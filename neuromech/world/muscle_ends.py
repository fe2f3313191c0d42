"""Where a muscle that pulls a tendon is attached."""

from __future__ import annotations

import mujoco
import numpy as np

ENDS = ("a", "b")
"""The ends of the names of those sites, where a tendon runs through none: MUSCLE_a, MUSCLE_b."""


def of(model: mujoco.MjModel, muscle: int) -> np.ndarray:
    """Return the sites that a muscle runs through, in its order, (site,); none where the model has none.

    They are those of its tendon. A tendon that is no line but a lever on joints runs through none: its muscle
    is then shown from the site `MUSCLE_a` to the site `MUSCLE_b`.

    Parameters
    ----------
    model : with an actuator, of number `muscle`, that pulls a tendon.
    """
    tendon = int(model.actuator_trnid[muscle, 0])
    wraps = slice(model.tendon_adr[tendon], model.tendon_adr[tendon] + model.tendon_num[tendon])
    through = model.wrap_objid[wraps][model.wrap_type[wraps] == mujoco.mjtWrap.mjWRAP_SITE]
    if len(through):
        return through
    name = model.actuator(muscle).name
    found = [mujoco.mj_name2id(model, mujoco.mjtObj.mjOBJ_SITE, f"{name}_{end}") for end in ENDS]
    return np.array([site for site in found if site >= 0], np.int64)
