"""Many animals of one experiment as one vector environment of Gymnasium, stepped together on threads."""

from __future__ import annotations

import copy
import os
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import numpy as np
from gymnasium import Env
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.vector.utils import concatenate, iterate

from neuromech._lib import state as states
from neuromech._lib.errors import InputError, unknown
from neuromech._lib.numbers import whole
from neuromech._lib.state import State
from neuromech.batch import Animals
from neuromech.envs.environment import NeuromechEnv
from neuromech.senses.animal import Animal
from neuromech.specs.run import Run

MODES = {mode.value: mode for mode in AutoresetMode}
"""Gymnasium's rules for what happens after an episode has ended, by their names."""


Outcome = tuple[Any, float, bool, bool, dict[str, Any]]
"""What `step` of an environment returns."""


class TogetherVectorEnv(SyncVectorEnv):
    """Environments of one kind, one for each animal, whose animals are stepped together on threads.

    To its user it is Gymnasium's own `SyncVectorEnv` of the environments: the same spaces, observations,
    rewards, `infos` and rules of autoreset, to the bit.

    Parameters
    ----------
    first : the environment of the first animal; the others are copies of it.
    count : how many animals there are.
    autoreset_mode : `NextStep`, `SameStep` or `Disabled`, by Gymnasium's rules.
    threads : how many share the work; as many as there are cores if left out.

    Raises
    ------
    InputError
        `threads` is no whole number of at least 1, or there is no such mode.
    """

    def __init__(
        self, first: Env, count: int, autoreset_mode: str | AutoresetMode, threads: int | None = None
    ) -> None:
        self._threads = os.cpu_count() or 1 if threads is None else whole("threads", threads, least=1)
        lanes = iter([first, *(copy.deepcopy(first) for _ in range(count - 1))])
        # Gymnasium makes each by a call; copies are made faster than animals.
        super().__init__([lambda: next(lanes)] * count, autoreset_mode=_mode(autoreset_mode))
        self._animals: Animals | None = None

    @abstractmethod
    def _hold(self, actions: Sequence[Any], lanes: Sequence[int]) -> Iterable[Outcome]:
        """Hold the actions of some animals, whose numbers are `lanes`; return what `step` of each would."""

    @abstractmethod
    def _animal(self, lane: int) -> Animal:
        """Return the animal of an environment."""

    def step(self, actions: Any) -> Any:
        """Hold one action for each animal, by Gymnasium's autoreset rules.

        Returns
        -------
        the observations, rewards (animal,), terminations (animal,), truncations (animal,), and `infos`.

        Raises
        ------
        InputError
            As `NeuromechEnv.step`; or an ended episode is stepped although autoreset is disabled.
        """
        mode, ended = self.metadata["autoreset_mode"], self._autoreset_envs
        if mode == AutoresetMode.DISABLED and ended.any():
            raise InputError("an episode has ended: reset it with options={'reset_mask': ...} before step")
        given = list(iterate(self.action_space, actions))
        resets = ended.nonzero()[0].tolist() if mode == AutoresetMode.NEXT_STEP else []
        infos: dict[str, Any] = {}
        latest: list[Any] = self._env_obs
        for lane in resets:
            latest[lane], info = self.envs[lane].reset()
            self._rewards[lane], self._terminations[lane], self._truncations[lane] = 0.0, False, False
            infos = self._add_info(infos, info, lane)
        stepped = [lane for lane in range(self.num_envs) if lane not in resets]
        outcomes = self._hold([given[lane] for lane in stepped], stepped)
        for lane, (observed, reward, over, late, info) in zip(stepped, outcomes, strict=True):
            self._rewards[lane], self._terminations[lane], self._truncations[lane] = reward, over, late
            if mode == AutoresetMode.SAME_STEP and (over or late):
                infos = self._add_info(infos, {"final_obs": observed, "final_info": info}, lane)
                observed, info = self.envs[lane].reset()
            latest[lane] = observed
            infos = self._add_info(infos, info, lane)
        self._observations = concatenate(self.single_observation_space, self._env_obs, self._observations)
        self._autoreset_envs = np.logical_or(self._terminations, self._truncations)
        shown = copy.deepcopy(self._observations)
        return shown, self._rewards.copy(), self._terminations.copy(), self._truncations.copy(), infos

    def close_extras(self, **kwargs: Any) -> None:
        """Release cameras, windows and threads."""
        super().close_extras(**kwargs)
        if self._animals is not None:
            self._animals.close()

    def _together(self) -> Animals:
        if self._animals is None:
            self._animals = Animals([self._animal(k) for k in range(self.num_envs)], self._threads)
        return self._animals

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy takes on: all but the threads, and the calls that made the environments."""
        return {**vars(self), "_animals": None, "env_fns": ()}


class NeuromechVectorEnv(TogetherVectorEnv):
    """`num_envs` animals of one experiment, each with its own world, seed and episodes.

    `gymnasium.make_vec(id, num_envs=N)` makes it. To its user it is Gymnasium's own `SyncVectorEnv` of
    `NeuromechEnv`: the same spaces, observations, rewards, `infos` and rules of autoreset, to the bit. The
    physics of the animals runs on `threads` at once, in compiled calls.

    Parameters
    ----------
    num_envs : how many animals there are.
    experiment, overrides, render_mode, width, height, reward : of each of them, as for `NeuromechEnv`.
    autoreset_mode : `NextStep`, `SameStep` or `Disabled`, by Gymnasium's rules.
    threads : how many share the work; as many as there are cores if left out.

    Raises
    ------
    InputError
        As `NeuromechEnv`, or a number is no whole one of at least 1, or there is no such mode.

    Examples
    --------
    >>> import gymnasium, neuromech
    >>> worms = gymnasium.make_vec("neuromech/WormCrawl-v0", num_envs=3)
    >>> observations, infos = worms.reset(seed=0)
    >>> observations["bend"].shape
    (3, 24)
    """

    def __init__(
        self,
        num_envs: int = 1,
        experiment: str | Run = "worm_chemotaxis",
        overrides: Sequence[str] = (),
        render_mode: str | None = None,
        width: int = 640,
        height: int = 480,
        reward: str | Mapping[str, Any] | None = None,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        threads: int | None = None,
        **others: Any,
    ) -> None:
        count = whole("num_envs", num_envs, least=1)
        first = NeuromechEnv(experiment, overrides, render_mode, width, height, reward, **others)
        super().__init__(first, count, autoreset_mode, threads)

    @property
    def lanes(self) -> list[NeuromechEnv]:
        """The environments, one for each animal."""
        return [env for env in self.envs if isinstance(env, NeuromechEnv)]

    def _hold(self, actions: Sequence[Any], lanes: Sequence[int]) -> Iterable[Outcome]:
        envs = [self.lanes[lane] for lane in lanes]
        excitations = [env.excitation(action) for env, action in zip(envs, actions, strict=True)]
        sensed = self._together().step(excitations, lanes)
        return [env.outcome(seen) for env, seen in zip(envs, sensed, strict=True)]

    def _animal(self, lane: int) -> Animal:
        return self.lanes[lane].animal

    def save_state(self) -> State:
        """Return all that the rest of every animal's episode, and later ones, depend on.

        Raises
        ------
        InputError
            As `NeuromechEnv.save_state`.
        """
        saved = [env.save_state() for env in self.lanes]
        flags = {
            "terminations": self._terminations.copy(),
            "truncations": self._truncations.copy(),
            "autoreset": self._autoreset_envs.copy(),
        }
        return State(self._about(), {"lanes": [each.parts for each in saved], "flags": flags})

    def restore_state(self, state: State) -> Any:
        """Go on from a state that `save_state` of an environment like this one returned.

        Returns
        -------
        the observations of that moment.

        Raises
        ------
        InputError
            The state is that of something else, or of another number of animals.
        """
        states.check_about(state, self._about())
        given = states.names(state.parts, ("lanes", "flags"), "a vector environment")
        flags, latest = given["flags"], cast("list[Any]", self._env_obs)
        for k, (env, parts) in enumerate(zip(self.lanes, given["lanes"], strict=True)):
            latest[k], _ = env.restore_state(State(env.about(), parts))
        self._terminations = np.array(flags["terminations"], bool)
        self._truncations = np.array(flags["truncations"], bool)
        self._autoreset_envs = np.array(flags["autoreset"], bool)
        self._observations = concatenate(self.single_observation_space, self._env_obs, self._observations)
        return copy.deepcopy(self._observations)

    def _about(self) -> dict[str, Any]:
        return {**self.lanes[0].about(), "of": "vector environment", "animals": self.num_envs}


def _mode(wanted: str | AutoresetMode) -> AutoresetMode:
    if isinstance(wanted, AutoresetMode):
        return wanted
    if wanted not in MODES:
        raise unknown("autoreset mode", str(wanted), MODES)
    return MODES[wanted]
