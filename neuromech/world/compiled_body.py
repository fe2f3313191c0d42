"""A compiled model and what body.yaml says about it: names, ids, senses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mujoco
import numpy as np

from neuromech._lib.errors import unknown
from neuromech.specs.body import BodySpec, Segments


@dataclass(frozen=True)
class CompiledBody:
    """A compiled model with the names that body.yaml gives to its parts.

    Parameters
    ----------
    spec : what body.yaml says; what it leaves open is taken from the model.
    model : the compiled MuJoCo model (mm, mg, s).
    muscles, landmarks : names in the order of actions and of recorded points.
    prefix : what the model's names of its parts begin with, where another body is in the model, too.
    first_muscle : the model's number of its first muscle; the others follow.
    other : the other body in the model.
    """

    spec: BodySpec
    model: mujoco.MjModel
    muscles: tuple[str, ...]
    landmarks: tuple[str, ...]
    prefix: str = ""
    first_muscle: int = 0
    other: CompiledBody | None = None

    @property
    def name(self) -> str:
        """Name of the animal."""
        return self.spec.name

    @property
    def length_mm(self) -> float:
        """Length of the animal, mm."""
        assert self.spec.length_mm is not None
        return self.spec.length_mm

    @property
    def segments(self) -> Segments:
        """The rigid segments from front to end."""
        assert self.spec.segments is not None
        return self.spec.segments

    @cached_property
    def senses(self) -> Mapping[str, Any]:
        """The senses by name, each with its `channels`, `unit`, and the bounds `low` and `high` of a reading.

        Raises
        ------
        InputError
            One names a part that the model lacks.
        """
        return {name: sense.build(body=self) for name, sense in self.spec.senses.items()}

    @property
    def muscle_ids(self) -> np.ndarray:
        """The model's numbers of its muscles."""
        return np.arange(self.first_muscle, self.first_muscle + len(self.muscles))

    @property
    def parts(self) -> np.ndarray:
        """The model's numbers of all its rigid parts."""
        roots = np.unique(self.model.body_rootid[self.body_ids(self.segments.names)])
        return np.flatnonzero(np.isin(self.model.body_rootid, roots))

    def joint_addresses(self, names: Sequence[str]) -> np.ndarray:
        """Return the addresses in qpos of the named joints."""
        return np.array([self.model.jnt_qposadr[self._id(mujoco.mjtObj.mjOBJ_JOINT, name)] for name in names])

    def site_ids(self, names: Sequence[str]) -> np.ndarray:
        """Return the MuJoCo ids of the named sites."""
        return np.array([self._id(mujoco.mjtObj.mjOBJ_SITE, name) for name in names])

    def body_ids(self, names: Sequence[str]) -> np.ndarray:
        """Return the MuJoCo ids of the named rigid segments."""
        return np.array([self._id(mujoco.mjtObj.mjOBJ_BODY, name) for name in names])

    def muscle_torques(self, joints: Sequence[str]) -> np.ndarray:
        """Return the torque (nN mm) about each named joint of each fully excited muscle, the body as built.

        (muscle, joint); a force (nN) where the joint slides.
        """
        data = mujoco.MjData(self.model)
        data.ctrl[:], data.act[:] = 1.0, 1.0
        mujoco.mj_forward(self.model, data)
        lever = np.zeros((self.model.nu, self.model.nv))
        mujoco.mju_sparse2dense(
            lever, data.actuator_moment.ravel(), data.moment_rownnz, data.moment_rowadr, data.moment_colind
        )
        dofs = [self.model.jnt_dofadr[self._id(mujoco.mjtObj.mjOBJ_JOINT, name)] for name in joints]
        mine = self.muscle_ids
        return data.actuator_force[mine, None] * lever[np.ix_(mine, dofs)]

    def _id(self, kind: mujoco.mjtObj, name: str) -> int:
        found = mujoco.mj_name2id(self.model, kind, self.prefix + name)
        if found < 0:
            count = {mujoco.mjtObj.mjOBJ_JOINT: self.model.njnt, mujoco.mjtObj.mjOBJ_SITE: self.model.nsite}
            names = [mujoco.mj_id2name(self.model, kind, i) for i in range(count.get(kind, self.model.nbody))]
            raise unknown(f"{kind.name[6:].lower()} in {self.name}", name, filter(None, names))
        return found
