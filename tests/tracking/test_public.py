"""Recordings of animals from Python: keywords in, tables out, messages that speak Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import neuromech as nm
from tests import poses

SAID: dict[str, Any] = {"fps": 20.0, "mm_per_px": 0.01, "spine": list(poses.NAMES)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Thirty seconds of a worm that crawls at 0.45 Hz, as DeepLabCut writes it."""
    return poses.dlc_csv(tmp_path / "a worm's [own] file.csv", poses.keypoints(600))


def test_a_recording_of_ones_own_is_tracked(file: Path) -> None:
    table = nm.track(nm.read(file, **SAID), "undulation")
    assert list(table.columns) == ["value", "unit"]
    assert table.loc["undulation_hz", "value"] == pytest.approx(0.45, abs=0.02)
    assert table.loc["undulation_hz", "unit"] == "Hz"


def test_the_tracker_may_be_said_while_reading(file: Path) -> None:
    table = nm.track(nm.read(str(file), tracker="undulation", format="deeplabcut", **SAID))
    assert table.equals(nm.track(nm.read(file, **SAID), "undulation"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"fsp": 20}, "unknown option 'fsp'; nearest: fps"),
        ({"fps": True}, "fps must be a number"),
        ({"spine": "nose"}, "spine must be a list, not 'nose'"),
        ({"limbs": ["nose"]}, "limbs must be a dict"),
        ({"frames": 3}, "frames must be a list"),
        ({"mm_per_px": -1}, "mm_per_px must be a number above 0"),
    ],
)
def test_wrong_options_are_one_line(file: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(nm.InputError, match=message) as caught:
        nm.read(file, **{**SAID, **options})
    assert "\n" not in str(caught.value)


def test_names_that_are_not_there(file: Path, tmp_path: Path) -> None:
    with pytest.raises(nm.InputError, match="unknown recording format 'deeplabcat'; nearest: deeplabcut"):
        nm.read(file, format="deeplabcat", **SAID)
    with pytest.raises(nm.InputError, match="unknown tracker 'undulations'; nearest: undulation"):
        nm.track(nm.read(file, **SAID), "undulations")
    with pytest.raises(nm.InputError):
        nm.read(tmp_path / "nowhere.csv")
