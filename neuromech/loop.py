"""The closed loop of one episode, with its recorder: senses, brain, muscles, physics, every step."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from neuromech._lib import state as states
from neuromech._lib.errors import InputError
from neuromech._lib.state import State, Stateful
from neuromech._lib.types import Observation
from neuromech.company import Company
from neuromech.controllers import Controller, SpikeSource, build
from neuromech.controllers.functions import adapt
from neuromech.recording import Layout, Recorder
from neuromech.senses.animal import Animal
from neuromech.specs.body import LegReplay
from neuromech.specs.checking import plain
from neuromech.specs.perturb import Perturb
from neuromech.specs.run import Run
from neuromech.tracking.trackers.eyes import SENSE as EYES
from neuromech.world import initial_pose
from neuromech.world.world import World

Tick = Callable[[float], object]


class Progress(Stateful):
    """How far an episode has come.

    `step` counts control periods; `observation` is what the controller is to act on next. `excitation` is
    what it has decided upon while that has not been carried out yet, else `None`.
    """

    state_names = ("step", "observation", "excitation")

    def __init__(self) -> None:
        self.step = 0
        self.observation: Observation | None = None
        self.excitation: np.ndarray | None = None
        self.goes_on = False
        """Whether the next episode goes on from here, after `restore_state`, and does not begin anew."""
        self.resumed_s: float | None = None
        """The time at which this episode went on from a state; `None` where it began anew."""


@dataclass(frozen=True)
class Loop:
    """An animal in its world, its controller and where it begins, for one episode of a run."""

    run: Run
    animal: Animal
    controller: Controller
    pose: initial_pose.Pose
    _progress: Progress = field(default_factory=Progress, init=False, repr=False, compare=False)

    @staticmethod
    def of(run: Run, parameters: Mapping[str, Any] | None = None, controller: Any = None) -> "Loop":
        """Build the world and controller of a run.

        Parameters
        ----------
        run : what is played.
        parameters : in place of those of the controller's folder.
        controller : in place of the run's own, which is then not built: a `Controller`, an object with
            `reset` and `act`, or what `functions` returns.

        Raises
        ------
        InputError
            Something in the body, environment, controller, perturbation or start is wrong.
        """
        world = World(run.body, run.environment, run.clock)
        place, *_ = _streams(run.seed)
        rng = np.random.default_rng(place)
        pose = initial_pose.draw(run.start, world.goal(), rng, world.reference)
        world.draw(rng, run.duration_s)
        animal = Animal(world, company=Company.of(run, world))
        if controller is None:
            return Loop(run, animal, build(run, world.body, parameters), pose)
        if run.perturb != Perturb():
            raise InputError("perturb acts on the neurons of a wiring, and this controller is your own")
        return Loop(run, animal, adapt(controller, animal), pose)

    @property
    def world(self) -> World:
        """The world that the animal is in."""
        return self.animal.world

    def play(self, path: Path, attrs: Mapping[str, Any], tick: Tick = lambda t: None) -> None:
        """Run the episode and record it to `path`; `tick` is called with the time (s) of every row.

        An exception or Ctrl-C ends the recording with its reason and keeps it.
        """
        with self.recorder(path, attrs) as recorder:
            try:
                for excitation in self._rows():
                    self.record(recorder, excitation)
                    tick(self.world.time_s)
            finally:  # also those that made it end
                self.record_spikes(recorder)

    def recorder(self, path: Path, attrs: Mapping[str, Any]) -> Recorder:
        """Return the recorder of this episode, to be used as a context."""
        return Recorder(path, self._layout(), self.run.clock.record_s, {**self._attrs(), **attrs})

    def record(self, recorder: Recorder, excitation: np.ndarray) -> None:
        """Add the present moment: the state, what is sensed of it, and the excitation (muscle,) it led to."""
        world = self.world
        recorder.append(
            world.time_s,
            world.landmarks(),
            world.data.qpos,
            excitation,
            self.controller.activity,
            self.observed,
            np.array(list(world.stimulus().values()), np.float32),
        )
        self.record_spikes(recorder)

    def record_spikes(self, recorder: Recorder) -> None:
        """Add the spikes since the last row, of a controller that lists them."""
        if (source := self._spiking) is not None:
            recorder.add_spikes(*source.take_spikes())

    @cached_property
    def _spiking(self) -> SpikeSource | None:
        """The controller if it lists spikes; to ask for that takes longer than to record a row."""
        return self.controller if isinstance(self.controller, SpikeSource) else None

    def play_in_memory(self) -> xr.Dataset:
        """Run the episode and return what a camera sees, landmarks (mm) and stimulus, without a file."""
        seen = Seen(self)
        for _ in self._rows():
            seen.add()
        return seen.dataset()

    def advance(self, until_s: float) -> None:
        """Play the episode up to a time, s, and record nothing; `save_state` then tells that moment."""
        for _ in self._rows(until_s):
            pass

    def save_state(self) -> State:
        """Return all that the rest of the episode depends on: body, world, senses, brain, noise and time.

        It may be called while the episode is played, by `tick`, and after its end. `restore_state` of a loop
        of the same body and controller then goes on from that moment; its run may have another duration or
        other perturbations.

        Raises
        ------
        InputError
            No episode has begun, or the controller cannot save its state.
        """
        if self._progress.observation is None:
            raise InputError("no episode has begun: save the state of a loop while it is played")
        return State(self._about(), self._parts())

    def restore_state(self, state: State) -> None:
        """Let the next `play` or `watch` go on from a state, until the run's `duration_s` is reached.

        Raises
        ------
        InputError
            The state is that of another experiment, body, seed or controller, or was saved with another
            version of MuJoCo; this loop is then where it was.
        """
        states.check_about(state, self._about())
        states.restore(self._parts, self._take, state.parts)
        self._progress.goes_on, self._progress.resumed_s = True, self.world.time_s

    def _about(self) -> dict[str, Any]:
        facts = {"experiment": self.run.experiment, "body": self.world.body.name, "seed": self.run.seed}
        if self.connectome_name:
            facts["connectome"] = self.connectome_name
        return states.about("loop", **facts, time_s=self.world.time_s)

    def _parts(self) -> dict[str, Any]:
        return {name: part.save_state() for name, part in self._stateful().items()}

    def _take(self, parts: Any) -> None:
        stateful = self._stateful()
        given = states.names(parts, tuple(stateful), "a loop")
        for name, part in stateful.items():
            part.restore_state(given[name])

    def _stateful(self) -> dict[str, Any]:
        kind = type(self.controller).__name__
        if not states.has_state(self.controller):
            raise InputError(
                f"{kind} cannot save its state: give it save_state and restore_state, "
                "or derive it from neuromech.Stateful"
            )
        return {"animal": self.animal, kind: self.controller, "progress": self._progress}

    def _rows(self, until_s: float | None = None) -> Iterator[np.ndarray]:
        """Play the episode, yielding the excitation at every row, before the step it leads to.

        It ends at `until_s`, or the run's `duration_s`.
        """
        now = self._progress
        self.begin()
        every = self.run.clock.control_per_record
        periods = self.periods if until_s is None else round(until_s / self.run.clock.control_s)
        while now.step < periods:
            if now.excitation is None:  # else it was recorded before the state was saved
                now.excitation = self.controller.act(self.observed)
                if now.step % every == 0:
                    yield now.excitation
            self.went_on(self.animal.step(now.excitation))

    def begin(self) -> None:
        """Begin the episode, or go on from a restored state; one seed gives one start and one brain noise."""
        now = self._progress
        if not now.goes_on:
            _, brain, its_brain = _streams(self.run.seed)
            if self.animal.company is not None:
                self.animal.company.seed(int(its_brain.generate_state(1)[0]))
            self.controller.reset(int(brain.generate_state(1)[0]))
            now.observation = self.animal.reset(*astuple(self.pose))
            now.step, now.excitation, now.resumed_s = 0, None, None
        now.goes_on = False

    def went_on(self, observation: Observation) -> None:
        """Take note that a control period has been played, and what the animal senses at its end."""
        now = self._progress
        now.observation, now.step, now.excitation = observation, now.step + 1, None

    @property
    def periods(self) -> int:
        """Control periods of the episode."""
        return round(self.run.duration_s / self.run.clock.control_s)

    @property
    def observed(self) -> Observation:
        """What the controller is to act on next."""
        assert self._progress.observation is not None
        return self._progress.observation

    def _layout(self) -> Layout:
        model, senses = self.world.model, self.animal.senses
        return Layout(
            landmarks=self.world.body.landmarks,
            qpos=tuple(f"q{i:02d}" for i in range(model.nq)),
            muscles=self.world.body.muscles,
            neurons=self.controller.neuron_names,
            senses={name: sense.channels for name, sense in senses.items()},
            stimulus=tuple(self.world.stimulus()),
            activity_unit=self.controller.activity_unit,
            sense_units={name: sense.unit for name, sense in senses.items()},
            spikes=self._spiking.spikes_name if self._spiking is not None else "",
        )

    def looked_at(self) -> dict[str, Any]:
        """What a tracker needs to know of the body."""
        spec = self.world.body.spec
        found: dict[str, Any] = {"tracker": spec.tracker} if spec.tracker else {}
        if spec.limbs:
            found["limbs"] = {name: limb.paw for name, limb in spec.limbs.items()}
            found["gait_tracker"] = {
                key: value for key, value in plain(spec.gait).items() if value is not None
            }
            found["body_length_mm"] = self.world.body.length_mm
        if isinstance(spec.replay, LegReplay):
            pairs, legs = spec.replay.joints.items(), spec.replay.legs
            found["joints"] = {f"{leg}_{one}": f"{leg}_{own}" for leg in legs for one, own in pairs}
        return found

    def _attrs(self) -> dict[str, Any]:
        body = self.world.body
        return {
            "animal": body.name,
            "units": "mm mg s",
            "seed": self.run.seed,
            "body_length_mm": body.length_mm,
            **self.looked_at(),
            "environment": plain(self.world.environment),
            "neuron_groups": dict(self.controller.neuron_groups),
            "traces": list(self.controller.traces),
            "notes": list(self.notes) or None,
            "connectome": self.connectome_name or None,
        }

    @property
    def connectome_name(self) -> str:
        """The wiring that a run chose for its neurons, "" where there is nothing to choose."""
        return str(getattr(self.controller, "connectome_name", ""))

    @property
    def notes(self) -> tuple[str, ...]:
        """Lines that a reader of the results should know, from the controller and of how it began."""
        told = tuple(getattr(self.controller, "notes", ()))
        if self.resumed_s is None:
            return told
        return (*told, f"the episode goes on from a saved state, at {self.resumed_s:g} s")

    @property
    def resumed_s(self) -> float | None:
        """The time, s, at which this episode went on from a state; `None` where it began anew."""
        return self._progress.resumed_s


class Seen:
    """What a camera sees of an episode, row by row, in memory.

    Parameters
    ----------
    loop : whose episode it is.
    activity : whether the activity of the controller's neurons is kept, too.
    """

    def __init__(self, loop: Loop, activity: bool = False) -> None:
        self._loop, self._with_activity = loop, activity
        self._times: list[float] = []
        self._landmarks: list[np.ndarray] = []
        self._stimulus: list[list[float]] = []
        self._activity: list[np.ndarray] = []
        self._eyes: list[np.ndarray] = []

    def add(self) -> None:
        """Add the present moment."""
        world = self._loop.world
        self._times.append(world.time_s)
        self._landmarks.append(world.landmarks())
        self._stimulus.append(list(world.stimulus().values()))
        if EYES in self._loop.observed:
            self._eyes.append(np.array(self._loop.observed[EYES], np.float32))
        if self._with_activity:
            self._activity.append(np.array(self._loop.controller.activity, np.float32))

    def go_on_with(self, loop: Loop) -> None:
        """Look at another loop of the same body and controller, which goes on with the episode."""
        self._loop = loop

    def dataset(self) -> xr.Dataset:
        """Return landmarks (time, landmark, xyz) in mm, stimulus, angles of eyes that turn, and activity."""
        loop, world = self._loop, self._loop.world
        variables: dict[str, Any] = {"landmarks": (("time", "landmark", "xyz"), np.array(self._landmarks))}
        coords: dict[str, Any] = {
            "time": self._times,
            "landmark": list(world.body.landmarks),
            "xyz": list("xyz"),
        }
        if world.stimulus():
            variables["stimulus"] = (("time", "stimulus_channel"), np.array(self._stimulus))
            coords["stimulus_channel"] = list(world.stimulus())
        if self._eyes:
            variables[f"sense_{EYES}"] = (("time", f"{EYES}_channel"), np.array(self._eyes), {"units": "rad"})
            coords[f"{EYES}_channel"] = list(loop.animal.senses[EYES].channels)
        if self._with_activity and loop.controller.neuron_names:
            variables["activity"] = (("time", "neuron"), np.array(self._activity))
            coords["neuron"] = list(loop.controller.neuron_names)
        attrs: dict[str, str | float] = {"environment": json.dumps(plain(world.environment))}
        for name, value in loop.looked_at().items():
            attrs[name] = value if isinstance(value, str | float) else json.dumps(value)
        return xr.Dataset(variables, coords, attrs=attrs)


def _streams(seed: int) -> list[np.random.SeedSequence]:
    """Independent randomness for the start pose, for the brain, and for that of another animal."""
    return np.random.SeedSequence(seed).spawn(3)
