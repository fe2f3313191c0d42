"""An animal's body: its MuJoCo model, what body.yaml says about it, and tables of its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import mujoco
import numpy as np
import pandas as pd

from neuromech._lib.errors import InputError
from neuromech.specs.body import BodySpec
from neuromech.specs.environment import Relief
from neuromech.specs.values import numbered
from neuromech.world import derived, mjcf_conversion, pair, parts
from neuromech.world import relief as reliefs
from neuromech.world.compiled_body import CompiledBody


class Body(CompiledBody):
    """A compiled body and the meaning of its parts.

    Parameters
    ----------
    spec : what body.yaml says; what it leaves open is taken from the model.
    model : the compiled MuJoCo model (mm, mg, s).
    muscles, landmarks : names in the order of actions and of recorded points.
    """

    @cached_property
    def muscle_table(self) -> pd.DataFrame:
        """What each muscle is, in the order of actions.

        Columns are `name`, `side` (left, right, midline, or as body.yaml says), `limb`, `segment` (the part
        that it moves), `joint` (the one it turns most), its place `x_mm`, `y_mm`, `z_mm` in the model as it
        was built (heading along +x, left is +y; NaN where it has none), and `low`, `high` and `unit` of its
        excitation.
        """
        return parts.muscle_table(self)

    @cached_property
    def landmark_table(self) -> pd.DataFrame:
        """What each recorded point is, in the order in which they are recorded.

        Columns are `name`, `side`, `limb`, `segment`, its place `x_mm`, `y_mm`, `z_mm` in the model as it was
        built, and `unit` of its coordinates.
        """
        return parts.landmark_table(self)

    @cached_property
    def sense_table(self) -> pd.DataFrame:
        """What each channel of the senses is, in the order of observations.

        Columns are `sense`, `channel`, `kind`, `side`, `limb`, `segment`, and `unit`, `low` and `high` of a
        reading.
        """
        return parts.sense_table(self)


def expand(names: Mapping[str, Any] | Sequence[str]) -> list[str]:
    """Return names from a list, or from `{prefix, first, count, digits}`: spine_00 ... spine_48."""
    return list(numbered(names))


def load(
    spec: BodySpec, scene: Path | None = None, inertia_scale: float = 1.0, mirrored: bool = False,
    belt_mm_s: float = 0.0, relief: Relief | None = None, other: BodySpec | None = None,
) -> Body:  # fmt: skip
    """Compile the body that a body.yaml describes.

    Parameters
    ----------
    spec : what body.yaml says.
    scene : an MJCF file whose world the body joins.
    inertia_scale : multiplies every mass and inertia; overdamped bodies do not notice it.
    mirrored : rolls the animal over onto its other side, as `mirrored` in body.yaml does.
    belt_mm_s : how fast the scene's floor runs backwards.
    relief : bumps and hollows of the scene's floor.
    other : what the body.yaml of another animal says that joins the same world.

    Raises
    ------
    InputError
        The model does not compile, names in body.yaml are not in it, or there is no floor for a relief.
    """
    if relief is not None and scene is None:
        raise InputError("relief needs an environment with a scene, whose floor it shapes")
    file = mjcf_conversion.model_file(spec)
    try:
        mjcf, spec = _read(spec)
        if scene is not None:
            place = mujoco.MjSpec.from_file(str(scene))
            if belt_mm_s:
                for geom in place.geoms:
                    geom.surfacevel[0] = -belt_mm_s
            if relief is not None:
                reliefs.lay(place, relief)
            mjcf.attach(place, prefix="scene_", frame=mjcf.worldbody.add_frame())
        if mirrored or spec.mirrored:
            for child in mjcf.worldbody.bodies:
                child.quat = [0.0, 1.0, 0.0, 0.0]
        if other is not None:
            other = pair.join(mjcf, *_read(other))
        model = mjcf.compile()
    except InputError:
        raise
    except (ValueError, OSError) as error:
        raise InputError(f"body {spec.name}: {file.name}: {str(error).splitlines()[0]}") from None
    if not np.isfinite(inertia_scale) or inertia_scale <= 0:
        raise InputError(f"medium.inertia_scale must be positive, not {inertia_scale}")
    model.body_mass *= inertia_scale
    model.body_inertia *= inertia_scale
    model.body_subtreemass *= inertia_scale
    muscles = tuple(model.actuator(i).name for i in range(model.nu))
    assert spec.landmarks is not None
    second = None
    if other is not None:
        assert other.landmarks is not None
        its = tuple(name.removeprefix(pair.OTHER) for name in muscles if name.startswith(pair.OTHER))
        muscles = muscles[: len(muscles) - len(its)]  # MuJoCo appends what is attached
        second = Body(other, model, its, other.landmarks, pair.OTHER, len(muscles))
        second.site_ids(second.landmarks)
    body = Body(spec, model, muscles, spec.landmarks, other=second)
    body.site_ids(body.landmarks)
    return body


def _read(spec: BodySpec) -> tuple[mujoco.MjSpec, BodySpec]:
    """Return the model of a body, all parts of it named, and its spec with nothing left open."""
    file = mjcf_conversion.model_file(spec)
    mjcf = mujoco.MjSpec.from_file(str(file))
    if spec.units is not None or spec.adopt is not None:
        mjcf_conversion.adopt(mjcf, spec)
    derived.name_parts(mjcf)
    return mjcf, derived.complete(mjcf, spec, file)
