"""A body in an environment, stepped by MuJoCo with the forces of the medium."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mujoco
import numpy as np

from neuromech._lib.errors import InputError
from neuromech.specs.run import Clock
from neuromech.world import body as bodies
from neuromech.world import tether
from neuromech.world.medium import laws
from neuromech.world.stimuli import fields, gratings


@dataclass(frozen=True)
class Push:
    """A force (nN, world axes) on one segment between two times (s): an eyebrow hair, a water jet."""

    segment: int
    start_s: float
    stop_s: float
    force_nN: tuple[float, float, float]


class World:
    """One animal in one place.

    ``step`` takes one excitation per muscle (float array in [0, 1], body.yaml's order; a torque in [-1, 1] of
    a body without muscles), holds it for one control period and advances the physics; nothing else moves the
    body but the medium, walls, a belt and the pushes of environment.yaml.

    Raises
    ------
    InputError
        A name or number in body.yaml or environment.yaml is wrong, an excitation is NaN, or the physics has
        become unstable.
    """

    def __init__(self, body: Mapping[str, Any], environment: Mapping[str, Any], clock: Clock) -> None:
        scene = environment.get("scene")
        self.body = bodies.load(
            body,
            scene=Path(environment["folder"]) / scene if scene else None,
            belt_mm_s=float(environment.get("belt_mm_s", 0.0)),
            inertia_scale=float(environment["medium"].get("inertia_scale", 1.0)),
            mirrored=bool(body.get("mirrored", False)),
        )
        self.environment = environment
        if environment.get("held"):
            tether.hold(self.body)
        self.model = self.body.model
        self.model.opt.timestep = clock.physics_s
        if not any(self.model.geom_contype):
            # A body that nothing collides with needs neither the collision pass nor the solver.
            self.model.opt.disableflags |= (
                mujoco.mjtDisableBit.mjDSBL_CONTACT | mujoco.mjtDisableBit.mjDSBL_CONSTRAINT
            )
        self.data = mujoco.MjData(self.model)
        # A muscle can only pull, from 0 to 1; a foreign body's torques go both ways.
        self.excitations = self.model.actuator_ctrlrange.T.copy()
        self.field = fields.from_spec(environment.get("stimulus"))
        self.scene = gratings.scene(environment)
        self.time_s, self._periods = 0.0, 0
        self.control_s = clock.control_s
        self._substeps = clock.physics_per_control
        self._plate = environment.get("plate")
        self._check_sizes()
        self._pushes = [self._push(spec) for spec in environment.get("touch") or []]
        self._segments = self.body.body_ids(bodies.expand(self.body.spec["segments"]["names"]))
        self._landmarks = self.body.site_ids(list(self.body.landmarks))
        self._middle = int(self._segments[len(self._segments) // 2])
        mujoco.mj_forward(self.model, self.data)
        self._built_mm = float(self.data.xpos[self._middle, 2])
        # A mirrored body carries its root axes upside down.
        joints = [self.model.joint(self.body.spec["root"][key]) for key in ("x", "y", "yaw")]
        self._root = [(joint.qposadr[0], np.sign(self.data.xaxis[joint.id].sum())) for joint in joints]
        self.medium = laws.build(environment["medium"], self.body, self.data)

    def reset(self, x_mm: float = 0.0, y_mm: float = 0.0, heading_rad: float = 0.0) -> None:
        """Put the animal at rest, straight, its root at (x, y), its head pointing along ``heading_rad``.

        Raises
        ------
        InputError
            The place lies outside the plate.
        """
        radius = float(self._plate["radius_mm"]) if self._plate else np.inf
        if np.hypot(x_mm, y_mm) > radius:
            raise InputError(
                f"the start at ({x_mm:.4g}, {y_mm:.4g}) mm lies outside the plate, whose radius is "
                f"{radius:g} mm; see start.distance_mm, start.x_mm and start.y_mm"
            )
        mujoco.mj_resetData(self.model, self.data)
        for (address, sign), value in zip(self._root, (x_mm, y_mm, heading_rad), strict=True):
            self.data.qpos[address] = value * sign
        self.time_s, self._periods = 0.0, 0
        mujoco.mj_forward(self.model, self.data)
        if self.scene is not None:
            self.scene.reset(*self._pose())

    def step(self, excitation: np.ndarray) -> None:
        """Hold ``excitation`` (muscle,) for one control period."""
        if np.isnan(excitation).any():
            raise InputError("an action holds NaN")
        if np.shape(excitation) != self.data.ctrl.shape:
            raise InputError(
                f"an action holds one excitation for each of {self.data.ctrl.size} muscles, "
                f"not {np.shape(excitation)}"
            )
        low, high = self.excitations
        np.clip(excitation, low, high, out=self.data.ctrl)
        self._apply_outside_forces()
        began_s = self.data.time
        for _ in range(self._substeps):
            self.data.qfrc_applied[:] = 0.0
            mujoco.mj_step1(self.model, self.data)
            self.medium.apply()
            mujoco.mj_step2(self.model, self.data)
        if self.data.time < began_s + (self._substeps - 0.5) * self.model.opt.timestep:
            # MuJoCo has met a number that is not finite, and quietly begun again from the pose as built.
            raise InputError(
                f"physics broke down at {self.time_s:g} s; a smaller clock.physics_s or softer walls may help"
            )
        # Positions of sites and bodies lag the last step otherwise, and the senses with them.
        mujoco.mj_kinematics(self.model, self.data)
        self._periods += 1
        self.time_s = self._periods * self.control_s
        if self.scene is not None:
            self.scene.follow(*self._pose())

    def goal(self, t_s: float = 0.0) -> tuple[float, float]:
        """Place (mm) from which starts are measured at ``t_s``: the field's peak, the origin without one."""
        return self.field.peak(t_s) if self.field else (0.0, 0.0)

    def landmarks(self) -> np.ndarray:
        """Positions of the body's landmarks, (landmark, 3) mm."""
        return self.data.site_xpos[self._landmarks]

    def upright(self) -> float:
        """Cosine of the tilt of the middle one of the body's segments: 1 as it was built, -1 upside down."""
        return float(self.data.xmat[self._middle, 8])

    def height(self) -> float:
        """Height of that segment above the floor, as a share of that at which it was built."""
        return float(self.data.xpos[self._middle, 2]) / self._built_mm

    def stimulus(self) -> dict[str, float]:
        """What the recorder keeps: the field at the first landmark and its peak, or where the pattern is."""
        if self.scene is not None:
            return dict(zip(gratings.CHANNELS, self.scene.pose(self.time_s), strict=True))
        if self.field is None:
            return {}
        nose = self.data.site_xpos[self._landmarks[0]]
        value = float(self.field.value(nose[0], nose[1], self.time_s))
        if not self.field.smells:  # it leads nobody anywhere
            return {f"concentration_{self.field.unit}": value}
        x, y = self.field.peak(self.time_s)
        return {f"concentration_{self.field.unit}": value, "peak_x_mm": x, "peak_y_mm": y}

    def _pose(self) -> tuple[float, float, float]:
        """Place (mm) and heading (rad) of the root."""
        x, y, yaw = (float(self.data.qpos[address] * sign) for address, sign in self._root)
        return x, y, yaw

    def _check_sizes(self) -> None:
        """Refuse an animal or a plate without a size."""
        sizes = {"body.length_mm": self.body.length_mm}
        if self._plate:
            sizes["environment.plate.radius_mm"] = self._plate["radius_mm"]
        for name, value in sizes.items():
            if not 0 < value < np.inf:
                raise InputError(f"{name} must be a number above 0, not {value}")

    def _apply_outside_forces(self) -> None:
        force = self.data.xfrc_applied
        force[:] = 0.0
        for push in self._pushes:
            if push.start_s <= self.time_s < push.stop_s:
                force[push.segment, :3] += push.force_nN
        if self._plate is None:
            return
        limit = float(self._plate["radius_mm"])
        root = self.data.xpos[self._middle]
        if np.hypot(root[0], root[1]) + self.body.length_mm < limit:
            return
        place = self.data.xpos[self._segments, :2]
        distance = np.linalg.norm(place, axis=1)
        outside = np.maximum(distance - limit, 0.0)
        force[self._segments, :2] -= (self._plate["stiffness_nN_mm"] * outside / np.maximum(distance, limit))[
            :, None
        ] * place

    def _push(self, spec: Mapping[str, Any]) -> Push:
        for key in ("segment", "start_s", "stop_s", "force_nN"):
            if key not in spec:
                raise InputError(f"touch needs {key}")
        start, stop = float(spec["start_s"]), float(spec["stop_s"])
        if not 0 <= start < stop:
            raise InputError(f"touch: 0 <= start_s < stop_s must hold, not {start} and {stop}")
        if len(spec["force_nN"]) != 3 or not np.isfinite(spec["force_nN"]).all():
            raise InputError(f"touch.force_nN must be three finite numbers, not {spec['force_nN']}")
        x, y, z = (float(value) for value in spec["force_nN"])
        return Push(int(self.body.body_ids([spec["segment"]])[0]), start, stop, (x, y, z))
