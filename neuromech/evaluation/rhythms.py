"""The rhythm of limbs from the activity of some of their neurons, sampled evenly.

A course has a rhythm if it changes noticeably and repeats itself: the strongest component of its spectrum in
a band gives the frequency, and the course one such period later is like it (correlation of 0.5 or more). A
limb has the rhythm if its neurons that are alive have it together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float

REPEATS = 0.5
"""The correlation of a course with itself one period later, at least."""
CHANGES = 0.005
"""A course that changes by less, as a share of the highest activity a neuron can have, has no rhythm."""
TOGETHER = 1.1
"""The fastest neuron of a limb may be faster than its slowest by this factor."""
POINTS = 2**16
"""Points of a spectrum: at a sample every millisecond they are 0.015 Hz apart."""
LATEST = 0.75
"""In order means that the last neuron peaks within this share of a cycle after the first."""

Course = Float[np.ndarray, " time"]
Limbs = Mapping[str, float | None]
"""The frequency of each limb, Hz; None of one without a rhythm."""


def strongest_hz(course: Course, step_s: float, band_hz: tuple[float, float]) -> float:
    """Return the frequency of the strongest component of a course in a band."""
    wave = (course - course.mean()) * np.hanning(len(course))
    points = max(POINTS, len(wave))
    power, hz = np.abs(np.fft.rfft(wave, points)), np.fft.rfftfreq(points, step_s)
    band = (hz >= band_hz[0]) & (hz <= band_hz[1])
    return float(hz[band][power[band].argmax()])


def frequency(course: Course, step_s: float, band_hz: tuple[float, float]) -> float | None:
    """Return how often a second a course repeats itself; None if it does not."""
    if np.ptp(course) < CHANGES:
        return None
    found = strongest_hz(course, step_s, band_hz)
    lag = round(1 / (step_s * found))
    if lag >= len(course) - 2:
        return None
    wave = course - course.mean()
    return found if np.corrcoef(wave[lag:], wave[:-lag])[0, 1] >= REPEATS else None


def later(course: Course, than: Course, hz: float, step_s: float) -> float:
    """Return how much later than another a course peaks, in cycles, 0 to 1."""
    t = np.arange(len(course)) * step_s
    wave = np.hanning(len(t)) * np.exp(2j * np.pi * hz * t)
    phases = [np.angle(((each - each.mean()) * wave).sum()) for each in (course, than)]
    return float((phases[0] - phases[1]) / (2 * np.pi) % 1.0)


def of_limbs(
    courses: Mapping[str, Course],
    limbs: Mapping[str, Sequence[str]],
    step_s: float,
    band_hz: tuple[float, float],
) -> dict[str, float | None]:
    """Return the frequency of each limb, from the courses of its neurons by their names.

    Neurons that never fire are left out; two at least are needed, or the only one that a limb names.
    """
    found: dict[str, float | None] = {}
    for limb, names in limbs.items():
        hz = [frequency(courses[name], step_s, band_hz) for name in names if courses[name].any()]
        known = [each for each in hz if each is not None]
        together = len(known) == len(hz) >= min(2, len(names)) and max(known) < TOGETHER * min(known)
        found[limb] = float(np.median(known)) if together else None
    return found


def lags(
    courses: Mapping[str, Course], limbs: Mapping[str, Sequence[str]], found: Limbs, step_s: float
) -> list[dict[str, float]]:
    """Return how much later than its first each further neuron peaks, by limb, those with a rhythm only."""
    count = max(len(names) for names in limbs.values())
    return [
        {
            limb: later(courses[names[k]], courses[names[0]], hz, step_s)
            for limb, names in limbs.items()
            if (hz := found[limb]) is not None and k < len(names)
        }
        for k in range(1, count)
    ]


def in_order(each: Sequence[Mapping[str, float]], limbs: int) -> bool:
    """Whether all limbs have a rhythm, and the neurons of each peak one after the other."""
    if not each or any(len(lag) < limbs for lag in each):
        return False
    return all(
        all(a < b for a, b in zip((0.0, *places), (*places, LATEST), strict=True))
        for limb in each[0]
        if (places := [lag[limb] for lag in each])
    )


def told(found: Limbs) -> str:
    """Return the frequencies of the limbs in words."""
    return " ".join(f"{limb} {'-' if hz is None else f'{hz:.1f}'}" for limb, hz in found.items())
