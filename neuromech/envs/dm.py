"""A Gymnasium environment as a ``dm_env`` environment, for the tools around dm_control."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from neuromech._lib.errors import InputError


def adapt(env: gymnasium.Env[Any, np.ndarray], seed: int | None = None) -> Any:
    """Return ``env`` behind the interface of ``dm_env.Environment``.

    Observations and actions keep their names, shapes, types and bounds. The end of time is a last step with
    discount 1, termination one with discount 0; a step after the last begins the next episode, whatever the
    action. ``seed`` is that of the first episode.

    Raises
    ------
    InputError
        ``dm_env`` is not installed (it comes with dm_control, which Python 3.13 and later do not have).
    """
    try:
        import dm_env
        from dm_env import specs
    except ImportError:
        raise InputError(
            "as_dm_env needs dm_env, which comes with dm_control up to Python 3.12: pip install dm-env"
        ) from None

    def spec(space: spaces.Space[Any], name: str) -> Any:
        assert isinstance(space, spaces.Box) and space.dtype is not None
        if np.isfinite(space.low).all() and np.isfinite(space.high).all():
            return specs.BoundedArray(space.shape, space.dtype, space.low, space.high, name)
        return specs.Array(space.shape, space.dtype, name)

    class Adapted(dm_env.Environment):
        """One experiment, step by step as dm_env has it."""

        def __init__(self) -> None:
            self._seed = seed
            self._over = True

        def reset(self) -> dm_env.TimeStep:
            observation, _ = env.reset(seed=self._seed)
            self._seed, self._over = None, False
            return dm_env.restart(observation)

        def step(self, action: Any) -> dm_env.TimeStep:
            if self._over:
                return self.reset()
            observation, reward, terminated, truncated, _ = env.step(np.asarray(action))
            self._over = terminated or truncated
            if terminated:
                return dm_env.termination(float(reward), observation)
            if truncated:
                return dm_env.truncation(float(reward), observation)
            return dm_env.transition(float(reward), observation)

        def observation_spec(self) -> Any:
            space = env.observation_space
            if isinstance(space, spaces.Dict):
                return {name: spec(each, name) for name, each in space.spaces.items()}
            return spec(space, "observation")

        def action_spec(self) -> Any:
            return spec(env.action_space, "action")

        def close(self) -> None:
            env.close()

    return Adapted()
