"""The weights of a network that moves the muscles, as what a search by candidates changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from neuromech.controllers.policy_network import Network
from neuromech.training.policy_env import PolicyEnv
from neuromech.training.training_task import TrainingTask

LEAST_SCALE = 1e-3
"""A feature that hardly changed in the episode that was looked at is divided by this at least."""


@dataclass(frozen=True)
class Weights:
    """Networks from features to actions, by their numbers: weights and biases, layer by layer.

    Weights count in units of one over the root of how many enter a unit, so that a step is as large in every
    layer. Parameters: `sizes`, of the features, every hidden layer and the actions; `mean` and `scale`
    (feature,) normalise what is observed, and stay.
    """

    sizes: tuple[int, ...]
    mean: np.ndarray
    scale: np.ndarray

    @staticmethod
    def of(task: TrainingTask, hidden: Sequence[int], seed: int) -> Weights:
        """Return the networks of a task; an episode with random actions says how large its features are."""
        env, rng = PolicyEnv(task), np.random.default_rng([seed, 1])
        assert task.plan is not None and env.action_space.shape is not None
        (actions,) = env.action_space.shape
        seen = [env.reset(seed=seed)[0]]
        for _ in range(round(task.training.duration_s / task.plan.period_s) - 1):
            features, _, ended, cut, _ = env.step(rng.uniform(-1, 1, actions).astype(np.float32))
            seen.append(features)
            if ended or cut:
                break
        env.close()
        sizes = (len(seen[0]), *hidden, actions)
        return Weights(sizes, np.mean(seen, axis=0), np.maximum(np.std(seen, axis=0), LEAST_SCALE))

    @property
    def bounds(self) -> tuple[str, ...]:
        """A name for every number."""
        return tuple(
            f"{k}.{unit}.{source}"
            for k, (below, above) in enumerate(self._layers)
            for unit in range(above)
            for source in (*range(below), "bias")
        )

    def start(self, seed: int) -> np.ndarray:
        """Return numbers to begin with: weights drawn from a normal distribution, and no bias."""
        rng = np.random.default_rng([seed, 2])
        parts = []
        for below, above in self._layers:
            layer = rng.standard_normal((above, below + 1))
            layer[:, -1] = 0.0
            parts.append(layer.ravel())
        return np.concatenate(parts)

    def decode(self, point: Sequence[float]) -> Network:
        """Return the network of some numbers."""
        numbers, layers = np.asarray(point, np.float32), []
        for below, above in self._layers:
            size = above * (below + 1)
            layer, numbers = numbers[:size].reshape(above, below + 1), numbers[size:]
            layers.append((layer[:, :-1] / np.float32(np.sqrt(below)), layer[:, -1]))
        return Network(self.mean.astype(np.float32), self.scale.astype(np.float32), layers, "clip")

    @property
    def _layers(self) -> list[tuple[int, int]]:
        return list(zip(self.sizes[:-1], self.sizes[1:], strict=True))


def hidden_of(task: TrainingTask, numbers: int) -> int:
    """Return how many hidden units a network of one such layer has, for as many numbers as can be had."""
    env = PolicyEnv(task)
    assert env.observation_space.shape is not None and env.action_space.shape is not None
    (features,), (actions,) = env.observation_space.shape, env.action_space.shape
    env.close()
    return max(1, round((numbers - actions) / (features + 1 + actions)))
