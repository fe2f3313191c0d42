"""Tails of fish larvae: megabouts-style CSV, excerpts around bouts, and tables of measured bouts."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from neuromech._lib.errors import InputError
from neuromech.tracking.io import placeholders, tables
from neuromech.tracking.io.base import ReaderOptions, check_times, need_fps, reader, scale

_LARVA: dict[str, str] = {"animal": "larval_fish", "tracker": "bouts"}
BOUT_COLUMNS = {
    "start_s": "start_s",
    "duration_ms": "duration_ms",
    "tail_beat_hz": "tail_beat_hz",
    "max_tail_angle_deg": "amplitude_deg",
    "displacement_mm": "displacement_mm",
    "turn_deg": "turn_deg",
}
"""Columns of a table of bouts, and what the tracker of bouts calls them."""


def tail_dataset(
    path: Path, times: np.ndarray, angle: np.ndarray, head: np.ndarray, notes: Sequence[str] = (),
    **attrs: str | float,
) -> xr.Dataset:  # fmt: skip
    """Return a tail as `tail.read` takes it: angles (time, segment) rad and head (time, 3) mm, mm, rad."""
    if np.isinf(angle).any() or np.isinf(head).any():
        raise InputError(f"{path}: infinite values")
    return xr.Dataset(
        {
            "tail_angle": (("time", "segment"), angle, {"units": "rad"}),
            "head": (("time", "head_channel"), head, {"units": "mm, mm, rad"}),
        },
        {"time": ("time", times, {"units": "s"}), "head_channel": ["x", "y", "heading"]},
        {**_LARVA, "units": "mm s", "source": str(path), "notes": json.dumps(list(notes)), **attrs},
    )


def _leave_out(angle: np.ndarray, head: np.ndarray) -> list[str]:
    """Make gaps (NaN), in place, of samples in which every value is 0 (or -1) far from where the head was."""
    notes = []
    for value in placeholders.VALUES:
        hit = placeholders.jumps(head[:, :2], np.asarray((head == value).all(1) & (angle == value).all(1)))
        if hit.any():
            angle[hit], head[hit] = np.nan, np.nan
            notes.append(f"in {hit.sum()} frames all values jump to exactly {value:g}: read as not seen")
    return notes


def _angles(head: list[str]) -> list[str]:
    """Return the names of the columns of tail angles, in order along the tail."""
    found = {int(m[1]): name for name in head if (m := re.fullmatch(r"tail_angle_?(\d+)", name))}
    return [found[k] for k in sorted(found)]


def _is_tail_csv(path: Path) -> bool:
    head = tables.csv_head(path, 1)
    return bool(head) and bool(_angles(head[0]))


@reader((".csv",), _is_tail_csv, ("fps", "unit", "mm_per_px", "frames", "y_down"))
def tail_csv(path: Path, given: ReaderOptions) -> xr.Dataset:
    """Read a CSV as the megabouts package takes it: head_x, head_y, head_angle (rad), tail_angle_0 ... (rad).

    Angles of the tail are relative to the body axis, front to end, counter-clockwise positive as seen with y
    upwards; with y_down=true everything is mirrored. Rows follow each other at `fps`.
    """
    table = tables.Csv.of(path, 1)
    head = table.head[0]
    segments = _angles(head)
    yaw = next((name for name in ("head_angle", "head_yaw") if name in head), "head_angle")
    names = ["head_x", "head_y", yaw, *segments]
    missing = [name for name in names if name not in head]
    if missing or not segments:
        raise InputError(f"{path} has no column {missing[0] if missing else 'tail_angle_0'}")
    rate, mm = need_fps(given, path), scale(given, path)
    if mm is None:
        raise InputError(f"{path} is in pixels; add mm_per_px=NUMBER, because bouts are measured in mm")
    _, rows = table.columns([head.index(name) for name in names], 1, given)
    for name, column in zip(names, rows.T, strict=True):
        if not np.isfinite(column).any():
            raise InputError(f"{path}: column {name} has no value")
    first = given.frames[0] if given.frames else 0
    times = (first + np.arange(len(rows))) / rate
    check_times(times, path)
    notes = table.notes + _leave_out(rows[:, 3:], rows[:, :3])
    rows[:, :2] *= mm
    known = np.isfinite(rows[:, 2])
    rows[known, 2] = np.unwrap(rows[known, 2])
    if given.y_down:
        rows[:, 1:] *= -1.0
    found = tail_dataset(path, times, rows[:, 3:], rows[:, :3].copy(), notes, record_s=1.0 / rate)
    return found.assign_coords(frame_number=("time", first + np.arange(len(rows))))


@reader((".npz",), lambda p: any(n.startswith("tail_angle_") for n in tables.npz_names(p)), ("frames",))
def tail_bouts(path: Path, given: ReaderOptions) -> xr.Dataset:
    """Read excerpts around the bouts of a larva: NumPy .npz with `fps` and, for every bout NN,
    `tail_angle_NN` (frame, segment) rad and `head_NN` (frame, 3) mm, mm, rad, as in `tail.Tail`.

    The excerpts follow each other, in the order of their numbers, a second apart: the dataset has
    `tail_angle` and `head` along `time`, no landmarks, and says excerpts only (attribute `frame` =
    "excerpts"). Frames with a missing angle stay NaN. An array `posture_given`, as a replay has it, becomes
    an attribute: the tail was not the simulated animal's own. The coordinate `excerpt` (time) is the number.
    `frames` count through all excerpts.
    """
    arrays = _numeric(path)
    fps = arrays.get("fps")
    if fps is None or fps.size != 1 or not 0 < fps.item() < np.inf:
        raise InputError(f"{path}: fps must be one number above 0")
    step = 1.0 / fps.item()
    numbers = [name.removeprefix("tail_angle_") for name in arrays if name.startswith("tail_angle_")]
    numbers.sort(key=lambda number: (len(number), number))
    if not numbers:
        raise InputError(f"{path}: no tail_angle_NN in it")
    angles, heads, times, excerpts, notes = [], [], [], [], list[str]()
    for number in numbers:
        angle, head = arrays[f"tail_angle_{number}"], arrays.get(f"head_{number}")
        if not number.isdigit() or head is None:
            raise InputError(f"{path}: tail_angle_{number} has no head_{number}")
        if angle.ndim != 2 or head.shape != (len(angle), 3) or not angle.size:
            raise InputError(
                f"{path}: tail_angle_{number} should be (frame, segment) and head_{number} (frame, 3), "
                f"not {angle.shape} and {head.shape}"
            )
        if angles and angle.shape[1] != angles[0].shape[1]:
            raise InputError(f"{path}: tail_angle_{number} has another number of segments than the others")
        notes += [f"excerpt {number}: {note}" for note in _leave_out(angle, head)]
        start = times[-1][-1] + 1.0 if times else 0.0
        angles.append(angle)
        heads.append(head)
        times.append(start + step * np.arange(len(angle)))
        excerpts.append(np.full(len(angle), int(number)))
    joined = np.concatenate(times)
    if not np.isfinite(joined).all() or (np.diff(joined) <= 0).any():
        raise InputError(f"{path}: fps of {fps.item():g} gives times that do not increase")
    found = tail_dataset(
        path,
        joined,
        np.concatenate(angles),
        np.concatenate(heads),
        notes,
        frame="excerpts",
        record_s=step,
    )
    if "posture_given" in arrays:
        found.attrs["posture_given"] = 1
    found = found.assign_coords(excerpt=("time", np.concatenate(excerpts)))
    return found.isel(time=given.stretch(len(joined), angles[0].shape[1] + 3, path))


def _is_bouts(path: Path) -> bool:
    head = tables.csv_head(path, 1)
    return bool(head) and set(BOUT_COLUMNS) <= set(head[0])


@reader((".csv",), _is_bouts)
def bout_table(path: Path, given: ReaderOptions) -> xr.Dataset:
    """Read a table of bouts that somebody measured: one row per bout, columns `BOUT_COLUMNS`, turns left
    positive.

    The dataset has `bout_*` along `bout` and neither landmarks nor time: bouts can be compared, postures
    cannot. A bout without a tail beat keeps NaN there; one without a start, a displacement or a turn is an
    error. The table is taken as continuous: intervals between bouts are those of the animal.
    """
    table = tables.Csv.of(path, 1)
    head = table.head[0]
    missing = [name for name in BOUT_COLUMNS if name not in head]
    if missing:
        raise InputError(f"{path} has no column {missing[0]}")
    _, rows = table.columns([head.index(name) for name in BOUT_COLUMNS], 1, given)
    check_times(rows[:, 0], path)
    values = dict(zip(BOUT_COLUMNS.values(), rows.T, strict=True))
    for name, column in values.items():
        if np.isinf(column).any() or (name != "tail_beat_hz" and not np.isfinite(column).all()):
            raise InputError(f"{path}: column {name} holds values that are not finite")
    return xr.Dataset(
        {f"bout_{name}": ("bout", column) for name, column in values.items()},
        attrs={**_LARVA, "units": "mm s", "source": str(path), "notes": json.dumps(table.notes)},
    )


def _numeric(path: Path) -> dict[str, np.ndarray]:
    try:
        return {name: np.asarray(values, np.float64) for name, values in tables.npz(path).items()}
    except (TypeError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
