"""The in-silico atlas of a brain: every neuron driven, or ablated, in turn, and what all others do.

The brain is taken out of its body: there are no senses, and no movement feeds back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Float

from neuromech._lib.errors import InputError
from neuromech._lib.files import make_folder, replacing
from neuromech._lib.numbers import positive
from neuromech.brain.circuit import Circuit
from neuromech.brain.isolated import Preparation, play
from neuromech.brain.neurons.models import MODELS
from neuromech.evaluation import keyword_kinds as kinds
from neuromech.specs import compose, content
from neuromech.specs.controller import WiredSpec
from neuromech.specs.run import Run

AT_ONCE = 64
"""So many brains are played side by side."""
SETTLE_S, DRIVE_S = 20.0, 2.0
"""How long a brain rests before a neuron is driven, and how long it is driven, s. Brains of graded neurons
drift for more than two seconds after their start."""

MOST = 1e4
"""The most that a current (pA) or a time (s) may be."""
TIMES = 20
"""So often a driven brain is looked at for the order of answers."""
MOVES = 1e-3
"""A response that is smaller than this, in the unit of the model's activity, is none."""


@dataclass(frozen=True)
class Rest:
    """A brain at rest: the activity (neuron,) of its neurons, and the state from which to go on."""

    activity: np.ndarray
    state: Any


@dataclass(frozen=True)
class IsolatedBrain:
    """A brain without a body, and the circuit that it was made of."""

    circuit: Circuit
    preparation: Preparation
    step_s: float
    substeps: int

    @staticmethod
    def of(run: Run, parameters: Mapping[str, Any] | None = None) -> IsolatedBrain:
        """Return the brain of a run, with the perturbations of its wiring that last all the time.

        `parameters` stand in the place of those of parameters.yaml.

        Raises
        ------
        InputError
            The controller has no network of neurons that can be taken out.
        """
        spec = run.controller
        if not isinstance(spec, WiredSpec) or spec.model not in MODELS:
            raise InputError(f"{spec.name} (model {spec.model}) has no network of neurons to drive")
        circuit = Circuit.load(spec, run.perturb, run.seed, parameters)
        whole = Preparation.of_circuit(circuit)
        return IsolatedBrain(circuit, whole, run.clock.control_s, run.clock.brain_substeps)

    @property
    def neurons(self) -> tuple[str, ...]:
        """Names of its neurons."""
        return self.preparation.neurons

    def rested(self, settle_s: float) -> Rest:
        """Return the brain at the end of a rest, from which effects are measured."""
        _, _, state = play([self.preparation], settle_s, self.step_s, self.substeps)
        return Rest(self._activity(state)[0], state)

    def driven(
        self, neurons: Sequence[str], current_pA: float, rest: Rest, drive_s: float
    ) -> Float[np.ndarray, "neuron driven"]:
        """Return how the activity of every neuron (neuron, driven) changes while one of some is driven.

        Every brain goes on from the rest with `current_pA` into its neuron for `drive_s`.
        """
        return self._effects(neurons, partial(self._injected, current_pA), rest, drive_s)[-1]

    def answers(
        self, neurons: Sequence[str], current_pA: float, rest: Rest, drive_s: float
    ) -> tuple[Float[np.ndarray, "neuron driven"], Float[np.ndarray, "neuron driven"]]:
        """Return what `driven` does, and when each neuron has half of its change, s; NaN where it has none.

        Times are known to a twentieth of `drive_s`, and interpolated.
        """
        course = self._effects(neurons, partial(self._injected, current_pA), rest, drive_s, TIMES)
        return course[-1], half_times(course, drive_s)

    def _injected(self, current_pA: float, cell: int) -> Preparation:
        injected = self.preparation.command_pA.copy()
        injected[cell] += np.float32(current_pA)
        return replace(self.preparation, command_pA=injected)

    def ablated(
        self, neurons: Sequence[str], rest: Rest, after_s: float
    ) -> Float[np.ndarray, "neuron ablated"]:
        """Return how the activity of every neuron (neuron, ablated) changes when one of some is taken out."""

        def changed(cell: int) -> Preparation:
            present = self.preparation.present.copy()
            present[cell] = 0.0
            return replace(self.preparation, present=present)

        return self._effects(neurons, changed, rest, after_s)[-1]

    def _effects(
        self,
        neurons: Sequence[str],
        changed: Callable[[int], Preparation],
        rest: Rest,
        duration_s: float,
        times: int = 1,
    ) -> np.ndarray:
        """Return the change of activity (time, neuron, changed) that changing each of some neurons makes."""
        place = {name: k for k, name in enumerate(self.neurons)}
        columns = [np.zeros((times, len(self.neurons), 0), np.float32)]
        for start in range(0, len(neurons), AT_ONCE):
            brains = [changed(place[name]) for name in neurons[start : start + AT_ONCE]]
            # All go on from the one brain at rest.
            many = jax.tree.map(partial(jnp.repeat, repeats=len(brains), axis=0), rest.state)
            course = []
            for _ in range(times):
                _, _, many = play(brains, duration_s / times, self.step_s, self.substeps, many)
                course.append((self._activity(many) - rest.activity).T)
            columns.append(np.stack(course))
        return np.concatenate(columns, axis=2)

    def _activity(self, states: Any) -> np.ndarray:
        return np.asarray(jax.vmap(self.preparation.network.activity)(states))


def half_times(
    course: Float[np.ndarray, "time neuron driven"], drive_s: float
) -> Float[np.ndarray, "neuron driven"]:
    """Return when a change that begins at 0 first has half of its last value, s; NaN where that is 0."""
    last = course[-1]
    share = np.divide(course, last, out=np.zeros_like(course), where=np.abs(last) > MOVES)
    whole = np.concatenate([np.zeros_like(share[:1]), share])
    k = (share >= 0.5).argmax(axis=0)  # the last one is 1 where there is a change
    below, above = (np.take_along_axis(whole, (k + each)[None], axis=0)[0] for each in (0, 1))
    part = np.divide(0.5 - below, above - below, out=np.zeros_like(below), where=above > below)
    found = (k + part) * drive_s / len(course)
    return np.where(np.abs(last) > MOVES, found, np.nan)


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
        The controller has no network of neurons, or a number is none above 0.
    """
    if not isinstance(run, Run):
        raise InputError(f"run must be a run, as run_of returns one, not {run!r:.60}")
    current_pA, settle_s, drive_s = (
        positive(name, value, most=MOST)
        for name, value in (("current_pA", current_pA), ("settle_s", settle_s), ("drive_s", drive_s))
    )
    brain = IsolatedBrain.of(run)
    names, rest = list(brain.neurons), brain.rested(settle_s)
    return xr.Dataset(
        {
            "driven": (("responding", "neuron"), brain.driven(names, current_pA, rest, drive_s)),
            "ablated": (("responding", "neuron"), brain.ablated(names, rest, drive_s)),
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
    config_dirs = kinds.folders("config_dirs", config_dirs)
    for key, value in (("controller", controller), ("experiment", experiment)):
        if value is not None:
            kinds.text(key, value)
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
