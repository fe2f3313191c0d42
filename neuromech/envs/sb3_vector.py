"""Vector environments as Stable-Baselines3 wants them: `as_sb3_vec_env`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.wrappers.vector import DictInfoToList

from neuromech._lib.errors import InputError


def as_sb3_vec_env(vector: VectorEnv) -> Any:
    """Return a vector environment of Gymnasium as a `VecEnv` of Stable-Baselines3.

    PPO and SAC then step all animals of `gymnasium.make_vec` in one call, with one pass through the network
    for all of them.

    Parameters
    ----------
    vector : made with `autoreset_mode="SameStep"`, which is the rule of Stable-Baselines3: the observation
        after the end of an episode is the first of the next one, and the last of the old one is in `infos`.

    Raises
    ------
    InputError
        It has another rule of autoreset, or Stable-Baselines3 (the extra `rl`) is not installed.

    Examples
    --------
    >>> import gymnasium, neuromech
    >>> from neuromech.envs.sb3_vector import as_sb3_vec_env
    >>> worms = gymnasium.make_vec("neuromech/WormCrawl-v0", num_envs=4)
    >>> as_sb3_vec_env(worms)
    Traceback (most recent call last):
        ...
    neuromech._lib.errors.InputError: Stable-Baselines3 needs autoreset_mode="SameStep", not "NextStep"
    """
    mode = AutoresetMode(vector.metadata["autoreset_mode"])
    if mode != AutoresetMode.SAME_STEP:
        raise InputError(f'Stable-Baselines3 needs autoreset_mode="SameStep", not "{mode.value}"')
    try:
        base = import_module("stable_baselines3.common.vec_env").VecEnv
    except ImportError as error:
        raise InputError(f"a VecEnv needs {error.name}: pip install 'neuromech[rl]'") from None

    class GymnasiumVecEnv(base):
        """All environments of a vector of Gymnasium."""

        def __init__(self) -> None:
            self._vector, self._actions = DictInfoToList(vector), np.zeros(0)
            super().__init__(vector.num_envs, vector.single_observation_space, vector.single_action_space)

        def reset(self) -> Any:
            """Begin an episode in each, with the seeds that `seed` gave, if it was called."""
            seeds: Any = None if None in self._seeds else list(self._seeds)
            seen, self.reset_infos = self._vector.reset(seed=seeds)
            self._reset_seeds()
            self._reset_options()
            return seen

        def step_async(self, actions: np.ndarray) -> None:
            """Take note of the actions of the next step."""
            self._actions = actions

        def step_wait(self) -> tuple[Any, np.ndarray, np.ndarray, list[dict[str, Any]]]:
            """Step all; where an episode has ended, `infos` hold its last observation."""
            seen, rewards, over, late, infos = self._vector.step(self._actions)
            done = np.logical_or(over, late)
            told: list[dict[str, Any]] = []
            for lane, info in enumerate(infos):
                if done[lane]:
                    # Its own end counts, not the beginning of the next one.
                    info = {**info["final_info"], "terminal_observation": info["final_obs"]}
                told.append({**info, "TimeLimit.truncated": bool(late[lane] and not over[lane])})
            return seen, np.asarray(rewards, np.float32), done, told

        def close(self) -> None:
            """Close all."""
            self._vector.close()

        def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
            """Return an attribute of some of them."""
            return [getattr(env, attr_name) for env in self._chosen(indices)]

        def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
            """Set an attribute of some of them."""
            for env in self._chosen(indices):
                setattr(env, attr_name, value)

        def env_method(self, method_name: str, *args: Any, indices: Any = None, **keywords: Any) -> list[Any]:
            """Call a method of some of them."""
            return [getattr(env, method_name)(*args, **keywords) for env in self._chosen(indices)]

        def env_is_wrapped(self, wrapper_class: type[Any], indices: Any = None) -> list[bool]:
            """Say of each whether it is in such a wrapper; none is."""
            return [isinstance(env, wrapper_class) for env in self._chosen(indices)]

        def _chosen(self, indices: int | Iterable[int] | None) -> Sequence[Any]:
            envs = vector.unwrapped.envs  # type: ignore[attr-defined]  # of every vector of neuromech
            return [envs[k] for k in self._get_indices(indices)]

    return GymnasiumVecEnv()
