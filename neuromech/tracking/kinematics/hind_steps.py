"""Steps of the hind legs from markers of their joints, which may be hidden half of the time.

Markers of a leg vanish behind its own body or the other leg, so that no stride is seen from end to end. In
short windows the rhythm is found by the periodogram of Lomb and Scargle, which needs no even samples, and the
mean step by least squares at that rhythm. A recording has landmarks of the names in `JOINTS`: hip, knee and
heel (the ankle) of each hind leg and, of a recorded animal, a marker on its back for each; of a simulated one
that is the middle of its trunk. The way of knee and heel is that from the back, because skin moves markers of
the hips. The same code looks at simulated and at recorded animals.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Float

from neuromech._lib.errors import InputError
from neuromech._lib.types import Signal, Times
from neuromech.tracking.kinematics import legs, trajectory

LEGS = ("hl", "hr")
"""The legs that are looked at, left and right."""
BACK, HIP, KNEE, HEEL = range(4)
"""The joints of a leg, by their place in `HindLegs.joints`."""
NAMES = ("back", "hip", "knee", "heel")
JOINTS = tuple(f"{name}_{leg}" for leg in LEGS for name in NAMES)
"""What landmarks are called; the first of each leg may be missing."""
WINDOW_S, STEP_S = 2.0, 0.5
"""The length of a window, s, of three strides of a slow walk, and the time from one window to the next."""
SLOWEST_HZ, FASTEST_HZ, FINE_HZ = 1.0, 12.0, 0.06
"""The frequencies that are looked for: two strides in a window at least, and the step between
them; the peak is that of the parabola through the highest three."""
HARMONICS = 2
"""The mean step is the sum of so many harmonics: more of them swing freely in the gaps."""
TRAVEL_S = 2.0
"""The direction in which the animal goes is that of its way over this time, s: a step sways."""
LEAST_SEEN = 0.3
"""The smallest share of a window in which a marker is seen that counts."""
LEAST_PHASES = 10
"""The smallest number, of `PHASES`, of parts of the stride in which it is seen."""
PHASES = 12
"""Parts of a stride."""
LEAST_EXPLAINED = 0.3
"""The smallest share of the variance of the knees' and heels' way that the mean step explains; below it the
animal does not step regularly."""
POINTS = 60
"""The points of a mean step."""


@dataclass(frozen=True)
class HindLegs:
    """The joints of the hind legs through time.

    joints: (time, leg, joint, xyz) over the belt, mm, the joints being `BACK`, `HIP`, `KNEE` and `HEEL`; NaN
    in gaps. forwards: (time,) the horizontal direction, rad, in which the back travels over the belt.
    """

    times: Times
    joints: Float[np.ndarray, "time 2 4 3"]
    forwards: Signal

    def along(self, joint: int, origin: int) -> Float[np.ndarray, "time 2"]:
        """Return how far a joint is in front of another one, mm."""
        ahead = np.stack([np.cos(self.forwards), np.sin(self.forwards)], axis=-1)
        away = self.joints[:, :, joint, :2] - self.joints[:, :, origin, :2]
        return (away * ahead[:, None]).sum(axis=-1)

    def thigh_deg(self) -> Float[np.ndarray, "time 2"]:
        """Return how far the thigh is swung forwards from the vertical, deg."""
        down = self.joints[:, :, HIP, 2] - self.joints[:, :, KNEE, 2]
        return np.degrees(np.arctan2(self.along(KNEE, HIP), down))

    def knee_deg(self) -> Float[np.ndarray, "time 2"]:
        """Return the angle between thigh and shank, deg; 180 is a straight leg."""
        thigh, shank = (self.joints[:, :, k] - self.joints[:, :, KNEE] for k in (HIP, HEEL))
        cosine = (thigh * shank).sum(-1) / (np.linalg.norm(thigh, axis=-1) * np.linalg.norm(shank, axis=-1))
        return np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))


@dataclass(frozen=True)
class Steps:
    """The mean step of a window in which the hind legs step.

    hz: their rhythm. speed_mm_s: of the back over the belt. left_right: the phase of the right leg, cycles.
    hip_deg, knee_deg: excursions of the thigh and of the knee, of each leg, NaN where too little was seen.
    retraction: the share of the stride in which the heel moves backwards below the back, which is the
    stance and little more.
    """

    hz: float
    speed_mm_s: float
    left_right: float
    hip_deg: tuple[float, ...]
    knee_deg: tuple[float, ...]
    retraction: tuple[float, ...]


def shown(dataset: xr.Dataset) -> bool:
    """Return whether a recording has the joints of both hind legs."""
    if "landmark" not in dataset.coords:
        return False
    known = {str(name) for name in dataset["landmark"].values}
    return all({f"{name}_{leg}" for name in NAMES[1:]} <= known for leg in LEGS)


def read(dataset: xr.Dataset) -> HindLegs:
    """Return the joints of a recording, with the way of a belt that the animal walked on added.

    Raises
    ------
    InputError: it has no such landmarks.
    """
    known = [str(name) for name in dataset["landmark"].values]
    trunk = str(legs.tracked_parts(dataset).get("trunk"))
    if not shown(dataset) or not ({trunk} | {f"back_{LEGS[0]}"}) & set(known):
        raise InputError(f"the hind legs' steps need the landmarks {', '.join(JOINTS)} (joints=)")
    times = dataset["time"].values.astype(float)
    named = {
        leg: [f"back_{leg}" if f"back_{leg}" in known else trunk, *(f"{name}_{leg}" for name in NAMES[1:])]
        for leg in LEGS
    }
    joints = np.stack(
        [np.stack([legs.point(dataset, name) for name in named[leg]], axis=1) for leg in LEGS], axis=1
    )
    environment = json.loads(str(dataset.attrs.get("environment") or "{}"))
    joints[..., 0] += float(environment.get("belt_mm_s") or 0.0) * times[:, None, None]
    return HindLegs(times, joints, _forwards(times, joints))


def windows(hind: HindLegs) -> list[Steps]:
    """Return the mean step of every window in which the legs step."""
    if len(hind.times) < 2:
        return []
    starts = np.arange(hind.times[0], hind.times[-1] - WINDOW_S + 1e-9, STEP_S)
    found = [_window(hind, (hind.times >= start) & (hind.times < start + WINDOW_S)) for start in starts]
    return [each for each in found if each is not None]


def rhythm_hz(times: Times, signals: Float[np.ndarray, "time signal"]) -> float | None:
    """Return the frequency at which signals with gaps vary together; None without a rhythm."""
    from scipy.signal import lombscargle  # late: it takes longer to import than a short run lasts

    frequencies = np.arange(SLOWEST_HZ, FASTEST_HZ, FINE_HZ)
    power, total, used = np.zeros(len(frequencies)), 0.0, []
    for values in signals.T:
        seen = np.isfinite(values)
        if seen.mean() < LEAST_SEEN:
            continue
        level = _levelled(times[seen], values[seen])
        weight = float(seen.mean())
        power += weight * lombscargle(times[seen], level, 2 * np.pi * frequencies) / seen.sum()
        total += weight * float((level**2).mean())
        used.append((times[seen], level, weight))
    if not total > 0:
        return None
    hz = _peak(frequencies, power)
    left = sum(weight * float(((level - _fitted(at, level, hz)) ** 2).mean()) for at, level, weight in used)
    return hz if left <= (1.0 - LEAST_EXPLAINED) * total else None


def mean_step(times: Times, values: Signal, hz: float) -> Float[np.ndarray, " point"] | None:
    """Return a quantity over the mean step, (POINTS,) from time 0 on; None where too little was seen."""
    seen = np.isfinite(values)
    if seen.mean() < LEAST_SEEN:
        return None
    phases = np.unique(np.floor(PHASES * ((times[seen] * hz) % 1.0)))
    if len(phases) < LEAST_PHASES:
        return None
    weights = np.linalg.lstsq(_terms(times[seen], hz), values[seen], rcond=None)[0]
    weights[1] = 0.0  # the drift is no part of the step
    return _terms(np.arange(POINTS) / (POINTS * hz), hz) @ weights


def _window(hind: HindLegs, part: np.ndarray) -> Steps | None:
    times = hind.times[part]
    if len(times) < PHASES:
        return None
    own = HindLegs(times - times[0], hind.joints[part], hind.forwards[part])
    knee, heel = own.along(KNEE, BACK), own.along(HEEL, BACK)
    hz = rhythm_hz(own.times, np.concatenate([knee, heel], axis=1))
    if hz is None:
        return None
    steps = {
        name: [mean_step(own.times, values[:, k], hz) for k in range(len(LEGS))]
        for name, values in {
            "knee": knee, "heel": heel, "thigh_deg": own.thigh_deg(), "knee_deg": own.knee_deg(),
        }.items()
    }  # fmt: skip
    phases = [np.nan if each is None else float(np.angle(np.fft.fft(each)[1])) for each in steps["knee"]]
    return Steps(
        hz=hz,
        speed_mm_s=float(np.hypot(*_velocity(own.times, own.joints))),
        left_right=float((phases[0] - phases[1]) / (2 * np.pi) % 1.0),
        hip_deg=tuple(np.nan if each is None else float(np.ptp(each)) for each in steps["thigh_deg"]),
        knee_deg=tuple(np.nan if each is None else float(np.ptp(each)) for each in steps["knee_deg"]),
        retraction=tuple(
            np.nan if each is None else float((np.diff(each, append=each[0]) < 0).mean())
            for each in steps["heel"]
        ),
    )


def _velocity(times: Times, joints: Float[np.ndarray, "time 2 4 3"]) -> Float[np.ndarray, 2]:
    """Return the horizontal velocity of the back, mm/s: the slope of their places through time."""
    found = []
    for leg in range(joints.shape[1]):
        back = joints[:, leg, BACK, :2]
        seen = np.isfinite(back).all(axis=1)
        if seen.sum() > 1:
            found.append(np.polyfit(times[seen] - times[seen][0], back[seen], 1)[0])
    return np.mean(found, axis=0) if found else np.full(2, np.nan)


def _forwards(times: Times, joints: Float[np.ndarray, "time 2 4 3"]) -> Signal:
    """Return the direction of the way that the back goes in `TRAVEL_S`; the nearest one in gaps."""
    seen = np.isfinite(joints[:, :, BACK, :2]).all(axis=(1, 2))
    if seen.sum() < 2:
        return np.zeros(len(times))
    middle = joints[seen][:, :, BACK, :2].mean(axis=1)
    path = np.stack([np.interp(times, times[seen], way) for way in middle.T], axis=1)
    velocity = trajectory.rate(times, path, TRAVEL_S)
    known = np.flatnonzero(np.isfinite(velocity).all(axis=1))
    if not len(known):
        velocity, known = np.repeat((path[-1] - path[0])[None], len(times), axis=0), np.arange(len(times))
    nearest = known[np.clip(np.searchsorted(known, np.arange(len(times))), 0, len(known) - 1)]
    return np.arctan2(velocity[nearest, 1], velocity[nearest, 0])


def _peak(frequencies: np.ndarray, power: np.ndarray) -> float:
    top = int(np.argmax(power))
    if not 0 < top < len(power) - 1:
        return float(frequencies[top])
    before, here, after = power[top - 1 : top + 2]
    bend = before - 2 * here + after
    return float(frequencies[top] + (0.5 * FINE_HZ * (before - after) / bend if bend else 0.0))


def _levelled(times: Times, values: Signal) -> Signal:
    return values - np.polyval(np.polyfit(times, values, 1), times)


def _fitted(times: Times, values: Signal, hz: float) -> Signal:
    terms = _terms(times, hz)
    return terms @ np.linalg.lstsq(terms, values, rcond=None)[0]


def _terms(times: Times, hz: float) -> Float[np.ndarray, "time term"]:
    """Return a constant, a drift, and sines and cosines of the first harmonics."""
    angle = 2 * np.pi * hz * times
    waves = [wave(k * angle) for k in range(1, HARMONICS + 1) for wave in (np.cos, np.sin)]
    return np.stack([np.ones(len(times)), times, *waves], axis=1)
