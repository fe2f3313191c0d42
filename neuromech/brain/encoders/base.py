"""The interface of encoders, and the entry of controller.yaml that one is built from."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromech._lib.errors import unknown
from neuromech.brain.circuit import Circuit
from neuromech.senses.base import Sense
from neuromech.specs.controller import EncodingSpec
from neuromech.world.body import Body

Scalar = Float[Array, ""]
Memory = Float[Array, " memory"]
Features = Float[Array, " feature"]
Sections = dict[str, tuple[str, ...] | None]
"""Sections of parameters.yaml with the names of their numbers; None where neurons name them."""


@dataclass(frozen=True)
class Entry:
    """One entry of `encoding` in controller.yaml.

    Parameters
    ----------
    name : of the entry, which is often also that of its section of parameters.yaml.
    given : its kind, its sense and the keys of its kind.
    body : of the animal, whose senses can be encoded.
    """

    name: str
    given: EncodingSpec
    body: Body

    def __getitem__(self, key: str) -> Any:
        """Return the value of a key of its kind; None where it was left out."""
        return self.given.options[key]

    @property
    def sense(self) -> Sense:
        """The sense that is read."""
        return self.body.senses[self.given.sense]

    @property
    def unit(self) -> str:
        """Unit of the sense."""
        return self.sense.unit

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels of the sense."""
        return self.sense.channels


class Encoder(eqx.Module):
    """One sense's `channels` readings in, features out; pure, so that a brain can jit, vmap and grad it.

    An encoder of one's own is a subclass, registered under the name that controller.yaml gives as `kind`:

        @register("encoder", "squared")
        class Squared(Memoryless):
            channels: int = eqx.field(static=True)

            @classmethod
            def sections(cls, entry):
                return {entry.name: ("current_pA",)}

            @classmethod
            def from_entry(cls, entry, circuit):
                currents = by_channel(entry, circuit, circuit.parameters[entry.name]["current_pA"])
                return cls(len(entry.channels)), currents

            def features(self, sensed):
                return sensed**2
    """

    keys: ClassVar[tuple[str, ...]] = ("neurons",)
    """Keys that an entry of this kind has, beside `kind` and `sense`."""
    swaps: ClassVar[bool] = True
    """Whether perturb.swap exchanges the currents of this encoder between two neurons."""
    channels: eqx.AbstractVar[int]

    @classmethod
    @abstractmethod
    def sections(cls, entry: Entry) -> Sections:
        """Return the sections of parameters.yaml that an entry reads."""

    @classmethod
    @abstractmethod
    def from_entry(cls, entry: Entry, circuit: Circuit) -> tuple["Encoder", np.ndarray]:
        """Build the encoder of an entry; returns it and the currents (pA) of each feature, (neuron, feature).

        Raises
        ------
        InputError
            A key, a number or a name of a neuron is wrong.
        """

    @classmethod
    def joined(cls, encoders: Sequence["Encoder"]) -> Sequence["Encoder"]:
        """Return encoders that do what several of this kind do that follow each other; fewer are faster.

        What a compiled step costs is the number of its operations rather than what each of them computes.
        """
        return encoders

    @abstractmethod
    def init(self) -> Memory:
        """Return what is remembered before the first reading."""

    @abstractmethod
    def step(
        self, memory: Memory, sensed: Float[Array, " channel"], step_s: Scalar
    ) -> tuple[Memory, Features]:
        """Advance by `step_s`; returns the memory and the features."""


class Memoryless(Encoder):
    """An encoder whose features are those of the present reading alone."""

    @abstractmethod
    def features(self, sensed: Float[Array, " channel"]) -> Features:
        """Return the features of one reading."""

    def init(self) -> Float[Array, "0"]:
        """Return an empty memory."""
        return jnp.zeros(0)

    def step(
        self, memory: Float[Array, "0"], sensed: Float[Array, " channel"], step_s: Scalar
    ) -> tuple[Float[Array, "0"], Features]:
        """Return the features; nothing is remembered."""
        return memory, self.features(sensed)


def by_channel(
    entry: Entry, circuit: Circuit, current_pA: float, channels: tuple[str, ...] | None = None
) -> np.ndarray:
    """Return the currents (neuron, channel) of an entry whose `neurons` are named by channel.

    Parameters
    ----------
    entry : of controller.yaml.
    circuit : with the neurons.
    current_pA : into each of them.
    channels : names of the channels; those of the sense if None.

    Raises
    ------
    InputError
        There is no such channel or no such neuron.
    """
    names = list(entry.channels if channels is None else channels)
    currents = np.zeros((len(circuit.connectome.neurons), len(names)))
    for channel, neurons in entry["neurons"].items():
        if channel not in names:
            raise unknown(f"channel in encoding.{entry.name}", str(channel), names)
        currents[circuit.connectome.resolve(neurons), names.index(channel)] = current_pA
    return currents
