"""WCON, the Worm tracker Commons Object Notation: read and write.

Format: github.com/openworm/tracker-commons, WCON_format.md.
"""

from __future__ import annotations

import json
import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neuromech._lib.errors import InputError, unknown
from neuromech.tracking.io import tables
from neuromech.tracking.io.base import MILLIMETRES, Given, Points, reader, spine_names
from neuromech.tracking.kinematics import posture

MOST_BYTES = 500_000_000
"""JSON has to be held whole: a larger file must be split, as the format foresees."""
_PREFIX = {"": 1.0, "c": 1e-2, "m": 1e-3, "u": 1e-6, "\u00b5": 1e-6, "\u03bc": 1e-6, "n": 1e-9, "k": 1e3}
_LONG = {"": "", "centi": "c", "milli": "m", "micro": "u", "nano": "n", "kilo": "k"}
_METRE = re.compile(r"(|centi|milli|micro|nano|kilo)(?:metre|meter)s?")
_SECOND = re.compile(r"(|milli|micro)seconds?")
_OTHER = {"micron": 1e-3, "microns": 1e-3, "inch": 25.4, "inches": 25.4, "in": 25.4}
_PIXELS = {"px", "pixel", "pixels"}
_TIMES = {"s": 1.0, "sec": 1.0, "ms": 1e-3, "min": 60.0, "minute": 60.0, "minutes": 60.0, "h": 3600.0,
          "hour": 3600.0, "hours": 3600.0}  # fmt: skip


def _claims(path: Path) -> bool:
    if path.name.lower().endswith(".zip"):
        return zipfile.is_zipfile(path)
    with path.open("rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{")


@reader(
    "wcon", (".wcon", ".wcon.zip", ".json"), _claims,
    ("mm_per_px", "spine", "individual", "max_gap_s", "y_down"),
)  # fmt: skip
def wcon(path: Path, given: Given) -> xr.Dataset:
    """Read one worm's midlines; `individual` picks the worm where the file has several.

    The first point is the nose unless `head` says R. An unsure head ("?", or none) is noted, not guessed.
    """
    tree = _json(path)
    units = tree.get("units")
    if not isinstance(units, Mapping) or not {"t", "x", "y"} <= set(units):
        raise InputError(f"{path}: 'units' must name the units of t, x and y")
    entries = tree.get("data")
    entries = [entries] if isinstance(entries, Mapping) else entries
    if not isinstance(entries, list) or not entries or not all(isinstance(e, Mapping) for e in entries):
        raise InputError(f"{path}: 'data' holds no worm")
    mine = _individual(entries, given, path)
    second, mm = _time_unit(units["t"], path), [_length_unit(units[axis], path, given) for axis in "xy"]
    if given.mm_per_px is not None and not {_factor(units[a])[1] for a in "xy"} & _PIXELS:
        raise InputError(f"{path} has its lengths in {units['x']}, so mm_per_px= means nothing")
    origin = [_length_unit(units.get(f"o{a}", units.get(f"c{a}", units[a])), path, given) for a in "xy"]
    rows: list[tuple[float, np.ndarray, str]] = []
    for entry in mine:
        rows += _rows(entry, second, mm, origin, path)
    if not rows:
        raise InputError(f"{path}: the worm was never recorded: t, x and y are empty")
    rows.sort(key=lambda row: row[0])
    count = max(len(points) for _, points, _ in rows)
    spine = np.full((len(rows), count, 2), np.nan)
    for index, (_, points, head) in enumerate(rows):
        if len(points) not in (count, 0):
            raise InputError(f"{path}: midlines of {len(points)} and of {count} points in one worm")
        if len(points):
            spine[index] = points[::-1] if head == "R" else points
    if count < 4:
        raise InputError(f"{path}: midlines of {count} points; a posture needs at least four")
    spine[~np.isfinite(spine).all(axis=(1, 2))] = np.nan
    times = np.array([t for t, _, _ in rows])
    attrs: dict[str, str | float] = {"animal": "worm", "tracker": "undulation"}
    found = Points(path, times, spine, spine_names(count), 1.0, attrs=attrs).dataset(given)
    if any(head not in ("L", "R") for _, _, head in rows):
        note = "the file does not say which end is the head everywhere; the first point counts as the nose"
        found.attrs["notes"] = json.dumps([*json.loads(found.attrs["notes"]), note])
    return found


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


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.name.lower().endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                names = [info for info in archive.infolist() if not info.is_dir()]
                if len(names) != 1:
                    raise InputError(f"{path} holds {len(names)} files; one is read at a time")
                _check_size(names[0].file_size, path)
                text = archive.read(names[0])
        else:
            _check_size(path.stat().st_size, path)
            text = path.read_bytes()
        tree = json.loads(text)
    except InputError:
        raise
    except tables.BROKEN_ARCHIVE as error:
        raise InputError(f"{path} cannot be read: {tables.first_line(error)}") from None
    if not isinstance(tree, dict):
        raise InputError(f"{path}: a WCON file is one object with units and data")
    return tree


def _check_size(size: int, path: Path) -> None:
    if size > MOST_BYTES:
        raise InputError(f"{path} has {size / 1e9:.1f} GB of JSON; split it into files of less than 0.5 GB")


def _individual(entries: Sequence[Mapping[str, Any]], given: Given, path: Path) -> list[Mapping[str, Any]]:
    there_are = list(dict.fromkeys(str(entry.get("id", "")) for entry in entries))
    chosen = given.individual
    if chosen is None:
        if len(there_are) > 1:
            raise InputError(
                f"{path} holds {len(there_are)} worms; add individual=ID, one of {', '.join(there_are[:8])}"
            )
        chosen = there_are[0]
    if chosen not in there_are:
        raise unknown(f"individual in {path}:", chosen, there_are)
    return [entry for entry in entries if str(entry.get("id", "")) == chosen]


def _rows(
    entry: Mapping[str, Any], second: float, mm: Sequence[float], origin: Sequence[float], path: Path
) -> list[tuple[float, np.ndarray, str]]:
    """Return (time s, points (n, 2) mm, head) of every time of an entry; n is 0 where nothing was seen."""
    if not {"t", "x", "y"} <= set(entry):
        raise InputError(f"{path}: a worm without t, x and y")
    single = not isinstance(entry["t"], list)
    times, x, y = ([entry[key]] if single else entry[key] for key in "txy")
    if not (isinstance(x, list) and isinstance(y, list) and len(times) == len(x) == len(y)):
        raise InputError(f"{path}: t, x and y of a worm are not equally long")
    shift = [_each(entry.get(f"o{axis}", entry.get(f"c{axis}", 0.0)), len(times), path) for axis in "xy"]
    heads = entry.get("head", "?")
    heads = heads if isinstance(heads, list) else [heads] * len(times)
    if len(heads) != len(times):
        raise InputError(f"{path}: head has {len(heads)} entries for {len(times)} times")
    rows = []
    for index, (t, xs, ys) in enumerate(zip(times, x, y, strict=True)):
        points = np.stack([_floats(values, path) for values in _pair(xs, ys, path)], axis=-1)
        points = points * mm + [shift[0][index] * origin[0], shift[1][index] * origin[1]]
        rows.append((float(_floats([t], path)[0]) * second, points, str(heads[index])))
    return rows


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


def _length_unit(text: Any, path: Path, given: Given) -> float:
    """Return the mm of a unit such as mm, microns or 0.01*mm; pixels take the user's scale."""
    factor, name = _factor(text)
    long = _METRE.fullmatch(name)
    if long:
        return factor * 1e3 * _PREFIX[_LONG[long[1]]]
    if name in MILLIMETRES:
        return factor * MILLIMETRES[name]
    if name in _OTHER:
        return factor * _OTHER[name]
    if name in _PIXELS and given.mm_per_px:
        return factor * given.mm_per_px
    more = "; add mm_per_px=NUMBER" if name.startswith("p") else ""
    raise InputError(f"{path}: lengths in {text!r}, a unit that is not known here{more}")


def _time_unit(text: Any, path: Path) -> float:
    factor, name = _factor(text)
    long = _SECOND.fullmatch(name)
    if long:
        return factor * _PREFIX[_LONG[long[1]]]
    if name not in _TIMES:
        raise InputError(f"{path}: times in {text!r}, a unit that is not known here")
    return factor * _TIMES[name]


def _factor(text: Any) -> tuple[float, str]:
    """Split 0.04*s and s/25 into a number and a unit."""
    found = re.fullmatch(r"(?:([\d.eE+-]+)\s*\*\s*)?([^\s*/]+)(?:\s*/\s*([\d.eE+-]+))?", str(text).strip())
    if not found:
        return 1.0, str(text)
    try:
        factor = float(found[1] or 1.0) / float(found[3] or 1.0)
    except (ValueError, ZeroDivisionError):
        return 1.0, str(text)
    return (factor, found[2]) if 0 < factor < math.inf else (1.0, str(text))
