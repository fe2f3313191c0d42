"""The controller model `policy`: what training left, run in numpy, without torch.

A folder of this model was written by `neuromech train`; `learner` in its controller.yaml says what was
trained:

- `muscles`: a network from senses to muscle excitations; there are no neurons.
- `descending`: a network from senses, and neurons it listens to, to currents in the named command neurons of
  the controller `under` it, whose wiring and parameters are unchanged.
- `parameters`: class-shared parameters of the controller `under` it; its wiring and signs are unchanged.

The network and the running means that normalise what it observes are plain arrays in policy.npz.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.state import Stateful
from neuromech._lib.types import Observation
from neuromech.controllers import connectome
from neuromech.controllers.connectome import ConnectomeController
from neuromech.controllers.descending_port import DescendingPort
from neuromech.controllers.policy_network import Network
from neuromech.controllers.policy_plan import OF_CONTROLLERS, PolicyPlan
from neuromech.specs import content
from neuromech.specs.controller import PolicySpec
from neuromech.specs.perturb import Perturb
from neuromech.specs.run import Run
from neuromech.world.body import Body

FILE = "policy.npz"
"""Where a folder of this model keeps its network."""
_NOTHING = np.zeros(0, np.float32)


class MusclePolicy(Stateful):
    """A network from senses to muscles, deciding every `period_s`.

    Parameters
    ----------
    spec : what it observes and does.
    network : from features to actions in [-1, 1].
    control_s : control period, s.
    """

    activity_unit = "1"
    state_names = ("_history", "_periods", "_excitation")

    def __init__(self, spec: PolicyPlan, network: Network, control_s: float) -> None:
        self.neuron_names: tuple[str, ...] = ()
        self.neuron_groups: Mapping[str, tuple[str, ...]] = {}
        self.traces: tuple[str, ...] = ()
        self._spec, self._network, self._history = spec, network, spec.history()
        self._every = spec.periods_per_decision(control_s)
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Forget the last episode; nothing is random."""
        self._history.reset()
        self._periods, self._excitation = 0, _NOTHING

    def act(self, observation: Observation) -> np.ndarray:
        """Return the muscle excitations for the next control period, float32 (muscle,)."""
        if self._periods % self._every == 0:
            action = self._network.act(self._history.add(observation))
            self._excitation = self._spec.excitations(action)
        self._periods += 1
        return self._excitation

    @property
    def activity(self) -> np.ndarray:
        """Nothing: there are no neurons."""
        return _NOTHING


class DescendingPolicy(Stateful):
    """A network that passes currents into the neurons of a controller, deciding every `period_s`.

    Parameters
    ----------
    spec : what it observes and does.
    network : from features to actions in [-1, 1].
    controller : whose neurons they are.
    control_s : control period, s.
    """

    state_names = ("controller", "_history", "_periods")

    def __init__(
        self, spec: PolicyPlan, network: Network, controller: ConnectomeController, control_s: float
    ) -> None:
        self.controller = controller
        self.neuron_names, self.neuron_groups = controller.neuron_names, controller.neuron_groups
        self.traces, self.activity_unit = controller.traces, controller.activity_unit
        self.notes, self.connectome_name = controller.notes, controller.connectome_name
        self._port = DescendingPort(controller, spec.commands or {}, spec.neurons)
        self._network, self._history = network, spec.history()
        self._every = spec.periods_per_decision(control_s)
        self._periods = 0

    def reset(self, seed: int) -> None:
        """Put every neuron at rest and forget the last episode."""
        self.controller.reset(seed)
        self._history.reset()
        self._periods = 0

    def act(self, observation: Observation) -> np.ndarray:
        """Return the muscle excitations for the next control period, float32 (muscle,)."""
        if self._periods % self._every == 0:
            self._port.send(self._network.act(self._history.add(observation, self._port.hear())))
        self._periods += 1
        return self.controller.act(observation)

    @property
    def activity(self) -> np.ndarray:
        """That of the controller's neurons, (neuron,)."""
        return self.controller.activity


def plan(spec: PolicySpec, body: Body, told: Sequence[str] = ()) -> PolicyPlan:
    """Return what a network that was exported observes and does, in a world that tells it what is `told`.

    Raises
    ------
    InputError
        It does not say how often the network decides, or a sense is not the body's.
    """
    if spec.period_s is None:
        raise InputError(f"controller.yaml of {spec.name}: period_s is missing")
    return PolicyPlan.of(
        body,
        spec.period_s,
        spec.senses,
        spec.lags_s,
        spec.neurons,
        spec.commands,
        spec.strength,
        spec.synergies,
        told,
    )


def build(
    run: Run, body: Body, parameters: Mapping[str, Any] | None = None
) -> MusclePolicy | DescendingPolicy | ConnectomeController:
    """Build the controller of a run whose controller.yaml says `model: policy`.

    Raises
    ------
    InputError
        The policy is for another body, its files do not fit, or a perturbation needs neurons it lacks.
    """
    spec = run.controller
    assert isinstance(spec, PolicySpec)
    if spec.body != body.name:
        raise InputError(f"{spec.name} was trained on body={spec.body}, not on {body.name}")
    if spec.learner in OF_CONTROLLERS:
        chosen = parameters or content.read_yaml(spec.folder / "parameters.yaml")["parameters"]
        return connectome.build(content.under(spec), body, run.clock, run.perturb, run.seed, chosen)
    policy = plan(spec, body, run.environment.told)
    network = Network.load(spec.folder / FILE, spec.squash)
    if policy.commands is None and run.perturb != Perturb():
        raise InputError(f"{spec.name} moves muscles without neurons: there is nothing to perturb")
    actions = policy.actions(body)
    if network.shape[1] != actions:
        raise InputError(f"{spec.name}: its network has {network.shape[1]} actions, not {actions}")
    if policy.commands is None:
        return MusclePolicy(policy, network, run.clock.control_s)
    controller = connectome.build(content.under(spec), body, run.clock, run.perturb, run.seed)
    return DescendingPolicy(policy, network, controller, run.clock.control_s)
