"""The interface of controllers, which turn observations into muscle excitations."""

from collections.abc import Mapping
from typing import Protocol, runtime_checkable

import numpy as np

from neuromech._lib.types import Observation


@runtime_checkable
class Controller(Protocol):
    """What stands in the loop between senses and muscles: a connectome, a policy, one's own functions.

    A controller may also have `notes`, lines that a reader of the results should know.
    """

    neuron_names: tuple[str, ...]
    """Names of what `activity` holds; empty for controllers without neurons."""
    neuron_groups: Mapping[str, tuple[str, ...]]
    """Names of neurons by the label under which a raster shows them."""
    traces: tuple[str, ...]
    """Names of neurons that get a line of their own in reports and films."""
    activity_unit: str
    """Unit of `activity`, such as mV or Hz."""

    def reset(self, seed: int) -> None:
        """Return to the initial state; the same seed gives the same bits."""
        ...

    def act(self, observation: Observation) -> np.ndarray:
        """Return the muscle excitations for the next control period, float32 (muscle,) in [0, 1]."""
        ...

    @property
    def activity(self) -> np.ndarray:
        """The neurons' activity after the last `act`, float32 (neuron,)."""
        ...


@runtime_checkable
class SpikeSource(Protocol):
    """A controller that lists its spikes, because it has too many neurons for one column each."""

    spikes_name: str
    """What neurons are named by in its list of spikes."""

    def take_spikes(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the spikes since last asked: their times (spike,), s, and neurons (spike,) int64."""
        ...
