"""Midlines in HDF5 from WormPose and Tierpsy, large files and broken ones."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as vary
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.tracking.io import recorded
from neuromech.tracking.io.base import ReaderOptions
from neuromech.tracking.kinematics import posture
from tests import poses


def wormpose(path: Path, skeletons: np.ndarray, rate: float | None = 15.0) -> Path:
    with h5py.File(path, "w") as file:
        file["skeletons"] = skeletons
        if rate is not None:
            file.attrs["framerate"] = rate
    return path


def test_the_frame_rate_is_the_files_or_the_users(tmp_path: Path) -> None:
    path = wormpose(tmp_path / "a.h5", 90 * poses.crawl_mm(), 30.0)
    assert float(recorded.read(path)["time"][1]) == pytest.approx(1 / 30)
    assert float(recorded.read(path, ReaderOptions(fps=5.0))["time"][1]) == pytest.approx(0.2)
    with pytest.raises(InputError, match="does not say its frame rate; add fps=NUMBER"):
        recorded.read(wormpose(tmp_path / "b.h5", 90 * poses.crawl_mm(), None))
    with pytest.raises(InputError, match="has a frame rate of 0.0; add fps=NUMBER"):
        recorded.read(wormpose(tmp_path / "c.h5", 90 * poses.crawl_mm(), 0.0))


def test_one_worm_of_tierpsys_with_its_gaps_in_mm(tmp_path: Path) -> None:
    first, second = poses.crawl_mm(), poses.crawl_mm() + 3.0
    second[10:12] = np.nan
    path = poses.tierpsy(tmp_path / "a.hdf5", {4: first, 7: second})
    with pytest.raises(InputError, match="holds 2 worms; add individual=NUMBER, one of 4, 7"):
        recorded.read(path)
    found = recorded.read(path, ReaderOptions(individual="7"))
    np.testing.assert_allclose(posture.midline(found), second, atol=1e-9)
    assert float(found["time"][0]) == pytest.approx(5.0) and "frame" not in found.attrs
    part = recorded.read(path, ReaderOptions(individual="7", frames=(20, 39)))
    np.testing.assert_allclose(posture.midline(part), second[20:40], atol=1e-9)


def test_tierpsys_one_means_not_known(tmp_path: Path) -> None:
    path = poses.tierpsy(tmp_path / "a.hdf5", {1: poses.crawl_mm()}, {"fps": 1, "microns_per_pixel": 1})
    with pytest.raises(InputError, match="add fps=NUMBER"):
        recorded.read(path)
    pixels = poses.tierpsy(tmp_path / "b.hdf5", {1: poses.crawl_mm()}, {"fps": 20.0, "xy_units": "pixels"})
    with pytest.raises(InputError, match="add mm_per_px=NUMBER"):
        recorded.read(pixels)


def test_a_file_larger_than_the_memory_is_not_read_whole(tmp_path: Path) -> None:
    """Forty million frames, 33 GB if they were there: the file is sparse, the reader must not notice."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.attrs["framerate"] = 15.0
        big = file.create_dataset("skeletons", (40_000_000, 52, 2), "f8", chunks=(1000, 52, 2))
        big[5000:5030] = 90 * np.pad(poses.crawl_mm(30), ((0, 0), (0, 3), (0, 0)), mode="linear_ramp")
    with pytest.raises(
        InputError, match=r"40000000 frames, more than are read at once; pick some with 'frames=\[0,"
    ):
        recorded.read(path)
    assert recorded.read(path, ReaderOptions(frames=(5000, 5029))).sizes["time"] == 30


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@vary(cut=st.floats(0.0, 1.0), flips=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=4))
def test_a_truncated_or_damaged_file_is_read_or_refused(
    tmp_path: Path, cut: float, flips: list[tuple[float, int]]
) -> None:
    good = bytearray(wormpose(tmp_path / "a.h5", 90 * poses.crawl_mm(12)).read_bytes())
    for place, value in flips:
        good[int(place * (len(good) - 1))] = value
    broken = tmp_path / "b.h5"
    broken.write_bytes(good[: int(cut * len(good))])
    try:
        recorded.read(broken)
    except InputError as error:
        assert "\n" not in str(error)


def test_the_sample_clip(data: Path) -> None:
    found = recorded.read(data / "worm" / "wormpose_sample_features.h5")
    missing = np.isnan(posture.midline(found)).any(axis=(1, 2))
    assert found.sizes["time"] == 1000 and missing.sum() == 280
    assert found.attrs["frame"] == "crop" and float(found.attrs["record_s"]) == pytest.approx(1 / 15)
    bridged = recorded.read(data / "worm" / "wormpose_sample_features.h5", ReaderOptions(max_gap_s=0.5))
    assert np.isnan(posture.midline(bridged)).any(axis=(1, 2)).sum() < 280
