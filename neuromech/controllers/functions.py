"""A brain of one's own: two pure JAX functions, or an object with `reset` and `act`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from neuromech._lib.errors import InputError
from neuromech._lib.types import Observation
from neuromech.controllers.base import Controller
from neuromech.senses.animal import Animal
from neuromech.world.body import Body

Init = Callable[[jax.Array, Body], Any]
Step = Callable[[Any, Mapping[str, jax.Array]], tuple[Any, ...]]
_NOTHING = np.zeros(0, np.float32)


@dataclass(frozen=True)
class Functions:
    """What `functions` returns; `Experiment.controller` takes it."""

    init: Init
    step: Step
    neurons: tuple[str, ...]
    activity_unit: str

    def build(self, animal: Animal) -> FunctionsController:
        """Return the controller of an animal, with `step` compiled for its senses and muscles."""
        return FunctionsController(self, animal)


def functions(
    init: Init, step: Step, neurons: Sequence[str] = (), activity_unit: str = "1"
) -> Functions:  # fmt: skip
    """Make a brain of two pure JAX functions, to stand where an experiment has its controller.

    Parameters
    ----------
    init : `init(key, body) -> state`; `key` is a JAX random key drawn from the episode's seed, `body` names
        muscles, senses and landmarks, `state` is any pytree of arrays.
    step : `step(state, observation) -> (state, excitation)`, once per control period. `observation` holds one
        float32 array (channel,) per sense, in the sense's unit; `excitation` is (muscle,) in body.yaml's
        order, clipped to [0, 1]. A third output (neuron,) is recorded as the activity of neurons.
    neurons : names of the neurons whose activity `step` returns; numbered if left out.
    activity_unit : unit of that activity, such as "mV" or "Hz".

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> import neuromech as nm
    >>> def init(key, body):
    ...     return {"phase": jnp.zeros(())}
    >>> def step(state, observation):
    ...     phase = state["phase"] + 0.05
    ...     return {"phase": phase}, 0.5 + 0.3 * jnp.sin(phase - jnp.arange(95) / 4)
    >>> experiment = nm.Experiment.load("worm_crawl", duration_s=1.0)
    >>> experiment.controller = nm.functions(init, step)
    """
    return Functions(init, step, tuple(neurons), activity_unit)


class FunctionsController:
    """Two pure functions in the loop, compiled once for a body.

    Raises
    ------
    InputError
        `step` does not return a state like the one it was given and one excitation for every muscle, or the
        names given to neurons are not as many as there are activities.
    """

    neuron_groups: Mapping[str, tuple[str, ...]]
    traces: tuple[str, ...] = ()

    def __init__(self, given: Functions, animal: Animal) -> None:
        body = animal.world.body
        self._init = lambda seed: given.init(jax.random.key(seed), body)
        self._step = jax.jit(given.step)
        self._state = self._init(0)
        seen = {
            name: jax.ShapeDtypeStruct((len(sense.channels),), np.float32)
            for name, sense in animal.senses.items()
        }
        returned = jax.eval_shape(given.step, self._state, seen)
        count = _checked(returned, self._state, body)
        if given.neurons and len(given.neurons) != count:
            raise InputError(f"step returns the activity of {count} neurons, but {len(given.neurons)} names")
        self.neuron_names = given.neurons or tuple(f"neuron_{k:03d}" for k in range(count))
        self.neuron_groups = {"neurons": self.neuron_names} if count else {}
        self.activity_unit = given.activity_unit
        self._activity = np.zeros(count, np.float32)
        # Compiled here and not by the first act, when a recording is open already.
        self._step.lower(self._state, seen).compile()

    def reset(self, seed: int) -> None:
        """Return to the initial state; the same seed gives the same bits."""
        self._state = self._init(seed)
        self._activity = np.zeros(len(self.neuron_names), np.float32)

    def act(self, observation: Observation) -> np.ndarray:
        """Return the muscle excitations for the next control period, float32 (muscle,)."""
        self._state, excitation, *activity = self._step(self._state, observation)
        if activity:
            self._activity = np.asarray(activity[0], np.float32)
        return np.asarray(excitation, np.float32)

    @property
    def activity(self) -> np.ndarray:
        """The activity that the last `step` returned, float32 (neuron,)."""
        return self._activity


def _checked(returned: Any, state: Any, body: Body) -> int:
    """Return how many neurons tell their activity."""
    if not isinstance(returned, tuple) or len(returned) not in (2, 3):
        raise InputError("step must return (state, excitation) or (state, excitation, activity)")
    after, excitation, *activity = returned
    before = jax.eval_shape(lambda: jax.tree.map(jnp.asarray, state))
    same = jax.tree.structure(after) == jax.tree.structure(before) and all(
        one.shape == other.shape
        for one, other in zip(jax.tree.leaves(after), jax.tree.leaves(before), strict=True)
    )
    if not same:
        raise InputError(f"step must return a state like that of init, {before}, not {after}")
    if getattr(excitation, "shape", None) != (len(body.muscles),):
        shape = getattr(excitation, "shape", type(excitation).__name__)
        raise InputError(
            f"step must return one excitation for each of {len(body.muscles)} muscles, not {shape}"
        )
    if not activity:
        return 0
    if len(getattr(activity[0], "shape", ())) != 1:
        raise InputError("the activity that step returns must be one array (neuron,)")
    return activity[0].shape[0]


class Adapted:
    """An object with `reset(seed)` and `act(observation)` as a controller.

    Other attributes of `neuromech.controllers.base.Controller` are used if it has them, and empty if not.

    Raises
    ------
    InputError
        The object lacks `reset` or `act`.
    """

    def __init__(self, given: Any) -> None:
        for name in ("reset", "act"):
            if not callable(getattr(given, name, None)):
                raise InputError(
                    f"it needs reset(seed) and act(observation): {type(given).__name__} has no {name}"
                )
        self._given = given
        self.neuron_names: tuple[str, ...] = tuple(getattr(given, "neuron_names", ()))
        self.neuron_groups: Mapping[str, tuple[str, ...]] = dict(getattr(given, "neuron_groups", {}))
        self.traces: tuple[str, ...] = tuple(getattr(given, "traces", ()))
        self.activity_unit = str(getattr(given, "activity_unit", "1"))

    def reset(self, seed: int) -> None:
        """Return to the initial state."""
        self._given.reset(seed)

    def act(self, observation: Observation) -> np.ndarray:
        """Return the muscle excitations for the next control period, float32 (muscle,)."""
        return np.asarray(self._given.act(observation), np.float32)

    @property
    def activity(self) -> np.ndarray:
        """The activity that the object tells, float32 (neuron,)."""
        return np.asarray(getattr(self._given, "activity", _NOTHING), np.float32)


def adapt(given: Any, animal: Animal) -> Controller:
    """Return what a user puts in the place of a controller as one: functions, a controller, or an object.

    Raises
    ------
    InputError
        It is none of these, or does not fit the animal.
    """
    if isinstance(given, Functions):
        return given.build(animal)
    if isinstance(given, type):
        raise InputError(
            f"the controller must be an object, not the class {given.__name__}: write {given.__name__}()"
        )
    return given if isinstance(given, Controller) else Adapted(given)
