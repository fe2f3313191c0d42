"""What a film shows of a recorded animal: its midline, a strip chart along the body, and a few lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from neuromech._lib.errors import unknown
from neuromech.tracking.kinematics import posture, trajectory
from neuromech.tracking.kinematics import tail as tails
from neuromech.tracking.kinematics.legs import trunk_speed
from neuromech.tracking.similarity.features.gait import feet_along
from neuromech.tracking.similarity.features.undulation import RATE_S
from neuromech.tracking.trackers import gait, undulation
from neuromech.tracking.trackers.bouts import vigor

FAST = 0.1
"""Speed of films of insects, which make ten strides a second: simulated seconds per second of film."""
HEAD_SHARE = 0.25
"""The share of a larva's length that lies before its tail, as the trackers divide it."""


@dataclass(frozen=True)
class FilmedAnimal:
    """What is drawn of an animal.

    times: (sample,) s. midline: (sample, point, 2), front first. length: of the midline, in the same unit.
    strip: (sample, place) of the quantity `strip_name`. lines: {(name, unit): (sample,)}. speed: simulated
    seconds per second of film. Of animals on legs also limbs: (sample, leg, point, 2) from body to foot,
    where all legs have the same number of points, and off: (sample, leg) whether each foot is off the ground.
    """

    times: np.ndarray
    midline: np.ndarray
    length: float
    strip_name: str
    strip: np.ndarray
    lines: dict[tuple[str, str], np.ndarray]
    speed: float
    limbs: np.ndarray | None = None
    off: np.ndarray | None = None


def draw(dataset: xr.Dataset, body_length_mm: float) -> FilmedAnimal:
    """Return what is drawn of a recording; `body_length_mm` is used where it shows only a tail.

    Raises
    ------
    InputError
        Films cannot show recordings of its tracker.
    """
    name = str(dataset.attrs.get("tracker", ""))
    if name not in _DRAW:
        raise unknown("tracker that films can show", name, _DRAW)
    return _DRAW[name](dataset, body_length_mm)


def _undulation(dataset: xr.Dataset, body_length_mm: float) -> FilmedAnimal:
    times = dataset["time"].values.astype(float)
    points = posture.midline(dataset)
    length = posture.body_length(points)
    bend = posture.curvature(posture.resample(points, 49)) * length
    place = posture.positions(bend.shape[1])
    middle = bend[:, (place >= 0.4) & (place <= 0.6)].mean(axis=1)
    inner = (place >= undulation.BODY_PART[0]) & (place <= undulation.BODY_PART[1])
    rate = np.sqrt((trajectory.rate(times, bend[:, inner], RATE_S) ** 2).mean(axis=1))
    lines = {("bend, middle", "rad/L"): middle, ("speed of bending", "rad/L/s"): rate}
    return FilmedAnimal(times, points, length, "curvature", bend, lines, 1.0)


def _bouts(dataset: xr.Dataset, body_length_mm: float) -> FilmedAnimal:
    tail = tails.read(dataset)
    if "landmarks" in dataset:
        points = posture.midline(dataset)
        length = posture.body_length(points)
    else:
        points, length = _midline(tail, body_length_mm), body_length_mm
    lines = {
        ("end of the tail", "deg"): np.degrees(tail.tip),
        ("vigor", "deg/s"): vigor(tail),
    }
    return FilmedAnimal(tail.times, points, length, "tail angle", np.degrees(tail.angle), lines, 0.1)


def _midline(tail: tails.Tail, length_mm: float) -> np.ndarray:
    """Return a midline of a larva from its head and tail angles; the tail's segments are equally long."""
    count = tail.angle.shape[1]
    ahead = np.stack([np.cos(tail.head[:, 2]), np.sin(tail.head[:, 2])], axis=1)
    front, joint = (tail.head[:, :2] + side * 0.5 * HEAD_SHARE * length_mm * ahead for side in (1, -1))
    direction = tail.head[:, 2:] + np.pi + tail.angle
    steps = (1 - HEAD_SHARE) * length_mm / count * np.stack([np.cos(direction), np.sin(direction)], axis=-1)
    behind = joint[:, None] + np.cumsum(steps, axis=1)
    return np.concatenate([front[:, None], joint[:, None], behind], axis=1)


def _gait(dataset: xr.Dataset, body_length_mm: float) -> FilmedAnimal:
    walk = gait.analyse(dataset)
    legs = walk.legs
    off = np.stack([np.interp(legs.times, walk.times, column) for column in walk.off.T.astype(float)], axis=1)
    ahead = feet_along(legs)
    lines = {("hind foot ahead", "mm"): ahead[:, 0]}
    if legs.egocentric:
        lines["fore foot ahead", "mm"] = ahead[:, -2]
    else:
        lines["speed", "mm/s"] = trunk_speed(legs)
    points = posture.midline(dataset)
    # The fore legs are the last, and the strip has the front on top.
    strip = off[:, ::-1]
    return FilmedAnimal(
        legs.times,
        points,
        posture.body_length(points),
        "feet off the ground",
        strip,
        lines,
        FAST if len(legs.names) == 6 else 0.5,
        _limbs(dataset, legs.names),
        off > 0.5,
    )


def _limbs(dataset: xr.Dataset, legs: Sequence[str]) -> np.ndarray | None:
    """Return the landmarks of every leg, whose names begin with the leg's; None if their numbers differ."""
    names = [str(name) for name in dataset["landmark"].values]
    chosen = [[name for name in names if name.startswith(f"{leg}_")] for leg in legs]
    if len(chosen[0]) < 2 or any(len(own) != len(chosen[0]) for own in chosen):
        return None
    points = [dataset["landmarks"].sel(landmark=own, xyz=["x", "y"]).values for own in chosen]
    return np.stack(points, axis=1).astype(float)


_DRAW: dict[str, Callable[[xr.Dataset, float], FilmedAnimal]] = {
    "undulation": _undulation,
    "bouts": _bouts,
    "gait": _gait,
}
