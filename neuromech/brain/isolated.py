"""A nervous system taken out of its body: no senses, no muscles, only wiring and descending drive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from neuromech._lib.errors import InputError
from neuromech.brain import descending_drive, extrasynaptic
from neuromech.brain.circuit import Circuit
from neuromech.brain.neurons import models
from neuromech.brain.neurons.base import Neurons
from neuromech.brain.shared_parameters import check_parameters
from neuromech.specs import content
from neuromech.specs.controller import CommandingSpec, WiredSpec
from neuromech.specs.perturb import Perturb


@dataclass(frozen=True)
class Preparation:
    """One isolated nervous system, or part of one, under one constant drive.

    Parameters
    ----------
    controller : name of the controller that it was taken from.
    neurons : names of those that are left.
    network : of these neurons.
    present : (neuron,) 1, or 0 for ablated ones.
    command_pA : (neuron,) the current that commands and electrodes inject.
    """

    controller: str
    neurons: tuple[str, ...]
    network: Neurons
    present: np.ndarray
    command_pA: np.ndarray

    @staticmethod
    def of(
        name: str,
        values: Mapping[str, Any] | None = None,
        ablate: Sequence[str] = (),
        part: Sequence[str] = (),
        inject_pA: Mapping[str, float] | None = None,
        config_dirs: Sequence[Path] = (),
    ) -> Preparation:
        """Take a controller's nervous system out of its body.

        Parameters
        ----------
        name : of a controller of neurons on a connectome.
        values : of its `commands`, by name; those of controller.yaml otherwise, at time 0.
        ablate : names of neurons, classes or types that are killed.
        part : names of the types, classes or neurons that are cut out, silencing all others; all if empty.
        inject_pA : constant current into neurons, by the name of a neuron, class or type.
        config_dirs : directories of one's own configurations; controllers are looked for beside them first.

        Raises
        ------
        InputError
            There is no such controller, command or neuron, or its neurons are not of a model that can be
            taken out.
        """
        overrides = {"commands": dict(values)} if values else None
        spec = content.load("controllers", name, overrides, config_dirs)
        if not isinstance(spec, WiredSpec) or spec.model not in models.MODELS:
            above = isinstance(spec, CommandingSpec) and spec.under
            under = f"; take {above}, which it stands over" if above else ""
            raise InputError(
                f"{name} (model {spec.model}) has no network of neurons to take out of the body{under}"
            )
        circuit = Circuit.load(spec, Perturb(ablate=tuple(ablate)))
        read = [*models.of(spec).sections, *descending_drive.sections(spec)]
        needed = {key: each for key, each in circuit.parameters.items() if key in read}
        check_parameters(needed, read, {})
        whole, resolve = Preparation.of_circuit(circuit), circuit.connectome.resolve
        current = whole.command_pA.copy()
        for where, value in (inject_pA or {}).items():
            current[resolve(where)] += np.float32(value)
        whole = replace(whole, controller=name, command_pA=current)
        return whole.part(np.sort(resolve(part))) if part else whole

    @staticmethod
    def of_circuit(circuit: Circuit) -> Preparation:
        """Take all neurons of a circuit, with its commands as they are at time 0."""
        current = descending_drive.at_start_pA(circuit)
        model = models.of(circuit.spec)
        extrasynaptic.refuse(circuit.perturb, circuit.spec.name, model.sections)
        network = model.from_circuit(circuit)
        neurons = tuple(circuit.connectome.neurons)
        return Preparation(circuit.spec.name, neurons, network, circuit.present, current)

    def part(self, cells: np.ndarray) -> Preparation:
        """Return the neurons `cells` (neuron,) cut out, which silences all others."""
        neurons = tuple(self.neurons[k] for k in cells)
        network = self.network.part(cells)
        return Preparation(self.controller, neurons, network, self.present[cells], self.command_pA[cells])


def play(
    preparations: Sequence[Preparation],
    duration_s: float,
    every_s: float = 0.001,
    substeps: int = 2,
    state: Any = None,
) -> tuple[np.ndarray, np.ndarray, Any]:
    """Play preparations of one controller side by side under constant drive, from rest or from `state`.

    Returns
    -------
    times_s : (time,) every `every_s`.
    outputs : (preparation, time, neuron) at these times.
    state : at the end, from which another call goes on.

    Raises
    ------
    InputError
        They are not of the same controller.
    """
    first = preparations[0]
    if any((each.controller, each.neurons) != (first.controller, first.neurons) for each in preparations):
        raise InputError("preparations that are played side by side must be the same part of one controller")
    injected = jnp.asarray([each.command_pA for each in preparations])
    present = jnp.asarray([each.present for each in preparations])
    count = round(duration_s / every_s)
    network, axis = _side_by_side([each.network for each in preparations])
    if state is None:
        state = jax.vmap(lambda own, _: own.init(), (axis, 0))(network, injected)
    step_ms = 1e3 * every_s / substeps
    state, outputs = _played(network, state, injected, present, axis, count, step_ms, substeps)
    return np.arange(1, count + 1) * every_s, np.asarray(outputs), state


def _side_by_side(networks: Sequence[Neurons]) -> tuple[Neurons, int | None]:
    """Return one network for all and None, or all of them stacked and the axis along which they are."""
    leaves = [jax.tree.leaves(each) for each in networks]
    if all(np.array_equal(*pair) for each in leaves[1:] for pair in zip(leaves[0], each, strict=True)):
        return networks[0], None
    return jax.tree.map(lambda *parts: jnp.stack(parts), *networks), 0


@partial(jax.jit, static_argnums=(4, 5, 6, 7))
def _played(
    network: Neurons,
    state: Any,
    injected: Any,
    present: Any,
    axis: int | None,
    count: int,
    step_ms: float,
    substeps: int,
) -> Any:
    def one(own: Neurons, begun: Any, current: Any, alive: Any) -> Any:
        def step(before: Any, _: None) -> Any:
            after = own.step(before, current, alive, step_ms, substeps)
            return after, own.output(after)

        return jax.lax.scan(step, begun, None, length=count)

    return jax.vmap(one, (axis, 0, 0, 0))(network, state, injected, present)
