"""Gentle touch: the external force on regions of the body."""

import mujoco
import numpy as np

from neuromech._lib.kernels import Call, bind, kernel, unpack
from neuromech.senses.base import Live, Sense, Surroundings
from neuromech.specs.values import Names
from neuromech.world.body import Body


class Touch(Sense):
    """Sum of the external forces on the segments of each receptive field, another animal's touch included.

    Parameters
    ----------
    body : the body that is touched.
    fields : the segments of each receptive field; the fields are the channels.
    unit : unit of a reading.
    """

    def __init__(self, body: Body, *, fields: dict[str, Names], unit: str = "nN") -> None:
        self.channels, self.unit = tuple(fields), unit
        self.low, self.high = 0.0, np.inf
        self._members = [body.body_ids(names) for names in fields.values()]
        self.segments = tuple(names[0] if len(names) == 1 else "" for names in fields.values())
        self._model, self._mine = body.model, frozenset(body.parts.tolist())
        self._alone = body.other is None and not body.prefix

    def read(self, data: mujoco.MjData, t_s: float, around: Surroundings) -> np.ndarray:
        """Return the force on each receptive field, float32 (channel,)."""
        force = data.xfrc_applied
        touched = not self._alone and data.ncon > 0
        if not touched and not force.any():
            return np.zeros(len(self.channels), np.float32)
        size = np.linalg.norm(force[:, :3], axis=1)
        if touched:
            size += self._contacts(data)
        # Added up in their order, as the compiled reading does.
        return np.array([sum(size[members].tolist()) for members in self._members], np.float32)

    def _contacts(self, data: mujoco.MjData) -> np.ndarray:
        """Return the force (part,), nN, with which another animal presses on each part of the body."""
        found, force = np.zeros(self._model.nbody), np.zeros(6)
        for number in range(data.ncon):
            one, two = self._model.geom_bodyid[data.contact.geom[number]].tolist()
            if 0 in (self._model.body_weldid[one], self._model.body_weldid[two]):
                continue  # the floor
            if (one in self._mine) == (two in self._mine):
                continue
            mujoco.mj_contactForce(self._model, data, number, force)
            found[one if one in self._mine else two] += np.linalg.norm(force[:3])
        return found

    def compiled(self, live: Live, seen: np.ndarray) -> tuple[Call, ...] | None:
        """Return the call that reads the forces, as `Sense.compiled`; None where another animal can touch."""
        if not self._alone:
            return None
        bodies = np.concatenate([np.zeros(0, np.int64), *self._members]).astype(np.int64)
        ends = np.cumsum([len(each) for each in self._members], dtype=np.int64)
        return (bind(_read, LAYOUT, bodies, ends, live.data.xfrc_applied, seen),)


LAYOUT = "i8[:] i8[:] f8[:,:] f4[:]"


@kernel
def _read(row):
    bodies, ends, force, seen = unpack(row, LAYOUT)
    first = 0
    for i in range(len(ends)):
        total = 0.0
        for k in range(first, ends[i]):
            x, y, z = force[bodies[k], 0], force[bodies[k], 1], force[bodies[k], 2]
            total += np.sqrt(x * x + y * y + z * z)
        seen[i] = total
        first = ends[i]
