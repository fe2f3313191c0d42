"""What every controller is: something that turns observations into muscle excitations."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np

from neuromech._lib.types import Observation


@runtime_checkable
class Controller(Protocol):
    """Connectome brain, trained policy, pattern, replay and random are interchangeable behind this.

    ``neuron_names`` name what ``activity`` holds (empty for controllers without neurons), in
    ``activity_unit``; ``neuron_groups`` sort some of them for rasters, ``traces`` are those worth a line of
    their own.
    """

    neuron_names: tuple[str, ...]
    neuron_groups: Mapping[str, tuple[str, ...]]
    traces: tuple[str, ...]
    activity_unit: str

    def reset(self, seed: int) -> None:
        """Return to the initial state; the same seed gives the same bits."""
        ...

    def act(self, observation: Observation) -> np.ndarray:
        """Muscle excitations for the next control period, float32 (muscle,) in [0, 1]."""
        ...

    @property
    def activity(self) -> np.ndarray:
        """The neurons' activity after the last ``act``, float32 (neuron,)."""
        ...


@runtime_checkable
class SpikeSource(Protocol):
    """A controller that has spikes to tell of, too many neurons for one column each."""

    spikes_name: str
    """What neurons are named by in its list of spikes."""
    notes: tuple[str, ...]
    """What a reader of the results should know."""

    def take_spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Spikes since last asked: their times (spike,), s, and neurons (spike,) int64."""
        ...
