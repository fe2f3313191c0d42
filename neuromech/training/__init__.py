"""Training and fitting: what learns, and on what. The registries here name their entries and import none."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from neuromech._lib.registry import Registry

METHODS: Registry[Callable[..., Path]] = Registry(
    "fit method",
    {
        "evolution": "neuromech.training.fit:run_fit",
        "gradient": "neuromech.training.motion_vision:run",
    },
)
"""What runs a fit, by the `method` of its configuration: from settings to the file of the result."""

LEARNERS: Registry[Any] = Registry("learner", {})
