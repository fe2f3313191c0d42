"""A nervous system taken out of its body: no senses, no muscles, only wiring and commands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from neuromech._lib.errors import InputError
from neuromech.brain import descending_drive
from neuromech.brain.connectome import Connectome
from neuromech.brain.neurons.base import Neurons
from neuromech.brain.neurons.models import MODELS
from neuromech.brain.shared_parameters import Groups
from neuromech.specs import content
from neuromech.specs.run import Perturb


@dataclass(frozen=True)
class Preparation:
    """One isolated nervous system, or part of one, under one set of commands.

    ``neurons`` are the names of those that are left; ``present`` (neuron,) is 0 for killed ones;
    ``command_pA`` is what the commands at time 0 inject (neuron,).
    """

    controller: str
    neurons: tuple[str, ...]
    network: Neurons
    present: np.ndarray
    command_pA: np.ndarray

    @staticmethod
    def of(
        name: str, values: Mapping[str, Any], ablate: Sequence[str] = (), part: Sequence[str] = ()
    ) -> "Preparation":
        """Take the controller ``name``, with its commands set to ``values`` and some neurons killed.

        ``part`` names the types, classes or neurons that are cut out; nothing else is then left.

        Raises
        ------
        InputError
            There is no such controller, command or neuron.
        """
        spec = content.load("controllers", name, {"commands": dict(values)})
        parameters = content.read_yaml(content.find("controllers", name) / "parameters.yaml")["parameters"]
        connectome = Connectome.load(name)
        groups = Groups(connectome, spec["groups"])
        gone = connectome.resolve(ablate)
        present = np.ones(len(connectome.neurons), np.float32)
        present[gone] = 0.0
        network = MODELS[spec["model"]].network(groups, parameters, spec, Perturb(), gone)
        current = np.zeros(len(present), np.float32)
        for command in descending_drive.build(spec, groups, parameters):
            current[command.cells] += command.current_pA(0.0).astype(np.float32)
        kept = np.sort(connectome.resolve(part)) if part else np.arange(len(present))

        def cut(leaf: Any) -> Any:
            return leaf if not leaf.ndim else leaf[np.ix_(*[kept] * leaf.ndim)]

        names = tuple(connectome.neurons[k] for k in kept)
        return Preparation(name, names, jax.tree.map(cut, network), present[kept], current[kept])


def play(
    preparations: Sequence[Preparation],
    duration_s: float,
    every_s: float = 0.001,
    substeps: int = 2,
    state: Any = None,
) -> tuple[np.ndarray, np.ndarray, Any]:
    """Play preparations of one controller side by side under constant commands, from rest or from ``state``.

    Returns times (s), outputs (preparation, time, neuron), sampled every ``every_s``, and the state at the
    end.

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
    if state is None:
        state = jax.vmap(lambda _: first.network.init())(injected)
    played = _played(first.network, state, injected, present, count, 1e3 * every_s / substeps, substeps)
    return np.arange(1, count + 1) * every_s, np.asarray(played[1]), played[0]


@partial(jax.jit, static_argnums=(4, 5, 6))
def _played(
    network: Neurons, state: Any, injected: Any, present: Any, count: int, step_ms: float, substeps: int
) -> Any:
    def one(begun: Any, current: Any, alive: Any) -> Any:
        def step(before: Any, _: None) -> Any:
            after = network.step(before, current, alive, step_ms, substeps)
            return after, network.output(after)

        return jax.lax.scan(step, begun, None, length=count)

    return jax.vmap(one)(state, injected, present)
