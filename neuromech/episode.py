"""The closed loop of one episode, with its recorder: senses, brain, muscles, physics, every step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from neuromech import start
from neuromech.config import Run
from neuromech.controllers import Controller, build
from neuromech.recording import Layout, Recorder
from neuromech.world import World

Tick = Callable[[float], object]


@dataclass(frozen=True)
class Loop:
    """A world and the controller in it; ``play`` runs one episode. Build it once and play many seeds."""

    run: Run
    world: World
    controller: Controller

    @staticmethod
    def of(run: Run) -> "Loop":
        """Build the world and the controller of a run; raises InputError for anything wrong in them."""
        world = World(run.body, run.environment, run.clock)
        return Loop(run, world, build(run, world.body))

    def begin(self, seed: int) -> Mapping[str, np.ndarray]:
        """Reset world and controller; one seed gives one start pose and one brain noise."""
        place, brain = np.random.SeedSequence(seed).spawn(2)
        goal = self.world.field.peak(0.0) if self.world.field else (0.0, 0.0)
        pose = start.draw(self.run.start, goal, np.random.default_rng(place))
        self.controller.reset(int(brain.generate_state(1)[0]))
        return self.world.reset(pose.x_mm, pose.y_mm, pose.heading_rad)

    def play(self, seed: int, path: Path, attrs: Mapping[str, Any], tick: Tick = lambda t: None) -> None:
        """Run one episode and record it to ``path``; ``tick`` is called with the time (s) of every recorded row.

        An exception or Ctrl-C ends the recording with its reason and keeps it.
        """
        every = self.run.clock.control_per_record
        observation = self.begin(seed)
        steps = round(self.run.duration_s / self.run.clock.control_s)
        with Recorder(path, self._layout(), self.run.clock.record_s, self._attrs(seed, attrs)) as recorder:
            for step in range(steps):
                excitation = self.controller.act(dict(observation))
                if step % every == 0:
                    self._record(recorder, excitation, observation)
                    tick(self.world.time_s)
                observation = self.world.step(excitation)

    def _record(self, recorder: Recorder, excitation: np.ndarray, observation: Mapping[str, np.ndarray]) -> None:
        recorder.append(
            self.world.time_s,
            self.world.landmarks(),
            self.world.data.qpos,
            excitation,
            self.controller.activity,
            observation,
            np.array(list(self.world.stimulus().values()), np.float32),
        )

    def _layout(self) -> Layout:
        model, senses = self.world.model, self.world.senses
        return Layout(
            landmarks=self.world.body.landmarks,
            qpos=tuple(f"q{i:02d}" for i in range(model.nq)),
            muscles=self.world.body.muscles,
            neurons=self.controller.neuron_names,
            senses={name: sense.channels for name, sense in senses.items()},
            stimulus=tuple(self.world.stimulus()),
            activity_unit=self.controller.activity_unit,
            sense_units={name: sense.unit for name, sense in senses.items()},
        )

    def _attrs(self, seed: int, attrs: Mapping[str, Any]) -> dict[str, Any]:
        body = self.world.body
        return {
            "animal": body.name,
            "units": "mm mg s",
            "seed": seed,
            "body_length_mm": body.length_mm,
            "tracker": body.spec["tracker"],
            "environment": self.run.environment,
            **attrs,
        }
