"""WCON, the Worm tracker Commons Object Notation: read and write.

Format: github.com/openworm/tracker-commons, WCON_format.md.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neuromech._lib.errors import InputError, unknown
from neuromech.tracking.io import archives, frames, tables, text, wcon_units
from neuromech.tracking.io.base import Points, ReaderOptions, reader, spine_names
from neuromech.tracking.kinematics import posture

MOST_BYTES = 500_000_000
"""JSON has to be held whole: a larger file must be split, as the format foresees."""
LEAST_POINTS = 4
"""A midline of fewer points has no posture; a single one is where the worm was, which the format allows."""
ABSOLUTE = 0.25
"""Points that lie nearer to their centroid than this share of their own distance from the origin are not
relative to it."""


def _claims(path: Path) -> bool:
    name = path.name.lower()
    if name.endswith(".zip"):
        return zipfile.is_zipfile(path) and (
            name.endswith(".wcon.zip") or archives.holds(path, (".wcon", ".json"))
        )
    with path.open("rb") as file:
        first = file.read(64).replace(b"\0", b"")
    return first.lstrip(b"\xef\xbb\xbf\xff\xfe \r\n\t").startswith(b"{")


@dataclass(frozen=True)
class Row:
    """A worm at one time: t s, points (n, 2) mm with n 0 where it was not seen, and which end is the head."""

    t: float
    points: np.ndarray
    head: str


@reader(
    (".wcon", ".zip", ".json"), _claims,
    ("mm_per_px", "spine", "individual", "max_gap_s", "frames", "y_down"),
)  # fmt: skip
def wcon(path: Path, given: ReaderOptions) -> xr.Dataset:
    """Read one worm's midlines; `individual` picks the worm where the file has several.

    The first point is the nose unless `head` says R. An unsure head ("?", or none) is noted, not guessed. A
    time with fewer than four points is a gap; midlines of different numbers of points are resampled to the
    largest. Of a zip archive all parts of one recording are read.
    """
    trees, notes = _trees(path)
    entries = [(entry, tree) for tree in trees for entry in _entries(tree, path)]
    mine = _individual([entry for entry, _ in entries], given, path)
    rows: list[Row] = []
    for entry, tree in entries:
        if str(entry.get("id", "")) == mine:
            rows += _rows(entry, tree["units"], given, path, notes)
    if not rows:
        raise InputError(f"{path}: the worm was never recorded: t, x and y are empty")
    rows.sort(key=lambda row: row.t)
    if any(row.head not in ("L", "R") for row in rows):
        notes.append(
            "the file does not say which end is the head everywhere; the first point counts as the nose"
        )
    spine = _midlines(rows, path, notes)
    kept = frames.stretch(np.arange(len(rows)), spine[0].size, given, path)
    times, numbers = np.array([row.t for row in rows])[kept], np.arange(len(rows))[kept]
    attrs: dict[str, str | float] = {"animal": "worm", "tracker": "undulation"}
    found = Points(
        path, times, spine[kept], spine_names(spine.shape[1]), 1.0, attrs=attrs, numbers=numbers,
        notes=list(dict.fromkeys(notes)),
    )  # fmt: skip
    return found.dataset(given)


def write(recording: xr.Dataset, path: Path) -> Path:
    """Write the midline of a recording (mm, s, nose first) as WCON and return the path.

    Raises
    ------
    InputError: the recording has no midline, or the file cannot be written.
    """
    points = posture.midline(recording)
    # Frames without a midline stay, as nulls: left out, the gap could be taken for one long step.
    rows = points.astype(object)
    rows[~np.isfinite(points).all(axis=(1, 2))] = None
    tree = {
        "units": {"t": "s", "x": "mm", "y": "mm"},
        "metadata": {"software": {"name": "neuromech"}},
        "data": [
            {
                "id": "1",
                "t": recording["time"].values.astype(float).tolist(),
                "x": rows[..., 0].tolist(),
                "y": rows[..., 1].tolist(),
                "head": "L",
            }
        ],
    }
    try:
        path.write_text(json.dumps(tree))
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from None
    return path


def _trees(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the objects of a file, of an archive those of all parts of one recording, and notes."""
    try:
        if path.name.lower().endswith(".zip"):
            held = archives.members(path, (".wcon", ".json"), MOST_BYTES)
        else:
            _check_size(path.stat().st_size, path)
            held = {path.name: path.read_bytes()}
        trees, notes = [], list[str]()
        for content in held.values():
            decoded, encoding = text.decode(content, path)
            trees.append(json.loads(decoded))
            notes += text.notes(encoding)
    except InputError:
        raise
    except json.JSONDecodeError as error:
        raise InputError(f"{path} cannot be read: a WCON file is JSON, and this is not ({error})") from None
    except tables.BROKEN_ARCHIVE as error:
        raise InputError(f"{path} cannot be read: {tables.first_line(error)[:200]}") from None
    if not all(isinstance(tree, dict) for tree in trees):
        raise InputError(f"{path}: a WCON file is one object with units and data")
    parts = [isinstance(tree.get("files"), Mapping) for tree in trees]
    if len(trees) > 1 and not all(parts):
        raise InputError(
            f"{path} holds {len(trees)} files that are no parts of one recording; unpack it and name one of "
            f"{', '.join(list(held)[:4])}"
        )
    if len(trees) == 1 and any(trees[0]["files"].get(key) for key in ("prev", "next") if parts[0]):
        notes.append("the file is one part of a recording that was split; the other parts are not read")
    return trees, notes


def _check_size(size: int, path: Path) -> None:
    if size > MOST_BYTES:
        raise InputError(f"{path} has {size / 1e9:.1f} GB of JSON; split it into files of less than 0.5 GB")


def _entries(tree: Mapping[str, Any], path: Path) -> list[Mapping[str, Any]]:
    units, entries = tree.get("units"), tree.get("data")
    if not isinstance(units, Mapping) or not {"t", "x", "y"} <= set(units):
        raise InputError(f"{path}: 'units' must name the units of t, x and y")
    entries = [entries] if isinstance(entries, Mapping) else entries
    if not isinstance(entries, list) or not entries or not all(isinstance(e, Mapping) for e in entries):
        raise InputError(f"{path}: 'data' holds no worm")
    return entries


def _individual(entries: Sequence[Mapping[str, Any]], given: ReaderOptions, path: Path) -> str:
    there_are = list(dict.fromkeys(str(entry.get("id", "")) for entry in entries))
    if given.individual is None:
        if len(there_are) > 1:
            raise InputError(
                f"{path} holds {len(there_are)} worms; add individual=ID, one of {', '.join(there_are[:8])}"
            )
        return there_are[0]
    if given.individual not in there_are:
        raise unknown(f"individual in {path}:", given.individual, there_are)
    return given.individual


def _rows(
    entry: Mapping[str, Any], units: Mapping[str, Any], given: ReaderOptions, path: Path, notes: list[str]
) -> list[Row]:
    """Return every time of an entry."""
    if not {"t", "x", "y"} <= set(entry):
        raise InputError(f"{path}: a worm without t, x and y")
    if given.mm_per_px is not None and not any(wcon_units.in_pixels(units[axis]) for axis in "xy"):
        raise InputError(f"{path} has its lengths in {units['x']}, so mm_per_px= means nothing")
    second = wcon_units.seconds(units["t"], path)
    mm = [wcon_units.millimetres(units[axis], given.mm_per_px, path) for axis in "xy"]
    single = not isinstance(entry["t"], list)
    times, x, y = ([entry[key]] if single else entry[key] for key in "txy")
    if not (isinstance(x, list) and isinstance(y, list) and len(times) == len(x) == len(y)):
        raise InputError(f"{path}: t, x and y of a worm are not equally long")
    heads = entry.get("head", "?")
    heads = heads if isinstance(heads, list) else [heads] * len(times)
    if len(heads) != len(times):
        raise InputError(f"{path}: head has {len(heads)} entries for {len(times)} times")
    origin, centred = _origin(entry, units, len(times), given, path, notes)
    rows, apart = [], []
    for index, (t, xs, ys) in enumerate(zip(times, x, y, strict=True)):
        points = np.stack([_floats(values, path) for values in _pair(xs, ys, path)], axis=-1) * mm
        if centred and len(points):
            middle = points.mean(axis=0)
            apart.append((np.linalg.norm(middle - origin[index]), np.linalg.norm(middle)))
        rows.append(Row(float(_floats([t], path)[0]) * second, points + origin[index], str(heads[index])))
    near, far = np.nanmedian(apart, axis=0) if np.isfinite(apart).any() else (0.0, 0.0)
    if near < ABSOLUTE * far:
        notes.append(
            "x and y lie around cx and cy, to which they are added, as the format says where there is no ox "
            "and oy; if they are positions on the plate already, the file should give ox and oy as 0"
        )
    return rows


def _origin(
    entry: Mapping[str, Any], units: Mapping[str, Any], count: int, given: ReaderOptions, path: Path,
    notes: list[str],
) -> tuple[np.ndarray, bool]:  # fmt: skip
    """Return the origin (time, 2), mm, of every time of an entry, and whether it is the worm's centroid."""
    name = next((each for each in "oc" if f"{each}x" in entry or f"{each}y" in entry), None)
    if name is None:
        return np.zeros((count, 2)), False
    origin = np.zeros((count, 2))
    for k, axis in enumerate("xy"):
        key = f"{name}{axis}"
        if key not in entry:
            raise InputError(f"{path}: a worm has {name}x or {name}y without the other")
        if key not in units:
            notes.append(f"the file does not say the unit of {key}; it was read as that of {axis}")
        mm = wcon_units.millimetres(units.get(key, units[axis]), given.mm_per_px, path)
        origin[:, k] = _each(entry[key], count, path) * mm
    return origin, name == "c"


def _midlines(rows: Sequence[Row], path: Path, notes: list[str]) -> np.ndarray:
    """Return midlines (time, point, 2), nose first, NaN where there are too few points for one."""
    counts = np.array([len(row.points) for row in rows])
    count = int(counts.max())
    if count < LEAST_POINTS:
        raise InputError(f"{path}: midlines of {count} points; a posture needs at least four")
    few, other = (counts > 0) & (counts < LEAST_POINTS), (counts >= LEAST_POINTS) & (counts < count)
    if few.any():
        notes.append(f"{few.sum()} times have fewer than four points, which is no midline: gaps")
    if other.any():
        notes.append(f"midlines of {counts[other].min()} to {count} points were resampled to {count}")
    spine = np.full((len(rows), count, 2), np.nan)
    for index, row in enumerate(rows):
        if counts[index] >= LEAST_POINTS:
            points = row.points[::-1] if row.head == "R" else row.points
            same = counts[index] == count
            spine[index] = points if same else posture.resample(points[None], count)[0]
    spine[~np.isfinite(spine).all(axis=(1, 2)) & ~np.isinf(spine).any(axis=(1, 2))] = np.nan
    return spine


def _pair(xs: Any, ys: Any, path: Path) -> tuple[list[Any], list[Any]]:
    xs, ys = (values if isinstance(values, list) else [values] for values in (xs, ys))
    if xs == [None] and ys == [None]:
        return [], []
    if len(xs) != len(ys):
        raise InputError(f"{path}: {len(xs)} x and {len(ys)} y in one midline")
    return xs, ys


def _each(value: Any, count: int, path: Path) -> np.ndarray:
    values = value if isinstance(value, list) else [value] * count
    if len(values) != count:
        raise InputError(f"{path}: an origin with {len(values)} entries for {count} times")
    return _floats(values, path)


def _floats(values: Any, path: Path) -> np.ndarray:
    """Return JSON numbers as floats, null as NaN."""
    found = []
    for value in values:
        if value is None:
            value = math.nan
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InputError(f"{path}: {str(value)[:40]!r} where a number should be")
        try:
            found.append(float(value))
        except OverflowError:
            raise InputError(f"{path}: a number too large to be a position") from None
    return np.array(found, np.float64)
