"""Fitting and training: parameters of a brain that a search finds, and controllers that learn from a reward.

The registries name their entries; an entry is imported when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from neuromech._lib.registry import Registry

if TYPE_CHECKING:
    from neuromech.training.learners import Learner

LEARNERS: Registry[Learner] = Registry(
    "learner",
    {
        "ppo": "neuromech.training.rl:NETWORKS",
        "sac": "neuromech.training.rl:NETWORKS",
        "evolution": "neuromech.training.evolution:EVOLUTION",
        "policy_gradient": "neuromech.training.policy_gradient:POLICY_GRADIENT",
    },
)
"""The ways of training a controller, by `algorithm.kind` in configs/train/NAME.yaml."""

FIT_METHODS: Registry[Callable[..., Path]] = Registry(
    "fit method",
    {
        "evolution": "neuromech.training.fit:run_fit",
        "gradient": "neuromech.training.motion_vision:run",
        "atlas": "neuromech.training.atlas_fit:run",
    },
)
"""What runs a fit, by `method` in configs/fit/NAME.yaml: from its settings to the file of its result."""
