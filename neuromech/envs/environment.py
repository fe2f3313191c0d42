"""The Gymnasium face of an experiment: observations are senses, actions are muscles."""

from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from neuromech import tasks
from neuromech._lib.types import Observation
from neuromech.envs.dm import adapt as as_dm_env
from neuromech.senses.animal import Animal
from neuromech.specs.compose import load_run
from neuromech.specs.run import Run
from neuromech.visuals.camera import Camera, make_camera
from neuromech.visuals.ground import Ground
from neuromech.visuals.window import Viewer, open_window
from neuromech.world import initial_pose
from neuromech.world.world import World

__all__ = ["NeuromechEnv", "as_dm_env"]


class NeuromechEnv(gymnasium.Env[Observation, np.ndarray]):
    """One experiment as a Gymnasium environment.

    Observations are a dict of float32 arrays, one per sense of body.yaml; actions are float32 (muscle,)
    excitations in [0, 1], in body.yaml's order; one step is one control period. Episodes end by truncation
    after the experiment's ``duration_s``, by termination where the task is over, as after a fall. ``info``
    holds the reward's terms (their names under ``terms``) and the stimulus, which the animal cannot sense.

    Parameters
    ----------
    experiment : name of a file in configs/experiment, or a run that is composed already.
    overrides : ``key=value`` texts as on the command line, e.g. ``["duration_s=20"]``.
    render_mode : None, ``rgb_array`` or ``human``.
    width, height : of rendered frames, pixels.
    reward : ``{kind: weight}`` of neuromech/tasks.py, in place of the experiment's own task.

    Raises
    ------
    InputError
        The experiment or an override is wrong, or an action holds NaN.
    """

    metadata = {"render_modes": ["rgb_array", "human"], "render_fps": 20}

    def __init__(
        self,
        experiment: str | Run = "worm_chemotaxis",
        overrides: Sequence[str] = (),
        render_mode: str | None = None,
        width: int = 640,
        height: int = 480,
        reward: Mapping[str, float] | None = None,
    ) -> None:
        self.run: Run = (
            experiment if isinstance(experiment, Run) else load_run([f"experiment={experiment}", *overrides])
        )
        self.animal = Animal(World(self.run.body, self.run.environment, self.run.clock))
        self.world = self.animal.world
        self.render_mode = render_mode
        self.terms: dict[str, float] = {}  # of the reward of the last step
        self._task = tasks.build({"reward": reward or self.run.environment.task.reward})
        self._size = (width, height)
        self._camera: Camera | None = None
        self._window: Viewer | None = None
        low, high = self.world.excitations.astype(np.float32)
        self.action_space = spaces.Box(low, high, dtype=np.float32)
        # Gymnasium types a Dict space by its spaces, not by what they hold.
        self.observation_space = spaces.Dict(  # pyright: ignore[reportAttributeAccessIssue]
            {
                name: spaces.Box(sense.low, sense.high, (len(sense.channels),), np.float32)
                for name, sense in self.animal.senses.items()
            }
        )
        self.metadata = {**self.metadata, "render_fps": round(1 / self.run.clock.control_s)}

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode; ``options`` may replace keys of the experiment's ``start``."""
        super().reset(seed=seed)
        pose = initial_pose.draw({**self.run.start, **(options or {})}, self.world.goal(), self.np_random)
        observation = self.animal.reset(pose.x_mm, pose.y_mm, pose.heading_rad)
        self._task.reset(self.world)
        if self.render_mode == "human":
            self.render()
        return observation, dict(self.world.stimulus())

    def step(self, action: np.ndarray) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Hold ``action`` for one control period."""
        observation = self.animal.step(np.asarray(action, np.float32))
        terms = self._task.terms(self.world)
        truncated = self.world.time_s >= self.run.duration_s - 1e-9
        if self.render_mode == "human":
            self.render()
        self.terms = terms
        over = self._task.over(self.world)
        return observation, sum(terms.values()), over, truncated, {**terms, **self.world.stimulus()}

    def render(self) -> np.ndarray | None:  # type: ignore[override]
        """The present picture, uint8 (height, width, 3), or None when it is shown in a window."""
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
        if self.render_mode == "rgb_array":
            return self._camera.frame(self.world.data)
        if self._window is None:
            self._window = open_window(self.world.model, self.world.data, self._camera)
        self._window.show(self.world.data)
        return None

    def close(self) -> None:
        """Release the camera and the window."""
        for shown in (self._window, self._camera):
            if shown is not None:
                shown.close()
        self._window = self._camera = None
