"""An experiment as a Gymnasium environment: observations are senses, actions are muscle excitations."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from neuromech import tasks
from neuromech._lib import state as states
from neuromech._lib.errors import InputError, unexpected_keyword, unknown
from neuromech._lib.numbers import whole
from neuromech._lib.state import State
from neuromech._lib.types import Observation
from neuromech.batch import Held
from neuromech.company import Company
from neuromech.envs.dm import as_dm_env
from neuromech.senses.animal import Animal
from neuromech.senses.base import Sense
from neuromech.specs.checking import plain
from neuromech.specs.compose import load_run
from neuromech.specs.perturb import Perturb
from neuromech.specs.run import Run
from neuromech.visuals.base import check_size
from neuromech.visuals.camera import Camera, make_camera
from neuromech.visuals.ground import Ground
from neuromech.visuals.window import Viewer, open_window
from neuromech.world import initial_pose
from neuromech.world.course import Course
from neuromech.world.world import World

__all__ = ["NeuromechEnv", "as_dm_env"]

RENDER_MODES = ("rgb_array", "human")
NOT_HERE = {
    "experiment": "name the experiment in the first argument",
    "controller": "there is no controller, actions excite the muscles",
    "perturb": "there is no brain to perturb, actions excite the muscles",
    "seed": "give it to reset(seed=...)",
    "episodes": "an episode begins with every reset",
    "video": "wrap the environment in gymnasium.wrappers.RecordVideo",
    "output": "an environment writes no files",
}
"""Keys of a run that an environment cannot honour, and what to do instead."""


class NeuromechEnv(gymnasium.Env[Observation, np.ndarray]):
    """One experiment as a Gymnasium environment, without its controller.

    An observation is a dictionary of float32 arrays, one for each sense of body.yaml, and `asked_velocity`
    where the task asks for one. An action is a float32 array (muscle,) of excitations in [0, 1], in
    body.yaml's order; a body without muscles has torques in [-1, 1]. One step is one control period. An
    episode is truncated after the experiment's `duration_s`, and terminated where the task is over, as after
    a fall.

    `info` has two keys: `stimulus`, what the recorder would keep of the stimulus and the animal cannot sense,
    by name; and after a step `terms`, the terms of the reward by name, whose sum is the reward.

    A copy, by `copy.deepcopy` or by pickle, goes on as the original does. `save_state` and `restore_state` do
    the same through plain values, which can be written to a file.

    Parameters
    ----------
    experiment : the name of a file in configs/experiment, or a run that is composed already.
    overrides : a list of `key=value` texts as on the command line, such as `["duration_s=20"]`.
    render_mode : `None`, `rgb_array` or `human` (a window).
    width, height : size of a frame, pixels.
    reward : the name of a reward or `{name: weight}`, in place of the experiment's own task.

    Raises
    ------
    InputError
        The experiment, an override or a reward is wrong; a key or keyword is one that an environment cannot
        honour, such as a perturbation of the brain, which it does not have.
    """

    metadata = {"render_modes": list(RENDER_MODES), "render_fps": 20}

    def __init__(
        self,
        experiment: str | Run = "worm_chemotaxis",
        overrides: Sequence[str] = (),
        render_mode: str | None = None,
        width: int = 640,
        height: int = 480,
        reward: str | Mapping[str, Any] | None = None,
        **others: Any,
    ) -> None:
        _refuse_keywords(others)
        if render_mode is not None and render_mode not in RENDER_MODES:
            raise unknown("render mode", str(render_mode), RENDER_MODES)
        check_size(width, height)
        self.run = _run(experiment, overrides)
        self.world = World(self.run.body, self.run.environment, self.run.clock)
        self.animal = Animal(self.world, company=Company.of(self.run, self.world))
        self.render_mode = render_mode
        self._task = tasks.build(_task(self.run) if reward is None else {"reward": reward})
        self._size = (width, height)
        self._camera: Camera | None = None
        self._followed: tuple[float, np.ndarray] | None = None  # by the camera of which this is a copy
        self._window: Viewer | None = None
        self._begun = False
        low, high = self.world.excitations.astype(np.float32)
        self.action_space = spaces.Box(low, high, dtype=np.float32)
        # Gymnasium types a Dict space by its spaces, not by what they hold.
        self.observation_space = space_of(self.animal.senses)  # pyright: ignore[reportAttributeAccessIssue]
        self.metadata = {**self.metadata, "render_fps": round(1 / self.run.clock.control_s)}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Begin an episode.

        Parameters
        ----------
        seed : a whole number of at least 0 from which all that is random follows; without it, the random
            numbers go on.
        options : keys of the experiment's `start` with values that replace its own, such as
            `{"x_mm": 1.0, "y_mm": 2.0, "heading": 90.0}`; they are checked as on the command line.

        Returns
        -------
        the first observation, and `info` with the key `stimulus`.

        Raises
        ------
        InputError
            The seed is no whole number, an option is unknown or makes no sense, or the place lies outside the
            plate.
        """
        if options is not None and not isinstance(options, Mapping):
            raise InputError(f"options must be a dictionary of keys of start, not {options!r}")
        super().reset(seed=None if seed is None else whole("seed", seed))
        start = {**plain(self.run.start), **options} if options else self.run.start
        pose = initial_pose.draw(start, self.world.goal(), self.np_random, self.world.reference)
        self.world.draw(self.np_random, self.run.duration_s)
        if self.animal.company is not None:
            self.animal.company.seed(int(self.np_random.integers(2**31)))
        observation = self.animal.reset(*astuple(pose))
        self._task.reset(self.world)
        self._begun = True
        if self.render_mode == "human":
            self.render()
        return observation, {"stimulus": self.world.stimulus()}

    def step(self, action: np.ndarray) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Hold an action (muscle,) for one control period; it is clipped to the action space.

        Returns
        -------
        the observation, the reward, whether the task is over, whether the time is, and `info`.

        Raises
        ------
        InputError
            The action holds NaN or has another shape, the physics has become unstable, or no episode has
            begun.
        """
        return self.outcome(self.animal.step(self.excitation(action)))

    def excitation(self, action: Any) -> np.ndarray:
        """Return the excitations (muscle,) that an action means, for one who steps several animals at once.

        Raises
        ------
        InputError
            The action is no array of numbers, or no episode has begun.
        """
        if not self._begun:
            raise InputError("no episode has begun: call reset before step")
        try:
            return np.asarray(action, np.float32)
        except (TypeError, ValueError, OverflowError):
            count = len(self.world.body.muscles)
            raise InputError(f"an action must be {count} numbers, not {action!r:.60}") from None

    def outcome(self, observation: Observation) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Return what `step` returns, after the animal was stepped and has sensed an observation."""
        terms = self._task.terms(self.world)
        if self.render_mode == "human":
            self.render()
        info = {"terms": terms, "stimulus": self.world.stimulus()}
        return observation, float(sum(terms.values())), *self._ended(), info

    def held(self, periods: int) -> Held | None:
        """Return how an action is held for up to so many steps in one go, for one who does so.

        None where something wants to be done between the steps: a reward asks, a window shows them, or the
        surroundings change.
        """
        watched = not self._task.by_course or self.render_mode == "human"
        if watched or self.world.changes_within(periods):
            return None
        played, last = self.world.periods, 1
        while last < periods and not self._late((played + last) * self.world.control_s):
            last += 1
        return Held(last, *(self._task.fall() or ()))

    def outcome_of(
        self, observation: Observation, course: Course
    ) -> tuple[Observation, dict[str, list[float]], bool, bool]:
        """Return what the steps of a course have led to, after `Animals.hold`.

        It is the observation, each term of the reward at every step, whether the task is over, and whether
        the time is.
        """
        terms = {name: values.tolist() for name, values in self._task.terms_of(self.world, course).items()}
        return observation, terms, *self._ended()

    def _ended(self) -> tuple[bool, bool]:
        return self._task.over(self.world), self._late(self.world.time_s)

    def _late(self, time_s: float) -> bool:
        return time_s >= self.run.duration_s - 1e-9

    def save_state(self) -> State:
        """Return all that the rest of the episode, and later ones, depend on.

        Wrappers are no part of it: of an environment that `gymnasium.make` returned, call
        `env.unwrapped.save_state()`.

        Raises
        ------
        InputError
            No episode has begun, or a reward or sense of somebody else cannot be saved.
        """
        if not self._begun:
            raise InputError("no episode has begun: call reset before save_state")
        return State(self.about(), self._parts())

    def restore_state(self, state: State) -> tuple[Observation, dict[str, Any]]:
        """Go on from a state that `save_state` of an environment like this one returned.

        What is rendered is the same but for the camera, which follows the animal anew.

        Returns
        -------
        the observation of that moment, and `info` as `reset` has it.

        Raises
        ------
        InputError
            The state is that of another experiment or body, or was saved with another version of MuJoCo; this
            environment is then where it was.
        """
        states.check_about(state, self.about())
        if not self._begun:
            self.reset()  # a task may know what it remembers only then
        states.restore(self._parts, self._take, state.parts)
        self._begun, self._followed = True, None
        if self._camera is not None:
            self._camera.followed = None
        return self.animal.observe(), {"stimulus": self.world.stimulus()}

    def render(self) -> np.ndarray | None:  # type: ignore[override]
        """Return the present picture, uint8 (height, width, 3), or `None` when it is shown in a window."""
        if self.render_mode is None:
            return None
        if self._camera is None:
            width, height = self._size
            scene = self.world.scene
            ground = Ground.of_environment(self.run.environment, value=scene.value if scene else None)
            skin = self.run.body.skin
            self._camera = make_camera(
                self.world.model, width=width, height=height, background=ground, skin=skin
            )
            self._camera.followed = self._followed
        if self.render_mode == "rgb_array":
            return self._camera.frame(self.world.data)
        if self._window is None:
            self._window = open_window(self.world.model, self.world.data, self._camera)
        self._window.show(self.world.data)
        return None

    def close(self) -> None:
        """Release the camera and the window; closing twice does no harm."""
        for shown in (self._window, self._camera):
            if shown is not None:
                shown.close()
        self._window = self._camera = None

    def about(self) -> dict[str, Any]:
        """Return what a saved state says of the environment that it is of."""
        facts = {"experiment": self.run.experiment, "body": self.world.body.name}
        return states.about("environment", **facts, time_s=self.world.time_s)

    def _parts(self) -> dict[str, Any]:
        return {
            "animal": self.animal.save_state(),
            "task": self._task.save_state(),
            "random": states.freeze(self.np_random, "the environment's random numbers"),
        }

    def _take(self, parts: Any) -> None:
        given = states.names(parts, ("animal", "task", "random"), "an environment")
        self.animal.restore_state(given["animal"])
        self._task.restore_state(given["task"])
        self.np_random = states.thaw(self.np_random, given["random"], "the environment's random numbers")

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy takes on: all but the window and the camera, of which it opens its own."""
        state = {**vars(self), "_camera": None, "_window": None}
        if self._camera is not None:
            state["_followed"] = self._camera.followed
        return state


def space_of(senses: Mapping[str, Sense]) -> spaces.Dict:
    """Return the space of what some senses read."""
    return spaces.Dict(
        {
            name: spaces.Box(sense.low, sense.high, (len(sense.channels),), np.float32)
            for name, sense in senses.items()
        }
    )


def _run(experiment: str | Run, overrides: Sequence[str]) -> Run:
    """Return the run that is asked for; `InputError` for what an environment cannot honour."""
    listed = isinstance(overrides, Sequence) and not isinstance(overrides, str)
    if not listed or not all(isinstance(each, str) for each in overrides):
        raise InputError(
            f'overrides must be a list of key=value texts, as in ["duration_s=20"], not {overrides!r}'
        )
    if isinstance(experiment, Run):
        if overrides:
            raise InputError("a composed run takes no overrides: compose it with them")
        run = experiment
    else:
        for override in overrides:
            key = override.partition("=")[0].strip()
            root = key.split(".")[0].split("[")[0]
            if root in NOT_HERE:
                raise InputError(f"an environment cannot use {key}: {NOT_HERE[root]}")
        run = load_run([f"experiment={experiment}", *overrides])
    if run.perturb != Perturb():
        raise InputError(f"an environment cannot use perturb of {run.experiment}: {NOT_HERE['perturb']}")
    return run


def _task(run: Run) -> Mapping[str, Any]:
    task = run.environment.task
    if not task.reward:
        raise InputError(
            f"environment {run.environment.name} has no task: give reward=NAME or reward={{NAME: weight}}"
        )
    return {"reward": task.reward}


def _refuse_keywords(others: Mapping[str, Any]) -> None:
    known = ("experiment", "overrides", "render_mode", "width", "height", "reward")
    for name in others:
        advice = '; a key of the experiment goes into overrides, as in ["duration_s=20"]'
        raise unexpected_keyword("an environment", name, known, advice)
