"""Inputs of neurons beside senses and other neurons: noise, descending drive, electrodes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.state import Stateful
from neuromech.brain import descending_drive
from neuromech.brain.circuit import Circuit

NOISE_BLOCK = 256
"""The number of control periods whose noise is drawn at once, which is faster than one by one."""


class Inputs(Stateful):
    """Currents into the neurons of a circuit through time, and which of them take part.

    Parameters
    ----------
    circuit : with its commands, its noise and the run's perturbations.
    control_s : control period, s.

    Raises
    ------
    InputError
        A command or a perturbation is not one for these neurons.
    """

    state_names = ("_rng", "_noise")

    def __init__(self, circuit: Circuit, control_s: float) -> None:
        perturb, resolve = circuit.perturb, circuit.connectome.resolve
        if any(window.rate_Hz for window in perturb.stimulate):
            raise InputError(f"perturb.stimulate: {circuit.spec.model} neurons take current_pA, not rate_Hz")
        drive = descending_drive.build(circuit)
        # Worked out once: asking eight commands in every period costs as much as stepping a hundred neurons.
        self._steady = [(each.cells, each.current_pA(0.0)) for each in drive if each.steady]
        self._drive = [each for each in drive if not each.steady]
        self._silence = [(window, resolve(window.neurons)) for window in perturb.silence]
        self._stimulate = [(window, resolve(window.neurons)) for window in perturb.stimulate]
        # White current: its effect on a membrane must not depend on the control period.
        self._noise_pA = circuit.vector("noise_pA") / np.sqrt(1000.0 * control_s)
        self._present = circuit.present
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Begin the noise again, from a seed."""
        self._rng = np.random.default_rng(seed)
        self._noise: Iterator[np.ndarray] = iter(())

    def injected_pA(self, t_s: float) -> np.ndarray:
        """Return noise, descending drive and the electrodes that are on, pA, float32 (neuron,)."""
        noise = next(self._noise, None)
        if noise is None:
            block = self._rng.standard_normal((NOISE_BLOCK, len(self._noise_pA)), np.float32)
            self._noise = iter(block * self._noise_pA.astype(np.float32))
            noise = next(self._noise)
        for cells, current in self._steady:
            noise[cells] += current
        for drive in self._drive:
            noise[drive.cells] += drive.current_pA(t_s)
        for window, cells in self._stimulate:
            if window.covers(t_s):
                noise[cells] += window.current_pA
        return noise

    def present(self, t_s: float) -> np.ndarray:
        """Return 1 for neurons that take part, 0 for those ablated or silenced now, float32 (neuron,).

        It is to be read only: where nothing is silenced it is the same array each time.
        """
        if not self._silence:
            return self._present
        present = self._present.copy()
        for window, cells in self._silence:
            if window.covers(t_s):
                present[cells] = 0.0
        return present
