"""What a brain asks of its neurons, whatever their dynamics."""

from abc import abstractmethod
from typing import Any

import equinox as eqx
from jaxtyping import Array, Float

Vector = Float[Array, " neuron"]
Matrix = Float[Array, "neuron neuron"]


class Neurons(eqx.Module):
    """A network of neurons: pure ``init`` and ``step``, its activity and its output."""

    @abstractmethod
    def init(self) -> Any:
        """State at rest."""

    @abstractmethod
    def step(
        self, state: Any, injected_pA: Vector, present: Vector, step_ms: float, substeps: int = 1
    ) -> Any:
        """State after ``substeps`` steps of ``step_ms`` under constant currents (pA).

        Where ``present`` is 0 a neuron is held so that it releases nothing.
        """

    @abstractmethod
    def activity(self, state: Any) -> Vector:
        """Potentials (mV) or firing rates (Hz), as a recording keeps them."""

    @abstractmethod
    def output(self, state: Any) -> Vector:
        """Transmitter release, 1 at most."""
