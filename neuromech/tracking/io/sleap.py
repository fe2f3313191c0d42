"""Keypoints from SLEAP's analysis files, HDF5 and CSV. Pereira et al. 2022, doi:10.1038/s41592-022-01426-1.

Positions are pixels, y downwards.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import xarray as xr

from neuromech._lib.errors import InputError, unknown
from neuromech.tracking.io import axes, frames, tables
from neuromech.tracking.io.base import KEYPOINTS, Points, ReaderOptions, need_fps, reader, scale

ORDERS: tuple[axes.Order, ...] = (
    ("track", "xy", "node", "frame"),  # what SLEAP writes, for Matlab
    ("frame", "track", "node", "xy"),  # sleap-io, preset "standard"
    ("frame", "node", "xy", "track"),  # SLEAP with transpose=False
)
"""Orders of the axes of `tracks` that occur without being named."""


@reader((".h5", ".hdf5"), lambda path: tables.has(path, "tracks", "node_names"), KEYPOINTS)
def from_h5(path: Path, given: ReaderOptions) -> xr.Dataset:
    """Read `tracks`, whose axes are told apart by their names (`dims`) or by the counts of names and scores.

    Positions are as sure as `point_scores` say.
    """
    with tables.hdf5(path) as file:
        found = tables.member(file, "tracks", path)
        names = tables.words(tables.member(file, "node_names", path), path)
        if found.ndim != 4 or found.dtype.kind not in "iuf":
            raise InputError(f"{path}: tracks should be numbers along four axes, not {found.shape}")
        sizes: dict[str, Collection[int]] = {"xy": (2, 3), "node": (len(names),)}
        said, tracks = f"{len(names)} node names", list[str]()
        if "track_names" in file:
            tracks = tables.words(tables.member(file, "track_names", path), path)
            sizes["track"] = (len(tracks) or 1,)  # without tracks there is one animal
            said += f" and {len(tracks)} track names"
        order = axes.order(found, ORDERS, sizes, _beside(file), said, path)
        length = dict(zip(order, found.shape, strict=True))
        mine = _track(tracks or [str(k) for k in range(length["track"])], given, path)
        kept = given.stretch(length["frame"], 4 * len(names), path)
        xyz = axes.take(found, order, ("frame", "node", "xy"), track=mine, frame=kept)
        sure = None
        if "point_scores" in file:
            scores, short = tables.member(file, "point_scores", path), tuple(a for a in order if a != "xy")
            sure = axes.take(scores, short, ("frame", "node"), track=mine, frame=kept)
    numbers = kept.start + np.arange(len(xyz))
    times, mm = numbers / need_fps(given, path), scale(given, path, "px")
    return Points(path, times, xyz, names, mm, y_down=True, numbers=numbers, sure=sure).dataset(given)


def _beside(file: h5py.File) -> list[tuple[str, tuple[int, ...]]]:
    """Return the axes and the shape of every array beside `tracks`."""
    about = {"point_scores": "frame track node", "instance_scores": "frame track",
             "track_occupancy": "frame track"}  # fmt: skip
    there = [(names, file.get(name)) for name, names in about.items()]
    return [
        (names, each.shape)
        for names, each in there
        if isinstance(each, h5py.Dataset) and each.shape is not None
    ]


def _is_csv(path: Path) -> bool:
    head = tables.csv_head(path, 1)
    return bool(head) and "frame_idx" in head[0] and any(name.endswith(".x") for name in head[0])


@reader((".csv",), _is_csv, KEYPOINTS)
def from_csv(path: Path, given: ReaderOptions) -> xr.Dataset:
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
    for name in ("video", "video_path"):
        if name in head and len(found := table.words(head.index(name), 1)) > 1:
            raise InputError(f"{path} holds frames of {len(found)} videos; export each for itself")
    columns = [f"{node}{axis}" for node in nodes for axis in (".x", ".y")]
    columns += [f"{node}.score" for node in nodes if f"{node}.score" in head]
    index, rows = table.columns(
        [head.index(name) for name in columns], 1, given, kept, head.index("frame_idx")
    )
    if not len(rows) and given.frames:
        raise InputError(f"{path} has no frame_idx in frames={list(given.frames)}")
    if not len(rows) or not np.isfinite(index).all():
        raise InputError(f"{path}: frame_idx should be whole numbers in every row")
    order = np.argsort(index, kind="stable")
    rows, index = rows[order], index[order]
    if (np.diff(index) == 0).any():
        again = index[np.flatnonzero(np.diff(index) == 0)[0]]
        raise InputError(f"{path}: frame {again:.0f} occurs twice; are there several animals?")
    number = frames.checked(index, path)
    first, count = int(number[0]), int(number[-1] - number[0] + 1)
    # Which frames are wanted was looked at row by row; here it is whether they can be held, gaps and all.
    replace(given, frames=(first, first + max(count - 1, 1))).stretch(first + count, 2 * len(nodes), path)
    xyz, sure = np.full((count, len(nodes), 2), np.nan), np.full((count, len(nodes)), np.nan)
    xyz[number - first] = rows[:, : 2 * len(nodes)].reshape(-1, len(nodes), 2)
    for k, name in enumerate(columns[2 * len(nodes) :]):
        sure[number - first, nodes.index(name.removesuffix(".score"))] = rows[:, 2 * len(nodes) + k]
    numbers = first + np.arange(count)
    times, mm = numbers / need_fps(given, path), scale(given, path, "px")
    found = Points(path, times, xyz, nodes, mm, y_down=True, numbers=numbers, sure=sure, notes=table.notes)
    return found.dataset(given)


def _track(labels: list[str], given: ReaderOptions, path: Path) -> int:
    if given.individual is None:
        if len(labels) != 1:
            few = ", ".join(labels[:8])
            raise InputError(f"{path} holds {len(labels)} tracks; add individual=NAME, one of {few}")
        return 0
    if given.individual not in labels:
        raise unknown(f"individual in {path}:", given.individual, labels)
    return labels.index(given.individual)
