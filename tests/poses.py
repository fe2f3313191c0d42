"""Files of recorded animals in other tools' formats, small and made here."""

from __future__ import annotations

import json
import pickle
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from tests.crawler import midlines

FPS = 20.0
NAMES = ("nose", "neck", "middle", "hip", "tail")


def crawl_mm(frames: int = 60) -> np.ndarray:
    """Return midlines (frame, 49, 2), mm, of a worm that crawls at 0.45 Hz."""
    return midlines(0.45 * 0.65 * np.arange(frames) / FPS)


def keypoints(frames: int = 60) -> np.ndarray:
    """Return five keypoints (frame, 5, 2), nose to tail, in pixels of 0.01 mm with y downwards."""
    return crawl_mm(frames)[:, ::12] * [100.0, -100.0] + 500.0


def wcon(path: Path, points: np.ndarray, **changes: Any) -> Path:
    """Write midlines (mm) as WCON; `changes` replace parts of the one entry, units or anything on top."""
    entry = {
        "id": "1",
        "t": (np.arange(len(points)) / FPS).tolist(),
        "x": points[..., 0].tolist(),
        "y": points[..., 1].tolist(),
        "head": "L",
    }
    units = {"t": "s", "x": "mm", "y": "mm"} | changes.pop("units", {})
    tree = {"units": units, "data": [entry | changes.pop("entry", {})]} | changes
    path.write_text(json.dumps(tree))
    return path


def dlc_rows(
    xy: np.ndarray, individuals: Sequence[str] = ("",), likelihood: float | np.ndarray = 0.9
) -> list[list[str]]:
    """Return the rows of a DeepLabCut CSV; every individual has the same keypoints, a pixel further right."""
    sure = np.broadcast_to(likelihood, xy.shape[:2])
    label = {"scorer": [], "individuals": [], "bodyparts": [], "coords": []}
    values = []
    for shift, animal in enumerate(individuals):
        for k, name in enumerate(NAMES):
            for axis, coord in enumerate(("x", "y", "likelihood")):
                label["scorer"].append("net")
                label["individuals"].append(animal)
                label["bodyparts"].append(name)
                label["coords"].append(coord)
                column = xy[:, k, axis] + shift * (axis == 0) if axis < 2 else sure[:, k]
                values.append(["" if np.isnan(v) else repr(float(v)) for v in column])
    heads = [[key, *row] for key, row in label.items() if key != "individuals" or any(row)]
    return heads + [[str(k), *row] for k, row in enumerate(zip(*values, strict=True))]


def dlc_csv(
    path: Path, xy: np.ndarray, individuals: Sequence[str] = ("",), likelihood: float | np.ndarray = 0.9
) -> Path:
    path.write_text("\n".join(",".join(row) for row in dlc_rows(xy, individuals, likelihood)) + "\n")
    return path


def dlc_h5(
    path: Path, xy: np.ndarray, labels: object = None, protocol: int = 0,
    likelihood: float | np.ndarray = 0.9, index: np.ndarray | None = None,
) -> Path:  # fmt: skip
    """Write what pandas writes with format="table": numbers in a compound table, names in a pickle."""
    columns = [("net", name, coord) for name in NAMES for coord in ("x", "y", "likelihood")]
    sure = np.broadcast_to(likelihood, xy.shape[:2])[..., None]
    values = np.concatenate([xy, sure], axis=-1).reshape(len(xy), -1)
    rows = np.arange(len(xy)) if index is None else index
    table = np.zeros(len(xy), [("index", rows.dtype), ("values_block_0", "<f8", (values.shape[1],))])
    table["index"], table["values_block_0"] = rows, values
    with h5py.File(path, "w") as file:
        group = file.create_group("df_with_missing")
        group.attrs["pandas_type"] = np.bytes_(b"frame_table")
        stored = pickle.dumps([(1, columns)] if labels is None else labels, protocol)
        group.attrs["non_index_axes"] = np.void(stored) if b"\0" in stored else np.bytes_(stored)
        group["table"] = table
    return path


def dlc_h5_fixed(
    path: Path, xy: np.ndarray, likelihood: float | np.ndarray = 0.9, index: np.ndarray | None = None
) -> Path:
    """Write what pandas writes with format="fixed", the likelihoods float32 and so a block of their own."""
    columns = [("net", name, coord) for name in NAMES for coord in ("x", "y", "likelihood")]
    sure = np.broadcast_to(likelihood, xy.shape[:2]).astype(np.float32)
    with h5py.File(path, "w") as file:
        group = file.create_group("tracks")
        group.attrs["pandas_type"] = np.bytes_(b"frame")
        group["axis1"] = np.arange(len(xy)) if index is None else index
        blocks = {"axis0": columns, "block0_items": [c for c in columns if c[2] == "likelihood"]}
        blocks["block1_items"] = [c for c in columns if c[2] != "likelihood"]
        for name, labels in blocks.items():
            for level in range(3):
                words = sorted({label[level] for label in labels})
                group[f"{name}_level{level}"] = np.array(words, dtype="S")
                group[f"{name}_label{level}"] = np.array([words.index(label[level]) for label in labels])
        group["block0_values"], group["block1_values"] = sure, xy.reshape(len(xy), -1)
    return path


def sleap_h5(path: Path, xy: np.ndarray, tracks: Sequence[str] = ("one",), frames_last: bool = True) -> Path:
    """Write a SLEAP analysis file; every track has the same keypoints, a pixel further right."""
    block = np.stack([xy + [k, 0.0] for k in range(len(tracks))])  # track, frame, node, xy
    with h5py.File(path, "w") as file:
        file["tracks"] = block.transpose(0, 3, 2, 1) if frames_last else block.transpose(1, 0, 2, 3)
        file["node_names"] = np.array(NAMES, dtype="S")
        file["track_names"] = np.array(tracks, dtype="S")
    return path


def sleap_csv(
    path: Path, xy: np.ndarray, tracks: Sequence[str] = ("one",), left_out: Sequence[int] = (),
    likelihood: float | np.ndarray = 0.9,
) -> Path:  # fmt: skip
    sure = np.broadcast_to(likelihood, xy.shape[:2])
    head = ["track", "frame_idx", "instance.score"]
    head += [f"{name}.{each}" for name in NAMES for each in ("x", "y", "score")]
    lines = [",".join(head)]
    for number, frame in enumerate(xy):
        for shift, track in enumerate(tracks):
            if number not in left_out:
                rows = zip(frame.tolist(), sure[number].tolist(), strict=True)
                cells = [f"{x + shift!r},{y!r},{score!r}" for (x, y), score in rows]
                lines.append(f"{track},{number},0.9," + ",".join(cells))
    path.write_text("\n".join(lines) + "\n")
    return path


def tierpsy(path: Path, worms: dict[int, np.ndarray], attrs: dict[str, Any] | None = None) -> Path:
    """Write midlines (mm) of worms as Tierpsy's features: microns, y downwards, the worms' rows in turn."""
    kind = [("frame_number", "i4"), ("worm_index_joined", "i4"), ("skeleton_id", "i4")]
    rows, skeletons = [], []
    for worm, points in worms.items():
        for frame, each in enumerate(points):
            whole = bool(np.isfinite(each).all())
            rows.append((frame + 100, worm, len(skeletons) if whole else -1))
            if whole:
                skeletons.append(each * [1e3, -1e3])
    with h5py.File(path, "w") as file:
        table = file.create_dataset("trajectories_data", data=np.array(rows, kind))
        for key, value in (attrs if attrs is not None else {"fps": FPS, "microns_per_pixel": 5.0}).items():
            table.attrs[key] = value
        file["coordinates/skeletons"] = np.array(skeletons)
    return path


def tail_csv(path: Path, angle: np.ndarray, head: np.ndarray, leave_out: str = "") -> Path:
    names = ["head_x", "head_y", "head_angle", *(f"tail_angle_{k}" for k in range(angle.shape[1]))]
    kept = [k for k, name in enumerate(names) if name != leave_out]
    values = np.concatenate([head, angle], axis=1)[:, kept]
    rows = [",".join(names[k] for k in kept)]
    rows += [",".join("" if np.isnan(v) else repr(float(v)) for v in row) for row in values]
    path.write_text("\n".join(rows) + "\n")
    return path
