"""The in-silico atlas of a brain: every neuron driven, or ablated, in turn, and what all others do.

The brain is taken out of its body: there are no senses, and no movement feeds back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Float

from neuromech._lib.errors import InputError
from neuromech._lib.files import make_folder, replacing
from neuromech.brain import descending_drive
from neuromech.brain.circuit import Circuit
from neuromech.brain.isolated import Preparation, play
from neuromech.brain.neurons.models import MODELS
from neuromech.specs import compose, content
from neuromech.specs.run import Run

AT_ONCE = 64
"""So many brains are played side by side."""
SETTLE_S, DRIVE_S = 20.0, 2.0
"""How long a brain rests before a neuron is driven, and how long it is driven, s. Brains of graded neurons
drift for more than two seconds after their start."""


@dataclass(frozen=True)
class IsolatedBrain:
    """A brain without a body, and the circuit that it was made of."""

    circuit: Circuit
    preparation: Preparation
    step_s: float
    substeps: int

    @staticmethod
    def of(run: Run) -> IsolatedBrain:
        """Return the brain of a run, with the perturbations of its wiring that last all the time.

        Raises
        ------
        InputError
            The controller has no network of neurons that can be taken out.
        """
        spec = run.controller
        if spec.get("model") not in MODELS:
            raise InputError(f"{spec.name} (model {spec.get('model')}) has no network of neurons to drive")
        circuit = Circuit.load(spec, run.perturb, run.seed)
        present = circuit.present
        current = np.zeros(len(present), np.float32)
        for drive in descending_drive.build(circuit):
            current[drive.cells] += drive.current_pA(0.0).astype(np.float32)
        network = MODELS[str(spec["model"])].from_circuit(circuit)
        whole = Preparation(spec.name, tuple(circuit.connectome.neurons), network, present, current)
        return IsolatedBrain(circuit, whole, run.clock.control_s, run.clock.brain_substeps)

    @property
    def neurons(self) -> tuple[str, ...]:
        """Names of its neurons."""
        return self.preparation.neurons

    def driven(
        self, neurons: Sequence[str], current_pA: float, settle_s: float, drive_s: float
    ) -> Float[np.ndarray, "neuron driven"]:
        """Return how the activity of every neuron (neuron, driven) changes while one of some is driven.

        Every brain is played alone for `settle_s`, then with `current_pA` into its neuron for `drive_s`.
        """
        place = {name: k for k, name in enumerate(self.neurons)}
        rest, state = self._at_rest(settle_s)
        columns = []
        for start in range(0, len(neurons), AT_ONCE):
            some = neurons[start : start + AT_ONCE]
            brains = []
            for name in some:
                injected = self.preparation.command_pA.copy()
                injected[place[name]] += np.float32(current_pA)
                brains.append(replace(self.preparation, command_pA=injected))
            columns.append(self._change(brains, rest, state, drive_s))
        return np.concatenate(columns, axis=1) if columns else np.zeros((len(self.neurons), 0), np.float32)

    def ablated(
        self, neurons: Sequence[str], settle_s: float, after_s: float
    ) -> Float[np.ndarray, "neuron ablated"]:
        """Return how the activity of every neuron (neuron, ablated) changes when one of some is taken out."""
        place = {name: k for k, name in enumerate(self.neurons)}
        rest, state = self._at_rest(settle_s)
        columns = []
        for start in range(0, len(neurons), AT_ONCE):
            brains = []
            for name in neurons[start : start + AT_ONCE]:
                present = self.preparation.present.copy()
                present[place[name]] = 0.0
                brains.append(replace(self.preparation, present=present))
            columns.append(self._change(brains, rest, state, after_s))
        return np.concatenate(columns, axis=1) if columns else np.zeros((len(self.neurons), 0), np.float32)

    def _at_rest(self, settle_s: float) -> tuple[np.ndarray, Any]:
        """Return the activity of every neuron at the end of a rest, and the state from which to go on."""
        _, _, state = play([self.preparation], settle_s, self.step_s, self.substeps)
        return self._activity(state)[0], state

    def _change(
        self, brains: Sequence[Preparation], rest: np.ndarray, state: Any, duration_s: float
    ) -> np.ndarray:
        # All go on from the one brain at rest.
        many = jax.tree.map(lambda leaf: jnp.repeat(leaf, len(brains), axis=0), state)
        _, _, after = play(brains, duration_s, self.step_s, self.substeps, many)
        return (self._activity(after) - rest).T

    def _activity(self, states: Any) -> np.ndarray:
        return np.asarray(jax.vmap(self.preparation.network.activity)(states))


def atlas(
    run: Run, current_pA: float = 20.0, settle_s: float = SETTLE_S, drive_s: float = DRIVE_S
) -> xr.Dataset:
    """Return the in-silico atlas of the controller of a run.

    Parameters
    ----------
    run : whose controller, clock and perturbations are taken.
    current_pA : into the driven neuron.
    settle_s : how long the brain rests before.
    drive_s : how long a neuron is driven, or is gone, s; its effect is that at the end.

    Returns
    -------
    dataset with `driven` and `ablated` (responding, neuron): the change of the activity of each neuron, in
    the unit of the model's activity, when a neuron is driven or taken out.

    Raises
    ------
    InputError
        The controller has no network of neurons.
    """
    brain = IsolatedBrain.of(run)
    names = list(brain.neurons)
    return xr.Dataset(
        {
            "driven": (("responding", "neuron"), brain.driven(names, current_pA, settle_s, drive_s)),
            "ablated": (("responding", "neuron"), brain.ablated(names, settle_s, drive_s)),
        },
        {"responding": names, "neuron": names, "class": ("neuron", list(brain.circuit.connectome.classes))},
        {
            "controller": run.controller.name, "current_pA": current_pA, "settle_s": settle_s,
            "drive_s": drive_s, "about": "change of the activity of a neuron, brain out of its body",
        },
    )  # fmt: skip


def run_of(controller: str | None, experiment: str | None, config_dirs: Sequence[Path] = ()) -> Run:
    """Return a run with a controller, for its clock: of an experiment that is named, or the first that has
    it.

    Raises
    ------
    InputError
        Neither is named, or no experiment has the controller.
    """
    if experiment is not None:
        chosen = [f"experiment={experiment}", *([f"controller={controller}"] if controller else [])]
        return compose.load_run(chosen, config_dirs)
    if controller is None:
        raise InputError("which controller? add controller=NAME; 'neuromech list controllers' names them")
    content.find("controllers", controller, config_dirs)
    for name in compose.options("experiment", config_dirs):
        run = compose.load_run([f"experiment={name}"], config_dirs)
        if run.controller.name == controller:
            return run
    raise InputError(
        f"no experiment has the controller {controller}; add experiment=NAME, whose clock it gets"
    )


def write(found: xr.Dataset, folder: Path) -> Path:
    """Write an atlas to atlas.nc in a folder; returns its path."""
    make_folder(folder)
    with replacing(folder / "atlas.nc") as part:
        found.to_netcdf(part, engine="h5netcdf")
    return folder / "atlas.nc"
