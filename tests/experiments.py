"""Every experiment as the parameter of a test; some are left to the thorough tests."""

from collections.abc import Iterable
from typing import Any

import pytest

from neuromech.envs.ids import IDS

FURTHER = ("fish_follow", "fly_plume", "mouse_pushes", "mouse_velocity", "worm_velocity")
"""Their bodies, worlds and what they leave to chance are those of other experiments."""


def marked(names: Iterable[str]) -> list[Any]:
    """Return names of experiments, or ids of environments, as the values of a parameter."""
    return [
        pytest.param(name, marks=pytest.mark.thorough) if IDS.get(name, name) in FURTHER else name
        for name in names
    ]
