"""Perturbations in training: they reach the brain under a policy, and are refused where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.specs.compose import training
from neuromech.training.policy_env import PolicyEnv
from neuromech.training.training_task import read


def decisions(*overrides: str) -> PolicyEnv:
    return PolicyEnv(read(training(["experiment=worm_chemotaxis", *overrides])))


def play(env: PolicyEnv) -> np.ndarray:
    env.reset(seed=1)
    return np.array([env.step(np.full(env.action_space.shape, 0.2, np.float32))[0] for _ in range(3)])


def test_a_lesion_reaches_the_brain_that_a_policy_commands() -> None:
    intact, injured = decisions("learner=descending"), decisions("learner=descending", "perturb.ablate=[AVA]")
    assert not np.array_equal(play(intact), play(injured))


def test_a_policy_over_muscles_has_no_brain_to_perturb() -> None:
    with pytest.raises(InputError, match="no brain to perturb"):
        decisions("learner=muscles", "perturb.ablate=[AVA]")
