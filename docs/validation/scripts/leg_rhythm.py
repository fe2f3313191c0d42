"""The rhythm of six legs from the rates of E1, E2 and I1, one sample every millisecond.

A rate has a rhythm if it changes by 1 Hz or more and repeats itself: the strongest component of its spectrum
between 4 and 20 Hz gives the frequency, and the rate one such period later is like it (correlation of 0.5 or
more). A leg has the rhythm if its neurons that are alive have it together.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

LEGS = ("lf", "lm", "lh", "rf", "rm", "rh")
ORDER = ("E1", "E2", "I1")
BAND_HZ = (4.0, 20.0)
REPEATS = 0.5
CHANGES_HZ = 1.0
SAMPLES_PER_S = 1000
POINTS = 2**16
"""Of the spectrum: 0.015 Hz apart."""

Rates = Mapping[str, np.ndarray]
Found = Mapping[str, float | None]


def frequency(rate: np.ndarray) -> float | None:
    """Return how often a second a rate (Hz) repeats itself; None if it does not."""
    if np.ptp(rate) < CHANGES_HZ:
        return None
    wave = rate - rate.mean()
    power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), POINTS))
    hz = np.fft.rfftfreq(POINTS, 1 / SAMPLES_PER_S)
    band = (hz >= BAND_HZ[0]) & (hz <= BAND_HZ[1])
    found = float(hz[band][power[band].argmax()])
    lag = round(SAMPLES_PER_S / found)
    return found if np.corrcoef(wave[lag:], wave[:-lag])[0, 1] >= REPEATS else None


def later(rate: np.ndarray, than: np.ndarray, hz: float, samples_per_s: float = SAMPLES_PER_S) -> float:
    """Return how much later than another a rate peaks, in cycles, 0 to 1."""
    t = np.arange(len(rate)) / samples_per_s
    wave = np.hanning(len(t)) * np.exp(2j * np.pi * hz * t)
    phases = [np.angle(((each - each.mean()) * wave).sum()) for each in (rate, than)]
    return float((phases[0] - phases[1]) / (2 * np.pi) % 1.0)


def legs(rates: Rates) -> dict[str, float | None]:
    """Return the frequency (Hz) of each leg that has the rhythm, None of the others."""
    found: dict[str, float | None] = {}
    for leg in LEGS:
        hz = [frequency(rates[f"{name}_{leg}"]) for name in ORDER if rates[f"{name}_{leg}"].any()]
        known = [each for each in hz if each is not None]
        together = len(known) == len(hz) >= 2 and max(known) < 1.1 * min(known)
        found[leg] = float(np.median(known)) if together else None
    return found


def told(found: Found) -> str:
    """Return the frequencies of the legs as a table's cell."""
    return " ".join(f"{leg} {'-' if hz is None else f'{hz:.1f}'}" for leg, hz in found.items())


def stepping(found: Found) -> int:
    """Return how many legs have the rhythm."""
    return sum(hz is not None for hz in found.values())


def ordered(rates: Rates, found: Found) -> tuple[str, bool]:
    """Return how much later than E1 the other two peak, and if that is the order in all six legs."""
    lags = {
        name: [later(rates[f"{name}_{leg}"], rates[f"E1_{leg}"], hz) for leg, hz in found.items() if hz]
        for name in ORDER[1:]
    }
    right = all(0 < a < b < 0.75 for a, b in zip(lags["E2"], lags["I1"], strict=True))
    text = "; ".join(f"{name} {min(each):.2f} to {max(each):.2f}" for name, each in lags.items() if each)
    return text, right and len(lags["E2"]) == len(LEGS)


def risen(curve: Mapping[int, Found]) -> tuple[str, bool]:
    """Return the largest fall of a leg's frequency from one drive to the next, and if it is within 2 %."""
    fall, where = 0.0, ""
    for leg in LEGS:
        known = [(drive, hz) for drive, each in curve.items() if (hz := each[leg]) is not None]
        for (_, before), (drive, after) in zip(known[:-1], known[1:], strict=True):
            if 1 - after / before > fall:
                fall, where = 1 - after / before, f" ({leg} at {drive})"
    return f"largest fall {100 * fall:.1f} %{where}", fall <= 0.02
