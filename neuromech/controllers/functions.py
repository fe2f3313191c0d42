"""A brain of one's own: two pure JAX functions, or an object with `reset` and `act`."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pickle import PicklingError, dumps
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from neuromech._lib import state as states
from neuromech._lib.errors import InputError
from neuromech._lib.types import Observation
from neuromech.controllers.base import Controller
from neuromech.senses.animal import Animal
from neuromech.world.body import Body

Init = Callable[[jax.Array, Body], Any]
Step = Callable[[Any, Mapping[str, jax.Array]], tuple[Any, ...]]
_NOTHING = np.zeros(0, np.float32)
_ADVICE = "give it save_state and restore_state, or derive it from neuromech.Stateful and set state_names"


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

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle holds; raises `InputError` for functions that nobody else can import."""
        for name in ("init", "step"):
            _check_pickle(getattr(self, name), name)
        return dict(vars(self))

    def __deepcopy__(self, memo: Any) -> Functions:
        """Return itself: it never changes."""
        return self


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

    It can be copied, and pickled where its functions can be: such as stand at the top level of a module.

    Raises
    ------
    InputError
        `step` does not return a state like the one it was given and one excitation for every muscle, or the
        names given to neurons are not as many as there are activities.
    """

    neuron_groups: Mapping[str, tuple[str, ...]]
    traces: tuple[str, ...] = ()

    def __init__(self, given: Functions, animal: Animal) -> None:
        self._given, self._body = given, (body := animal.world.body)
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
        self._after = returned[0]
        self._begun = False
        # Compiled here and not by the first act, when a recording is open already.
        self._step.lower(self._state, seen).compile()

    def _init(self, seed: int) -> Any:
        return self._given.init(jax.random.key(seed), self._body)

    def reset(self, seed: int) -> None:
        """Return to the initial state; the same seed gives the same bits."""
        self._state, self._begun = self._init(seed), False
        self._activity = np.zeros(len(self.neuron_names), np.float32)

    def act(self, observation: Observation) -> np.ndarray:
        """Return the muscle excitations for the next control period, float32 (muscle,)."""
        self._state, excitation, *activity = self._step(self._state, observation)
        self._begun = True
        if activity:
            self._activity = np.asarray(activity[0], np.float32)
        return np.asarray(excitation, np.float32)

    @property
    def activity(self) -> np.ndarray:
        """The activity that the last `step` returned, float32 (neuron,)."""
        return self._activity

    def save_state(self) -> dict[str, Any]:
        """Return the leaves of the state, the activity and whether `step` was called, as plain values."""
        return {
            "begun": self._begun,
            "activity": self._activity.copy(),
            "leaves": [states.freeze(leaf, "the state") for leaf in self._leaves(self._state)],
        }

    def restore_state(self, state: Any) -> None:
        """Go on from what `save_state` of a controller of the same functions and body returned.

        Raises
        ------
        InputError
            The state is that of something else.
        """
        given = states.names(state, ("begun", "activity", "leaves"), "your functions' controller")
        begun = states.thaw(self._begun, given["begun"], "begun")
        activity = states.thaw(self._activity, given["activity"], "activity")
        like = self._leaves(self._init(0))
        if begun:  # the first step may turn whole numbers into real ones
            after = zip(like, jax.tree.leaves(self._after), strict=True)
            like = [
                now if now.dtype == then.dtype else jnp.zeros(then.shape, then.dtype) for now, then in after
            ]
        leaves = states.thaw(like, given["leaves"], "the state")
        self._state = jax.tree.unflatten(jax.tree.structure(self._after), leaves)
        self._begun, self._activity = begun, activity

    @staticmethod
    def _leaves(state: Any) -> list[jax.Array]:
        return [jnp.asarray(leaf) for leaf in jax.tree.leaves(state)]

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy takes on: all but what was compiled, which it compiles for itself."""
        return {**vars(self), "_step": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _step=jax.jit(state["_given"].step))


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

    Other attributes of `neuromech.controllers.base.Controller` are used if it has them, and empty if not. Its
    state is what its `save_state` and `restore_state` say or, if it has none, all of its attributes; these
    must then be plain values, and all be there after `reset`. It can be copied and pickled where the object
    can be.

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
        self._given, self._begun = given, False
        self.neuron_names: tuple[str, ...] = tuple(getattr(given, "neuron_names", ()))
        self.neuron_groups: Mapping[str, tuple[str, ...]] = dict(getattr(given, "neuron_groups", {}))
        self.traces: tuple[str, ...] = tuple(getattr(given, "traces", ()))
        self.activity_unit = str(getattr(given, "activity_unit", "1"))

    def reset(self, seed: int) -> None:
        """Return to the initial state."""
        self._given.reset(seed)
        self._begun = True

    def act(self, observation: Observation) -> np.ndarray:
        """Return the muscle excitations for the next control period, float32 (muscle,)."""
        return np.asarray(self._given.act(observation), np.float32)

    @property
    def activity(self) -> np.ndarray:
        """The activity that the object tells, float32 (neuron,)."""
        return np.asarray(getattr(self._given, "activity", _NOTHING), np.float32)

    def save_state(self) -> dict[str, Any]:
        """Return the state of the object, as plain values.

        Raises
        ------
        InputError
            It has no `save_state` and `restore_state`, and an attribute is not made of plain values.
        """
        self._begin()
        if states.has_state(self._given):
            return {"given": self._given.save_state()}
        kind, own = type(self._given).__name__, getattr(self._given, "__dict__", None)
        if own is None:
            raise InputError(f"{kind} cannot save its state: {_ADVICE}")
        try:
            return {"given": {name: states.freeze(value, f"{kind}.{name}") for name, value in own.items()}}
        except InputError as error:
            raise InputError(f"{error}; {_ADVICE}") from None

    def restore_state(self, state: Any) -> None:
        """Let the object go on from what `save_state` of one like it returned.

        Raises
        ------
        InputError
            The state is that of something else.
        """
        saved = states.names(state, ("given",), "your controller")["given"]
        self._begin()
        if states.has_state(self._given):
            self._given.restore_state(saved)
            return
        kind, own = type(self._given).__name__, vars(self._given)
        given = states.names(saved, tuple(own), kind)
        fresh = {name: states.thaw(own[name], value, f"{kind}.{name}") for name, value in given.items()}
        own.update(fresh)

    def _begin(self) -> None:
        """Let the object make, in its first `reset`, all that it remembers."""
        if not self._begun:
            self.reset(0)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle holds; raises `InputError` where the object cannot be pickled."""
        _check_pickle(self._given, "the controller")
        return dict(vars(self))

    def __deepcopy__(self, memo: Any) -> Adapted:
        """Return one with a copy of the object; raises `InputError` where that cannot be copied."""
        try:
            given = copy.deepcopy(self._given, memo)
        except (TypeError, AttributeError, PicklingError, RecursionError) as error:
            kind = type(self._given).__name__
            raise InputError(f"{kind} cannot be copied: {str(error).splitlines()[0]}") from None
        twin = Adapted.__new__(Adapted)
        vars(twin).update(vars(self), _given=given)
        return twin


def _check_pickle(given: Any, name: str) -> None:
    try:
        dumps(given)
    except (TypeError, AttributeError, PicklingError, RecursionError, ValueError) as error:
        raise InputError(
            f"{name} cannot be pickled, define it at the top level of a module and not as a lambda or inside "
            f"a function: {str(error).splitlines()[0]}"
        ) from None


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
