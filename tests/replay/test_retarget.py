"""Joint angles found in recordings: those that made a recording come back."""

from __future__ import annotations

from pathlib import Path

import mujoco
import numpy as np
import pytest
import xarray as xr
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import neuromech as nm
from neuromech._lib.errors import InputError
from neuromech.cli import main
from neuromech.replay.retarget import retarget
from neuromech.specs import content
from neuromech.world import body as bodies
from neuromech.world.recorded_motion import JointMotion


def recording(angles: np.ndarray, size: float = 1.0, turn_rad: float = 0.0, points: int = 49) -> xr.Dataset:
    """A worm in some postures (frame, joint), as large and turned as one likes, seen from above."""
    body = bodies.load(content.load("bodies", "worm"))
    data = mujoco.MjData(body.model)
    address = body.joint_addresses([f"bend_{k:02d}" for k in range(1, 25)])
    sites = body.site_ids(body.landmarks)[np.linspace(0, 48, points).round().astype(int)]
    turn = np.array([[np.cos(turn_rad), -np.sin(turn_rad)], [np.sin(turn_rad), np.cos(turn_rad)]])
    xyz = np.zeros((len(angles), points, 3))
    for k, each in enumerate(angles):
        data.qpos[address] = each
        mujoco.mj_kinematics(body.model, data)
        xyz[k, :, :2] = size * data.site_xpos[sites, :2] @ turn.T + [3.0, -7.0]
    return xr.Dataset(
        {"landmarks": (("time", "landmark", "xyz"), xyz)},
        {"time": np.arange(len(angles)) / 15, "landmark": [f"spine_{k:02d}" for k in range(points)],
         "xyz": list("xyz")},
        {"tracker": "undulation"},
    )  # fmt: skip


def wave(amplitude: float, phase: float, frames: int = 2) -> np.ndarray:
    places, times = np.arange(24)[None] / 24, np.arange(frames)[:, None] / 15
    return amplitude * np.sin(2 * np.pi * (places / 0.65 - times) + phase)


@settings(max_examples=4, deadline=None, phases=[Phase.generate])
@given(
    amplitude=st.floats(0.05, 0.5),
    phase=st.floats(0, 6.3),
    size=st.floats(0.2, 50),
    turn=st.floats(-3.1, 3.1),
)
def test_a_posture_is_found_whatever_the_place_heading_and_size(
    amplitude: float, phase: float, size: float, turn: float
) -> None:
    angles = wave(amplitude, phase)
    found = retarget(recording(angles, size, turn), "worm")
    assert found.fps == pytest.approx(15)
    order = np.argsort(found.joints)
    assert found.joints[order[0]] == "bend_01" and len(order) == 24
    apart = np.abs(found.angles[:, order] - angles).max(axis=0)
    assert apart[1:-1].max() < 0.05 and apart[[0, -1]].max() < 0.12  # the ends of a body are seen least
    assert found.apart_mm.max() < 0.002


def test_gaps_stay_gaps_and_fewer_points_do(tmp_path: Path) -> None:
    seen = recording(wave(0.3, 0.0, 4), points=25)
    seen["landmarks"][1] = np.nan
    found = retarget(seen, "worm")
    assert np.isnan(found.angles[1]).all() and np.isfinite(found.angles[[0, 2, 3]]).all()
    assert "3 of 4 frames at 15 fps" in str(found)
    assert JointMotion.load(found.save(tmp_path / "a.npz")).angles.shape == (4, 24)


def test_what_a_body_has_nothing_in_common_with_is_refused() -> None:
    seen = recording(wave(0.3, 0.0)).assign_coords(landmark=[f"paw_{k}" for k in range(49)])
    with pytest.raises(InputError, match="name them under markers"):
        retarget(seen, "worm")
    with pytest.raises(InputError, match="no frame of the recording shows"):
        retarget(recording(np.full((3, 24), np.nan)), "worm")


def test_a_tail_bends_as_it_was_recorded(data: Path) -> None:
    found = nm.retarget(data / "fish/replay_bouts.npz", "larval_fish")
    recorded = nm.read(data / "fish/replay_bouts.npz")["tail_angle"].values
    bends = np.abs(found.angles.sum(axis=1))
    assert found.fps == pytest.approx(700) and found.joints[0] == "bend_01"
    assert bends.max() == pytest.approx(np.abs(recorded[:, -1]).max(), rel=0.05)


def test_legs_are_taken_as_they_are(data: Path) -> None:
    clip = data / "fly/spotlight_walking_first_half.npz"
    found = nm.retarget(clip, "fly")
    assert found.angles.shape == (330, 42) and "lf_coxa_pitch" in found.joints


def test_the_command_writes_what_a_worm_did(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, clip = tmp_path / "worm.npz", data / "worm/wormpose_sample_features.h5"
    words = [f"file={clip}", "body=worm", "fps=15", "frames=[160,180]", f"output={out}"]
    assert main.main(["retarget", *words]) == 0
    assert "24 joints, 21 of 21 frames at 15 fps" in capsys.readouterr().out
    assert np.abs(JointMotion.load(out).angles).max() < 1.0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["body=worm", "output=a.npz"], "add file=NAME"),
        (["file=a.csv", "output=a.npz"], "add body=NAME"),
        (["file=a.csv", "body=worm"], "add output=FILE.npz"),
        (["file=a.csv", "body=wrom", "output=a.npz"], "worm"),
        (["file=nowhere.csv", "body=worm", "output=a.npz"], "nowhere.csv"),
    ],
)
def test_what_the_command_lacks_it_says(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main(["retarget", *words]) == 2
    error = capsys.readouterr().err
    assert told in error and error.count("\n") == 1
