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
CHANCE = 0.1757
"""Mean distance of six random phases from a tripod in the best common shift; mean of 400,000 draws."""


@dataclass(frozen=True)
class Limits:
    """How far apart legs may be in a gait: distances of two phases, shares of a stride from 0 to 0.5.

    walks: more than this, and at most 0.4, the diagonal pair in a walk. follows: fore and hind of a side in a
    walk, from and to. trots: at most this the diagonal pair in a trot, at least `sides` fore and hind of a
    side. bounds: at most this the hind legs in a bound; beyond it gallop. leaps, crosses: at least this fore
    and hind of a side, and the diagonal pair, in gallop and bound: in step, all four would leave the ground
    together.
    """

    walks: float
    follows: tuple[float, float]
    trots: float
    sides: float
    bounds: float
    leaps: float
    crosses: float


CENTRES = Limits(walks=0.1, follows=(0.1, 0.4), trots=0.1, sides=0.25, bounds=0.025, leaps=0.25, crosses=0.25)
"""Of bursts of four flexor centres: Table 2 of Danner et al. 2017 (doi:10.7554/eLife.31050)."""
PAWS = Limits(walks=1 / 16, follows=(0.0, 0.5), trots=0.12, sides=0.0, bounds=0.05, leaps=0.2, crosses=0.0)
"""Of paws, whose strides vary. No paper's: that table, widened by hand and without its conditions for fore
and hind in walk and trot and for the diagonal in gallop and bound."""


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


def gait(
    duty: float, left_right: float, homolateral: float, diagonal: float, *, limits: Limits = PAWS
) -> str | None:
    """Return the gait of four legs: walk, trot, gallop or bound; None for what is none of them.

    Phases are against one hind leg: of the other hind leg, of the fore leg on its side, and of the fore leg
    on the other. Left and right alternate in walk and trot, the diagonal pair in step in trot; a walk also
    has the foot longer on the ground than off (duty); in gallop and bound the hind legs move together and
    fore and hind alternate. Table 2 of Danner et al. 2017 (doi:10.7554/eLife.31050) with `limits`. Where left
    and right differ its name may depend on which hind leg is looked from: see `mirrored`.
    """
    if not np.isfinite([duty, left_right, homolateral, diagonal]).all():
        return None
    side, across = apart(homolateral), apart(diagonal)
    if apart(left_right, 0.5) <= ALTERNATES:
        if duty > 0.5 and limits.walks < across <= 0.4 and limits.follows[0] <= side <= limits.follows[1]:
            return "walk"
        return "trot" if across <= limits.trots and side >= limits.sides else None
    if side < limits.leaps or across < limits.crosses:
        return None
    return "bound" if apart(left_right) <= limits.bounds else "gallop"


def mirrored(left_right: float, homolateral: float, diagonal: float) -> tuple[float, float, float]:
    """Return the same phases, of the other hind leg and both fore legs, against the other hind leg."""
    return -left_right % 1.0, (diagonal - left_right) % 1.0, (homolateral - left_right) % 1.0


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
