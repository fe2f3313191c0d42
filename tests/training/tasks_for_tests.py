"""Small tasks for the tests of training."""

from __future__ import annotations

from collections.abc import Sequence

from omegaconf import DictConfig

from neuromech.specs.compose import training

SMALL = (
    "learners.muscles.period_s=0.02",
    "learners.muscles.lags_s=[0.02]",
    "learners.muscles.episode_s=0.4",
    "learners.muscles.steps=96",
    "algorithm.hidden=[8]",
    "checkpoint_steps=32",
    "envs=2",
    "evaluate=false",
)
PPO = ("train=ppo", "algorithm.n_steps=16", "algorithm.batch_size=16", "algorithm.n_epochs=2")
SAC = ("train=sac", "algorithm.learning_starts=8", "algorithm.buffer_size=60", "algorithm.batch_size=8")
EVOLUTION = (
    "train=evolution",
    "algorithm.population=4",
    "learners.parameters.episode_s=0.3",
    "learners.parameters.steps=3",
    "evaluate=false",
)


def words(*more: str, algorithm: Sequence[str] = PPO) -> list[str]:
    """Overrides of a training of seconds: the worm's muscles."""
    return ["experiment=worm_chemotaxis", *algorithm, *SMALL, *more]


def small(*more: str, algorithm: Sequence[str] = PPO) -> DictConfig:
    """The configuration of `words`."""
    return training(words(*more, algorithm=algorithm))


def evolution(*more: str) -> DictConfig:
    """The configuration of an evolution of seconds: the worm's salt pathway."""
    return training(["experiment=worm_chemotaxis", *EVOLUTION, *more])
