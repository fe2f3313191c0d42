"""The legs of an animal, simulated or recorded, and when each foot is off the ground.

A leg's name says where it is: f, m or h (fore, middle, hind) and l or r, in either order. A recording
carries, as the attribute `limbs`, the landmark of every leg's foot; as `gait_tracker`, `head` (two landmarks,
the front one first), `trunk` (one landmark) and `standing_mm` (its height above the floor as the animal
stands), all of which may be missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Bool, Float

from neuromech._lib.errors import InputError
from neuromech._lib.types import Path2D, Signal, Times
from neuromech.tracking.kinematics import posture, trajectory

SPEED_S = 0.012
"""The speed of a foot is its displacement over this time, s, or over two samples where these are further
apart."""
TRUNK_S = 0.25
"""The speed of the trunk is its displacement over this time, s, about a stride."""
MOVES_SHARE = 0.5
"""A foot that swings moves faster than this share of the trunk's speed."""
MOVES_LENGTHS_S = 0.3
"""A foot that swings moves faster than this many body lengths per second."""
FAST_SHARE = 0.3
"""A foot that swings moves faster than this share of its own highest speed within `FAST_S`."""
FAST_S = 1.0
"""The time, s, within which a foot's own highest speed (95th percentile) is taken: feet on the ground
slip."""
AHEAD_SHARE = 0.1
"""In an egocentric recording a foot swings if it moves forwards faster than this share of its own highest
speed (95th percentile): feet that rest during a pause still move a little."""
LIFTED_LENGTHS = 0.06
"""A foot also swings if it is held higher above the floor than this, body lengths."""
SHORTEST_S = 0.015
"""Swings and stances shorter than this, s, are merged with what surrounds them."""
FINE_S = 0.001
"""The step, s, at which swing and stance are determined, between the samples of the recording."""
ROWS, SIDES = "fmh", "lr"
"""Letters of a leg's name: fore, middle or hind, and left or right."""


@dataclass(frozen=True)
class Legs:
    """Legs through time, lengths in mm.

    names: of the legs, the hind left one first if there is one. feet: (time, leg, xyz). trunk: (time, xy) of
    the middle of the trunk. axis: (time,) direction of the trunk, rad, continuous. length: of the animal.
    egocentric: whether places are given relative to the animal, so that its speed over ground is unknown.
    """

    times: Times
    names: tuple[str, ...]
    feet: Float[np.ndarray, "time leg 3"]
    trunk: Path2D
    axis: Signal
    length: float
    egocentric: bool = False

    @property
    def step_s(self) -> float:
        """Median time between samples, NaN with fewer than two."""
        return float(np.median(np.diff(self.times))) if len(self.times) > 1 else float("nan")


def leg_position(name: str) -> tuple[int, int]:
    """Return the row of a leg (0 fore, 1 middle, 2 hind) and its side (0 left, 1 right).

    Raises
    ------
    InputError: the name does not say where the leg is.
    """
    rows, sides = ([letters.index(x) for x in name if x in letters] for letters in (ROWS, SIDES))
    if len(name) != 2 or len(rows) != 1 or len(sides) != 1:
        raise InputError(f"a leg is named by f, m or h and l or r, as in fl or hr, not '{name}'")
    return rows[0], sides[0]


def read(dataset: xr.Dataset) -> Legs:
    """Return the legs of a recording.

    Raises
    ------
    InputError: it does not say which landmarks are feet, or has no midline to tell the trunk by.
    """
    feet = _attribute(dataset, "limbs")
    if not feet:
        raise InputError("the tracker needs to know which landmarks are feet (limbs)")
    names = tuple(sorted(feet, key=lambda name: (-leg_position(name)[0], leg_position(name)[1])))
    known = [str(name) for name in dataset["landmark"].values]
    for name in names:
        if feet[name] not in known:
            raise InputError(f"limbs.{name}: the recording has no landmark {feet[name]}")
    places = dataset["landmarks"].sel(landmark=[feet[name] for name in names], xyz=["x", "y", "z"])
    middle = posture.midline(dataset)
    trunk = str(tracked_parts(dataset).get("trunk"))
    return Legs(
        times=dataset["time"].values.astype(float),
        names=names,
        feet=places.values.astype(float),
        trunk=point(dataset, trunk)[:, :2] if trunk in known else trajectory.centroid(middle),
        axis=trajectory.heading(middle),
        length=float(dataset.attrs.get("body_length_mm") or posture.body_length(middle)),
        egocentric=dataset.attrs.get("frame") == "egocentric",
    )


def count(dataset: xr.Dataset) -> int:
    """Return the number of legs whose feet a recording names."""
    return len(_attribute(dataset, "limbs"))


def from_the_animal(dataset: xr.Dataset) -> xr.Dataset:
    """Return a recording in the animal's own frame: places from its trunk, x ahead, y left, z unchanged.

    A simulation is thereby compared by no more than an egocentric recording shows.
    """
    legs, own = read(dataset), dataset.copy(deep=True)
    flat = own["landmarks"].sel(xyz="x").values + 1j * own["landmarks"].sel(xyz="y").values
    flat = (flat - (legs.trunk @ [1, 1j])[:, None]) * np.exp(-1j * legs.axis)[:, None]
    own["landmarks"].loc[{"xyz": "x"}], own["landmarks"].loc[{"xyz": "y"}] = flat.real, flat.imag
    own.attrs["frame"] = "egocentric"
    return own


def trunk_speed(legs: Legs) -> Signal:
    """Return the speed of the trunk over ground, mm/s; NaN near either end, and everywhere if egocentric."""
    if legs.egocentric:
        return np.full(len(legs.times), np.nan)
    return np.linalg.norm(trajectory.rate(legs.times, legs.trunk, TRUNK_S), axis=1)


def forward_speed(legs: Legs) -> Signal:
    """Return the speed of the trunk along its axis, mm/s, negative backwards; NaN near either end."""
    moved = trajectory.rate(legs.times, legs.trunk, TRUNK_S)
    return moved[:, 0] * np.cos(legs.axis) + moved[:, 1] * np.sin(legs.axis)


def heights(legs: Legs) -> Float[np.ndarray, "time leg"]:
    """Return the height of every foot above the floor, mm: see `floor`."""
    slope, offsets = floor(legs)
    return legs.feet[..., 2] - legs.feet[..., :2] @ slope - offsets


def floor(legs: Legs) -> tuple[Float[np.ndarray, 2], Float[np.ndarray, " leg"]]:
    """Return the slope of the floor along x and y, and the height of each standing foot's landmark, mm.

    The floor is the plane through the feet while they are slow, with an offset for the landmark of each foot,
    so that the floor of a recording need neither be level nor of a known height. The heights are above the
    plane's origin, NaN where no foot was seen.
    """
    speed = np.stack([_speed(legs, k) for k in range(len(legs.names))], axis=1)
    seen = np.isfinite(legs.feet).all(axis=2) & np.isfinite(speed)
    still = seen & (speed < MOVES_LENGTHS_S * legs.length)
    if legs.egocentric or still.sum() < 4 * len(legs.names) or not still.any(axis=0).all():
        still = seen
    time, leg = np.nonzero(still)
    if not len(time):
        return np.full(2, np.nan), np.full(len(legs.names), np.nan)
    x, y, z = legs.feet[time, leg].T
    offsets = np.eye(len(legs.names))[leg]
    tilt = np.column_stack([x, y])[:, : 0 if legs.egocentric else 2]
    terms = np.concatenate([tilt, offsets], axis=1)
    kept = np.ones(len(z), bool)
    fit = np.zeros(terms.shape[1])
    for _ in range(5):
        fit = np.linalg.lstsq(terms[kept], z[kept], rcond=None)[0]
        off = z - terms @ fit
        # Lifted feet would raise the plane: feet above it are left out, one step after another.
        kept = off <= max(float(np.percentile(off, 60)), 0.01 * legs.length)
    slope = fit[:2] if tilt.shape[1] else np.zeros(2)
    return slope, fit[-len(legs.names) :]


def swinging(legs: Legs) -> tuple[Times, Bool[np.ndarray, "fine leg"], Bool[np.ndarray, " fine"]]:
    """Return fine times (s), whether each foot is off the ground, and whether all feet were seen.

    Over ground a foot swings while it moves faster than `MOVES_SHARE`, `FAST_SHARE` and `MOVES_LENGTHS_S`
    say, or is higher than `LIFTED_LENGTHS`. In an egocentric recording it swings while it moves forwards
    along the trunk, as `AHEAD_SHARE` says.
    """
    if len(legs.times) < 4:
        return np.zeros(0), np.zeros((0, len(legs.names)), bool), np.zeros(0, bool)
    from scipy.ndimage import percentile_filter  # late: it takes longer to import than a short run lasts

    step = min(FINE_S, legs.step_s)
    fine = np.arange(legs.times[0], legs.times[-1] + 0.5 * step, step)
    least = MOVES_LENGTHS_S * legs.length
    found = np.zeros((len(fine), len(legs.names)), bool)
    seen = np.ones(len(fine), bool)
    moved, high = trunk_speed(legs), heights(legs)
    known = np.isfinite(moved)
    slow = np.interp(fine, legs.times[known], moved[known]) if known.any() else np.zeros(len(fine))
    wide = max(1, round(FAST_S / legs.step_s))
    for k in range(len(legs.names)):
        own = _speed(legs, k)
        speed = between(legs.times, own, fine)
        if legs.egocentric:
            off = speed > AHEAD_SHARE * np.nanpercentile(own, 95)
        else:
            fast = percentile_filter(np.nan_to_num(own), 95, wide, mode="nearest")
            limit = np.maximum(MOVES_SHARE * slow, FAST_SHARE * between(legs.times, fast, fine))
            off = speed > np.maximum(limit, least)
            off |= between(legs.times, high[:, k], fine) > LIFTED_LENGTHS * legs.length
        seen &= np.isfinite(speed)
        found[:, k] = _lasting(off, round(SHORTEST_S / step))
    return fine, found, seen


def between(times: np.ndarray, values: np.ndarray, when: np.ndarray) -> np.ndarray:
    """Return a quantity at other times, NaN outside the recording and in its gaps."""
    return np.interp(when, times, values, left=np.nan, right=np.nan)


def _speed(legs: Legs, leg: int) -> Signal:
    """Return the speed of a foot (mm/s): over ground, or forwards along the trunk if egocentric."""
    window = max(SPEED_S, 2 * legs.step_s)
    rate = trajectory.rate(legs.times, legs.feet[:, leg], window)
    # The first and last half window have no difference of their own.
    known = np.flatnonzero(np.isfinite(rate).all(axis=1))
    if len(known):
        rate[: known[0]], rate[known[-1] + 1 :] = rate[known[0]], rate[known[-1]]
    if not legs.egocentric:
        return np.linalg.norm(rate, axis=1)
    return rate[:, 0] * np.cos(legs.axis) + rate[:, 1] * np.sin(legs.axis)


def _lasting(flags: np.ndarray, least: int) -> np.ndarray:
    """Return flags without interruptions shorter than `least` samples, first of stance, then of swing."""
    out = flags.copy()
    for value in (False, True):
        edges = np.flatnonzero(np.diff(out.astype(np.int8))) + 1
        for start, stop in zip(edges[:-1], edges[1:], strict=True):
            if out[start] == value and stop - start < least:
                out[start:stop] = not value
    return out


def point(dataset: xr.Dataset, name: str) -> Float[np.ndarray, "time 3"]:
    """Return where a landmark is, mm."""
    return dataset["landmarks"].sel(landmark=name, xyz=["x", "y", "z"]).values.astype(float)


def tracked_parts(dataset: xr.Dataset) -> Mapping[str, Any]:
    """Return the landmarks that a recording names for the gait tracker beside the feet, by their keys."""
    return _attribute(dataset, "gait_tracker")


def _attribute(dataset: xr.Dataset, name: str) -> Mapping[str, Any]:
    given = dataset.attrs.get(name) or "{}"
    return json.loads(given) if isinstance(given, str) else given
