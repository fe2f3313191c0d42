"""The environment for a policy: flat observations, actions in [-1, 1], one step per decision."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from neuromech._lib.types import Observation
from neuromech.batch import Held
from neuromech.controllers import connectome
from neuromech.controllers.descending_port import DescendingPort
from neuromech.controllers.policy_plan import PolicyPlan
from neuromech.envs.environment import NeuromechEnv
from neuromech.specs.perturb import Perturb
from neuromech.training.training_task import TrainingTask


class PolicyEnv(gymnasium.Env[np.ndarray, np.ndarray]):
    """An experiment for a policy that decides every `plan.period_s`.

    Actions are float32 in [-1, 1]: excitations of the muscles, or of groups of them (0 is half of
    `plan.strength`), or shares of each command's current into a neural controller that then moves the
    muscles. Observations are float32 (feature,), as `ObservationHistory` lays them out. The reward is the sum
    over the decision's control periods; `info` has the sums of its terms under `terms`. The same parts run in
    neuromech/controllers/policy.py.
    """

    def __init__(self, task: TrainingTask) -> None:
        assert isinstance(task.plan, PolicyPlan)
        run, unperturbed = task.training, task.training
        if task.plan.commands is not None:  # the brain is stepped here and not in the environment
            unperturbed = replace(run, perturb=Perturb())
        self.inner = NeuromechEnv(unperturbed, reward=task.reward)
        body = self.inner.world.body
        self._plan, self._history = task.plan, task.plan.history()
        self._repeat = task.plan.periods_per_decision(run.clock.control_s)
        self._port: DescendingPort | None = None
        if task.plan.commands is not None:
            assert task.under is not None
            under = connectome.build(task.under, body, run.clock, run.perturb, run.seed)
            self._port = DescendingPort(under, task.plan.commands, task.plan.neurons)
        self._sensed: Observation = {}
        self._held = np.zeros(0, np.float32)
        self._left, self._total = 0, 0.0
        self._terms: dict[str, float] = {}
        self._end = False, False
        self.action_space = spaces.Box(-1.0, 1.0, (task.plan.actions(body),), np.float32)
        seen = self.reset(seed=0)[0].shape
        self.observation_space = spaces.Box(-np.inf, np.inf, seen, np.float32)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        """Start an episode; one seed gives one start and one brain noise."""
        super().reset(seed=seed)
        self._sensed, info = self.inner.reset(seed=seed, options=options)
        self._history.reset()
        if self._port is not None:
            self._port.controller.reset(int(self.inner.np_random.integers(2**31)))
        return self._see(), info

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Hold `action` until the next decision, or the end of the episode."""
        self.decide(action)
        while self.deciding:
            self.took(self.inner.step(self.excitation()))
        return self.outcome()

    def decide(self, action: np.ndarray) -> None:
        """Begin to hold `action`, for one who steps several animals at once.

        While `deciding`, the animal is to be stepped with `excitation` and `took` is to be told of it; then
        there is an `outcome`.
        """
        self._left, self._total, self._terms, self._end = self._repeat, 0.0, {}, (False, False)
        action = np.clip(action, -1.0, 1.0)
        if self._port is None:
            self._held = self._plan.excitations(action)
        else:
            self._port.send(action)

    def held(self) -> Held | None:
        """Return how the decision is held in one go; None where the excitation changes meanwhile."""
        return self.inner.held(self._repeat) if self._port is None else None

    def took_all(self, periods: tuple[Observation, dict[str, list[float]], bool, bool]) -> None:
        """Add what the inner environment returned of a whole decision that was held in one go."""
        self._sensed, terms, *self._end = periods
        for each in zip(*terms.values(), strict=True):
            self._total += float(sum(each))
        for name, values in terms.items():
            for value in values:
                self._terms[name] = self._terms.get(name, 0.0) + value
        self._left = 0

    @property
    def deciding(self) -> bool:
        """Whether the next control period belongs to the present decision."""
        return self._left > 0

    def excitation(self) -> np.ndarray:
        """Return the excitations (muscle,) of the next control period."""
        return self._held if self._port is None else self._port.controller.act(self._sensed)

    def took(self, period: tuple[Observation, float, bool, bool, dict[str, Any]]) -> None:
        """Add what the inner environment's step, which is one control period, returned."""
        self._sensed, reward, ended, cut, info = period
        self._total += reward
        for name, value in info["terms"].items():
            self._terms[name] = self._terms.get(name, 0.0) + value
        self._end = ended, cut
        self._left = 0 if ended or cut else self._left - 1

    def outcome(self) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """Return what `step` returns, at the end of a decision."""
        # The reward is rounded to single precision, as vectors of environments in one process round it too.
        ended, cut = self._end
        return self._see(), float(np.float32(self._total)), ended, cut, {"terms": self._terms}

    def render(self) -> np.ndarray | None:  # type: ignore[override]
        """The present picture, as NeuromechEnv gives it."""
        return self.inner.render()

    def close(self) -> None:
        """Release the camera and the window."""
        self.inner.close()

    def _see(self) -> np.ndarray:
        if self._port is None:
            return self._history.add(self._sensed)
        return self._history.add(self._sensed, self._port.hear())
