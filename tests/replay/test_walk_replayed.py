"""Replayed steps: what the file may hold, and that feet go where the animal put them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.cli import main
from neuromech.replay import walk
from neuromech.replay.walk import ReplayedWalk
from neuromech.specs import content

CLIP = "fly/spotlight_walking_first_half.npz"


def test_the_scores_are_what_they_say() -> None:
    frames = 60
    path = np.zeros((frames, 6))
    path[:, 1], path[:, 3] = np.linspace(0, 5, frames), np.pi / 2
    recorded = np.zeros((frames, 1, 3))
    walked = ReplayedWalk(path, recorded, recorded + [0.3, 0.0, 0.4], np.array([2.0]), ("lf",), 59.0)
    assert walked.forward_mm == pytest.approx(5.0) and walked.speed_mm_s == pytest.approx(5.0)
    assert walked.foot_errors == pytest.approx([0.25])
    assert "25.0%" in walk.table(walked) and "5.00 mm forwards" in walk.table(walked)


def test_the_recorded_steps_carry_the_fly_forwards(data: Path) -> None:
    body, floor = content.load("bodies", "fly"), content.load("environments", "treadmill")
    steps = walk.load(data / CLIP, body.replay)
    assert steps.angles.shape == (330, 6, 7) and steps.seconds == pytest.approx(329 / 330)
    walked = walk.walk(body, floor, 0.0002, steps)
    assert walked.foot_errors.max() < 0.15
    assert walked.forward_mm > 5.0


def test_what_is_no_walk_is_refused(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replayed = content.load("bodies", "fly").replay
    with pytest.raises(InputError, match="joint in the recording"):
        walk.load(data / CLIP, replace(replayed, joints={"thorax_coxa_twist": "coxa_yaw"}))
    with pytest.raises(InputError, match="landmark in the recording"):
        walk.load(data / CLIP, replace(replayed, foot="toe"))
    asked = ["replay", f"file={data / CLIP}", "body=fly", "environment=treadmill"]
    assert main.main([*asked, "bouts=[0]"]) == 2
    assert "bouts" in capsys.readouterr().err
    np.savez(tmp_path / "a.npz", x=np.zeros(3))
    assert main.main(["replay", f"file={tmp_path / 'a.npz'}", *asked[2:]]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
