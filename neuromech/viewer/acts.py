"""What somebody does to a running animal: each act is a change of the run's own keys, from its time on.

An act turns a run into the run that would have had it from the beginning: a window of `perturb`, a `touch` or
`change` of the environment, a step in a ramp of the controller. That is why a saved run repeats it to the
last bit. What cannot begin in the middle of an episode, such as a shuffle, begins the episode again.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from annotated_types import MaxLen, MinLen

from neuromech._lib.errors import InputError, unknown
from neuromech.brain import descending_drive
from neuromech.specs import content
from neuromech.specs.checking import check, strict
from neuromech.specs.controller import WiredSpec
from neuromech.specs.environment import Change, Touch
from neuromech.specs.perturb import Pathway, Window
from neuromech.specs.run import Run
from neuromech.specs.values import Name, Neurons, NotNegative, Number, Positive, Vector3, Whole

Chosen = Annotated[Neurons, MinLen(1), MaxLen(2000)]
"""Neurons, classes or types; at least one."""
Force = Vector3
"""A force along the world's axes, nN."""


@dataclass(frozen=True, kw_only=True)
class Act(ABC):
    """Something that is done to the animal, its world or its brain."""

    RESTARTS: ClassVar[bool] = False
    """Whether the episode begins again with it."""

    @abstractmethod
    def apply(self, run: Run, t_s: float) -> Run:
        """Return the run in which this has been done at a time.

        Parameters
        ----------
        run : with all that was done before.
        t_s : the beginning of a control period, s.

        Raises
        ------
        InputError
            It makes no sense in this run.
        """


def _until(t_s: float, for_s: float | None) -> float | None:
    return None if for_s is None else t_s + for_s


@strict
@dataclass(frozen=True, kw_only=True)
class Silence(Act):
    """Hold neurons silent, for a time or for good; for good is what an ablation now would be."""

    neurons: Chosen
    for_s: Positive | None = None

    def apply(self, run: Run, t_s: float) -> Run:
        """Add a window of `perturb.silence`."""
        window = Window(self.neurons, t_s, _until(t_s, self.for_s))
        return _perturbed(run, silence=(*run.perturb.silence, window))


@strict
@dataclass(frozen=True, kw_only=True)
class Stimulate(Act):
    """Give neurons a current (pA) or, spiking ones, random spikes (Hz), for a time or for good."""

    neurons: Chosen
    current_pA: Number = 0.0
    rate_Hz: NotNegative = 0.0
    for_s: Positive | None = 1.0

    def apply(self, run: Run, t_s: float) -> Run:
        """Add a window of `perturb.stimulate`."""
        if not self.current_pA and not self.rate_Hz:
            raise InputError("stimulate needs current_pA or rate_Hz")
        window = Window(self.neurons, t_s, _until(t_s, self.for_s), self.current_pA, self.rate_Hz)
        return _perturbed(run, stimulate=(*run.perturb.stimulate, window))


@strict
@dataclass(frozen=True, kw_only=True)
class Command(Act):
    """Set the value of a descending command from now on."""

    name: Name
    value: Number

    def apply(self, run: Run, t_s: float) -> Run:
        """Add a step to the command's ramp: it goes from the old value to the new in one control period."""
        spec = run.controller
        if not isinstance(spec, WiredSpec) or not spec.commands:
            raise InputError(f"controller {spec.name} takes no descending commands")
        known = dict(descending_drive.commands(spec))
        if self.name not in known:
            raise unknown("command", self.name, known)
        points = known[self.name]
        last_s = t_s - run.clock.control_s
        ramp = [(float(t), float(v)) for t, v in points if t < last_s]
        if t_s > 0:
            ramp.append((last_s, float(np.interp(last_s, points[:, 0], points[:, 1]))))
        ramp.append((t_s, float(self.value)))
        ramps = {**spec.ramps, self.name: tuple(ramp)}
        return dataclasses.replace(run, controller=dataclasses.replace(spec, ramps=ramps))


@strict
@dataclass(frozen=True, kw_only=True)
class Surround(Act):
    """Change what surrounds the animal from now on: keys of the stimulus, the current, the belt."""

    stimulus: dict[Name, Any] = dataclasses.field(default_factory=dict)
    current_mm_s: Vector3 | None = None
    belt_mm_s: Number | None = None

    def apply(self, run: Run, t_s: float) -> Run:
        """Add a change to the environment; of two at one time the later wins, key by key."""
        given, changes = run.environment, run.environment.changes
        change = Change(t_s, dict(self.stimulus), self.current_mm_s, self.belt_mm_s)
        if changes and changes[-1].at_s == t_s:
            last, changes = changes[-1], changes[:-1]
            change = Change(
                t_s,
                {**last.stimulus, **change.stimulus},
                last.current_mm_s if change.current_mm_s is None else change.current_mm_s,
                last.belt_mm_s if change.belt_mm_s is None else change.belt_mm_s,
            )
        environment = dataclasses.replace(given, changes=(*changes, change))
        environment.stages()
        return dataclasses.replace(run, environment=environment)


@strict
@dataclass(frozen=True, kw_only=True)
class Push(Act):
    """Push a segment of the body for a time."""

    segment: Name
    force_nN: Force
    for_s: Positive = 0.1

    def apply(self, run: Run, t_s: float) -> Run:
        """Add a `touch` to the environment."""
        touch = Touch(self.segment, t_s, t_s + self.for_s, self.force_nN)
        environment = dataclasses.replace(run.environment, touch=(*run.environment.touch, touch))
        return dataclasses.replace(run, environment=environment)


@strict
@dataclass(frozen=True, kw_only=True)
class Restart(Act):
    """Begin the episode again, with what cannot begin in its middle; what is left out stays as it is.

    What was done to the former episode at a time is dropped: the new one begins without it.
    """

    RESTARTS: ClassVar[bool] = True

    seed: Whole | None = None
    ablate: Neurons | None = None
    shuffle_wiring: bool | None = None
    scale_chemical: NotNegative | None = None
    scale_gap_junctions: NotNegative | None = None
    scale_extrasynaptic: NotNegative | None = None
    scale_pathways: tuple[Pathway, ...] | None = None
    controller: Name | None = None

    def apply(self, run: Run, t_s: float) -> Run:
        """Set keys of the run and of `perturb`."""
        if self.controller is not None:
            run = dataclasses.replace(run, controller=content.load("controllers", self.controller))
        if self.seed is not None:
            run = dataclasses.replace(run, seed=self.seed)
        others = ("seed", "controller")
        given = {key: value for key, value in vars(self).items() if value is not None and key not in others}
        return _perturbed(run, **given) if given else run


ACTS: dict[str, type[Act]] = {
    "silence": Silence,
    "stimulate": Stimulate,
    "command": Command,
    "surround": Surround,
    "push": Push,
    "restart": Restart,
}
"""What can be done, by the name that a message calls it by."""


def read(kind: Any, keys: Any) -> Act:
    """Return the act that a message asks for.

    Parameters
    ----------
    kind : a name of `ACTS`.
    keys : what the act takes, as plain data.

    Raises
    ------
    InputError
        There is no such act, or a key is unknown, missing or of the wrong kind.
    """
    if not isinstance(kind, str) or kind not in ACTS:
        raise unknown("act", str(kind)[:40], ACTS)
    if not isinstance(keys, Mapping):
        raise InputError(f"{kind} takes named values")
    return check(ACTS[kind], keys)


def _perturbed(run: Run, **keys: Any) -> Run:
    return dataclasses.replace(run, perturb=dataclasses.replace(run.perturb, **keys))
