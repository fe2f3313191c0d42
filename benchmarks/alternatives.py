"""Other ways of doing what the loop does, to measure it against: numpy, explicit drag, another simulator."""

import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import mujoco
import numba
import numpy as np

from neuromech.brain.brain import Brain
from neuromech.brain.encoders.on_off import OnOff
from neuromech.brain.encoders.stretch import Stretch
from neuromech.brain.encoders.touch import Touch
from neuromech.brain.neurons.graded import Graded
from neuromech.loop import Loop
from neuromech.specs.run import Run
from neuromech.world.medium.resistive import DragElements, ImplicitDrag, drag_elements
from neuromech.world.world import World

WAVE_HZ, WAVE_LENGTHS, WAVE_DEPTH = 0.45, 0.6, 0.25
"""The imposed wave of the drag comparison, about a crawling worm's: frequency, wavelength in body lengths and
how far the excitations go from one half."""
EXPLICIT_STEP_S, EXPLICIT_INERTIA = 0.001, 50_000.0
"""What an explicit drag force needs on agar: x10,000 at 1 ms is unstable, x50,000 is not. The thin ends would
need more still, so every segment gets the inertia of the thickest one."""


class NumpyBrain:
    """The arithmetic of `neuromech.brain.brain.advance`, one numpy call per operation, float32."""

    def __init__(self, brain: Brain, control_s: float, substeps: int) -> None:
        net = brain.network
        bend, chemical, touch = brain.encoders
        if not isinstance(net, Graded):
            raise ValueError("only graded neurons are written out here")
        if not (isinstance(bend, Stretch) and isinstance(chemical, OnOff) and isinstance(touch, Touch)):
            raise ValueError("only the encoding of worm_connectome is written out here")
        self.substeps = substeps
        self.rest, self.leak = np.array(net.rest_mV), np.array(net.leak_nS)
        self.plateau, self.bias = np.array(net.plateau_nS), np.array(net.bias_pA)
        self.chemical, self.gap = np.array(net.chemical_nS), np.array(net.gap_nS)
        self.scale = np.float32(net.scale_mV)
        self.tonic = np.asarray(net.tonic, np.float32)
        self.encode, self.decode = np.array(brain.encode), np.array(brain.decode)
        self.half, self.tone = np.float32(touch.half), np.float32(brain.tone)
        capacitance = np.array(net.capacitance_pF)
        rate = (self.leak - np.diagonal(self.gap)) / capacitance
        self.gain = -np.expm1(-rate * np.float32(control_s * 1000.0 / substeps)) / (rate * capacitance)
        self.floor, self.salt_gain = np.float32(chemical.floor), np.float32(chemical.gain)
        self.fast, self.slow = (
            np.float32(-np.expm1(-control_s / float(tau))) for tau in (chemical.fast_s, chemical.slow_s)
        )
        self.potential = self.rest.copy()
        self.memory: tuple[np.float32, np.float32] | None = None

    def step(self, sensed: np.ndarray, injected_pA: np.ndarray, present: np.ndarray) -> np.ndarray:
        """Muscle excitations (muscle,) after one control period; arguments as in `advance`."""
        level = np.log(sensed[-3] + self.floor)
        fast, slow = self.memory or (level, level)
        fast, slow = fast + (level - fast) * self.fast, slow + (level - slow) * self.slow
        self.memory = fast, slow
        drive = np.tanh(self.salt_gain * (fast - slow))
        touch = sensed[-2:]
        drives = np.maximum(np.array([drive, -drive], np.float32), 0.0)
        current = self.encode @ np.concatenate([sensed[:-3], drives, touch / (touch + self.half)])
        current += injected_pA + self.bias
        for _ in range(self.substeps):
            above = (self.potential - self.rest) / self.scale
            total = self.chemical @ (self.scale * self._release(above)) + self.gap @ self.potential + current
            total += self.scale * (self.plateau * np.tanh(above) - self.leak * above)
            self.potential = np.where(present > 0, self.potential + self.gain * total, self.rest)
        released = self._release((self.potential - self.rest) / self.scale)
        return 0.5 + 0.5 * np.tanh(self.tone + self.decode @ released)

    def _release(self, above: np.ndarray) -> np.ndarray:
        reach = np.where(above > 0, np.float32(1.0), self.tonic)
        return reach * np.tanh(above / reach)


class ExplicitDrag:
    """The same drag as an ordinary force, at the velocity of the step's beginning."""

    def __init__(self, model: mujoco.MjModel, data: mujoco.MjData, elements: DragElements) -> None:
        arrays = (elements.body, elements.tangent, elements.tangential, elements.normal, elements.rotational)
        self._arrays = (np.ascontiguousarray(model.body_rootid), *arrays)
        self._arrays += (data.xpos, data.xmat, data.subtree_com, data.cvel, data.xfrc_applied)

    def apply(self) -> None:
        """Write the forces on every rod into ``data.xfrc_applied``; rods must be centred on their bodies."""
        _push(*self._arrays)


@numba.njit(cache=True, fastmath=True)
def _push(root, body, tangent, along, across, turning, position, rotation, com, velocity, applied):
    for e in range(len(body)):
        b = body[e]
        t = np.zeros(3)
        for i in range(3):
            for j in range(3):
                t[i] += rotation[b, 3 * i + j] * tangent[e, j]
        spin, r = velocity[b, :3], position[b] - com[root[b]]
        v = velocity[b, 3:] + np.cross(spin, r)
        forward = v[0] * t[0] + v[1] * t[1] + v[2] * t[2]
        roll = spin[0] * t[0] + spin[1] * t[1] + spin[2] * t[2]
        for i in range(3):
            applied[b, i] = -across[e] * v[i] + (across[e] - along[e]) * forward * t[i]
            applied[b, 3 + i] = -turning[e] * (spin[i] - roll * t[i])


def crawl(run: Run, duration_s: float, explicit: bool) -> tuple[float, float]:
    """Impose a travelling wave on the muscles; returns (real-time factor, speed in mm/s)."""
    world = World(run.body, run.environment, run.clock)
    model, data = world.model, world.data
    medium = run.environment.medium.options
    elements = drag_elements(world.body, medium["tangential_mg_s"], medium["normal_mg_s"])
    if explicit:
        model.opt.timestep = EXPLICIT_STEP_S
        heaviest = elements.body[np.argmax(model.body_mass[elements.body])]
        model.body_mass[elements.body] = EXPLICIT_INERTIA * model.body_mass[heaviest]
        model.body_inertia[elements.body] = EXPLICIT_INERTIA * model.body_inertia[heaviest]
        mujoco.mj_setConst(model, data)
        mujoco.mj_forward(model, data)
    drag = (ExplicitDrag if explicit else ImplicitDrag)(model, data, elements)
    every = round(run.clock.control_s / model.opt.timestep)
    waves = _wave(world.body.muscles, run.clock.control_s)
    centres, elapsed = [], 0.0
    for control in range(-1, round(duration_s / run.clock.control_s)):
        data.ctrl[:] = next(waves)
        began = time.perf_counter()
        for _ in range(every):
            mujoco.mj_step1(model, data)
            data.qfrc_applied[:] = 0.0
            drag.apply()
            mujoco.mj_step2(model, data)
        # The first period compiles.
        elapsed += time.perf_counter() - began if control >= 0 else 0.0
        centres.append(world.landmarks()[:, :2].mean(axis=0))
    cycle = round(1.0 / WAVE_HZ / run.clock.control_s)
    moved = np.array(centres[cycle:]) - np.array(centres[:-cycle])
    speed = np.linalg.norm(moved[len(moved) // 2 :].mean(axis=0)) * WAVE_HZ
    return duration_s / elapsed, float(speed)


def _wave(muscles: tuple[str, ...], step_s: float) -> Iterator[np.ndarray]:
    side = np.array([1.0 if name[1] == "D" else -1.0 for name in muscles])
    place = np.array([int(name[-2:]) / 25 for name in muscles])
    t = 0.0
    while True:
        swing = min(1.0, t) * np.sin(2 * np.pi * (WAVE_HZ * t - place / WAVE_LENGTHS))
        yield 0.5 + WAVE_DEPTH * side * swing
        t += step_s


def bare_step(run: Run, duration_s: float) -> float:
    """Real-time factor of `mj_step` alone: same model and step, no drag, senses, brain or recorder."""
    world = World(run.body, run.environment, run.clock)
    world.data.ctrl[:] = 0.5
    steps = round(duration_s / run.clock.physics_s)
    return duration_s / _timed(lambda: mujoco.mj_step(world.model, world.data, steps))


def replayed(run: Run, duration_s: float) -> float:
    """Real-time factor of a body alone that gets the excitations of its closed loop again, without senses."""
    loop, given = Loop.of(run), list[np.ndarray]()
    observation = loop.animal.reset(loop.pose.x_mm, loop.pose.y_mm, loop.pose.heading_rad)
    loop.controller.reset(run.seed)
    for _ in range(round(duration_s / run.clock.control_s)):
        given.append(np.array(loop.controller.act(observation)))
        observation = loop.animal.step(given[-1])
    loop.world.reset(loop.pose.x_mm, loop.pose.y_mm, loop.pose.heading_rad)

    def walk() -> None:
        for excitation in given:
            loop.world.step(excitation)

    return duration_s / _timed(walk)


@dataclass(frozen=True)
class Rodent:
    """The rodent of dm_control: real-time factors as its library steps it and by `mj_step` alone."""

    version: str
    step_ms: float
    environment: float
    bare: float


def rodent(duration_s: float) -> Rodent | None:
    """Measure dm_control's rodent on a level floor under random actions; None if it is not installed.

    Merel et al. 2020 (see bodies/rat): 338 g, 38 actuators. Its own task on its floor, observations included,
    without the camera on its head, with the steps of its own examples: physics 1 ms, actions every 20 ms.
    """
    if find_spec("dm_control") is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is no display
        from dm_control import composer
        from dm_control.locomotion.arenas import floors
        from dm_control.locomotion.props import target_sphere
        from dm_control.locomotion.tasks import reach
        from dm_control.locomotion.walkers import rodent as walkers
    physics_s, control_s = 0.001, 0.02
    rat = walkers.Rat()
    task = reach.TwoTouch(
        walker=rat,
        arena=floors.Floor(size=(10.0, 10.0)),
        target_builders=[target_sphere.TargetSphereTwoTouch],
        randomize_spawn_rotation=True,
        target_type_rewards=[25.0],
        target_area=(1.5, 1.5),
        physics_timestep=physics_s,
        control_timestep=control_s,
    )
    rat.observables.get_observable("egocentric_camera").enabled = False
    environment = composer.Environment(task=task, time_limit=float("inf"), random_state=0)
    count = environment.action_spec().shape[0]
    actions = np.random.default_rng(0).uniform(-1.0, 1.0, (round(duration_s / control_s), count))
    environment.reset()
    environment.step(actions[0])
    found = []
    for move in (environment.step, _mover(environment.physics, round(control_s / physics_s))):
        found.append(duration_s / _timed(lambda move=move: [move(action) for action in actions]))
    return Rodent(version("dm_control"), 1e3 * physics_s, *found)


def _mover(physics: Any, steps: int) -> Callable[[np.ndarray], None]:
    """Return what holds an action for some bare steps."""
    model, data = physics.model.ptr, physics.data.ptr

    def move(action: np.ndarray) -> None:
        data.ctrl[:] = action
        mujoco.mj_step(model, data, steps)

    return move


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
