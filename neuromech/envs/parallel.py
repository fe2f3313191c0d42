"""Two animals in one world as an environment of PettingZoo, in which both act at once."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np
from gymnasium import spaces

from neuromech._lib.errors import InputError
from neuromech._lib.types import Observation
from neuromech.envs.environment import NeuromechEnv, space_of
from neuromech.senses.bystander import Bystander

ANIMAL, OTHER = "animal", "other"
"""The agents: the animal of the experiment, and the other one of its world."""


def as_parallel_env(env: Any) -> Any:
    """Return an environment with two animals as a `pettingzoo.ParallelEnv` with the agents animal and other.

    What moved the other animal is taken away: its excitations are the second agent's actions. Both have the
    reward of the task in common, and the end of the episode. Each observes what its own body senses, and
    `info` holds the same for both.

    Parameters
    ----------
    env : a `NeuromechEnv` or what `gymnasium.make` returned, as of `neuromech/FishFollow-v0`; it is used up.

    Raises
    ------
    InputError
        There is no other animal in its world, or PettingZoo is not installed.
    """
    try:
        pettingzoo = import_module("pettingzoo")
    except ImportError:
        raise InputError("as_parallel_env needs PettingZoo: pip install pettingzoo") from None
    own = getattr(env, "unwrapped", env)
    if not isinstance(own, NeuromechEnv):
        raise InputError(f"as_parallel_env takes an environment of neuromech, not {env!r:.60}")
    if own.world.second is None:
        raise InputError(
            f"{own.run.experiment} has one animal: give the environment another one, as fish_follow does"
        )
    kind = type("NeuromechParallelEnv", (BothAnimals, pettingzoo.ParallelEnv), {})
    return kind(own)


class BothAnimals:
    """The methods of a `ParallelEnv`; see `as_parallel_env`."""

    def __init__(self, env: NeuromechEnv) -> None:
        assert env.world.second is not None
        self._env, self._other = env, Bystander(env.world)
        env.animal.company = self._other
        self.metadata = {**env.metadata, "name": env.run.experiment, "is_parallelizable": True}
        self.render_mode = env.render_mode
        self.possible_agents = [ANIMAL, OTHER]
        self.agents: list[str] = []
        low, high = env.world.second.excitations.astype(np.float32)
        self.observation_spaces = {ANIMAL: env.observation_space, OTHER: space_of(self._other.senses)}
        self.action_spaces = {ANIMAL: env.action_space, OTHER: spaces.Box(low, high, dtype=np.float32)}

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        """Return the space of what an agent observes."""
        return self.observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        """Return the space of an agent's actions."""
        return self.action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Observation], dict[str, dict[str, Any]]]:
        """Begin an episode; seed and options are those of `NeuromechEnv.reset`."""
        observation, info = self._env.reset(seed=seed, options=options)
        self.agents = list(self.possible_agents)
        return self._each(observation), {agent: dict(info) for agent in self.agents}

    def step(self, actions: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
        """Hold one action of each agent for a control period.

        Returns
        -------
        by agent: observations, rewards, terminations, truncations and infos.

        Raises
        ------
        InputError
            As `NeuromechEnv.step`, or an agent's action is missing.
        """
        for agent in self.agents:
            if agent not in actions:
                raise InputError(f"the action of agent {agent!r} is missing")
        if self.agents:
            self._other.hold(actions[OTHER])
        observation, reward, over, late, info = self._env.step(actions[ANIMAL])
        agents, seen = self.agents, self._each(observation)
        if over or late:
            self.agents = []
        return (
            seen,
            {agent: reward for agent in agents},
            {agent: over for agent in agents},
            {agent: late for agent in agents},
            {agent: dict(info) for agent in agents},
        )

    def render(self) -> np.ndarray | None:
        """Return the present picture, as `NeuromechEnv.render` does."""
        return self._env.render()

    def close(self) -> None:
        """Release the camera and the window."""
        self._env.close()

    def _each(self, observation: Observation) -> dict[str, Observation]:
        return {ANIMAL: observation, OTHER: self._other.observe()}
