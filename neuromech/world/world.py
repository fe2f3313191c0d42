"""A body in an environment, stepped by MuJoCo with the forces of the medium."""

from dataclasses import dataclass
from math import isnan
from typing import Any

import mujoco
import numpy as np

from neuromech._lib import state as states
from neuromech._lib.errors import InputError
from neuromech._lib.kernels import Call
from neuromech.specs.body import BodySpec
from neuromech.specs.environment import EnvironmentSpec, Plate, Touch
from neuromech.specs.run import Clock
from neuromech.world import body as bodies
from neuromech.world import chance, engine, period, physics_state, stages, tether
from neuromech.world.body import Body
from neuromech.world.medium.base import CompiledMedium
from neuromech.world.period import PeriodMemory
from neuromech.world.reference import reference_of
from neuromech.world.root import root_of
from neuromech.world.second import Second
from neuromech.world.stimuli.base import Field, Scene


@dataclass(frozen=True)
class Push:
    """A force (nN, world axes) on one segment (its MuJoCo id) between two times (s)."""

    segment: int
    start_s: float
    stop_s: float
    force_nN: tuple[float, float, float]


class World:
    """One animal in one place.

    Its method `step` takes one excitation per muscle (float array in [0, 1], body.yaml's order; a torque in
    [-1, 1] of a body without muscles), holds it for one control period and advances the physics; nothing else
    moves the body but the medium, walls, a belt and the pushes of environment.yaml.

    Parameters
    ----------
    body, environment : what body.yaml and environment.yaml say.
    clock : its steps of the physics and of control.

    Raises
    ------
    InputError
        A name or number in body.yaml or environment.yaml is wrong, an excitation is NaN, or the physics has
        become unstable.
    """

    def __init__(self, body: BodySpec, environment: EnvironmentSpec, clock: Clock) -> None:
        self.body = bodies.load(
            body,
            scene=environment.folder / environment.scene if environment.scene else None,
            belt_mm_s=environment.belt_mm_s,
            inertia_scale=environment.medium.inertia_scale,
            relief=environment.relief,
            other=environment.other.body_spec if environment.other is not None else None,
        )
        self._seed = 0 if chance.left(environment) else None
        self._written, self._until_s = environment, 0.0
        self.environment = environment if self._seed is None else chance.settled(environment, 0, 0.0)
        """What surrounds the animal in this episode, nothing of it left to chance."""
        if environment.held:
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
        self.excitations = self.model.actuator_ctrlrange[self.body.muscle_ids].T.copy()
        self.time_s, self.periods = 0.0, 0
        """The time, s, and control periods since the start."""
        self.control_s = clock.control_s
        self.substeps = clock.physics_per_control
        self._physics_s = self.model.opt.timestep
        self.plate = environment.plate
        self.reference = reference_of(self.body, environment, clock.control_s)
        """The movement to imitate, if there is one."""
        self.pushes = [self._push(touch) for touch in self.environment.touch]
        self.segments = self.body.body_ids(self.body.segments.names)
        self.landmark_sites = self.body.site_ids(self.body.landmarks)
        self.middle = int(self.segments[len(self.segments) // 2])
        mujoco.mj_forward(self.model, self.data)
        self.built_mm = float(self.data.xpos[self.middle, 2])
        self.root = root_of(self.body, self.data)
        """What moves the whole body over the floor."""
        self.second: Second | None = None
        """The other animal, if there is one."""
        if environment.other is not None:
            assert isinstance(self.body.other, Body)
            self.second = Second(environment.other, self.body.other, self.data)
        self._stages = stages.build(self.environment, self.body, self.data, clock.control_s)
        self._stage = 0
        self.shown = self._stages[0].shown
        """What there is to sense, if anything."""
        self.medium = self._stages[0].medium
        self.period_memory = PeriodMemory(len(self.body.muscles))
        """Where a compiled period and Python meet."""
        self.bindings = 0
        """Grows whenever parts of this world are exchanged: what points to their memory is bound anew."""

    @property
    def field(self) -> Field | None:
        """What there is to smell or taste, if anything."""
        return self.shown if isinstance(self.shown, Field) else None

    @property
    def scene(self) -> Scene | None:
        """What there is to see, if anything."""
        return self.shown if isinstance(self.shown, Scene) else None

    @property
    def asked_range_mm_s(self) -> tuple[float, float] | None:
        """From which to which velocity the animal may be asked for; None if the task asks for none."""
        return self._written.task.velocity_mm_s

    @property
    def asked_mm_s(self) -> float:
        """The velocity along its own axis that the animal is asked for, negative backwards; 0 if none is."""
        asked = self.environment.task.velocity_mm_s
        return 0.0 if asked is None else asked[0]

    def draw(self, rng: np.random.Generator, until_s: float) -> None:
        """Draw what the environment leaves to chance in an episode that is about to begin.

        Parameters
        ----------
        rng : the generator, of which nothing is taken where nothing is left to chance.
        until_s : how long the episode lasts, s.
        """
        if self._seed is not None:
            self._until_s = until_s
            self._settle(int(rng.integers(2**31)))

    def _settle(self, seed: int) -> None:
        before, self._seed = self.environment, seed
        self.environment = chance.settled(self._written, seed, self._until_s)
        self.pushes = [self._push(touch) for touch in self.environment.touch]
        if self.environment.stimulus != before.stimulus:
            self._stages = stages.build(self.environment, self.body, self.data, self.control_s)
            self._stage, self.shown, self.medium = 0, self._stages[0].shown, self._stages[0].medium
        self.bindings += 1

    def reset(
        self, x_mm: float = 0.0, y_mm: float = 0.0, heading_rad: float = 0.0, moment_s: float = 0.0
    ) -> None:
        """Put the animal at rest, straight, its root at (x, y), its head pointing along `heading_rad`.

        Where there is a movement to imitate it begins at `moment_s` of it, in its posture.

        Raises
        ------
        InputError
            A number is not finite or too large for MuJoCo, the place lies outside the plate, or the body is
            fixed to the world elsewhere.
        """
        # MuJoCo would meet such a number in its first step, and quietly begin again from the pose as built.
        for name, value in {"x_mm": x_mm, "y_mm": y_mm, "heading_rad": heading_rad}.items():
            if not abs(value) < mujoco.mjMAXVAL:  # NaN compares false
                raise InputError(f"the start must be numbers below {mujoco.mjMAXVAL:g}: {name} is {value}")
        radius = self.plate.radius_mm if self.plate else np.inf
        if np.hypot(x_mm, y_mm) > radius:
            raise InputError(
                f"the start at ({x_mm:.4g}, {y_mm:.4g}) mm lies outside the plate, whose radius is "
                f"{radius:g} mm; see start.distance_mm, start.x_mm and start.y_mm"
            )
        mujoco.mj_resetData(self.model, self.data)
        self.root.put(self.data, (x_mm, y_mm, heading_rad))
        if self.second is not None:
            self.second.put(self.data, (x_mm, y_mm, heading_rad))
        if self.reference is not None:
            self.reference.reset(moment_s)
            self.reference.pose(self.data)
        self.time_s, self.periods = 0.0, 0
        self._enter(0)
        mujoco.mj_forward(self.model, self.data)
        if self.shown is not None:
            self.shown.reset(*self.root.pose(self.data))

    def step(self, excitation: np.ndarray) -> None:
        """Hold `excitation` (muscle,) for one control period."""
        self._check(excitation)
        self.begin_stage()
        low, high = self.excitations
        np.clip(excitation, low, high, out=self.data.ctrl[: len(low)])
        self._apply_outside_forces()
        began_s = self.data.time
        for _ in range(self.substeps):
            self.data.qfrc_applied[:] = 0.0
            mujoco.mj_step1(self.model, self.data)
            self.medium.apply()
            mujoco.mj_step2(self.model, self.data)
        self._check_physics(began_s)
        # Positions of sites and bodies lag the last step otherwise, and the senses with them.
        mujoco.mj_kinematics(self.model, self.data)
        self.periods += 1
        self.time_s = self.periods * self.control_s
        if self.shown is not None:
            self.shown.follow(*self.root.pose(self.data))

    def compiled(self) -> tuple[Call, ...] | None:
        """Return the calls that do what `step` does between `begin_period` and `finish_period`.

        None where the medium or the stimulus has no compiled form, or where MuJoCo's library was not found.
        They point to the memory of this world as it is now: they are made anew when `bindings` has grown.
        """
        if not isinstance(self.medium, CompiledMedium) or not engine.found():
            return None
        calls = [period.compiled(self, self.period_memory, self.medium.compiled())]
        if self.shown is not None:
            follows = self.shown.followed(self.period_memory.pose)
            if follows is None:
                return None
            if follows:
                calls += [*self.root.posed(self.data, self.period_memory.pose), *follows]
        return tuple(calls)

    def begin_period(self, excitation: np.ndarray) -> None:
        """Put an excitation (muscle,) and the time where the compiled calls find them.

        Raises
        ------
        InputError
            The excitation is NaN, or of the wrong length.
        """
        self._check(excitation)
        memory = self.period_memory
        memory.action[:] = excitation
        memory.periods[0], memory.clock_s[0] = self.periods, self.time_s
        self._began_s = self.data.time

    def finish_period(self) -> None:
        """Take note that the compiled calls have been run, once or several times.

        Raises
        ------
        InputError
            The physics has become unstable.
        """
        played = int(self.period_memory.periods[0]) - self.periods
        self._check_physics(self._began_s, played)
        self.periods += played
        self.time_s = self.periods * self.control_s

    def save_state(self) -> dict[str, Any]:
        """Return the state between two steps: physics, time, and what medium and stimuli remember."""
        drawn = {} if self._seed is None else {"drawn": self._seed}
        return {
            "periods": self.periods,
            "physics": physics_state.save(self.model, self.data),
            "parts": states.save_parts(self._parts()),
            **drawn,
        }

    def restore_state(self, state: Any) -> None:
        """Go on from what `save_state` of a world like this one returned.

        Raises
        ------
        InputError
            The state is that of another body or environment.
        """
        drawn = () if self._seed is None else ("drawn",)
        given = states.names(state, ("periods", "physics", "parts", *drawn), "a world")
        if self._seed is not None:
            self._settle(states.thaw(self._seed, given["drawn"], "what a world has drawn"))
        periods = states.thaw(self.periods, given["periods"], "the world's periods")
        if periods < 0:
            raise InputError(f"the state does not fit: a world has played 0 periods or more, not {periods}")
        self._enter(self._stage_in(periods - 1) if periods else 0)
        physics_state.restore(self.model, self.data, given["physics"])
        states.restore_parts(self._parts(), given["parts"], "a world")
        self.periods, self.time_s = periods, periods * self.control_s
        self.bindings += 1

    def pose_at(self, time_s: float, qpos: np.ndarray) -> None:
        """Put the body into a recorded pose, qpos (q,), at a time, s, for pictures; nothing moves."""
        self.periods, self.time_s = round(time_s / self.control_s), time_s
        self._enter(self._stage_in(self.periods - 1) if self.periods else 0)
        self.data.qpos[:] = qpos
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_comPos(self.model, self.data)

    def begin_stage(self) -> None:
        """Enter the stage of the environment that is due, if another one is: what surrounds the animal now.

        What the former stimulus and medium remember goes on. `step` does this itself; whoever has bound
        compiled calls does it before a period, and binds anew where `bindings` has grown.
        """
        if len(self._stages) == 1:
            return
        due = self._stage_in(self.periods)
        if due != self._stage:
            kept = states.save_parts(self._parts())
            self._enter(due)
            states.restore_parts(self._parts(), kept, "a world")

    def changes_within(self, periods: int) -> bool:
        """Whether another stage begins after the next control period and before the end of so many."""
        return any(0 < stage.period - self.periods < periods for stage in self._stages[1:])

    def _stage_in(self, period: int) -> int:
        """Return the stage of a control period."""
        return sum(stage.period <= period for stage in self._stages[1:])

    def _enter(self, number: int) -> None:
        if number == self._stage:
            return
        self._stage, stage = number, self._stages[number]
        self.shown, self.medium = stage.shown, stage.medium
        stages.run_belt(self.model, stage.belt_mm_s)
        self.bindings += 1

    def _parts(self) -> dict[str, Any]:
        return {"medium": self.medium, "stimulus": self.shown, "reference": self.reference}

    def goal(self, t_s: float = 0.0) -> tuple[float, float]:
        """Return the place (mm) from which starts are measured: the peak of a field, or the origin."""
        return self.shown.goal(t_s) if self.shown is not None else (0.0, 0.0)

    def landmarks(self) -> np.ndarray:
        """Return the positions of the body's landmarks, (landmark, 3) mm."""
        return self.data.site_xpos[self.landmark_sites]

    def upright(self) -> float:
        """Return the cosine of the tilt of the body's middle segment: 1 as it was built, -1 upside down."""
        return float(self.data.xmat[self.middle, 8])

    def height(self) -> float:
        """Return the height of that segment, as a share of that at which it was built; 1 if that was 0."""
        return float(self.data.xpos[self.middle, 2]) / self.built_mm if self.built_mm else 1.0

    def stimulus(self) -> dict[str, float]:
        """Return what the recorder keeps of the stimulus, by channel; the nose is the first landmark."""
        found = {}
        if self.second is not None:
            x, y, heading = self.second.root.pose(self.data)
            found = {"other_x_mm": x, "other_y_mm": y, "other_heading_rad": heading}
        if self.shown is None:
            return found
        nose = self.data.site_xpos[self.landmark_sites[0]]
        return {**self.shown.recorded(nose[0], nose[1], self.time_s), **found}

    def _check(self, excitation: np.ndarray) -> None:
        fits = np.shape(excitation) == self.period_memory.action.shape
        # A sum of squares is NaN only where a number is, and is found in a third of the time of `isnan`.
        if isnan(np.dot(excitation, excitation)) if fits else np.isnan(excitation).any():
            raise InputError("an action holds NaN")
        if not fits:
            raise InputError(
                f"an action holds one excitation for each of {len(self.body.muscles)} muscles, "
                f"not {np.shape(excitation)}"
            )

    def _check_physics(self, began_s: float, periods: int = 1) -> None:
        if self.data.time < began_s + (periods * self.substeps - 0.5) * self._physics_s:
            # MuJoCo has met a number that is not finite, and quietly begun again from the pose as built.
            raise InputError(
                f"physics broke down at {self.time_s:g} s; a smaller clock.physics_s or softer walls may help"
            )

    def _apply_outside_forces(self) -> None:
        force = self.data.xfrc_applied
        force[:] = 0.0
        for push in self.pushes:
            if push.start_s <= self.time_s < push.stop_s:
                force[push.segment, :3] += push.force_nN
        if self.plate is None:
            return
        self._wall(self.plate, self.middle, self.segments, self.body.length_mm)
        if self.second is not None:
            second = self.second
            self._wall(self.plate, second.middle, second.segments, second.body.length_mm)

    def _wall(self, plate: Plate, middle: int, segments: np.ndarray, length_mm: float) -> None:
        """Push the segments of a body back that are outside the plate."""
        limit, force = plate.radius_mm, self.data.xfrc_applied
        root = self.data.xpos[middle]
        if np.hypot(root[0], root[1]) + length_mm < limit:
            return
        place = self.data.xpos[segments, :2]
        distance = np.linalg.norm(place, axis=1)
        outside = np.maximum(distance - limit, 0.0)
        force[segments, :2] -= (plate.stiffness_nN_mm * outside / np.maximum(distance, limit))[
            :, None
        ] * place

    def _push(self, touch: Touch) -> Push:
        segment = int(self.body.body_ids([touch.segment])[0])
        return Push(segment, touch.start_s, touch.stop_s, touch.force_nN)
