"""Replayed bouts: what the file may hold, what is compared, and that the fish gets as far as the animal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.cli import main
from neuromech.replay import bouts as replay
from neuromech.replay.bouts import Bout, Outcome, Swimmer
from neuromech.specs import content

USABLE = (0, 1, 3, 5, 7, 10, 11, 12, 15, 17, 18, 19, 22, 23)


@pytest.fixture(scope="module")
def swimmer() -> Swimmer:
    return Swimmer(
        content.load("bodies", "larval_fish"), content.load("environments", "optomotor_tank"), 0.001
    )


def bout(amplitude: float = 1.2, bias: float = 0.0, frames: int = 170) -> Bout:
    """Return a made-up bout whose wave grows towards the tip; the recorded head does not move."""
    t = np.arange(frames)[:, None] / 700
    place = (np.arange(9) + 0.5) / 9
    envelope = np.clip(t / 0.03, 0, 1) * np.clip((t[-1] - t) / 0.06, 0, 1)
    angle = envelope * (amplitude * place * np.sin(2 * np.pi * (26 * t - 0.7 * place)) + bias * place)
    return Bout(700.0, angle, np.zeros((frames, 3)))


def test_a_straight_tail_goes_nowhere(swimmer: Swimmer) -> None:
    found = swimmer.swim(bout(0.0))
    assert found.displacement_mm[1] < 0.01 and abs(found.turn_deg[1]) < 0.1
    assert found.simulated.shape == (170, 3) and found.torque.shape == (170, 10)


def test_the_posture_is_held_and_the_mirror_image_swims_mirrored(swimmer: Swimmer) -> None:
    one = bout(1.2, 0.3)
    left, right = (swimmer.swim(Bout(700.0, sign * one.angles, one.head)).simulated for sign in (1, -1))
    assert left[-1, 0] > 1.5
    assert right == pytest.approx(left * [1, -1, -1], abs=1e-6)
    assert left[-1, 2] < -0.05  # a positive tail angle goes with a negative turn


def test_the_start_and_its_heading_do_not_matter() -> None:
    path = np.column_stack([np.linspace(0, 2, 20), np.zeros(20), np.linspace(0, 0.5, 20)])
    turn = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    moved = replay._at_origin(path @ turn.T + [3, 4, np.pi / 2])
    assert moved == pytest.approx(path, abs=1e-12)


def outcome(far: float, reached: float, turn: float, turned: float) -> Outcome:
    paths = [np.array([[0, 0, 0], [x, 0, np.radians(a)]], float) for x, a in ((far, turn), (reached, turned))]
    return Outcome(paths[0], paths[1], np.zeros((2, 1)), np.zeros((2, 2)))


def test_the_scores_are_what_they_say() -> None:
    found = {0: outcome(2, 1, 5, 50), 1: outcome(4, 4, -20, -30), 2: outcome(1, 2, 40, 60)}
    assert replay.ratio(found) == pytest.approx(1.0)
    assert replay.slope(found) == pytest.approx(1.5)  # the small turn does not count
    assert found[0].path_rms_mm == pytest.approx(np.sqrt(0.5))
    assert np.isnan(replay.slope({0: found[0]}))
    assert "ratio 1.00, turn slope 1.50" in replay.table(found)


def arrays(**changes: Any) -> dict[str, Any]:
    whole = {"fps": 700, "tail_angle_00": np.zeros((20, 9)), "head_00": np.zeros((20, 3)), **changes}
    return {name: value for name, value in whole.items() if value is not None}


BAD = {
    "NaN angle": (arrays(tail_angle_00=np.full((20, 9), np.nan)), "tail_angle_00 holds values"),
    "endless head": (arrays(head_00=np.full((20, 3), np.inf)), "head_00 holds values"),
    "flat angles": (arrays(tail_angle_00=np.zeros(20)), "must be"),
    "lengths differ": (arrays(head_00=np.zeros((19, 3))), "must be"),
    "no heading": (arrays(head_00=np.zeros((20, 2))), "must be"),
    "too short": (arrays(tail_angle_00=np.zeros((5, 9)), head_00=np.zeros((5, 3))), "fewer than 11 frames"),
    "no head": (arrays(head_00=None), "has no head_00"),
    "no bouts": (arrays(tail_angle_00=None), "no tail_angle_NN"),
    "no rate": (arrays(fps=None), "fps must be one number"),
    "no time": (arrays(fps=0), "fps must be one number"),
    "NaN rate": (arrays(fps=np.nan), "fps must be one number"),
    "word as rate": (arrays(fps="fast"), "fps must be one number"),
    "words": (arrays(head_00=np.full((20, 3), "x")), "head_00 holds values"),
}


@pytest.mark.parametrize(("held", "says"), BAD.values(), ids=BAD)
def test_a_bad_file_is_one_line(
    held: dict[str, Any], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "bad.npz"
    np.savez(file, **held)
    with pytest.raises(InputError, match=says):
        replay.load(file)
    asked = ["replay", f"file={file}", "body=larval_fish", "environment=optomotor_tank"]
    assert main.main(asked) == 2
    printed, errors = capsys.readouterr()
    assert errors.count("\n") == 1 and says in errors and not printed


@pytest.mark.parametrize("text", [b"", b"no archive", b"PK\x03\x04broken", None])
def test_a_file_that_is_no_archive_is_refused(text: bytes | None, tmp_path: Path) -> None:
    with (tmp_path / "bad.npz").open("wb") as file:
        file.write(text) if text is not None else np.save(file, np.zeros(3))
    with pytest.raises(InputError, match="not a readable .npz file"):
        replay.load(tmp_path / "bad.npz")


def test_the_command_prints_the_bouts_it_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = bout()
    held = {f"{kind}_{n}": value for n in ("00", "03") for kind, value in
            (("tail_angle", one.angles), ("head", one.head + np.arange(170)[:, None] / 100))}  # fmt: skip
    np.savez(tmp_path / "bouts.npz", fps=700, **held)
    asked = ["replay", f"file={tmp_path / 'bouts.npz'}", "body=larval_fish", "environment=optomotor_tank"]
    assert main.main([*asked, "bouts=3", "physics_s=0.001"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    assert main.main([*asked, "physics_s=0.001"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_an_animal_whose_posture_nothing_drives_is_refused() -> None:
    with pytest.raises(InputError, match="body worm has no key replay"):
        Swimmer(content.load("bodies", "worm"), content.load("environments", "water"), 0.001)


@pytest.mark.parametrize("step_s", [0.00025, 0.0005, 0.001])
def test_replayed_bouts_go_as_far_and_turn_as_much_as_the_animal(data: Path, step_s: float) -> None:
    file = data / "fish" / "replay_bouts.npz"
    if not file.is_file():
        pytest.skip(f"{file} is not there")
    bouts = replay.load(file)
    fish = Swimmer(
        content.load("bodies", "larval_fish"), content.load("environments", "optomotor_tank"), step_s
    )
    found = {number: fish.swim(bouts[number]) for number in USABLE}
    assert 0.8 <= replay.ratio(found) <= 1.25
    assert 0.7 <= replay.slope(found) <= 1.4
    assert max(each.path_rms_mm for each in found.values()) < 0.7
    for each in found.values():
        assert each.tilt[:, 0].max() < 0.35  # rad: it stays upright through the bout
        assert np.abs(each.tilt[:, 1]).max() < 0.5  # mm: and keeps its depth
