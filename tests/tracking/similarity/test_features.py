"""What is taken out of a recording, against gaits that are known exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from scipy.special import j0

from neuromech._lib.errors import InputError
from neuromech.tracking.io import recorded
from neuromech.tracking.similarity import features
from neuromech.tracking.similarity.features import bouts, undulation
from neuromech.tracking.similarity.features.base import codes, time_course
from neuromech.visuals.filmed_animal import draw
from tests import crawler, larva


def test_a_crawling_worm() -> None:
    found = undulation.extract(crawler.crawl(40.0))
    median = {name: float(np.median(values)) for name, values in found.samples.items()}
    assert median["cycle_hz"] == pytest.approx(0.45, rel=0.02)
    assert median["waves"] == pytest.approx(1 / 0.65, rel=0.05)
    assert median["speed_mm_s"] == pytest.approx(0.45 * 0.65 * j0(0.9), rel=0.03)
    # Curvature of the track is swing k sin, its rms over the body 1 / sqrt 2 of the peak.
    assert median["bend"] == pytest.approx(0.9 * 2 * np.pi / 0.65 / np.sqrt(2), rel=0.15)
    assert set(found.samples) == set(undulation.FEATURES) and list(found.states) == [
        "motion",
        "wave",
    ]
    assert (found.states["wave"].codes == 0).mean() > 0.9


def test_a_worm_that_backs_has_waves_to_the_head() -> None:
    times = np.arange(0, 40, 0.05)
    found = undulation.extract(crawler.dataset(times, crawler.midlines(-0.3 * times + 20.0)))
    assert (found.states["wave"].codes == 1).mean() > 0.9
    assert np.median(found.samples["axial_mm_s"]) < 0


def test_a_crop_shows_posture_and_no_path(data: Path) -> None:
    clip = recorded.read(data / "worm" / "wormpose_sample_features.h5")
    found = undulation.extract(clip)
    posture_only = {name for name, feature in undulation.FEATURES.items() if feature.needs == "posture"}
    assert set(found.samples) == posture_only and list(found.states) == ["wave"]
    assert len(found.samples["bend"]) == 720 and found.postures.shape == (720, 48)


def test_scale_and_sampling_hardly_change_the_features() -> None:
    fine, coarse = crawler.crawl(40.0, step_s=0.05), crawler.crawl(40.0, step_s=1 / 15)
    larger = coarse.copy(deep=True)
    larger["landmarks"] = larger["landmarks"] * 90
    larger.attrs["frame"] = "crop"
    before, after = undulation.extract(fine).samples, undulation.extract(larger).samples
    for name in after:
        assert np.median(after[name]) == pytest.approx(np.median(before[name]), rel=0.05), name


def test_nothing_seen_shows_nothing() -> None:
    empty = crawler.crawl(5.0)
    empty["landmarks"] = empty["landmarks"] * np.nan
    assert not undulation.extract(empty).samples


SWIMS = [
    larva.Swim(0.5 + 0.8 * k, turn_deg=(40.0, 0.0, -40.0)[k % 3], displacement_mm=2.0 + 0.1 * k)
    for k in range(9)
]


def test_bouts_one_by_one() -> None:
    found = bouts.extract(larva.larva(8.0, SWIMS))
    assert len(found.samples["displacement_mm"]) == 9
    np.testing.assert_allclose(found.samples["interval_s"], 0.8, atol=0.02)
    np.testing.assert_allclose(found.samples["tail_beat_hz"], 25.0, rtol=0.05)
    assert found.states["bout"].codes.tolist() == [1, 0, 2] * 3
    assert (
        found.postures.shape[1] == bouts.SEGMENTS
        and np.isnan(found.courses["angle of the tail's end"].values).any()
    )


def test_nothing_is_counted_across_a_gap_or_a_bout_that_was_seen_in_part() -> None:
    whole = larva.larva(8.0, SWIMS)
    times = whole["time"].values
    # Bout 3 (at 2.9 s) begins unseen; bout 6 (at 5.3 s) is not seen at all.
    hidden = ((times > 2.6) & (times < 2.95)) | ((times > 4.9) & (times < 5.8))
    for held in (whole.where(xr.DataArray(~hidden, dims="time")), whole.isel(time=~hidden)):
        found = bouts.extract(held.assign_attrs(whole.attrs))
        np.testing.assert_allclose(found.samples["interval_s"], 0.8, atol=0.02)
        assert found.states["bout"].codes.tolist() == [1, 0, 2, -1, 0, 2, -1, 0, 2]


def test_a_table_of_bouts_gives_the_same_as_the_recording_it_was_made_from() -> None:
    recording = bouts.extract(larva.larva(8.0, SWIMS)).samples
    columns = ["start_s", "duration_ms", "tail_beat_hz", "amplitude_deg", "displacement_mm", "turn_deg"]
    values = {name: recording.get(name, np.arange(9.0)) for name in columns}
    values["start_s"] = np.concatenate([[0.0], np.cumsum(recording["interval_s"])])
    table = xr.Dataset({f"bout_{name}": ("bout", each) for name, each in values.items()})
    found = bouts.extract(table).samples
    assert set(found) == set(recording)
    for name, each in recording.items():
        np.testing.assert_allclose(found[name], each)


def test_a_replay_that_was_given_the_posture_is_not_praised_for_it() -> None:
    feature_set = features.FEATURE_SETS["bouts"].without_posture()
    assert set(feature_set.features) == {"displacement_mm", "turn_size_deg", "turn_deg", "interval_s"}
    found = feature_set.extract(larva.larva(8.0, SWIMS))
    assert not len(found.postures) and not found.courses and not found.states


def test_even_sampling_leaves_gaps_open() -> None:
    times = np.array([0.0, 0.1, 0.2, 1.0, 1.1])
    found = time_course(times, np.arange(5.0), 0.1).values
    assert np.isfinite(found[[0, 1, 2, 10, 11]]).all() and np.isnan(found[5:9]).all()
    assert codes(times, np.arange(5), 0.1)[5:9].tolist() == [-1] * 4


@pytest.mark.parametrize(
    "recording", [crawler.crawl(10.0), larva.larva(3.0, SWIMS[:2])], ids=["worm", "larva"]
)
def test_what_is_drawn_has_a_midline_and_lines_in_step(recording: xr.Dataset) -> None:
    found = draw(recording, 1.0)
    assert len(found.times) == len(found.midline) == len(found.strip)
    assert all(len(values) == len(found.times) for values in found.lines.values())


def test_a_tail_alone_is_drawn_as_long_as_the_body() -> None:
    angle, head = larva.tail_and_head(np.arange(0, 1, 0.002), SWIMS[:1], heading=1.0)
    tail = xr.Dataset(
        {"tail_angle": (("time", "segment"), angle), "head": (("time", "channel"), head)},
        {"time": np.arange(0, 1, 0.002)},
        {"tracker": "bouts"},
    )
    points = draw(tail, 4.2).midline
    np.testing.assert_allclose(np.linalg.norm(np.diff(points, axis=1), axis=-1).sum(axis=1), 4.2)
    np.testing.assert_allclose((points[0, 0] - points[0, 1]) / 1.05, [np.cos(1.0), np.sin(1.0)], atol=1e-9)


def test_a_tracker_without_features() -> None:
    with pytest.raises(InputError, match="unknown tracker with features to compare 'flight'"):
        features.feature_set_of(xr.Dataset(attrs={"tracker": "flight"}))
    with pytest.raises(InputError, match="unknown tracker that films can show"):
        draw(xr.Dataset(attrs={"tracker": "flight"}), 1.0)
