"""The interface of neuron models: how one is built from a circuit, its state, its step and its output."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import equinox as eqx
import jax
import numpy as np
from jaxtyping import Array, Float

from neuromech.brain.circuit import Circuit
from neuromech.brain.shared_parameters import HALF_CONTACTS

Vector = Float[Array, " neuron"]
Matrix = Float[Array, "neuron neuron"]


class Neurons(eqx.Module):
    """A network of neurons as a JAX pytree: pure `init` and `step`, its activity and its output.

    A model of one's own is a subclass, registered under the name that controller.yaml gives as `model`:

        @register("neuron model", "leaky")
        class Leaky(Neurons):
            sections = ("tau_ms", "chemical_pA")
            activity_unit = "pA"
            tau_ms: Vector
            chemical_pA: Matrix

            @classmethod
            def from_circuit(cls, circuit):
                wiring = circuit.connectome
                weights = wiring.chemical.T * wiring.chemical_sign.T * circuit.matrix("chemical_pA")
                return cls(single(circuit.vector("tau_ms")), single(weights))

            def init(self):
                return jnp.zeros_like(self.tau_ms)
            ...
    """

    sections: ClassVar[tuple[str, ...]]
    """Sections of parameters.yaml that the model reads, beside those of the senses, commands and muscles."""
    activity_unit: ClassVar[str]
    """Unit of `activity`, mV or Hz."""
    half_contacts: ClassVar[float] = HALF_CONTACTS
    """Contacts onto a muscle that give a presynaptic class half of its weight; see `share_by_class`."""
    muscle_law: ClassVar[str] = "about_tone"
    """Name of the law of `neuromech.muscles` from the drive of a muscle to its excitation."""

    @classmethod
    @abstractmethod
    def from_circuit(cls, circuit: Circuit) -> Neurons:
        """Build the neurons of a wiring; the brain holds the ablated ones silent.

        Raises
        ------
        InputError
            A parameter is out of range, or the wiring has what the model cannot express.
        """

    @abstractmethod
    def init(self) -> Any:
        """Return the state at rest."""

    @abstractmethod
    def step(
        self, state: Any, injected_pA: Vector, present: Vector, step_ms: float, substeps: int = 1
    ) -> Any:
        """Return the state after `substeps` steps of `step_ms` under constant currents (pA).

        Where `present` is 0 a neuron is held so that it releases nothing.
        """

    @abstractmethod
    def activity(self, state: Any) -> Vector:
        """Return potentials (mV) or firing rates (Hz), as a recording keeps them."""

    @abstractmethod
    def output(self, state: Any) -> Vector:
        """Return transmitter release, 1 at most."""

    def part(self, selected: np.ndarray) -> Neurons:
        """Return only the neurons `selected` (indices): all others are held silent for good and left out.

        This takes their rows and columns. A model whose silent neurons still act on others, as by no longer
        releasing what they release at rest, adds that.
        """
        size = len(self.activity(self.init()))

        def taken(leaf: Any) -> Any:
            per_neuron = getattr(leaf, "shape", ()) and set(leaf.shape) == {size}
            return leaf[np.ix_(*[selected] * leaf.ndim)] if per_neuron else leaf

        return jax.tree.map(taken, self)
