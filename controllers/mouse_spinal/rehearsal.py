"""The mouse's body driven by given excitations, without a brain, and how well it then goes.

For make_pattern.py, which tries many: a whole episode is one call of MuJoCo's rollout.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import mujoco
import numpy as np
from mujoco import rollout

from neuromech.specs import content

LIMBS = ("fl", "fr", "hl", "hr")
CONTROL_S, PHYSICS_S = 0.005, 0.001
PHYSICS_STEPS = round(CONTROL_S / PHYSICS_S)
"""Of a control period."""
TILTED_RAD, SUNK = 0.6, 0.6
"""Trunk tilted by more, or lower than this share of its height, has fallen."""
LATE_S = 0.02
"""How long after the flexor centre's burst a foot leaves the ground."""
TOUCHES = 0.05
"""Of the body's weight."""
HIGHEST_MM = 12.0
"""Feet that are lifted higher cost, as do feet that are hardly lifted."""
SETTLED_S = 0.9
SHORTEST_MS = 200


@dataclass(frozen=True)
class Mouse:
    """The compiled model, with sensors for the feet and the trunk; where its readings are."""

    model: mujoco.MjModel
    start: np.ndarray
    standing_mm: float
    weight_nN: float

    def sensor(self, readings: np.ndarray, name: str) -> np.ndarray:
        """Return one sensor's readings, (time, value)."""
        k = self.model.sensor(name).id
        first = self.model.sensor_adr[k]
        return readings[:, first : first + self.model.sensor_dim[k]]

    def root(self, positions: np.ndarray, name: str) -> np.ndarray:
        """Return a coordinate of the root, (time,)."""
        return positions[:, self.model.joint(f"root_{name}").qposadr[0]]


@cache
def mouse() -> Mouse:
    """Compile the mouse on the treadmill's floor."""
    spec = content.load("bodies", "mouse")
    mjcf = mujoco.MjSpec.from_file(str(content.find("bodies", "mouse") / str(spec.model)))
    floor = mujoco.MjSpec.from_file(str(content.find("environments", "treadmill") / "scene.xml"))
    mjcf.attach(floor, prefix="scene_", frame=mjcf.worldbody.add_frame())
    feet = {f"foot_{limb}": spec.limbs[limb].paw for limb in LIMBS}
    watched = {f"{foot}_speed": (mujoco.mjtSensor.mjSENS_FRAMELINVEL, site) for foot, site in feet.items()}
    for name, site in (*feet.items(), ("trunk", spec.gait.trunk)):
        watched[f"{name}_at"] = mujoco.mjtSensor.mjSENS_FRAMEPOS, site
    for name, (sensor, site) in watched.items():
        mjcf.add_sensor(name=name, type=sensor, objtype=mujoco.mjtObj.mjOBJ_SITE, objname=site)
    model = mjcf.compile()
    model.opt.timestep = PHYSICS_S
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    full = mujoco.mjtState.mjSTATE_FULLPHYSICS
    start = np.zeros(mujoco.mj_stateSize(model, full))
    mujoco.mj_getState(model, data, start, full)
    weight = float(model.body_mass.sum()) * -float(model.opt.gravity[2])
    return Mouse(model, start, float(spec.gait.standing_mm or 0.0), weight)


@cache
def muscles() -> list[str]:
    """Names of the muscles in the order of excitations."""
    model = mouse().model
    return [model.actuator(k).name for k in range(model.nu)]


@dataclass(frozen=True)
class Seen:
    """What the body did.

    upright: share of the time before it fell. speed, across: along and across the trunk. slip: mean speed of
    feet, weighted by what they bear. rolls, pitches: standard deviation of the trunk's tilt; leans, nods: its
    mean. height: of the trunk, as a share. lift: of each foot. in_time: share of the time in which feet are
    on the ground as the rhythm has it.
    """

    upright: float
    speed_mm_s: float
    across_mm_s: float
    slip_mm_s: float
    rolls_deg: float
    pitches_deg: float
    leans_deg: float
    nods_deg: float
    turning_deg_s: float
    height: float
    lift_mm: tuple[float, ...]
    in_time: float

    def __str__(self) -> str:
        return (
            f"upright {self.upright:.2f}, {self.speed_mm_s:.0f} mm/s, slip {self.slip_mm_s:.0f} mm/s, "
            f"roll {self.rolls_deg:.1f}, pitch {self.pitches_deg:.1f} deg, in time {self.in_time:.2f}"
        )

    def cost(self, slowest_mm_s: float, fastest_mm_s: float, untimely: float) -> float:
        """Return how far this is from a straight, level and upright gait at such speeds.

        `untimely` is what feet cost that are never on the ground when the rhythm has them there.
        """
        speed = self.speed_mm_s
        return (
            20.0 * (1.0 - self.upright)
            + max(0.0, slowest_mm_s - speed) / 15.0
            + max(0.0, speed - fastest_mm_s) / 30.0
            + abs(self.across_mm_s) / 30.0
            + 4.0 * self.slip_mm_s / max(30.0, abs(speed))
            + self.rolls_deg / 4.0
            + self.pitches_deg / 3.0
            + abs(self.nods_deg) / 6.0
            + abs(self.leans_deg) / 4.0
            + abs(self.turning_deg_s) / 20.0
            + 10.0 * (max(0.0, 0.95 - self.height) + max(0.0, self.height - 1.1))
            + sum(max(0.0, 3.0 - each) / 3.0 + max(0.0, each - HIGHEST_MM) / 4.0 for each in self.lift_mm)
            + untimely * (1.0 - self.in_time)
        )


def look(excitations: np.ndarray, swings: np.ndarray) -> Seen:
    """Drive the mouse by excitations (control period, muscle).

    `swings` (ms, limb) says when the rhythm has each foot in the air.
    """
    body = mouse()
    controls = np.repeat(excitations, PHYSICS_STEPS, axis=0)[None]
    states, sensed = rollout.rollout(body.model, mujoco.MjData(body.model), body.start[None], controls)
    positions, readings = states[0][:, 1 : 1 + body.model.nq], sensed[0]
    angles = {name: body.root(positions, name) for name in ("yaw", "pitch", "roll")}
    trunk = body.sensor(readings, "trunk_at")
    fallen = (
        (np.abs(angles["roll"]) > TILTED_RAD)
        | (np.abs(angles["pitch"]) > TILTED_RAD)
        | ~(trunk[:, 2] >= SUNK * body.standing_mm)
    )
    total = len(trunk)
    up = int(fallen.argmax()) if fallen.any() else total
    first = round(SETTLED_S / PHYSICS_S)
    part = slice(first, max(first + SHORTEST_MS, up))
    yaw = angles["yaw"][part]
    moved = np.diff(trunk[part, :2], axis=0) / PHYSICS_S
    ahead = np.stack([np.cos(yaw[1:]), np.sin(yaw[1:])], -1)
    forward = (moved * ahead).sum(1).mean()
    across = (moved[:, 1] * ahead[:, 0] - moved[:, 0] * ahead[:, 1]).mean()
    load = [
        body.sensor(readings, f"load_{limb}") + body.sensor(readings, f"load_toes_{limb}") for limb in LIMBS
    ]
    borne = np.clip(np.hstack(load)[part] / body.weight_nN, 0.0, 1.0)
    feet = np.stack([body.sensor(readings, f"foot_{limb}_speed")[part] for limb in LIMBS], 1)
    heights = np.stack([body.sensor(readings, f"foot_{limb}_at")[part, 2] for limb in LIMBS], 1)
    late = np.roll(swings, round(LATE_S / PHYSICS_S), axis=0)[part]
    lowest, highest = np.percentile(heights, [3, 97], axis=0)
    deg = {name: np.degrees(values[part]) for name, values in angles.items()}
    return Seen(
        upright=up / total,
        speed_mm_s=float(forward),
        across_mm_s=float(across),
        slip_mm_s=float((np.linalg.norm(feet[..., :2], axis=2) * borne).sum() / max(1e-9, borne.sum())),
        rolls_deg=float(deg["roll"].std()),
        pitches_deg=float(deg["pitch"].std()),
        leans_deg=float(deg["roll"].mean()),
        nods_deg=float(deg["pitch"].mean()),
        turning_deg_s=float((deg["yaw"][-1] - deg["yaw"][0]) / (len(yaw) * PHYSICS_S)),
        height=float(trunk[part, 2].mean() / body.standing_mm),
        lift_mm=tuple(float(x) for x in highest - lowest),
        in_time=float(((borne > TOUCHES) != late).mean()),
    )
