"""Keypoints that have clocks, units and scales of their own, in NWB."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given as vary
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.tracking.io import clocks, recorded
from neuromech.tracking.io.base import ReaderOptions
from neuromech.tracking.kinematics import posture
from neuromech.tracking.trackers import undulation
from tests import crawler, nwb_pose, poses

pytest.importorskip("pynwb", reason="the extra nwb is not installed")

SAID = ReaderOptions(mm_per_px=0.01, spine=poses.NAMES)
SPEED = crawler.centroid_speed(0.45, 0.65, 0.9)
START = 3.0


def at(times: np.ndarray, keypoint: int) -> np.ndarray:
    """Return where a keypoint is (time, 2), px with y downwards, at any times, s."""
    along = 0.45 * 0.65 * np.concatenate([[0.0], times - START])  # the first is where the origin is
    return crawler.midlines(along)[1:, 12 * keypoint] * [100.0, -100.0] + 500.0


def expected(times: np.ndarray) -> np.ndarray:
    """Return the midline (time, 5, 2) in mm."""
    return np.stack([at(times, k) for k in range(5)], axis=1) * [0.01, -0.01]


def write(path: Path, times: list[np.ndarray], **options: object) -> Path:
    series = {
        name: (each, at(each, k)) for k, (name, each) in enumerate(zip(poses.NAMES, times, strict=True))
    }
    return nwb_pose.write(path / "a.nwb", series, **options)  # type: ignore[arg-type]


def grid(rate: float = 20.0, seconds: float = 20.0, late: float = 0.0) -> np.ndarray:
    return START + late + np.arange(round(rate * seconds)) / rate


def measured(path: Path, said: ReaderOptions = SAID) -> tuple[np.ndarray, np.ndarray, dict]:
    found = recorded.read(path, said, tracker="undulation")
    return found["time"].values, posture.midline(found), {**undulation.metrics(found), **found.attrs}


def test_one_clock_needs_no_note(tmp_path: Path) -> None:
    times, midline, about = measured(write(tmp_path, [grid()] * 5))
    np.testing.assert_allclose(midline, expected(times), atol=1e-9)
    assert about["notes"] == "[]" and times[0] == START


def test_frames_that_each_keypoint_lacks_are_its_gaps(tmp_path: Path) -> None:
    """As many samples for every keypoint, other ones: read in a row, undulation was 0.60 for 0.50 Hz."""
    rng = np.random.default_rng(1)
    whole = grid()
    lacking = [np.sort(rng.choice(400, 390, replace=False)) for _ in range(5)]
    times, midline, about = measured(write(tmp_path, [whole[each] for each in lacking]))
    np.testing.assert_allclose(times, whole)
    seen = np.isfinite(midline).all(axis=(1, 2))
    assert seen.tolist() == np.all([np.isin(np.arange(400), each) for each in lacking], axis=0).tolist()
    np.testing.assert_allclose(midline[seen], expected(times)[seen], atol=1e-9)
    assert "5 of the keypoints lack some of the frames" in about["notes"]
    bridged = measured(tmp_path / "a.nwb", ReaderOptions(**(vars(SAID) | {"max_gap_s": 0.3})))
    np.testing.assert_allclose(bridged[1], expected(times), atol=0.01)
    assert bridged[2]["undulation_hz"] == pytest.approx(0.45, rel=0.02)
    assert bridged[2]["speed_mm_s"] == pytest.approx(SPEED, rel=0.02)


@pytest.mark.parametrize("late", [0.025, 0.5, 0.513])
def test_clocks_that_begin_later_and_tick_apart_are_aligned_by_time(tmp_path: Path, late: float) -> None:
    times, midline, about = measured(write(tmp_path, [grid(late=k * late) for k in range(5)]))
    seen = np.isfinite(midline).all(axis=(1, 2))
    np.testing.assert_allclose(midline[seen], expected(times)[seen], atol=0.004)
    assert seen.sum() >= 400 - 4 * late * 20 - 5
    assert about["undulation_hz"] == pytest.approx(0.45, rel=0.02)
    assert about["speed_mm_s"] == pytest.approx(SPEED, rel=0.03)
    assert len(json.loads(about["notes"])) == 1


@pytest.mark.parametrize("rates", [(40, 20, 20, 20, 20), (20, 30, 50, 20, 25)])
def test_rates_of_their_own_meet_at_the_slowest(tmp_path: Path, rates: tuple[int, ...]) -> None:
    times, midline, about = measured(write(tmp_path, [grid(rate) for rate in rates]))
    np.testing.assert_allclose(times, grid()[: len(times)], atol=1e-9)
    assert len(times) >= 399 and np.isfinite(midline).all()
    np.testing.assert_allclose(midline, expected(times), atol=0.004)
    assert f"20 to {max(rates)} samples per second" in about["notes"]
    assert about["undulation_hz"] == pytest.approx(0.45, rel=0.02)


def test_start_and_rate_of_every_keypoint(tmp_path: Path) -> None:
    """No timestamps: a starting time and a rate, which the first keypoint's would have replaced."""
    series = {}
    for k, name in enumerate(poses.NAMES):
        late = 0.5 * k
        series[name] = ((START + late, 20.0), at(grid(late=late), k))
    path = nwb_pose.write(tmp_path / "a.nwb", series)
    times, midline, about = measured(path)
    seen = np.isfinite(midline).all(axis=(1, 2))
    assert seen.sum() == 360 and about["undulation_hz"] == pytest.approx(0.45, rel=0.02)
    np.testing.assert_allclose(midline[seen], expected(times)[seen], atol=1e-9)


def test_a_rate_is_the_users_before_the_files_but_times_are_the_files(tmp_path: Path) -> None:
    series = {name: ((0.0, 20.0), at(grid(), k)) for k, name in enumerate(poses.NAMES)}
    path = nwb_pose.write(tmp_path / "a.nwb", series)
    times, _, _ = measured(path, ReaderOptions(**(vars(SAID) | {"fps": 40.0})))
    assert times[1] == pytest.approx(0.025)
    with pytest.raises(InputError, match="says when every frame was taken, so fps= means nothing"):
        measured(write(tmp_path / "..", [grid()] * 5), ReaderOptions(**(vars(SAID) | {"fps": 40.0})))


def test_keypoints_that_were_never_recorded_together_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, [grid(), grid(), grid(), grid(late=30.0), grid()])
    with pytest.raises(InputError, match="not recorded at the same time: hip begins at 33 s"):
        measured(path)


def test_a_clock_that_goes_back_is_refused_by_name(tmp_path: Path) -> None:
    times = [grid() for _ in range(5)]
    times[2] = times[2][::-1]
    with pytest.raises(InputError, match="the times of keypoint middle do not increase"):
        measured(write(tmp_path, times))


def test_units_scales_and_offsets_are_each_keypoints_own(tmp_path: Path) -> None:
    times = grid()
    changes = {
        "nose": {"unit": "meters", "conversion": 1e-3},
        "neck": {"unit": "millimeters", "data": at(times, 1) * 0.01 - 7.0, "offset": 7.0},
        "middle": {"unit": "millimeters", "conversion": 0.01},
        "hip": {"unit": "centimeters", "conversion": 1e-3},
        "tail": {"unit": "micrometers", "conversion": 10.0},
    }
    changes["nose"]["data"] = at(times, 0) * 0.01
    path = write(tmp_path, [times] * 5, changes=changes)
    _, midline, about = measured(path, ReaderOptions(spine=poses.NAMES))
    np.testing.assert_allclose(midline, expected(times) * [1, -1], atol=1e-6)
    mixed = write(tmp_path, [times] * 5, changes={"tail": {"unit": "meters"}})
    with pytest.raises(InputError, match="its keypoints are in m and in px"):
        measured(mixed)


def test_shapes_are_each_keypoints_own(tmp_path: Path) -> None:
    times = grid()
    high = np.pad(at(times, 1), ((0, 0), (0, 1)))
    with pytest.raises(InputError, match="some of its keypoints have two coordinates, and some three"):
        measured(write(tmp_path, [times] * 5, changes={"neck": {"data": high}}))
    with pytest.raises(InputError, match=r"keypoint neck should be \(time, 2 or 3\), not \(400,\)"):
        measured(write(tmp_path, [times] * 5, changes={"neck": {"data": np.zeros(400)}}))


def test_a_stretch_of_frames_of_clocks_of_their_own(tmp_path: Path) -> None:
    path = write(tmp_path, [grid(), *[grid()[5:]] * 4])
    times, midline, _ = measured(path, ReaderOptions(**(vars(SAID) | {"frames": (100, 199)})))
    np.testing.assert_allclose(times, grid()[100:200])
    np.testing.assert_allclose(midline, expected(times), atol=1e-9)


@vary(
    st.lists(st.tuples(st.floats(5.0, 60.0), st.floats(0.0, 2.0), st.integers(0, 10)), min_size=2, max_size=4)
)
def test_a_straight_motion_is_straight_on_any_clocks(series: list[tuple[float, float, int]]) -> None:
    """On every clock the position is 3 t + 1: wherever it is given afterwards, it must be that."""
    made = []
    for k, (rate, late, lacking) in enumerate(series):
        times = late + np.arange(200) / rate
        times = np.delete(times, np.random.default_rng(k).choice(200, lacking, replace=False))
        made.append(clocks.Series(f"k{k}", times, 3 * times[:, None] + 1))
    try:
        times, values, _ = clocks.together(made, Path("file"))
    except InputError as error:
        assert "not recorded at the same time" in str(error)
        return
    assert (np.diff(times) > 0).all() and values.shape[1] == len(series)
    seen = np.isfinite(values[..., 0])
    right = np.broadcast_to(3 * times[:, None] + 1, seen.shape)
    # Ticks may differ by a tenth of a step.
    np.testing.assert_allclose(
        values[..., 0][seen], right[seen], atol=3 * 0.1 / min(s[0] for s in series) + 1e-6
    )
