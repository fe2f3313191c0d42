"""Strides from events of legs, their phase differences, and the name of a gait.

A stride of a leg is from one swing onset to the next; phases are shares of the stride of a reference leg, 0
to 1. The events may be paws leaving the ground or bursts of a spinal flexor centre: the same code names the
gait of both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

GAITS = ("walk", "trot", "gallop", "bound")
ALTERNATES = 0.25
"""Two legs alternate if their phase lies within so much of one half."""
WALKS = 1 / 16
TROTS = 0.12
"""A diagonal pair within TROTS of synchrony trots; but while the foot is longer on the ground than off, one
that is further apart than WALKS walks."""
BOUNDS = 0.05
"""Hind legs within so much of synchrony bound."""
CHANCE = 0.1757
"""Mean distance of six random phases from a tripod in the best common shift; mean of 400,000 draws."""
LEAPS = 0.2
"""Fore and hind legs of a side within so much of synchrony do not alternate: all four leave the ground
together."""


@dataclass(frozen=True)
class Strides:
    """The strides of a reference leg, one element each; NaN where an event was not seen.

    start_s, period_s: of the stride. duty: share that the leg is on the ground. phases: {leg: share of the
    stride at which that leg's swing begins}.
    """

    start_s: np.ndarray
    period_s: np.ndarray
    duty: np.ndarray
    phases: dict[str, np.ndarray]

    def only(self, kept: np.ndarray) -> Strides:
        """Return some of the strides."""
        phases = {name: values[kept] for name, values in self.phases.items()}
        return Strides(self.start_s[kept], self.period_s[kept], self.duty[kept], phases)


def crossings(times: np.ndarray, values: np.ndarray, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the times at which a signal rises through a level and falls through it, interpolated; gaps have
    none.
    """
    above = values >= level
    seen = np.isfinite(values[1:]) & np.isfinite(values[:-1])
    found = []
    for turn in (~above[:-1] & above[1:], above[:-1] & ~above[1:]):
        i = np.flatnonzero(turn & seen)
        share = (level - values[i]) / (values[i + 1] - values[i])
        found.append(times[i] + share * (times[i + 1] - times[i]))
    return found[0], found[1]


def measure(
    swings: dict[str, np.ndarray], landings: np.ndarray, leg: str, longest_s: float = np.inf
) -> Strides:
    """Return the strides of a leg.

    `swings` are the swing onsets (s) of every leg, `landings` when this one comes down again. A pause longer
    than `longest_s` is no stride.
    """
    own = swings[leg]
    start, period = own[:-1], np.diff(own)
    kept = period <= longest_s
    start, period = start[kept], period[kept]
    swing = _next(start, landings, period) - start
    phases = {name: (_next(start, each, period) - start) / period for name, each in swings.items()}
    return Strides(start, period, 1.0 - swing / period, phases)


def mean_phase(phases: np.ndarray) -> tuple[float | None, float]:
    """Return the circular mean of phases (0 to 1; None without any) and how much they agree (0 to 1)."""
    finite = phases[np.isfinite(phases)]
    if not len(finite):
        return None, 0.0
    mean = np.exp(2j * np.pi * finite).mean()
    return float(np.angle(mean) / (2 * np.pi) % 1.0), float(abs(mean))


def apart(phase: float, other: float = 0.0) -> float:
    """Return the distance of two phases, 0 to 0.5."""
    return float(abs((phase - other + 0.5) % 1.0 - 0.5))


def gait(duty: float, left_right: float, homolateral: float, diagonal: float) -> str | None:
    """Return the gait of four legs: walk, trot, gallop or bound; None for what is none of them.

    Phases are against one hind leg: of the other hind leg, of the fore leg on its side, and of the fore leg
    on the other. Left and right alternate in walk and trot, the diagonal pair in step in trot; in gallop and
    bound the hind legs move together and fore and hind alternate. Criteria as in the analysis scripts
    published with Danner et al. 2017 (doi:10.7554/eLife.31050), except for four limits: bound 0.05 instead of
    0.025; walk from 1/16 and trot up to 0.12 instead of 0.1 off diagonal synchrony; fore and hind 0.2 apart
    instead of 0.25.
    """
    if not np.isfinite([duty, left_right, homolateral, diagonal]).all():
        return None
    if apart(left_right, 0.5) <= ALTERNATES:
        off = apart(diagonal)
        if duty > 0.5 and WALKS < off <= 0.4:
            return "walk"
        return "trot" if off <= TROTS else None
    if apart(homolateral) <= LEAPS:
        return None
    return "bound" if apart(left_right) <= BOUNDS else "gallop"


def tripod(phases: Mapping[str, np.ndarray], place: Callable[[str], tuple[int, int]]) -> float | None:
    """Return the mean of `tripods`, None without phases."""
    each = tripods(phases, place)
    return float(each.mean()) if each.size else None


def tripods(phases: Mapping[str, np.ndarray], place: Callable[[str], tuple[int, int]]) -> np.ndarray:
    """Return how alike the phases of six legs are to a tripod in every stride seen in full: 1 in step, 0 at
    chance.

    1 - d / `CHANCE`, d being the mean distance of the legs' phases from those of an ideal tripod (fore and
    hind of one side with the middle of the other), in the best common shift. `place` says row and side of a
    leg.
    """
    ideal = {name: 0.5 * (sum(place(name)) % 2) for name in phases}
    off = np.array([phases[name] - ideal[name] for name in phases])
    off = off[:, np.isfinite(off).all(axis=0)]
    shift = np.angle(np.exp(2j * np.pi * off).mean(axis=0)) / (2 * np.pi)
    distance = np.abs((off - shift + 0.5) % 1.0 - 0.5)
    return 1.0 - distance.mean(axis=0) / CHANCE


def _next(start: np.ndarray, events: np.ndarray, period: np.ndarray) -> np.ndarray:
    """Return the first event within each stride, NaN where there is none."""
    if not len(events):
        return np.full(len(start), np.nan)
    place = np.searchsorted(events, start - 1e-12)
    found = np.where(place < len(events), events[np.minimum(place, len(events) - 1)], np.nan)
    return np.where(found <= start + period, found, np.nan)
