"""Parts of a row of an evaluation that trains a controller; `specs.evaluation_parts` has the others."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from neuromech._lib.errors import InputError
from neuromech.specs.checked import Checked
from neuromech.specs.evaluation_parts import Seeds
from neuromech.specs.values import Count, Name, Whole


@dataclass(frozen=True, kw_only=True)
class PolicyRewardSpec(Checked):
    """The reward of a controller in its task, over episodes that no training has met; trained here or not."""

    score: Name
    """The term of the reward that is looked at."""
    train: Name | None = None
    """The algorithm of a training, a name of configs/train; none trains nothing."""
    learner: Name | None = None
    """What is trained."""
    trained: bool = True
    """false stops before the training: the learner as it begins."""
    episodes: Seeds = 1
    """So many episodes make one mean."""
    first_seed: Whole = 20_000
    """The seed of the first episode, far from those of trainings."""

    SECTION = "policy"

    def __post_init__(self) -> None:
        """Refuse half of a training."""
        super().__post_init__()
        if (self.train is None) != (self.learner is None):
            raise InputError("a training needs both: train and learner")


@dataclass(frozen=True, kw_only=True)
class ImitationSpec(Checked):
    """A recording: a policy is trained to imitate its first half, and held beside its second."""

    measured: Name
    """The recording: a name of `neuromech data list`, or a path."""
    format: Name | None = None
    """Its format, where the file does not show it."""
    options: dict[str, Any] = field(default_factory=dict)
    """What the file does not say, as `neuromech compare` takes it: fps, unit, spine, limbs ..."""
    train: Name = "ppo_imitation"
    """The algorithm of the training, a name of configs/train."""
    steps: Count | None = None
    """Decisions of the training; null: those of the task."""

    SECTION = "imitation"
