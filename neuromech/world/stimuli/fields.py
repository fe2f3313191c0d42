"""Stimulus fields of a world: what there is to smell and taste, as functions of place (mm) and time (s)."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from neuromech._lib.errors import InputError
from neuromech.specs.options import check_fields
from neuromech.specs.values import NotNegative, Positive, Vector2, Whole
from neuromech.world.stimuli.base import Field, Place

MOST_PUFFS = 1000
"""Puffs of a plume that are under way at once: all of them are added up at every step."""


@dataclass(frozen=True)
class Gaussian(Field):
    """A Gaussian hill of concentration, as salt makes when it diffuses from a spot in agar.

    C(x, y) = background + peak * exp(-r^2 / (2 width^2)). ``mirrored`` reflects the plate about the x axis,
    ``flat`` gives half the peak everywhere (the centre still counts as the goal), ``velocity_mm_s`` moves the
    centre.
    """

    peak_mM: float = 25.0
    background_mM: NotNegative = 0.0
    width_mm: Positive = 3.0
    centre_mm: Vector2 = (0.0, 0.0)
    mirrored: bool = False
    flat: bool = False
    velocity_mm_s: Vector2 = (0.0, 0.0)

    unit = "mM"

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        check_fields(self, "stimulus")
        if self.background_mM + min(self.peak_mM, 0.0) < 0:
            raise InputError(
                f"stimulus: a concentration cannot be negative, and background_mM={self.background_mM:g} with "
                f"peak_mM={self.peak_mM:g} is"
            )

    def peak(self, t_s: float) -> tuple[float, float]:
        """Place of the centre, mm."""
        side = -1.0 if self.mirrored else 1.0
        return (
            self.centre_mm[0] + self.velocity_mm_s[0] * t_s,
            side * (self.centre_mm[1] + self.velocity_mm_s[1] * t_s),
        )

    def value(self, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Concentration, mM."""
        if self.flat:
            return np.full(np.broadcast(x_mm, y_mm).shape, self.background_mM + 0.5 * self.peak_mM)
        x, y = self.peak(t_s)
        squared = (x_mm - x) ** 2 + (y_mm - y) ** 2
        return np.asarray(self.background_mM + self.peak_mM * np.exp(-squared / (2 * self.width_mm**2)))


@dataclass(frozen=True)
class Odour(Field):
    """A steady odour around a source: C = exp(-r / length), as a share of that at the source.

    So does a scent thin out that spreads and is lost on the way; every mm loses the same share.
    """

    length_mm: Positive = 6.0
    centre_mm: Vector2 = (0.0, 0.0)

    unit = "1"

    def __post_init__(self) -> None:
        """Refuse numbers that make no sense."""
        check_fields(self, "stimulus")

    def peak(self, t_s: float) -> tuple[float, float]:
        """Place of the source, mm."""
        return self.centre_mm

    def value(self, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Concentration, as a share of that at the source."""
        x, y = self.centre_mm
        return np.asarray(np.exp(-np.hypot(x_mm - x, y_mm - y) / self.length_mm))


@dataclass(frozen=True)
class Plume(Field):
    """Puffs that a source sends down the wind, so that the odour comes and goes as in turbulent air.

    A puff leaves ``rate_hz`` times a second with the width ``width_mm``, drifts with ``wind_mm_s``, wanders
    sideways at random (standard deviation ``wander_mm`` after one second, growing with the square root of
    time), and spreads: width^2 grows by ``spread_mm2_s``, its height falls as its area grows. Puffs older
    than ``last_s`` are gone. Where each wanders is drawn from ``draw``. All numbers are a choice.
    """

    rate_hz: Positive = 4.0
    wind_mm_s: Vector2 = (-20.0, 0.0)
    width_mm: Positive = 1.0
    wander_mm: NotNegative = 5.0
    spread_mm2_s: NotNegative = 1.5
    last_s: Positive = 4.0
    centre_mm: Vector2 = (0.0, 0.0)
    draw: Whole = 0

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
        """Place of the source, mm."""
        return self.centre_mm

    def wind(self, t_s: float) -> tuple[float, float]:
        """Velocity (mm/s) at which puffs drift; their wandering is no part of it."""
        return self.wind_mm_s

    def value(self, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Concentration, as a share of that of a fresh puff."""
        # The plume has blown for ever: puffs that left before the start are there at time 0.
        first = int(np.ceil((t_s - self.last_s) * self.rate_hz))
        number = np.arange(first, int(np.floor(t_s * self.rate_hz)) + 1)
        age = t_s - number / self.rate_hz
        across = self.wander_mm * np.sqrt(age) * _wander(self.draw, number)
        wind = np.array(self.wind_mm_s)
        side = np.array([-wind[1], wind[0]]) / max(float(np.hypot(*wind)), 1e-9)
        places = np.array(self.centre_mm) + age[:, None] * wind + across[:, None] * side
        wide = self.width_mm**2 + self.spread_mm2_s * age
        x, y = np.asarray(x_mm, float), np.asarray(y_mm, float)
        squared = (x[..., None] - places[:, 0]) ** 2 + (y[..., None] - places[:, 1]) ** 2
        return np.asarray((self.width_mm**2 / wide * np.exp(-squared / (2 * wide))).sum(axis=-1))


@dataclass(frozen=True)
class Drop(Field):
    """A drop on the floor, there from ``start_s`` to ``stop_s``: 1 inside its edge, nothing outside."""

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
        """Place of its middle, mm."""
        return self.centre_mm

    def value(self, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """1 inside, 0 outside, 0 everywhere while there is no drop."""
        x, y = self.centre_mm
        inside = np.hypot(x_mm - x, y_mm - y) <= self.radius_mm
        return np.asarray(inside & (self.start_s <= t_s < self.stop_s), float)


def _wander(draw: int, number: np.ndarray) -> np.ndarray:
    """A standard normal number for every puff, the same whenever it is asked for; neighbours wander alike."""
    chance = [_chance(draw, k) for k in range(int(number[0]) - 2, int(number[-1]) + 3)]
    # Eddies are larger than puffs: five that follow each other share most of their way.
    return np.convolve(chance, np.ones(5) / np.sqrt(5), mode="valid")


@lru_cache(maxsize=4096)
def _chance(draw: int, number: int) -> float:
    return float(np.random.default_rng([draw, number + 2**31]).standard_normal())
