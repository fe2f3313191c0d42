"""An animal's body: its MuJoCo model and what body.yaml says about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mujoco
import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.world import mjcf_conversion


@dataclass(frozen=True)
class Body:
    """A compiled body and the meaning of its parts.

    Parameters
    ----------
    spec : the merged ``body.yaml``; its keys are explained in ``bodies/worm/README.md``.
    model : the compiled MuJoCo model (mm, mg, s).
    muscles, landmarks : names in the order of actions and of recorded points.
    """

    spec: Mapping[str, Any]
    model: mujoco.MjModel
    muscles: tuple[str, ...]
    landmarks: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name of the animal."""
        return str(self.spec["name"])

    @property
    def length_mm(self) -> float:
        """Length of the animal, mm."""
        return float(self.spec["length_mm"])

    def joint_addresses(self, names: list[str]) -> np.ndarray:
        """Addresses in qpos of the named joints."""
        return np.array([self.model.jnt_qposadr[self._id(mujoco.mjtObj.mjOBJ_JOINT, name)] for name in names])

    def site_ids(self, names: list[str]) -> np.ndarray:
        """MuJoCo ids of the named sites."""
        return np.array([self._id(mujoco.mjtObj.mjOBJ_SITE, name) for name in names])

    def body_ids(self, names: list[str]) -> np.ndarray:
        """MuJoCo ids of the named rigid segments."""
        return np.array([self._id(mujoco.mjtObj.mjOBJ_BODY, name) for name in names])

    def muscle_torques(self, joints: list[str]) -> np.ndarray:
        """Torque (nN mm) about each named joint of each fully excited muscle, the body lying as it was built.

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
        return data.actuator_force[:, None] * lever[:, dofs]

    def _id(self, kind: mujoco.mjtObj, name: str) -> int:
        found = mujoco.mj_name2id(self.model, kind, name)
        if found < 0:
            count = {mujoco.mjtObj.mjOBJ_JOINT: self.model.njnt, mujoco.mjtObj.mjOBJ_SITE: self.model.nsite}
            names = [mujoco.mj_id2name(self.model, kind, i) for i in range(count.get(kind, self.model.nbody))]
            raise unknown(f"{kind.name[6:].lower()} in {self.name}", name, names)
        return found


def expand(spec: Mapping[str, Any] | list[str]) -> list[str]:
    """Names from a list, or from ``{prefix, first, count, digits}``: spine_00 ... spine_48."""
    if isinstance(spec, Mapping):
        first, digits = int(spec.get("first", 0)), int(spec.get("digits", 2))
        return [f"{spec['prefix']}{first + i:0{digits}d}" for i in range(int(spec["count"]))]
    return list(spec)


def load(
    spec: Mapping[str, Any], scene: Path | None = None, inertia_scale: float = 1.0, mirrored: bool = False,
    belt_mm_s: float = 0.0,
) -> Body:  # fmt: skip
    """Compile the body that a merged ``body.yaml`` describes.

    ``scene`` is an MJCF file whose world the body joins, its floor running backwards at ``belt_mm_s``;
    ``inertia_scale`` multiplies every mass and inertia (overdamped bodies do not notice it); ``mirrored``
    rolls the animal over onto its other side.

    Raises
    ------
    InputError
        The model does not compile, or names in body.yaml are not in it.
    """
    file = mjcf_conversion.model_file(spec)
    try:
        mjcf = mujoco.MjSpec.from_file(str(file))
        if spec.get("units"):
            mjcf_conversion.adopt(mjcf, spec)
        if scene is not None:
            place = mujoco.MjSpec.from_file(str(scene))
            if belt_mm_s:
                for geom in place.geoms:
                    geom.surfacevel[0] = -belt_mm_s
            mjcf.attach(place, prefix="scene_", frame=mjcf.worldbody.add_frame())
        if mirrored:
            for child in mjcf.worldbody.bodies:
                child.quat = [0.0, 1.0, 0.0, 0.0]
        model = mjcf.compile()
    except (ValueError, OSError) as error:
        raise InputError(f"body {spec['name']}: {file.name}: {str(error).splitlines()[0]}") from None
    if not np.isfinite(inertia_scale) or inertia_scale <= 0:
        raise InputError(f"medium.inertia_scale must be positive, not {inertia_scale}")
    model.body_mass *= inertia_scale
    model.body_inertia *= inertia_scale
    model.body_subtreemass *= inertia_scale
    muscles = tuple(model.actuator(i).name for i in range(model.nu))
    body = Body(spec, model, muscles, tuple(expand(spec["landmarks"])))
    body.site_ids(list(body.landmarks))
    return body
