"""Which axis of SLEAP's arrays is which: by name, by counts of names and scores, never by a guess."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.tracking.io import recorded
from neuromech.tracking.io.base import ReaderOptions
from neuromech.tracking.kinematics import posture
from tests import poses

SAID = {"fps": 20.0, "mm_per_px": 0.01, "spine": poses.NAMES}
MM = poses.crawl_mm()[:, ::12] + [5, -5]
AXES = ("frame", "track", "node", "xy")
MATLAB, STANDARD = ("track", "xy", "node", "frame"), AXES
LEGACY = ("frame", "node", "xy", "track")


def write(
    path: Path, order: tuple[str, ...], tracks: int, named: bool = True, scores: bool = False,
    dims: bool = False, frames: int = 60,
) -> Path:  # fmt: skip
    """Write tracks in any order of axes; every track is a pixel further right than the one before."""
    block = np.stack([poses.keypoints(frames) + [k, 0.0] for k in range(tracks)], axis=1)
    with h5py.File(path, "w") as file:
        file["tracks"] = block.transpose([AXES.index(axis) for axis in order])
        file["node_names"] = np.array(poses.NAMES, dtype="S")
        if named:
            names = [f"t{k}" for k in range(tracks)] if tracks > 1 else []
            file["track_names"] = np.array(names, dtype="S4")
        if scores:
            sure = np.broadcast_to(np.array([0.9, 0.8, 0.7, 0.6, 0.5]), block.shape[:3])
            short = [axis for axis in order if axis != "xy"]
            file["point_scores"] = sure.transpose([AXES.index(axis) for axis in short])
            file["track_occupancy"] = np.ones((frames, tracks), np.uint8)
        if dims:
            file["tracks"].attrs["dims"] = json.dumps(order)
    return path


@pytest.mark.parametrize("tracks", [1, 2, 3, 5])
@pytest.mark.parametrize("order", [MATLAB, STANDARD, LEGACY], ids=lambda order: "-".join(order))
def test_orders_without_names_are_told_by_the_names_of_the_tracks(
    tmp_path: Path, order: tuple[str, ...], tracks: int
) -> None:
    path = write(tmp_path / "a.h5", order, tracks)
    said = ReaderOptions(**SAID, individual="t1" if tracks > 1 else None)
    shift = [0.01 if tracks > 1 else 0.0, 0.0]
    np.testing.assert_allclose(posture.midline(recorded.read(path, said)), MM + shift, atol=1e-9)


@pytest.mark.parametrize("order", [MATLAB, STANDARD], ids=lambda order: "-".join(order))
def test_orders_are_told_by_the_scores_where_tracks_have_no_names(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    path = write(tmp_path / "a.h5", order, 2, named=False, scores=True)
    found = recorded.read(path, ReaderOptions(**SAID, individual="1"))
    np.testing.assert_allclose(posture.midline(found), MM + [0.01, 0.0], atol=1e-9)
    with pytest.raises(InputError, match="tail was never seen"):
        recorded.read(path, ReaderOptions(**SAID, individual="1", likelihood=0.55))


@pytest.mark.parametrize("order", itertools.permutations(AXES), ids=lambda order: "-".join(order))
def test_any_order_that_the_file_names(tmp_path: Path, order: tuple[str, ...]) -> None:
    path = write(tmp_path / "a.h5", order, 2, dims=True, scores=True)
    found = recorded.read(path, ReaderOptions(**SAID, individual="t0", frames=(10, 29)))
    np.testing.assert_allclose(posture.midline(found), MM[10:30], atol=1e-9)
    assert found["frame_number"].values[0] == 10


def test_what_fits_two_orders_is_refused_with_both(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", STANDARD, 2, named=False)
    with pytest.raises(InputError) as error:
        recorded.read(path, ReaderOptions(**SAID, individual="1"))
    assert (
        "tracks (60, 2, 5, 2) can be read as (track, xy, node, frame) and as (frame, track, node, xy)"
        in str(error.value)
    )


def test_names_that_do_not_fit(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", STANDARD, 2)
    with h5py.File(path, "a") as file:
        del file["track_names"]
        file["track_names"] = np.array(["a", "b", "c"], dtype="S")
    with pytest.raises(InputError, match=r"tracks \(60, 2, 5, 2\) do not fit 5 node names and 3 track names"):
        recorded.read(path, ReaderOptions(**SAID))
    with h5py.File(path, "a") as file:
        file["tracks"].attrs["dims"] = "{broken"
        del file["track_names"]
    with pytest.raises(InputError, match="can be read as"):
        recorded.read(path, ReaderOptions(**SAID))
