"""Runaway activity ends a run, with a message that names the most active neurons."""

from collections import deque
from collections.abc import Callable

import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.state import Stateful
from neuromech.specs.controller import Runaway

NAMED = 5
"""The number of the most active neurons that the message names, which fit on a line."""


class RunawayError(InputError):
    """Activity has run away: the run ends, and what was recorded is kept."""


class RunawayMonitor(Stateful):
    """Counts spikes and raises where there are too many for too long.

    The limit is an absolute number of spikes of all neurons together: a brain of which most is silent runs
    away long before its mean rate is high.

    Parameters
    ----------
    spec : `spikes_per_s`, the highest rate of all neurons together, and `for_ms`, the time over which it is
        taken.
    period_s : control period, s.

    Raises
    ------
    InputError
        One of the two is not above 0.
    """

    state_names = ("_spikes",)

    def __init__(self, spec: Runaway, period_s: float) -> None:
        self.limit_Hz, self.for_s = spec.spikes_per_s, spec.for_ms / 1000.0
        if self.limit_Hz <= 0 or self.for_s <= 0:
            raise InputError("controller.runaway: spikes_per_s and for_ms must be above 0")
        self._window_s = max(1, round(self.for_s / period_s)) * period_s
        self._spikes: deque[np.ndarray] = deque(maxlen=round(self._window_s / period_s))

    def reset(self) -> None:
        """Forget the spikes of the last episode."""
        self._spikes.clear()

    def update(self, cells: np.ndarray, t_s: float, label: Callable[[int], str]) -> None:
        """Count the spikes (spike,) of a control period that ends at `t_s`; `label` names a neuron.

        Raises
        ------
        RunawayError
            There are more than the limit; says when, and who fired most.
        """
        self._spikes.append(cells)
        rate_Hz = sum(map(len, self._spikes)) / self._window_s
        if rate_Hz <= self.limit_Hz:
            return
        fired, times = np.unique(np.concatenate(self._spikes), return_counts=True)
        most = [label(int(cell)) for cell in fired[np.argsort(-times, kind="stable")][:NAMED]]
        raise RunawayError(
            f"runaway activity at {t_s:.3f} s: {rate_Hz:,.0f} spikes a second over "
            f"{1e3 * self._window_s:g} ms, controller.runaway.spikes_per_s is {self.limit_Hz:g}; "
            f"most active: {', '.join(most)}"
        )
