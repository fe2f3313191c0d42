"""The worm's tracker on gaits that are known exactly, and on a real worm."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter1d

from neuromech._lib.errors import InputError
from neuromech.tracking import track
from neuromech.tracking.io import recorded
from neuromech.tracking.trackers import undulation
from tests.crawler import centroid_speed, crawl, dataset, midlines


@pytest.mark.parametrize(
    ("hertz", "wavelength", "swing", "duration_s"),
    [
        (0.45, 0.65, 0.9, 60.0),
        (0.25, 0.55, 1.0, 60.0),
        (0.80, 0.90, 0.8, 30.0),
        (1.80, 1.50, 0.5, 20.0),
        (0.50, 0.60, 0.9, 8.0),
    ],
    ids=["crawl", "slow", "fast", "swim", "short"],
)
def test_a_known_gait(hertz: float, wavelength: float, swing: float, duration_s: float) -> None:
    found = track(crawl(duration_s, hertz, wavelength, swing, heading=2.5))
    assert found["undulation_hz"] == pytest.approx(hertz, rel=0.01)
    assert found["wavelength_body_lengths"] == pytest.approx(wavelength, rel=0.02)
    assert found["speed_mm_s"] == pytest.approx(centroid_speed(hertz, wavelength, swing), rel=0.01)
    assert found["forward_fraction"] == 1 and found["reversal_rate_hz"] == 0
    assert found["chemotaxis_index"] is None and found["reached_peak"] is None


@settings(max_examples=12)
@given(
    hertz=st.floats(0.25, 2.0),
    wavelength=st.floats(0.5, 1.6),
    heading=st.floats(-3, 3),
    bend=st.floats(-0.5, 0.5),
)
def test_any_gait_seen_from_anywhere(hertz: float, wavelength: float, heading: float, bend: float) -> None:
    recording = crawl(25.0, hertz, wavelength, 0.7, heading, bend)
    found = track(recording)
    assert found["undulation_hz"] == pytest.approx(hertz, rel=0.02)
    assert found["wavelength_body_lengths"] == pytest.approx(wavelength, rel=0.06)
    mirrored = recording.copy()
    mirrored["landmarks"] = recording["landmarks"] * [1, -1, 1]
    for name, value in track(mirrored).items():
        assert value == (None if found[name] is None else pytest.approx(found[name], rel=1e-4)), name


def test_the_metrics_are_the_promised_ones() -> None:
    assert list(track(crawl(10.0))) == list(undulation.UNITS)


def test_a_moving_worm_finds_the_peak() -> None:
    found = track(crawl(120.0, peak=(5.0, 0.0), swing=0.5))
    assert found["reached_peak"] == 1 and found["chemotaxis_index"] is not None
    assert track(crawl(120.0, peak=(-1.2, 0.0), swing=0.5))["reached_peak"] == 0


def manoeuvre() -> tuple[np.ndarray, np.ndarray]:
    """Return times and track position of a worm that crawls, reverses (20-24 s) and pauses (40-43 s)."""
    times = np.arange(0, 60, 0.05)
    speed = 0.3 * np.select([(times > 20) & (times < 24), (times > 40) & (times < 43)], [-1.0, 0.0], 1.0)
    return times, np.cumsum(speed) * 0.05


def test_states_of_a_reversal_and_a_pause() -> None:
    times, travelled = manoeuvre()
    recording = dataset(times, midlines(travelled))
    seen = undulation.analyse(recording)
    names = np.array(undulation.STATES)[seen.states]
    assert (names[(times > 20.5) & (times < 23.5)] == "reversal").all()
    assert (names[(times > 41) & (times < 42)] == "pause").all()
    assert (names[(times < 19) | ((times > 25) & (times < 39)) | (times > 44)] == "forward").all()
    found = track(recording)
    assert found["reversal_rate_hz"] == pytest.approx(1 / 60, rel=0.01)
    assert found["forward_fraction"] == pytest.approx(53 / 60, abs=0.02)


def test_the_wave_runs_from_head_to_tail_forwards_and_back_in_a_reversal() -> None:
    times, travelled = manoeuvre()
    seen = undulation.analyse(dataset(times, midlines(travelled)))
    assert np.nanmedian(seen.waves[(times > 5) & (times < 15)]) == pytest.approx(1 / 0.65, rel=0.05)
    assert np.nanmedian(seen.waves[(times > 21.5) & (times < 22.5)]) < -1


def test_circling_tightly_is_turning() -> None:
    times = np.arange(0, 30, 0.05)
    angle = np.deg2rad(80) * times
    straight = np.stack([np.linspace(0, -1, 49), np.zeros(49)], axis=-1)
    spin = np.stack([np.cos(angle), np.sin(angle), -np.sin(angle), np.cos(angle)], axis=-1).reshape(-1, 2, 2)
    assert (undulation.analyse(dataset(times, straight @ spin)).states == undulation.TURN).all()


def test_a_coil_is_a_turn() -> None:
    around = np.linspace(0, 2 * np.pi, 49) * 0.95
    coil = np.stack([np.cos(around), np.sin(around)], axis=-1) / (2 * np.pi * 0.95)
    assert (undulation.analyse(dataset(np.arange(100) * 0.05, coil[None].repeat(100, 0))).states == 2).all()


def test_a_paralysed_worm_has_no_rhythm() -> None:
    recording = crawl(60.0, peak=(4.0, 0.0))
    recording["landmarks"][:] = recording["landmarks"][0].values
    expected = {
        "undulation_hz": None,
        "wavelength_body_lengths": None,
        "speed_mm_s": 0,
        "forward_fraction": 0,
    }
    found = track(recording)
    assert {name: found[name] for name in expected} == expected
    assert found["chemotaxis_index"] == pytest.approx(0, abs=1e-6) and found["reached_peak"] == 0
    # Trembling by a micrometre is no rhythm either.
    noise = np.random.default_rng(0).normal(scale=1e-3, size=recording["landmarks"].shape)
    trembling = recording.copy()
    trembling["landmarks"] = recording["landmarks"] + gaussian_filter1d(noise, 4, axis=1)
    assert track(trembling)["undulation_hz"] is None


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("drifting", [False, True])
def test_noise_is_no_rhythm(seed: int, drifting: bool) -> None:
    noise = np.random.default_rng(seed).normal(size=(2400, 47))
    bending = gaussian_filter1d(noise, 4, axis=1) * 5
    bending = np.cumsum(bending, axis=0) * 0.3 if drifting else bending
    assert undulation.frequency(np.arange(2400) * 0.05, bending) is None


def test_a_noisy_skeleton_still_has_its_rhythm() -> None:
    recording = crawl(60.0)
    noise = np.random.default_rng(0).normal(scale=0.004, size=recording["landmarks"].shape)
    recording["landmarks"] = recording["landmarks"] + noise
    found = track(recording)
    assert found["undulation_hz"] == pytest.approx(0.45, rel=0.02)
    assert found["wavelength_body_lengths"] == pytest.approx(0.65, rel=0.1)
    assert found["speed_mm_s"] == pytest.approx(centroid_speed(0.45, 0.65, 0.9), rel=0.05)


def test_gaps_are_not_filled() -> None:
    recording = crawl(60.0)
    recording["landmarks"][400:500] = np.nan
    seen = undulation.analyse(recording)
    assert (seen.states[400:500] == -1).all() and np.isnan(seen.waves[400:500]).all()
    found = track(recording)
    assert found["undulation_hz"] == pytest.approx(0.45, rel=0.01) and found["forward_fraction"] == 1


@pytest.mark.parametrize("samples", [0, 1, 2, 5])
def test_a_recording_too_short_has_no_rhythm(samples: int) -> None:
    found = track(crawl(10.0, peak=(4.0, 0.0)).isel(time=slice(0, samples)))
    assert found["undulation_hz"] is None and found["wavelength_body_lengths"] is None


def test_an_animal_never_seen_has_no_metrics() -> None:
    recording = crawl(10.0)
    recording["landmarks"][:] = np.nan
    assert set(track(recording).values()) == {None}


def test_an_unknown_tracker_is_an_input_error() -> None:
    recording = crawl(5.0)
    recording.attrs["tracker"] = "undulations"
    with pytest.raises(InputError, match="nearest: undulation"):
        track(recording)


def test_five_minutes_take_well_under_a_second() -> None:
    recording = crawl(300.0)
    track(crawl(5.0))
    begin = time.process_time()
    track(recording)
    # Measured 0.1 s; the slack is for a busy machine.
    assert time.process_time() - begin < 1.0


def test_a_real_worm(data: Path) -> None:
    found = track(recorded.load("wormpose", data / "worm" / "wormpose_sample_features.h5"))
    # Fang-Yen et al. 2010 and others: a crawling worm undulates at 0.3-0.5 Hz with a wavelength near 0.6 body
    # lengths.
    assert 0.25 < (found["undulation_hz"] or 0) < 0.6
    assert 0.5 < (found["wavelength_body_lengths"] or 0) < 0.9
    # Each frame is a crop of its own: nothing is known about its path.
    assert (
        found["speed_mm_s"] is None
        and found["forward_fraction"] is None
        and found["chemotaxis_index"] is None
    )
