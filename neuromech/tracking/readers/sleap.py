"""Keypoints from SLEAP's analysis files, HDF5 and CSV. Pereira et al. 2022, doi:10.1038/s41592-022-01426-1.

Positions are pixels, y downwards.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import xarray as xr

from neuromech.errors import InputError, unknown
from neuromech.tracking.readers import tables
from neuromech.tracking.readers.base import Given, Points, need_fps, reader, scale

_TAKES = ("fps", "unit", "mm_per_px", "spine", "limbs", "individual", "max_gap_s", "frames", "up", "y_down")


@reader("sleap_h5", (".h5", ".hdf5"), lambda path: tables.has(path, "tracks", "node_names"), _TAKES)
def from_h5(path: Path, given: Given) -> xr.Dataset:
    """Read `tracks` (track, xy, node, frame) or (frame, track, node, xy), told apart by `node_names`."""
    with tables.hdf5(path) as file:
        found = tables.member(file, "tracks", path)
        names = tables.words(tables.member(file, "node_names", path))
        tracks = tables.words(tables.member(file, "track_names", path)) if "track_names" in file else []
        if found.ndim != 4 or found.dtype.kind not in "iuf":
            raise InputError(f"{path}: tracks should be numbers along four axes, not {found.shape}")
        frames_last = found.shape[2] == len(names) and found.shape[1] in (2, 3)
        if not frames_last and not (found.shape[2] == len(names) and found.shape[3] in (2, 3)):
            raise InputError(f"{path}: tracks {found.shape} do not fit {len(names)} node names")
        axis = 3 if frames_last else 0
        count = found.shape[0] if frames_last else found.shape[1]
        # Tracks without names are numbered.
        labels = tracks if len(tracks) == count else [str(k) for k in range(count)]
        mine = _track(labels, given, path)
        frames = given.stretch(found.shape[axis], 3 * len(names), path)
        if frames_last:
            xyz = np.asarray(found[mine, :, :, frames], np.float64).transpose(2, 1, 0)
        else:
            xyz = np.asarray(found[frames, mine], np.float64)
    numbers = frames.start + np.arange(len(xyz))
    times = numbers / need_fps(given, path)
    keypoints = Points(path, times, xyz, names, scale(given, path, "px"), y_down=True, numbers=numbers)
    return keypoints.dataset(given)


def _is_csv(path: Path) -> bool:
    head = tables.csv_head(path, 1)
    return bool(head) and "frame_idx" in head[0] and any(name.endswith(".x") for name in head[0])


@reader("sleap", (".csv",), _is_csv, (*(each for each in _TAKES if each != "up"), "likelihood"))
def from_csv(path: Path, given: Given) -> xr.Dataset:
    """Read rows of track, frame_idx and NODE.x, NODE.y, NODE.score; frames left out are gaps."""
    table = tables.Csv.of(path, 1)
    head = table.head[0]
    nodes = [name.removesuffix(".x") for name in head if name.endswith(".x")]
    lacking = [f"{node}.y" for node in nodes if f"{node}.y" not in head]
    if lacking or not nodes or "frame_idx" not in head:
        raise InputError(f"{path} has no column {lacking[0] if lacking else 'NODE.x or frame_idx'}")
    kept: dict[int, str] = {}
    if "track" in head:
        labels = table.words(head.index("track"), 1)
        if given.individual is not None or len(labels) > 1:
            kept[head.index("track")] = labels[_track(labels, given, path)]
    elif given.individual is not None:
        raise InputError(f"{path} has no column track, so individual={given.individual} means nothing")
    columns = ["frame_idx"] + [f"{node}{axis}" for node in nodes for axis in (".x", ".y")]
    scored = [node for node in nodes if f"{node}.score" in head] if given.likelihood else []
    columns += [f"{node}.score" for node in scored]
    rows = table.columns([head.index(name) for name in columns], 1, given, kept, head.index("frame_idx"))
    if not len(rows) and given.frames:
        raise InputError(f"{path} has no frame_idx in frames={list(given.frames)}")
    if not len(rows) or not np.isfinite(rows[:, 0]).all() or (rows[:, 0] % 1 != 0).any():
        raise InputError(f"{path}: frame_idx should be whole numbers in every row")
    order = np.argsort(rows[:, 0], kind="stable")
    rows = rows[order]
    number = rows[:, 0].astype(int)
    if (np.diff(number) == 0).any():
        again = int(number[np.flatnonzero(np.diff(number) == 0)[0]])
        raise InputError(f"{path}: frame {again} occurs twice; are there several animals?")
    first, count = int(number[0]), int(number[-1] - number[0] + 1)
    # Which frames are wanted was looked at row by row; here it is whether they can be held, gaps and all.
    replace(given, frames=(first, first + max(count - 1, 1))).stretch(first + count, 2 * len(nodes), path)
    xyz = np.full((count, len(nodes), 2), np.nan)
    xyz[number - first] = rows[:, 1 : 1 + 2 * len(nodes)].reshape(-1, len(nodes), 2)
    for k, node in enumerate(scored):
        unsure = ~(rows[:, 1 + 2 * len(nodes) + k] >= given.likelihood)
        xyz[number[unsure] - first, nodes.index(node)] = np.nan
    numbers = first + np.arange(count)
    times = numbers / need_fps(given, path)
    found = Points(path, times, xyz, nodes, scale(given, path, "px"), y_down=True, numbers=numbers)
    return found.dataset(given)


def _track(labels: list[str], given: Given, path: Path) -> int:
    if given.individual is None:
        if len(labels) != 1:
            few = ", ".join(labels[:8])
            raise InputError(f"{path} holds {len(labels)} tracks; add individual=NAME, one of {few}")
        return 0
    if given.individual not in labels:
        raise unknown(f"individual in {path}:", given.individual, labels)
    return labels.index(given.individual)
