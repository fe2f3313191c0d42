"""The model ``policy``: what training left, run in numpy, without torch.

A folder of this model was written by ``neuromech train``; ``learner`` in its controller.yaml says what was
trained:

``muscles``     a network from senses to muscle excitations; there are no neurons.
``descending``  a network from senses, and neurons it listens to, to currents in the named command neurons of
                the controller ``under`` it, whose wiring and parameters are unchanged.
``parameters``  class-shared parameters of the controller ``under`` it; its wiring and signs are unchanged.

The network and the running means that normalise what it sees are plain arrays in policy.npz.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.types import Observation
from neuromech.controllers.connectome import ConnectomeController
from neuromech.controllers.policy_network import Network
from neuromech.specs import content
from neuromech.specs.run import Clock, Perturb, Run
from neuromech.world.body import Body

LEARNERS = ("muscles", "descending", "parameters")
FILE = "policy.npz"
_NOTHING = np.zeros(0, np.float32)


@dataclass(frozen=True)
class Command:
    """Neurons that get the same current: up to ``current_pA`` either way."""

    neurons: tuple[str, ...]
    current_pA: float


@dataclass(frozen=True)
class Plan:
    """What a policy sees and does, and how often.

    It decides every ``period_s``, on the channels of ``senses`` in that order, then on the activity of
    ``neurons``, then on the same as they were ``lags_s`` ago. Without ``commands`` it acts on the muscles,
    and ``strength`` is the most that it excites them.
    """

    period_s: float
    senses: tuple[str, ...]
    lags_s: tuple[float, ...] = ()
    neurons: tuple[str, ...] = ()
    commands: Mapping[str, Command] | None = None
    strength: float = 1.0

    @staticmethod
    def of(spec: Mapping[str, Any], body: Body) -> "Plan":
        """Read a plan from controller.yaml or a task, checked against the body.

        Raises
        ------
        InputError
            A sense is not the body's, or a number makes no sense.
        """
        period, senses = spec["period_s"], [str(name) for name in spec["senses"]]
        if not _above_zero(period):
            raise InputError(f"period_s must be a number above 0, not {period!r}")
        for name in senses:
            if name not in body.spec.senses:
                raise unknown("sense of a policy", name, body.spec.senses)
        for lag in spec.get("lags_s") or ():
            if not _above_zero(lag):
                raise InputError(f"lags_s must be numbers above 0, not {lag!r}")
        strength = spec.get("strength", 1.0)
        if not _above_zero(strength) or strength > 1:
            raise InputError(f"strength must be a number above 0 and at most 1, not {strength!r}")
        commands = None
        if spec.get("commands"):
            commands = {str(name): _command(str(name), each) for name, each in spec["commands"].items()}
        return Plan(
            float(period),
            tuple(senses),
            tuple(float(lag) for lag in spec.get("lags_s") or ()),
            tuple(str(name) for name in spec.get("neurons") or ()),
            commands,
            float(strength),
        )

    def repeat(self, control_s: float) -> int:
        """Control periods per decision.

        Raises
        ------
        InputError
            The decision period is no multiple of the control period.
        """
        return _multiple("period_s", self.period_s, control_s)


class Gaze:
    """What a policy sees at each decision: a flat float32 vector, the past included.

    Before an episode is old enough for a lag, its first moment stands in.
    """

    def __init__(self, plan: Plan) -> None:
        self._senses = plan.senses
        self._lags = [_multiple("lags_s", lag, plan.period_s) for lag in plan.lags_s]
        self._past: list[np.ndarray] = []

    def reset(self) -> None:
        """Forget the last episode."""
        self._past = []

    def see(self, observation: Observation, activity: np.ndarray = _NOTHING) -> np.ndarray:
        """Return what is seen at this decision, (feature,)."""
        now = np.concatenate([*(observation[name] for name in self._senses), activity]).astype(np.float32)
        if not self._lags:
            return now
        self._past = [*self._past[-max(self._lags) :], now]
        return np.concatenate([now, *(self._past[max(0, len(self._past) - 1 - lag)] for lag in self._lags)])


def excite(action: np.ndarray, strength: float) -> np.ndarray:
    """Return the muscle excitations of actions in [-1, 1]: 0 is half of ``strength``."""
    return (strength * (0.5 + 0.5 * action)).astype(np.float32)


class Driven(ConnectomeController):
    """A neural controller into whose command neurons somebody passes currents.

    Its wiring, parameters, noise and perturbations are those of the controller ``under`` it.
    """

    def __init__(
        self,
        spec: Mapping[str, Any],
        body: Body,
        clock: Clock,
        perturb: Perturb,
        seed: int,
        commands: Mapping[str, Command],
        listened: Sequence[str] = (),
    ) -> None:
        self._commanded: np.ndarray | None = None
        super().__init__(spec, body, clock, perturb, seed)
        size = len(self.neuron_names)
        self._currents = np.zeros((size, len(commands)), np.float32)
        for column, command in enumerate(commands.values()):
            self._currents[self.connectome.resolve(command.neurons), column] = command.current_pA
        self._listened = self.connectome.resolve(listened)

    def reset(self, seed: int) -> None:
        """Every neuron at rest, no current."""
        super().reset(seed)
        self._commanded = None

    def command(self, action: np.ndarray) -> None:
        """From now on pass ``action`` (command,) in [-1, 1] times each command's current."""
        self._commanded = self._currents @ action

    def heard(self) -> np.ndarray:
        """Return the activity of the neurons that are listened to, (neuron,)."""
        return self.activity[self._listened]

    def _injected(self, t_s: float) -> np.ndarray:
        injected = super()._injected(t_s)
        return injected if self._commanded is None else injected + self._commanded


class MusclePolicy:
    """A network from senses to muscles, deciding every ``period_s``."""

    activity_unit = "1"

    def __init__(self, plan: Plan, network: Network, control_s: float) -> None:
        self.neuron_names: tuple[str, ...] = ()
        self.neuron_groups: Mapping[str, tuple[str, ...]] = {}
        self.traces: tuple[str, ...] = ()
        self._gaze, self._network, self._repeat = Gaze(plan), network, plan.repeat(control_s)
        self._strength = plan.strength
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Forget the last episode; nothing is random."""
        self._gaze.reset()
        self._periods, self._excitation = 0, _NOTHING

    def act(self, observation: Observation) -> np.ndarray:
        """Muscle excitations for the next control period, float32 (muscle,)."""
        if self._periods % self._repeat == 0:
            self._excitation = excite(self._network.act(self._gaze.see(observation)), self._strength)
        self._periods += 1
        return self._excitation

    @property
    def activity(self) -> np.ndarray:
        """Nothing: there are no neurons."""
        return _NOTHING


class DescendingPolicy(Driven):
    """A network that commands the controller beneath it, deciding every ``period_s``."""

    def __init__(self, plan: Plan, network: Network, run: Run, under: Mapping[str, Any], body: Body) -> None:
        self._gaze, self._repeat = Gaze(plan), plan.repeat(run.clock.control_s)
        self._network, self._count = network, 0
        super().__init__(under, body, run.clock, run.perturb, run.seed, plan.commands or {}, plan.neurons)

    def reset(self, seed: int) -> None:
        """Every neuron at rest, the last episode forgotten."""
        super().reset(seed)
        self._gaze.reset()
        self._count = 0

    def act(self, observation: Observation) -> np.ndarray:
        """Muscle excitations for the next control period, float32 (muscle,)."""
        if self._count % self._repeat == 0:
            self.command(self._network.act(self._gaze.see(observation, self.heard())))
        self._count += 1
        return super().act(observation)


def build(
    run: Run, body: Body, parameters: Mapping[str, Any] | None = None
) -> "MusclePolicy | DescendingPolicy | ConnectomeController":
    """Build the controller of a run whose controller.yaml says ``model: policy``.

    Raises
    ------
    InputError
        The policy is for another body, its files do not fit, or a perturbation needs neurons it lacks.
    """
    spec = run.controller
    learner, folder = str(spec["learner"]), Path(spec["folder"])
    if learner not in LEARNERS:
        raise unknown("learner", learner, LEARNERS)
    if spec["body"] != body.name:
        raise InputError(f"{spec['name']} was trained on body={spec['body']}, not on {body.name}")
    if learner == "parameters":
        chosen = parameters or content.read_yaml(folder / "parameters.yaml")["parameters"]
        return ConnectomeController(content.under(spec), body, run.clock, run.perturb, run.seed, chosen)
    plan, network = Plan.of(spec, body), Network.load(folder / FILE, str(spec["squash"]))
    if plan.commands is None and run.perturb != Perturb():
        raise InputError(f"{spec['name']} moves muscles without neurons: there is nothing to perturb")
    actions = len(body.muscles if plan.commands is None else plan.commands)
    if network.shape[1] != actions:
        raise InputError(f"{spec['name']}: its network has {network.shape[1]} actions, not {actions}")
    if plan.commands is None:
        return MusclePolicy(plan, network, run.clock.control_s)
    return DescendingPolicy(plan, network, run, content.under(spec), body)


def _command(name: str, spec: Mapping[str, Any]) -> Command:
    for key in ("neurons", "current_pA"):
        if key not in spec:
            raise InputError(f"commands.{name} needs {key}")
    if not _above_zero(spec["current_pA"]):
        raise InputError(f"commands.{name}.current_pA must be a number above 0, not {spec['current_pA']!r}")
    return Command(tuple(str(each) for each in spec["neurons"]), float(spec["current_pA"]))


def _above_zero(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < np.inf


def _multiple(name: str, long_s: float, short_s: float) -> int:
    ratio = long_s / short_s
    if round(ratio) < 1 or abs(ratio - round(ratio)) > 1e-6 * ratio:
        raise InputError(f"{name}={long_s:g} must be a multiple of {short_s:g} s")
    return round(ratio)
