"""Stimulus fields of a world: what there is to smell and taste, as functions of place (mm) and time (s)."""

from dataclasses import dataclass
from functools import lru_cache
from math import exp, hypot, sqrt
from typing import Literal

import numba
import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.kernels import Call, bind, kernel, unpack
from neuromech.specs.options import check_fields
from neuromech.specs.values import NotNegative, Positive, Vector2, Whole
from neuromech.world.stimuli.base import Field, Place

MOST_PUFFS = 1000
"""Puffs of a plume that are under way at once: all of them are added up at every step."""


@dataclass(frozen=True)
class Gaussian(Field):
    """A Gaussian hill of concentration, as a substance makes when it diffuses from a spot in agar.

    The concentration is background + peak * exp(-(r - radius)^2 / (2 width^2)).

    Parameters
    ----------
    peak_mM, background_mM : concentration of the peak above that far away, and far away.
    width_mm : standard deviation of the hill.
    radius_mm : where it is highest: 0 makes a hill, more a ring, as of a substance painted on agar.
    centre_mm : its centre, x and y.
    mirrored : whether the plate is reflected about the x axis.
    flat : whether half the peak is everywhere; the centre still counts as the goal.
    velocity_mm_s : velocity of the centre.
    substance : what it is made of, where only a sense of that substance is to sense it.
    """

    peak_mM: float = 25.0
    background_mM: NotNegative = 0.0
    width_mm: Positive = 3.0
    centre_mm: Vector2 = (0.0, 0.0)
    mirrored: bool = False
    flat: bool = False
    velocity_mm_s: Vector2 = (0.0, 0.0)
    substance: str = ""
    radius_mm: NotNegative = 0.0

    unit = "mM"

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        check_fields(self, "stimulus")
        if self.background_mM + min(self.peak_mM, 0.0) < 0:
            raise InputError(
                f"stimulus: a concentration cannot be negative, as with peak_mM={self.peak_mM:g} and "
                f"background_mM={self.background_mM:g}"
            )

    def peak(self, t_s: float) -> tuple[float, float]:
        """Return the place of the centre, mm."""
        side = -1.0 if self.mirrored else 1.0
        return (
            self.centre_mm[0] + self.velocity_mm_s[0] * t_s,
            side * (self.centre_mm[1] + self.velocity_mm_s[1] * t_s),
        )

    def value(self, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Return the concentration, mM."""
        if self.flat:
            return np.full(np.broadcast(x_mm, y_mm).shape, self.background_mM + 0.5 * self.peak_mM)
        x, y = self.peak(t_s)
        squared = (x_mm - x) ** 2 + (y_mm - y) ** 2
        if self.radius_mm:
            squared = (np.sqrt(squared) - self.radius_mm) ** 2
        return np.asarray(self.background_mM + self.peak_mM * _exp(-squared / (2 * self.width_mm**2)))

    def sampled(
        self, places: np.ndarray, sites: np.ndarray, clock_s: np.ndarray, seen: np.ndarray
    ) -> tuple[Call, ...]:
        """Return the call that writes the concentrations, as `Field.sampled`."""
        moving = np.array([*self.centre_mm, *self.velocity_mm_s, -1.0 if self.mirrored else 1.0])
        hill = np.array(
            [self.background_mM, self.peak_mM, 2 * self.width_mm**2, float(self.flat), self.radius_mm]
        )
        return (bind(_sample_hill, HILL, moving, hill, places, sites, clock_s, seen),)


@dataclass(frozen=True)
class Odour(Field):
    """A steady odour around a source: C = exp(-r / length), as a share of that at the source.

    A scent that spreads and is lost on the way thins out like this: every mm loses the same share.

    Parameters
    ----------
    length_mm : distance over which it falls to 1/e.
    centre_mm : place of the source, x and y.
    """

    length_mm: Positive = 6.0
    centre_mm: Vector2 = (0.0, 0.0)

    unit = "1"

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        check_fields(self, "stimulus")

    def peak(self, t_s: float) -> tuple[float, float]:
        """Return the place of the source, mm."""
        return self.centre_mm

    def value(self, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Return the concentration, as a share of that at the source."""
        x, y = self.centre_mm
        return np.asarray(_exp(-np.hypot(x_mm - x, y_mm - y) / self.length_mm))

    def sampled(
        self, places: np.ndarray, sites: np.ndarray, clock_s: np.ndarray, seen: np.ndarray
    ) -> tuple[Call, ...]:
        """Return the call that writes the concentrations, as `Field.sampled`."""
        source = np.array([*self.centre_mm, self.length_mm])
        return (bind(_sample_odour, ODOUR, source, places, sites, seen),)


@dataclass(frozen=True)
class Plume(Field):
    """Puffs that a source sends down the wind, so that the odour comes and goes as in turbulent air.

    All numbers are a choice, and measured on no animal's plume.

    Parameters
    ----------
    rate_hz : puffs per second.
    wind_mm_s : velocity at which puffs drift.
    width_mm : standard deviation of a puff as it leaves.
    wander_mm : standard deviation of its way sideways after one second, which grows with the square root of
        time.
    spread_mm2_s : growth of the square of its width; its height falls as its area grows.
    last_s : age at which a puff is gone.
    centre_mm : place of the source, x and y.
    draw : seed from which the ways of the puffs are drawn; random takes another for every episode.
    """

    rate_hz: Positive = 4.0
    wind_mm_s: Vector2 = (-20.0, 0.0)
    width_mm: Positive = 1.0
    wander_mm: NotNegative = 5.0
    spread_mm2_s: NotNegative = 1.5
    last_s: Positive = 4.0
    centre_mm: Vector2 = (0.0, 0.0)
    draw: Whole | Literal["random"] = 0

    unit = "1"

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        check_fields(self, "stimulus")
        if self.rate_hz * self.last_s > MOST_PUFFS:
            raise InputError(
                f"stimulus: rate_hz * last_s, the number of puffs, must not exceed {MOST_PUFFS}, and is "
                f"{self.rate_hz * self.last_s:g}"
            )

    def peak(self, t_s: float) -> tuple[float, float]:
        """Return the place of the source, mm."""
        return self.centre_mm

    def wind(self, t_s: float) -> tuple[float, float]:
        """Return the velocity (mm/s) at which puffs drift; their wandering is no part of it."""
        return self.wind_mm_s

    def value(self, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Return the concentration, as a share of that of a fresh puff."""
        # The plume has blown for ever: puffs that left before the start are there at time 0.
        first = int(np.ceil((t_s - self.last_s) * self.rate_hz))
        number = np.arange(first, int(np.floor(t_s * self.rate_hz)) + 1)
        age = t_s - number / self.rate_hz
        draw = self.draw if isinstance(self.draw, int) else 0  # no episode has drawn one yet
        across = self.wander_mm * np.sqrt(age) * _wander(draw, number)
        wind = np.array(self.wind_mm_s)
        side = np.array([-wind[1], wind[0]]) / max(float(np.hypot(*wind)), 1e-9)
        places = np.array(self.centre_mm) + age[:, None] * wind + across[:, None] * side
        wide = self.width_mm**2 + self.spread_mm2_s * age
        x, y = np.asarray(x_mm, float), np.asarray(y_mm, float)
        squared = (x[..., None] - places[:, 0]) ** 2 + (y[..., None] - places[:, 1]) ** 2
        return np.asarray((self.width_mm**2 / wide * np.exp(-squared / (2 * wide))).sum(axis=-1))


@dataclass(frozen=True)
class Drop(Field):
    """A drop on the floor that is there for a time: 1 inside its edge, nothing outside.

    Parameters
    ----------
    radius_mm : its radius.
    start_s, stop_s : when it appears and is gone.
    centre_mm : its middle, x and y.
    """

    radius_mm: Positive = 3.0
    start_s: NotNegative = 0.0
    stop_s: Positive = 1e9
    centre_mm: Vector2 = (0.0, 0.0)

    unit = "1"
    smells = False
    tastes = True

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        check_fields(self, "stimulus")
        if self.start_s >= self.stop_s:
            raise InputError(f"stimulus.stop_s={self.stop_s:g} must be later than start_s={self.start_s:g}")

    def peak(self, t_s: float) -> tuple[float, float]:
        """Return the place of its middle, mm."""
        return self.centre_mm

    def value(self, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Return 1 inside and 0 outside, 0 everywhere while there is no drop."""
        x, y = self.centre_mm
        inside = np.hypot(x_mm - x, y_mm - y) <= self.radius_mm
        return np.asarray(inside & (self.start_s <= t_s < self.stop_s), float)

    def sampled(
        self, places: np.ndarray, sites: np.ndarray, clock_s: np.ndarray, seen: np.ndarray
    ) -> tuple[Call, ...]:
        """Return the call that writes whether sites are in the drop, as `Field.sampled`."""
        drop = np.array([*self.centre_mm, self.radius_mm, self.start_s, self.stop_s])
        return (bind(_sample_drop, DROP, drop, places, sites, clock_s, seen),)


def _wander(draw: int, number: np.ndarray) -> np.ndarray:
    """Return a standard normal number for every puff, always the same one; neighbours wander alike."""
    chance = [_chance(draw, k) for k in range(int(number[0]) - 2, int(number[-1]) + 3)]
    # Eddies are larger than puffs: five that follow each other share most of their way.
    return np.convolve(chance, np.ones(5) / np.sqrt(5), mode="valid")


@lru_cache(maxsize=4096)
def _chance(draw: int, number: int) -> float:
    return float(np.random.default_rng([draw, number + 2**31]).standard_normal())


def _exp(x: Place) -> np.ndarray:
    """Return e to the power of `x`: the same bits as in a kernel, which NumPy's own are not."""
    values = np.array(x, float)
    _exp_in_place(values.reshape(-1))
    return values


@numba.njit(cache=True)
def _exp_in_place(values):
    for i in range(values.size):
        values[i] = exp(values[i])


HILL = "f8[:] f8[:] f8[:,:] i8[:] f8[:] f4[:]"


@kernel
def _sample_hill(row):
    moving, hill, places, sites, clock_s, seen = unpack(row, HILL)
    x = moving[0] + moving[2] * clock_s[0]
    y = moving[4] * (moving[1] + moving[3] * clock_s[0])
    for i in range(len(sites)):
        if hill[3] != 0.0:
            seen[i] = hill[0] + 0.5 * hill[1]
            continue
        dx, dy = places[sites[i], 0] - x, places[sites[i], 1] - y
        squared = dx * dx + dy * dy
        if hill[4] > 0.0:
            squared = (sqrt(squared) - hill[4]) ** 2
        seen[i] = hill[0] + hill[1] * exp(-squared / hill[2])


ODOUR = "f8[:] f8[:,:] i8[:] f4[:]"


@kernel
def _sample_odour(row):
    source, places, sites, seen = unpack(row, ODOUR)
    for i in range(len(sites)):
        seen[i] = exp(-hypot(places[sites[i], 0] - source[0], places[sites[i], 1] - source[1]) / source[2])


DROP = "f8[:] f8[:,:] i8[:] f8[:] f4[:]"


@kernel
def _sample_drop(row):
    drop, places, sites, clock_s, seen = unpack(row, DROP)
    there = drop[3] <= clock_s[0] < drop[4]
    for i in range(len(sites)):
        far = hypot(places[sites[i], 0] - drop[0], places[sites[i], 1] - drop[1])
        seen[i] = 1.0 if there and far <= drop[2] else 0.0
