"""A Gymnasium environment behind the interface of `dm_env`, for the tools around dm_control."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from neuromech._lib.errors import InputError
from neuromech._lib.numbers import whole


def as_dm_env(env: gymnasium.Env[Any, np.ndarray], seed: int | None = None) -> Any:
    """Return a Gymnasium environment as a `dm_env.Environment`.

    Observations and actions keep their names, shapes, types and bounds. When the time is up, the last step
    has the discount 1; when the task is over, it has the discount 0. A step after the last one begins the
    next episode, whatever its action is.

    Parameters
    ----------
    env : an environment whose spaces are boxes, or a dictionary of boxes.
    seed : that of the first episode; later ones go on with the random numbers.

    Raises
    ------
    InputError
        A space is of another kind, or `dm_env` is not installed. It comes with dm_control, which Python 3.13
        and later do not have.
    """
    try:
        import dm_env
        from dm_env import specs
    except ImportError:
        raise InputError(
            "as_dm_env needs dm_env, which comes with dm_control up to Python 3.12: pip install dm-env"
        ) from None

    def array_spec(space: spaces.Space[Any], name: str) -> Any:
        if not isinstance(space, spaces.Box) or space.dtype is None:
            raise InputError(f"as_dm_env takes spaces that are boxes; {name} is a {type(space).__name__}")
        if np.isfinite(space.low).all() and np.isfinite(space.high).all():
            return specs.BoundedArray(space.shape, space.dtype, space.low, space.high, name)
        return specs.Array(space.shape, space.dtype, name)

    seen = env.observation_space
    if isinstance(seen, spaces.Dict):
        observation_spec: Any = {name: array_spec(each, name) for name, each in seen.spaces.items()}
    else:
        observation_spec = array_spec(seen, "observation")
    action_spec = array_spec(env.action_space, "action")

    class DmEnvironment(dm_env.Environment):
        """The environment, step by step as `dm_env` has it."""

        def __init__(self) -> None:
            self._next_seed = None if seed is None else whole("seed", seed)
            self._over = True

        def reset(self) -> dm_env.TimeStep:
            observation, _ = env.reset(seed=self._next_seed)
            self._next_seed, self._over = None, False
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
            return observation_spec

        def action_spec(self) -> Any:
            return action_spec

        def close(self) -> None:
            env.close()

    return DmEnvironment()
