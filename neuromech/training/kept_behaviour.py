"""What a brain gets and does in its body, so that a fit to something else can ask it to do the same.

An episode is played once with the brain as it is. A fitted brain then gets the same senses, noise and
electrodes, with no body, and is asked for the same excitations of the muscles and the same activity of chosen
neurons. This is no proof that the behaviour stays, since what the body would feel of a difference is left
out; whether it does is asked of the body afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from neuromech._lib.errors import InputError
from neuromech.brain import brain as brains
from neuromech.brain.brain import Brain
from neuromech.brain.neurons.base import Neurons
from neuromech.controllers.connectome import ConnectomeController
from neuromech.loop import Loop
from neuromech.specs.run import Run

LEAST_EXCITATION, LEAST_ACTIVITY = 0.02, 0.5
"""What changes less than this in an episode (share of the full excitation; unit of the activity) counts as if
it changed so much: to ask the same of what stands still would ask for its last bit."""


@dataclass(frozen=True)
class Kept:
    """One episode as its brain had it.

    Parameters
    ----------
    brain : that played it.
    given : (time, input) senses, injected currents and presence of the neurons.
    excitation : (time, muscle).
    activity : (time, kept) of the chosen neurons.
    chosen : (kept,) their places.
    control_s, substeps : of the clock.
    """

    brain: Brain
    given: Float[np.ndarray, "time input"]
    excitation: Float[np.ndarray, "time muscle"]
    activity: Float[np.ndarray, "time kept"]
    chosen: np.ndarray
    control_s: float
    substeps: int

    @staticmethod
    def of(run: Run, parameters: Mapping[str, Any], names: Sequence[str]) -> Kept:
        """Play the episode of a run; `names` are neurons, classes, types or groups whose activity is kept.

        Raises
        ------
        InputError
            The controller of the run is no connectome.
        """
        loop = Loop.of(run, parameters)
        controller = loop.controller
        if not isinstance(controller, ConnectomeController):
            raise InputError(f"{run.controller.name} is no connectome, whose behaviour could be kept")
        chosen = np.flatnonzero(controller.circuit.groups.mask_of_any(names))
        brain, size = controller.brain, len(controller.neuron_names)
        step = eqx.filter_jit(_stepped)
        state, rows = brains.init(brain), []
        loop.begin()
        for _ in range(loop.periods):
            given = np.zeros(controller.inputs, np.float32)
            controller.fill_inputs(loop.observed, given)
            state, excitation, activity = step(
                brain, state, given, size, run.clock.control_s, run.clock.brain_substeps
            )
            loop.went_on(loop.animal.step(np.asarray(excitation)))
            rows.append((given, np.asarray(excitation), np.asarray(activity)[chosen]))
        given, excitation, activity = (np.stack(column) for column in zip(*rows, strict=True))
        control_s, substeps = run.clock.control_s, run.clock.brain_substeps
        return Kept(brain, given, excitation, activity, chosen, control_s, substeps)

    def error(self, network: Neurons) -> Float[Array, ""]:
        """Return the mean square difference that other neurons make, in shares of what changes at all."""
        brain = eqx.tree_at(lambda one: one.network, self.brain, network)
        size = len(network.activity(network.init()))

        @jax.checkpoint
        def step(state: Any, row: Array) -> tuple[Any, tuple[Array, Array]]:
            after, excitation, activity = _stepped(brain, state, row, size, self.control_s, self.substeps)
            return after, (excitation, activity[self.chosen])

        excitation, activity = jax.lax.scan(step, brains.init(brain), jnp.asarray(self.given))[1]
        return _difference(excitation, self.excitation, LEAST_EXCITATION) + _difference(
            activity, self.activity, LEAST_ACTIVITY
        )


def _stepped(
    brain: Brain, state: Any, given: Any, size: int, control_s: float, substeps: int
) -> tuple[Any, Array, Array]:
    """Return state, excitations and activity after a period; `size` is the number of neurons."""
    sensed, injected, present = given[: -2 * size], given[-2 * size : -size], given[-size:]
    state, excitation = brains.advance(brain, state, sensed, injected, present, control_s, substeps)
    return state, excitation, brain.network.activity(state.neurons)


def _difference(found: Array, wanted: np.ndarray, least: float) -> Array:
    if not wanted.size:
        return jnp.zeros(())
    return jnp.mean(((found - wanted) / np.maximum(wanted.std(axis=0), least)) ** 2)
