from pathlib import Path
from typing import Any

import pytest

from neuromech._lib.errors import InputError
from neuromech.specs import content
from neuromech.specs.compose import compose
from neuromech.training import motion_vision


def settings(output: Path, **gradient: Any) -> dict[str, Any]:
    found = content.plain(compose(["fit=fly_motion"], primary="fit"))
    small = {"radius": 2, "margin": 1, "frames": 6, "batch": 2, "iterations": 4}
    return {**found, "output": str(output), "gradient": {**found["gradient"], **small, **gradient}}


@pytest.mark.thorough
def test_learning_that_was_stopped_goes_on_to_the_same_strengths(tmp_path: Path) -> None:
    whole = motion_vision.run(settings(tmp_path / "whole"), progress=False)
    motion_vision.run(settings(tmp_path / "parts", iterations=2), progress=False)
    parts = motion_vision.run(settings(tmp_path / "parts"), progress=False)
    one, other = (content.read_yaml(file) for file in (whole, parts))
    # All but the time it took.
    assert one["optic_lobe"] == other["optic_lobe"]
    with pytest.raises(InputError, match="another task"):
        motion_vision.run(settings(tmp_path / "parts", rate=0.02), progress=False)
    with pytest.raises(InputError, match=r"unknown key 'gradient\.raet'; nearest: gradient\.rate"):
        motion_vision.run(settings(tmp_path / "parts", raet=0.02), progress=False)
