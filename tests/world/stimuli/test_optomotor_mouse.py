"""A mouse in the striped drum: its head follows, and only for stripes that it can see."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neuromech.loop import Loop
from neuromech.specs.compose import load_run
from neuromech.tracking.trackers import gait

OPTOMOTOR = ("experiment=mouse_optomotor", "duration_s=4")


def turning(*overrides: str, episodes: int = 2) -> float:
    """Mean of some episodes: membrane noise sways the head of one by a tenth of a degree per second."""
    each: list[dict[str, Any]] = [
        gait.metrics(Loop.of(load_run([*OPTOMOTOR, f"seed={seed}", *overrides])).play_in_memory())
        for seed in range(episodes)
    ]
    assert all(found["fell"] == 0.0 for found in each)
    return float(np.mean([found["head_turning_deg_s"] for found in each]))


@pytest.mark.thorough
def test_the_head_follows_the_drum_to_either_side_and_not_with_covered_eyes() -> None:
    left, right = (turning(f"environment.stimulus.direction={side}") for side in ("left", "right"))
    assert 0.5 < left < 4.0 and -4.0 < right < -0.5  # the drum turns at 12
    covered = ("body.senses.left_eye.covered=true", "body.senses.right_eye.covered=true")
    assert abs(turning(*covered, episodes=1)) < 0.5 * left


@pytest.mark.slow  # the table of the mouse's controls has these rows, with ten seeds each
def test_the_head_follows_the_drum_slowly_and_a_covered_or_too_fine_one_not_at_all() -> None:
    left, right = (
        turning(f"environment.stimulus.direction={side}", episodes=4) for side in ("left", "right")
    )
    assert 0.5 < left < 4.0  # the drum turns at 12
    assert right == pytest.approx(-left, rel=0.2)
    assert (
        abs(turning("body.senses.left_eye.covered=true", "body.senses.right_eye.covered=true")) < 0.25 * left
    )
    assert abs(turning("environment.stimulus.cycles_per_deg=0.6")) < 0.25 * left
    # The right eye sees the drum turn towards the nose, the left eye towards the tail, which drives nothing.
    assert turning("body.senses.left_eye.covered=true") > 0.5 * left
    assert abs(turning("body.senses.right_eye.covered=true")) < 0.25 * left
    assert abs(turning("perturb.ablate=[NOT]")) < 0.25 * left
