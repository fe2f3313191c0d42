"""The observations of a policy: the present readings and those of some decisions ago."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neuromech._lib.state import Stateful
from neuromech._lib.types import Observation

_NOTHING = np.zeros(0, np.float32)


class ObservationHistory(Stateful):
    """The present reading of some senses and neurons, followed by what it was some decisions ago.

    Before an episode is old enough for a lag, its first moment stands in.

    Parameters
    ----------
    senses : names of the senses, in the order in which their channels follow one another.
    lags : how many decisions ago each earlier reading is from.
    """

    state_names = ("_past",)

    def __init__(self, senses: Sequence[str], lags: Sequence[int] = ()) -> None:
        self._senses, self._lags = tuple(senses), tuple(lags)
        self._past: list[np.ndarray] = []

    def reset(self) -> None:
        """Forget the readings of the last episode."""
        self._past = []

    def add(self, observation: Observation, activity: np.ndarray = _NOTHING) -> np.ndarray:
        """Add the observation at this decision; return the features, float32 (feature,).

        `activity` (neuron,) is that of the neurons that the policy observes.
        """
        now = np.concatenate([*(observation[name] for name in self._senses), activity]).astype(np.float32)
        if not self._lags:
            return now
        self._past = [*self._past[-max(self._lags) :], now]
        return np.concatenate([now, *(self._past[max(0, len(self._past) - 1 - lag)] for lag in self._lags)])
