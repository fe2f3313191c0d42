"""The second animal of a world, as its physics knows it: where it is, what moves it."""

from __future__ import annotations

from math import cos, radians, sin

import mujoco
import numpy as np

from neuromech._lib.errors import InputError
from neuromech.specs.other import OtherSpec
from neuromech.world.body import Body
from neuromech.world.root import Pose, root_of


class Second:
    """A second body in the model of a world; the media and the physics are those of the world.

    Parameters
    ----------
    spec : what environment.yaml says of it.
    body : the body.
    data : the state of the model as it was built.
    """

    def __init__(self, spec: OtherSpec, body: Body, data: mujoco.MjData) -> None:
        self.spec, self.body = spec, body
        self.root = root_of(body, data)
        self.excitations = body.model.actuator_ctrlrange[body.muscle_ids].T.copy()
        """The least and the largest excitation of each muscle, (2, muscle)."""
        self.segments = body.body_ids(body.segments.names)
        self.middle = int(self.segments[len(self.segments) // 2])
        self.landmark_sites = body.site_ids(body.landmarks)

    def put(self, data: mujoco.MjData, pose: Pose) -> None:
        """Put it where it begins, the first animal being at a place and heading."""
        x, y, heading = pose
        ahead, left = self.spec.at_mm
        place = (
            x + ahead * cos(heading) - left * sin(heading),
            y + ahead * sin(heading) + left * cos(heading),
            heading + radians(self.spec.heading_deg),
        )
        self.root.put(data, place)

    def excite(self, data: mujoco.MjData, excitation: np.ndarray) -> None:
        """Hold excitations (muscle,) from now on.

        Raises
        ------
        InputError
            One is NaN, or there is not one for each muscle.
        """
        given = np.asarray(excitation, float)
        if given.shape != (len(self.body.muscles),) or np.isnan(given).any():
            raise InputError(
                f"the other animal's action holds one excitation for each of {len(self.body.muscles)} "
                "muscles, and no NaN"
            )
        first = self.body.first_muscle
        data.ctrl[first : first + len(given)] = np.clip(given, *self.excitations)

    def landmarks(self, data: mujoco.MjData) -> np.ndarray:
        """Return the positions of its landmarks, (landmark, 3) mm."""
        return data.site_xpos[self.landmark_sites]
