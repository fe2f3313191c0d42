"""What environment.yaml leaves to chance: drawn for an episode, it then is as if it had been written."""

from __future__ import annotations

import dataclasses

import numpy as np

from neuromech.specs.environment import RANDOM, EnvironmentSpec, Pushes, StimulusSpec, Touch

PUSHES, VELOCITY, STIMULUS = range(3)
"""What is drawn, each with random numbers of its own."""
MOST_PUSHES = 1000
"""Pushes that an episode has at most: all of them are looked through in every control period."""


def left(environment: EnvironmentSpec) -> bool:
    """Whether an environment leaves anything to chance."""
    velocity = environment.task.velocity_mm_s
    return environment.pushes is not None or velocity is not None or _draws(environment.stimulus)


def settled(environment: EnvironmentSpec, seed: int, until_s: float) -> EnvironmentSpec:
    """Return the environment of one episode, in which nothing is left to chance.

    Pushes have become entries of `touch`, the velocity that is asked for is one, and the stimulus has a draw.
    A longer episode of the same seed begins in the same way.

    Parameters
    ----------
    environment : what environment.yaml says.
    seed : from which everything follows.
    until_s : when the last push begins at the latest, s.
    """
    task, stimulus, touch = environment.task, environment.stimulus, environment.touch
    if task.velocity_mm_s is not None:
        velocity = float(_numbers(seed, VELOCITY).uniform(*task.velocity_mm_s))
        task = dataclasses.replace(task, velocity_mm_s=(velocity, velocity))
    if _draws(stimulus):
        draw = int(_numbers(seed, STIMULUS).integers(2**31))
        stimulus = StimulusSpec(stimulus.kind, {**stimulus.options, "draw": draw})
    if environment.pushes is not None:
        touch += _pushed(environment.pushes, _numbers(seed, PUSHES), until_s)
    return dataclasses.replace(environment, task=task, stimulus=stimulus, touch=touch, pushes=None)


def _draws(stimulus: StimulusSpec) -> bool:
    return stimulus.options.get("draw") == RANDOM


def _numbers(seed: int, what: int) -> np.random.Generator:
    return np.random.default_rng([seed, what])


def _pushed(pushes: Pushes, rng: np.random.Generator, until_s: float) -> tuple[Touch, ...]:
    found: list[Touch] = []
    end_s = 0.0
    while len(found) < MOST_PUSHES:
        start_s = end_s + float(rng.uniform(*pushes.every_s))
        force, side = float(rng.uniform(*pushes.force_nN)), float(rng.uniform(-np.pi, np.pi))
        end_s = start_s + pushes.lasts_s
        if start_s >= until_s:
            break
        level = (force * float(np.cos(side)), force * float(np.sin(side)), 0.0)
        found.append(Touch(pushes.segment, start_s, end_s, level))
    return tuple(found)
