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
"""Two legs alternate if the distance of their phase from one half is at most this."""
CHANCE = 0.1757
"""The mean distance of six random phases from a tripod at the best common shift, from 400,000 draws."""


@dataclass(frozen=True)
class Limits:
    """The limits of each gait, as distances of two phases: shares of a stride from 0 to 0.5.

    walks: in a walk the distance of the diagonal pair is more than this and at most 0.4. follows: from and
    to, for fore and hind leg of a side in a walk. trots: in a trot the distance of the diagonal pair is at
    most this. sides: in a trot the distance of fore and hind leg of a side is at least this. bounds: in a
    bound the distance of the hind legs is at most this; in a gallop it is larger. leaps, crosses: in gallop
    and bound the distances of fore and hind leg of a side, and of the diagonal pair, are at least this,
    because otherwise all four legs would leave the ground together.
    """

    walks: float
    follows: tuple[float, float]
    trots: float
    sides: float
    bounds: float
    leaps: float
    crosses: float


CENTRES = Limits(walks=0.1, follows=(0.1, 0.4), trots=0.1, sides=0.25, bounds=0.025, leaps=0.25, crosses=0.25)
"""The limits for bursts of four flexor centres: Table 2 of Danner et al. 2017 (doi:10.7554/eLife.31050)."""
PAWS = Limits(walks=1 / 16, follows=(0.0, 0.5), trots=0.12, sides=0.0, bounds=0.05, leaps=0.2, crosses=0.0)
"""The limits for paws, whose strides vary. They are not from a paper: that table, widened by hand and
without its conditions for fore and hind leg in walk and trot and for the diagonal pair in gallop and
bound."""


@dataclass(frozen=True)
class Strides:
    """The strides of a reference leg, one element each; NaN where an event was not seen.

    start_s, period_s: beginning and duration of each stride. duty: the share of it that the leg is on the
    ground. phases: {leg: share of the stride at which that leg's swing begins}.
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
    """Return the interpolated times at which a signal crosses a level upwards and downwards; none in gaps."""
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

    `swings` are the swing onsets (s) of every leg, `landings` the times at which this leg touches the ground.
    An interval longer than `longest_s` is a pause and no stride.
    """
    own = swings[leg]
    start, period = own[:-1], np.diff(own)
    kept = period <= longest_s
    start, period = start[kept], period[kept]
    swing = _next(start, landings, period) - start
    phases = {name: (_next(start, each, period) - start) / period for name, each in swings.items()}
    return Strides(start, period, 1.0 - swing / period, phases)


def mean_phase(phases: np.ndarray) -> tuple[float | None, float]:
    """Return the circular mean of phases, None without any, and the length of their mean vector, 0 to 1."""
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
    """Return the gait of four legs: walk, trot, gallop or bound; None for a stride that is none of them.

    The phases are against one hind leg: of the other hind leg, of the fore leg on its side, and of the fore
    leg on the other side. In walk and trot left and right alternate, and in a trot the diagonal pair moves
    together; in a walk a foot is also longer on the ground than off it (duty). In gallop and bound the hind
    legs move together, and fore and hind legs alternate. Source: Table 2 of Danner et al. 2017
    (doi:10.7554/eLife.31050), with `limits`. Where left and right differ, the gait may depend on the hind leg
    that is the reference: see `mirrored`.
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
    """Return the same phases against the other hind leg: of the first hind leg and of both fore legs."""
    return -left_right % 1.0, (diagonal - left_right) % 1.0, (homolateral - left_right) % 1.0


def tripod(phases: Mapping[str, np.ndarray], place: Callable[[str], tuple[int, int]]) -> float | None:
    """Return the mean of `tripods`, None without phases."""
    each = tripods(phases, place)
    return float(each.mean()) if each.size else None


def tripods(phases: Mapping[str, np.ndarray], place: Callable[[str], tuple[int, int]]) -> np.ndarray:
    """Return the tripod index of every stride in which six legs were seen: 1 for a tripod, 0 at chance.

    It is 1 - d / `CHANCE`, d being the mean distance of the legs' phases from those of an ideal tripod (fore
    and hind leg of one side with the middle leg of the other) at the best common shift. `place` returns the
    row and the side of a leg.
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
