"""The port of a connectome controller for descending currents: from a policy, a learner or a brain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neuromech.controllers.connectome import ConnectomeController


@dataclass(frozen=True)
class CurrentChannel:
    """Neurons that get the same current: up to `current_pA` either way."""

    neurons: tuple[str, ...]
    current_pA: float


class DescendingPort:
    """Channels of current into a controller's neurons, and the neurons whose activity is heard above.

    Parameters
    ----------
    controller : whose wiring, parameters, noise and perturbations stay its own.
    channels : by name, in the order of what is sent.
    heard : names of neurons, classes or types that are listened to.

    Raises
    ------
    InputError
        A name is that of no neuron.
    """

    def __init__(
        self,
        controller: ConnectomeController,
        channels: Mapping[str, CurrentChannel],
        heard: Sequence[str] = (),
    ) -> None:
        self.controller = controller
        resolve = controller.connectome.resolve
        self._currents_pA = np.zeros((len(controller.neuron_names), len(channels)), np.float32)
        for column, channel in enumerate(channels.values()):
            self._currents_pA[resolve(channel.neurons), column] = channel.current_pA
        self._heard = resolve(heard)

    def send(self, shares: np.ndarray) -> None:
        """Set each channel's current as a share (channel,) of its largest one, usually in [-1, 1]."""
        self.controller.descending_pA = self._currents_pA @ shares

    def hear(self) -> np.ndarray:
        """Return the activity of the neurons that are listened to, (neuron,)."""
        return self.controller.activity[self._heard]
