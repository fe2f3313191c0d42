"""Many environments for a policy, whose animals are stepped together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode

from neuromech.envs.vector import Outcome, TogetherVectorEnv
from neuromech.senses.animal import Animal
from neuromech.training.policy_env import PolicyEnv
from neuromech.training.training_task import TrainingTask


class PolicyVectorEnv(TogetherVectorEnv):
    """`count` environments of a training task; each is to the bit what `PolicyEnv` is alone."""

    def __init__(self, task: TrainingTask, count: int, threads: int | None = None) -> None:
        super().__init__(PolicyEnv(task), count, AutoresetMode.SAME_STEP, threads)

    @property
    def lanes(self) -> list[PolicyEnv]:
        """The environments, one for each animal."""
        return [env for env in self.envs if isinstance(env, PolicyEnv)]

    def _hold(self, actions: Sequence[np.ndarray], lanes: Sequence[int]) -> Iterable[Outcome]:
        envs = {lane: self.lanes[lane] for lane in lanes}
        for env, action in zip(envs.values(), actions, strict=True):
            env.decide(action)
        if not self._held(envs):
            self._step_by_step(envs)
        return [env.outcome() for env in envs.values()]

    def _held(self, envs: Mapping[int, PolicyEnv]) -> bool:
        """Play all control periods of a decision in one go; returns whether that was possible."""
        helds = [env.held() for env in envs.values()]
        asked = [held for held in helds if held is not None]
        if len(asked) < len(helds):
            return False
        excitations = [env.inner.excitation(env.excitation()) for env in envs.values()]
        courses = self._together().hold(excitations, list(envs), asked)
        if courses is None:
            return False
        for env, (seen, course) in zip(envs.values(), courses, strict=True):
            env.took_all(env.inner.outcome_of(seen, course))
        return True

    def _step_by_step(self, envs: Mapping[int, PolicyEnv]) -> None:
        """Play the control periods of a decision one after the other, each with its own excitation."""
        while moving := [lane for lane, env in envs.items() if env.deciding]:
            excitations: list[Any] = [envs[lane].inner.excitation(envs[lane].excitation()) for lane in moving]
            sensed = self._together().step(excitations, moving)
            for lane, seen in zip(moving, sensed, strict=True):
                envs[lane].took(envs[lane].inner.outcome(seen))

    def _animal(self, lane: int) -> Animal:
        return self.lanes[lane].inner.animal
