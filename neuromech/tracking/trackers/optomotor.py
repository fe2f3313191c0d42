"""How an animal answers what moves around it: gain and latency on moving patterns, drift in flowing water.

The pattern's velocity (mm/s over the ground, x and y, per sample) is given; directions are degrees
counter-clockwise from +x.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Float

from neuromech._lib.errors import InputError
from neuromech._lib.types import Flags, Path2D, Times
from neuromech.specs.environment import laid_over

SETTLING_S = 2.0
"""The gain leaves out this long, s, after each start or change of the motion."""
JUMP_DEG = 30.0
"""A change of the direction of motion by more than this, degrees, from one sample to the next begins a new
trial. A smaller one is a turn, as of a pattern that is kept below a turning animal."""
DIRECTIONS = {"forward": 0.0, "left": 90.0, "backward": 180.0, "right": -90.0}
"""Names of the directions in the environment's `stimulus`, degrees counter-clockwise from its frame's +x."""
PATTERN = ("pattern_vx_mm_s", "pattern_vy_mm_s")
FLOW = ("flow_vx_mm_s", "flow_vy_mm_s")
"""Stimulus channels that hold the velocity of the pattern and of the water."""
_MOTION = {
    "direction": "forward",
    "speed_mm_s": 0.0,
    "start_s": 0.0,
    "stop_s": 1e9,
    "contrast": 1.0,
    "coherence": 1.0,
}


@dataclass(frozen=True)
class Trial:
    """A trial: one stretch of constant motion of the pattern.

    start_s, stop_s: its beginning and end. speed_mm_s, direction_deg: of the pattern at the start.
    relative_deg: that direction against the animal's heading at the start, left positive, -180 to 180; NaN
    where the animal was not seen. gain: see `gain`. latency_s: the time from the start to the first bout that
    begins in the trial; None without one.
    """

    start_s: float
    stop_s: float
    speed_mm_s: float
    direction_deg: float
    relative_deg: float
    gain: float | None
    latency_s: float | None


def trials(
    times: Times, head: Float[np.ndarray, "time 3"], velocity: Path2D, starts_s: Sequence[float]
) -> list[Trial]:
    """Return every stretch in which the pattern moves at one speed, without a jump of its direction.

    `head` is x, y (mm) and heading (rad), `starts_s` are the starts of the bouts.

    Raises
    ------
    InputError: the velocity does not have two finite numbers per sample.
    """
    found = []
    onsets = np.sort(np.asarray(starts_s, float))
    for start, stop in _stretches(times, velocity):
        speed = float(np.linalg.norm(velocity[start]))
        if speed == 0 or stop - start < 2:
            continue
        direction = float(np.degrees(np.arctan2(velocity[start, 1], velocity[start, 0])))
        relative = (direction - float(np.degrees(head[start, 2])) + 180.0) % 360.0 - 180.0
        part = slice(start, stop)
        answered = onsets[(onsets >= times[start]) & (onsets <= times[stop - 1])]
        found.append(
            Trial(
                start_s=float(times[start]),
                stop_s=float(times[stop - 1]),
                speed_mm_s=speed,
                direction_deg=direction,
                relative_deg=relative,
                gain=gain(times[part], head[part, :2], velocity[part]),
                latency_s=float(answered[0] - times[start]) if len(answered) else None,
            )
        )
    return found


def gain(times: Times, position: Path2D, velocity: Path2D) -> float | None:
    """Return the optomotor gain: the mean speed along the pattern's motion over the pattern's mean speed.

    An animal that keeps up with the pattern has a gain of 1, one that ignores it 0, and one that swims
    against it a gain below 0. Samples within `SETTLING_S` of the start of a motion, and those in which the
    animal was not seen, are left out. None if no sample is left.

    Raises
    ------
    InputError
        The velocity does not have two finite numbers per sample.
    """
    late = np.zeros(len(times), bool)
    for start, stop in _stretches(times, velocity):
        late[start:stop] = times[start:stop] >= times[start] + SETTLING_S
    along, travelled, _ = _along(times, position, velocity, late)
    return along / travelled if travelled > 0 else None


def drift(times: Times, position: Path2D, flow: Path2D) -> float | None:
    """Return the mean velocity over the ground along the flow, mm/s, downstream positive; None in still
    water.

    Raises
    ------
    InputError: the flow does not have two finite numbers per sample.
    """
    _stretches(times, flow)
    along, _, elapsed = _along(times, position, flow, np.ones(len(times), bool))
    return along / elapsed if elapsed > 0 else None


def pattern_velocity(dataset: xr.Dataset) -> Path2D | None:
    """Return the velocity of the pattern around the animal; None if there is none, it rests, or both sides
    differ.

    From the stimulus channels `PATTERN`, or else from the recorded environment: `stimulus` of kind grating or
    dots, with direction, speed_mm_s, start_s, stop_s, coherence and frame ("body" turns by the channel
    pattern_heading_rad).
    """
    recorded = _channels(dataset, PATTERN)
    return _moving(_staged(dataset, _pattern) if recorded is None else recorded)


def flow_velocity(dataset: xr.Dataset) -> Path2D | None:
    """Return the water's velocity, from the stimulus channels `FLOW` or else from the recorded environment
    (`medium.current_mm_s`); None where it rests.
    """
    recorded = _channels(dataset, FLOW)
    return _moving(_staged(dataset, _current) if recorded is None else recorded)


def _environment(dataset: xr.Dataset) -> dict[str, Any]:
    return json.loads(str(dataset.attrs.get("environment") or "{}"))


def _stages(dataset: xr.Dataset) -> list[tuple[int, dict[str, Any]]]:
    """Return the environments that followed each other, each with the sample at which it began."""
    now = _environment(dataset)
    found = [(0, now)]
    written = now.get("changes")
    for change in written if isinstance(written, list) else ():
        if not isinstance(change, dict) or not isinstance(change.get("at_s"), int | float):
            continue  # a recording that somebody has edited
        changed = change.get("stimulus")
        stimulus = laid_over(now.get("stimulus") or {}, changed if isinstance(changed, dict) else {})
        medium = dict(now.get("medium") or {})
        if change.get("current_mm_s") is not None:
            medium["current_mm_s"] = change["current_mm_s"]
        now = {**now, "stimulus": stimulus, "medium": medium}
        found.append((int(np.searchsorted(dataset["time"].values, float(change["at_s"]))), now))
    return found


def _staged(
    dataset: xr.Dataset, of: Callable[[xr.Dataset, Mapping[str, Any]], Path2D | None]
) -> Path2D | None:
    """Return a velocity that is known of each environment; 0 while it is known of none, None if of none."""
    stages = _stages(dataset)
    parts = [of(dataset, environment) for _, environment in stages]
    if all(part is None for part in parts):
        return None
    velocity = np.zeros((dataset.sizes["time"], 2))
    for (start, _), part in zip(stages, parts, strict=True):
        velocity[start:] = 0.0 if part is None else part[start:]
    return velocity


def _current(dataset: xr.Dataset, environment: Mapping[str, Any]) -> Path2D | None:
    current = (environment.get("medium") or {}).get("current_mm_s")
    return None if current is None else np.tile(np.asarray(current, float)[:2], (dataset.sizes["time"], 1))


def _pattern(dataset: xr.Dataset, environment: Mapping[str, Any]) -> Path2D | None:
    spec = environment.get("stimulus") or {}
    if spec.get("kind") not in ("grating", "dots") or spec.get("dark"):
        return None
    left, right = (_side(spec, side) for side in ("left", "right"))
    if left != right or not left["contrast"] or not left["coherence"]:
        return None
    named = left["direction"]
    direction = DIRECTIONS[named] if isinstance(named, str) else float(named)
    angle = np.full(dataset.sizes["time"], np.radians(direction), float)
    if spec.get("frame") == "body":
        heading = _channels(dataset, ("pattern_heading_rad",))
        if heading is None:
            return None
        angle += heading[:, 0]
    times = dataset["time"].values
    on = (times >= left["start_s"]) & (times < left["stop_s"])
    moving = np.where(on, float(left["speed_mm_s"]), 0.0)
    velocity = moving[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    current = _current(dataset, environment) if spec.get("drifts_with_water") else None
    return velocity if current is None else velocity + current


def _side(spec: Mapping[str, Any], side: str) -> dict[str, Any]:
    """Return how the pattern on one side moves: its own keys, where given, before the shared ones."""
    own = {key: value for key, value in (spec.get(side) or {}).items() if value is not None}
    return {key: {**spec, **own}.get(key, usual) for key, usual in _MOTION.items()}


def _along(times: Times, position: Path2D, velocity: Path2D, where: Flags) -> tuple[float, float, float]:
    """Return the path (mm) of the animal along a motion, that of the motion, and their duration (s).

    They are summed over the steps that begin in the samples `where`, while the pattern moves and the animal
    is seen.
    """
    speed = np.linalg.norm(velocity[:-1], axis=1)
    duration = np.diff(times)
    with np.errstate(invalid="ignore", divide="ignore"):
        steps = (np.diff(position, axis=0) * velocity[:-1]).sum(axis=1) / speed
    counted = where[:-1] & np.isfinite(steps)
    return (
        float(steps[counted].sum()),
        float((speed * duration)[counted].sum()),
        float(duration[counted].sum()),
    )


def _channels(dataset: xr.Dataset, names: tuple[str, ...]) -> Float[np.ndarray, "time channel"] | None:
    if "stimulus" not in dataset:
        return None
    if not set(names) <= {str(name) for name in dataset["stimulus_channel"].values}:
        return None
    return dataset["stimulus"].sel(stimulus_channel=list(names)).values.astype(float)


def _moving(velocity: Path2D | None) -> Path2D | None:
    return velocity if velocity is not None and np.isfinite(velocity).all() and velocity.any() else None


def _stretches(times: Times, velocity: Path2D) -> list[tuple[int, int]]:
    """Return (start, stop) of the stretches of one motion."""
    if velocity.shape != (len(times), 2) or not np.isfinite(velocity).all():
        raise InputError(f"a velocity should be ({len(times)}, 2) finite numbers in mm/s")
    if not len(times):
        return []
    speed = np.linalg.norm(velocity, axis=1)
    cosine = (velocity[1:] * velocity[:-1]).sum(axis=1)
    jumps = cosine < np.cos(np.radians(JUMP_DEG)) * speed[1:] * speed[:-1]
    changes = np.flatnonzero((abs(np.diff(speed)) > 1e-3 * speed.max()) | jumps) + 1
    edges = [0, *changes.tolist(), len(times)]
    return list(zip(edges[:-1], edges[1:], strict=True))
