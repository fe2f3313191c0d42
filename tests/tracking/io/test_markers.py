"""Markers of motion capture: places over a belt, gaps, and files that are wrong."""

import numpy as np
import pytest

import neuromech as nm
from neuromech._lib.errors import InputError
from neuromech.tracking.kinematics import legs

FRAMES, RATE, BELT = 400, 200.0, 120.0
LABELS = ["nose", "back", "hip", "tail", "ankle"]
SAID = {"spine": ["nose", "back", "hip", "tail"], "limbs": {"hl": "ankle"}}


def _file(path, **changed):
    """Write an animal that keeps up with a belt, its ankle standing on it: it goes backwards in the room."""
    times = np.arange(FRAMES) / RATE
    xyz = np.zeros((FRAMES, len(LABELS), 3))
    xyz[..., 0] = [30.0, 20.0, 10.0, 0.0, 5.0]
    xyz[..., 2] = 20.0
    xyz[:, 4, 0] -= BELT * times
    arrays = {"xyz_mm": xyz, "labels": np.array(LABELS), "fps": RATE, "belt_speed_mm_s": BELT, **changed}
    np.savez(path, **{name: value for name, value in arrays.items() if value is not None})
    return path


def test_places_are_those_over_the_belt(tmp_path):
    read = nm.read(_file(tmp_path / "a.npz"), **SAID)
    assert list(read["landmark"].values) == ["spine_00", "spine_01", "spine_02", "spine_03", "ankle"]
    assert read["time"].values == pytest.approx(np.arange(FRAMES) / RATE)
    found = legs.read(read)
    assert np.nanmean(legs.trunk_speed(found)) == pytest.approx(BELT)
    assert np.ptp(found.feet[:, 0, 0]) == pytest.approx(0.0, abs=1e-9)  # a standing foot stands still


def test_without_a_belt_they_are_those_of_the_room_and_frames_keep_their_times(tmp_path):
    file = _file(tmp_path / "a.npz", belt_speed_mm_s=None)
    room = nm.read(file, **SAID)
    assert room["landmarks"].sel(landmark="spine_00", xyz="x").values == pytest.approx(30.0)
    some = nm.read(_file(tmp_path / "b.npz"), frames=[100, 199], **SAID)
    whole = nm.read(tmp_path / "b.npz", **SAID)
    assert np.array_equal(some["landmarks"].values, whole["landmarks"].values[100:200])


def test_gaps_stay_gaps(tmp_path):
    xyz = np.zeros((FRAMES, 5, 3))
    xyz[..., 0] = [30.0, 20.0, 10.0, 0.0, 5.0]
    xyz[50:60, 4] = np.nan
    ankle = nm.read(_file(tmp_path / "a.npz", xyz_mm=xyz), **SAID)["landmarks"].sel(landmark="ankle")
    assert (
        np.isnan(ankle.values[50:60]).all() and np.isfinite(np.delete(ankle.values, range(50, 60), 0)).all()
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"xyz_mm": np.zeros((FRAMES, 5))}, "xyz_mm"),
        ({"xyz_mm": np.full((FRAMES, 5, 3), "a")}, "xyz_mm"),
        ({"xyz_mm": np.zeros((0, 5, 3))}, "begins after the last"),
        ({"xyz_mm": np.zeros((FRAMES, 0, 3)), "labels": np.array([], str)}, "missing"),
        ({"labels": np.arange(5)}, "labels"),
        ({"labels": np.array(LABELS[:4])}, "labels"),
        ({"labels": np.array([*LABELS[:4], "nose"])}, "nose twice"),
        ({"fps": np.nan}, "fps"),
        ({"fps": -1.0}, "frame rate"),
        ({"fps": None}, "fps=NUMBER"),
        ({"belt_speed_mm_s": np.zeros(3)}, "belt_speed_mm_s"),
    ],
)
def test_a_wrong_file_is_one_clear_line(tmp_path, changed, words):
    with pytest.raises(InputError) as error:
        nm.read(_file(tmp_path / "a.npz", **changed), **SAID)
    assert words in str(error.value) and "\n" not in str(error.value)
