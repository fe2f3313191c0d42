"""Activity that feeds on itself: noticed, reported, not endured."""

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from neuromech.errors import InputError


class RunawayError(InputError):
    """Activity that feeds on itself: the run ends, what was recorded is kept."""


class Watch:
    """Looks whether the whole population fires faster than ``population_Hz`` on average over ``for_ms``."""

    def __init__(self, spec: Mapping[str, Any], neurons: int, period_s: float) -> None:
        self.limit_Hz, self.for_s = float(spec["population_Hz"]), float(spec["for_ms"]) / 1000.0
        if self.limit_Hz <= 0 or self.for_s <= 0:
            raise InputError("controller.runaway: population_Hz and for_ms must be above 0")
        self._neurons, self._window_s = neurons, max(1, round(self.for_s / period_s)) * period_s
        self._counts: deque[int] = deque(maxlen=round(self._window_s / period_s))

    def reset(self) -> None:
        """Nothing has happened yet."""
        self._counts.clear()

    def see(self, spikes: int) -> float | None:
        """Count the spikes of a control period; the rate (Hz) if that is now too much."""
        self._counts.append(spikes)
        rate = sum(self._counts) / (self._neurons * self._window_s)
        return rate if rate > self.limit_Hz else None

    def message(self, t_s: float, rate_Hz: float, names: Sequence[str]) -> str:
        """Say what happened, when, and who fired most, in one line."""
        return (
            f"runaway activity at {t_s:.3f} s: all {self._neurons} neurons fired at {rate_Hz:.3g} Hz over "
            f"{1e3 * self._window_s:g} ms, controller.runaway.population_Hz is {self.limit_Hz:g}; most active: "
            f"{', '.join(names)}"
        )
