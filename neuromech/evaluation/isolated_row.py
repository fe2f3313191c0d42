"""A brain out of its body as a row: under constant drive, or under one that rises and falls."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech.brain import descending_drive
from neuromech.brain.circuit import Circuit
from neuromech.brain.isolated import Preparation, play
from neuromech.brain.neurons.base import Neurons
from neuromech.brain.neurons.models import MODELS
from neuromech.evaluation import gaits_of_centres, rhythms
from neuromech.evaluation.episode_values import Values
from neuromech.evaluation.questions import Question
from neuromech.evaluation.told import Told
from neuromech.specs import content
from neuromech.specs.controller import WiredSpec
from neuromech.specs.evaluation_parts import IsolatedSpec, RhythmSpec, SweepSpec
from neuromech.specs.run import Run


def answer(question: Question, seed: int) -> Told:
    """Return what an isolated brain does: the rhythm of its limbs, or the gaits of a sweep.

    The seed is that of a shuffle of the wiring, of parameters that are drawn, and of nudges.

    Under one drive: LIMB.hz and LIMB.rhythm, 1 if it has one; limbs: how many have; slowest_hz, fastest_hz;
    lag_2_least, lag_2_most ...: how much later than a limb's first neuron its second peaks, in cycles;
    in_order: 1 if the neurons of every limb peak one after the other. Under a swept one: largest_fall of a
    limb's frequency from one drive to the next, a share of it; most_limbs, fewest_limbs. For gaits see
    `gaits_of_centres.of_branch`, whose names follow `rising.` or `falling.`.

    Raises
    ------
    InputError
        The controller has no network of neurons, or there is no such neuron, command or section.
    """
    spec = question.row.isolated
    assert spec is not None
    if question.own is not None:
        raise InputError("this needs a controller of neurons on a wiring, and this one is your own")
    brain = _Brain(question.run(seed), spec)
    if spec.gait is not None:
        assert spec.sweep is not None
        centres = dataclasses.asdict(spec.gait)
        course = brain.swept(spec.sweep, gaits_of_centres.look, centres)
        size = len(spec.sweep.drives)
        return gaits_of_centres.told({"rising": course[:size], "falling": course[size:]})
    assert spec.rhythm is not None
    if spec.sweep is not None:
        return _risen(brain, spec.rhythm, spec.sweep)
    prepared = brain.prepared()
    for name in (each for limb in spec.rhythm.limbs.values() for each in limb):
        _place(prepared, name)
    times, seen = brain.played(prepared)
    return _limbs(seen, spec.rhythm, float(times[1] - times[0]))


def _limbs(courses: Mapping[str, np.ndarray], spec: RhythmSpec, step_s: float) -> Told:
    """Return the values of the rhythm under one drive."""
    found = rhythms.of_limbs(courses, spec.limbs, step_s, spec.band_hz)
    known = [hz for hz in found.values() if hz is not None]
    lags = rhythms.lags(courses, spec.limbs, found, step_s)
    values: dict[str, float | None] = {f"{limb}.hz": hz for limb, hz in found.items()}
    values |= {f"{limb}.rhythm": float(hz is not None) for limb, hz in found.items()}
    values["limbs"] = float(len(known))
    values["slowest_hz"], values["fastest_hz"] = (min(known), max(known)) if known else (None, None)
    values["in_order"] = float(rhythms.in_order(lags, len(found)))
    for k, lag in enumerate(lags, start=2):
        low, high = (min(lag.values()), max(lag.values())) if lag else (None, None)
        values |= {f"lag_{k}_least": low, f"lag_{k}_most": high}
    return Told(values)


def _risen(brain: _Brain, spec: RhythmSpec, sweep: SweepSpec) -> Told:
    """Return how the rhythm of the limbs goes with a drive."""
    names = {name: name for limb in spec.limbs.values() for name in limb}

    def look(times: np.ndarray, courses: Mapping[str, np.ndarray]) -> rhythms.Limbs:
        late = times > brain.spec.settle_s
        step_s = float(times[1] - times[0])
        return rhythms.of_limbs(
            {name: each[late] for name, each in courses.items()}, spec.limbs, step_s, spec.band_hz
        )

    course = brain.swept(sweep, look, names)
    fall = 0.0
    for limb in spec.limbs:
        known = [hz for _, found in course if (hz := found[limb]) is not None]
        fall = max([fall, *(1 - after / before for before, after in zip(known[:-1], known[1:], strict=True))])
    counts = [float(sum(hz is not None for hz in found.values())) for _, found in course]
    lines = [
        "| drive | Hz |",
        "|---|---|",
        *(f"| {drive:g} | {rhythms.told(found)} |" for drive, found in course),
    ]
    values: Values = {"largest_fall": fall, "most_limbs": max(counts), "fewest_limbs": min(counts)}
    return Told(values, "\n".join(lines))


class _Brain:
    """The neurons of a run's controller, and what a row does to them."""

    def __init__(self, run: Run, spec: IsolatedSpec) -> None:
        self.spec, self._seed = spec, run.seed
        controller = run.controller
        if not isinstance(controller, WiredSpec) or controller.model not in MODELS:
            raise InputError(f"{controller.name} (model {controller.model}) has no network of neurons")
        there = content.parameters(controller.folders)
        for section in spec.parameters:
            if section not in there:
                raise unknown("section of parameters", section, there)
        self.circuit = Circuit.load(controller, run.perturb, run.seed, {**there, **spec.parameters})
        self._whole = Preparation.of_circuit(self.circuit)
        self._whole = dataclasses.replace(
            self._whole, network=_drawn(self._whole.network, spec.drawn, run.seed)
        )

    def prepared(self, sweep: SweepSpec | None = None, drive: float = 0.0) -> Preparation:
        """Return the part that is played, at one drive of a sweep."""
        whole, circuit = self._whole, self.circuit
        current = whole.command_pA.copy()
        injected = dict(self.spec.inject_pA)
        if sweep is not None and sweep.command is not None:
            own = circuit.spec
            if sweep.command not in own.commands:
                raise unknown("command", sweep.command, own.commands)
            ramps = {key: each for key, each in own.ramps.items() if key != sweep.command}
            spec = dataclasses.replace(own, commands={**own.commands, sweep.command: drive}, ramps=ramps)
            current = descending_drive.at_start_pA(dataclasses.replace(circuit, spec=spec))
        elif sweep is not None:
            injected |= dict.fromkeys(sweep.inject, drive)
        for name, value in injected.items():
            current[circuit.connectome.resolve(name)] += np.float32(value)
        prepared = dataclasses.replace(whole, command_pA=current)
        if not self.spec.part:
            return prepared
        return prepared.part(np.sort(circuit.connectome.resolve(self.spec.part)))

    def played(self, prepared: Preparation) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Return times (time,) after the settling and the courses of all neurons, from rest."""
        spec = self.spec
        times, outputs, _ = play([prepared], spec.duration_s, spec.step_s, spec.substeps)
        late = times > spec.settle_s
        return times[late], {name: outputs[0, late, k] for k, name in enumerate(prepared.neurons)}

    def swept(self, sweep: SweepSpec, look: Any, names: Mapping[str, str]) -> list[tuple[float, Any]]:
        """Return what `look` sees of named neurons at each drive, up and, if it goes back, down again."""
        spec, rng, state = self.spec, np.random.default_rng(self._seed), None
        drives = (*sweep.drives, *sweep.drives[::-1]) if sweep.back else sweep.drives
        found: list[tuple[float, Any]] = []
        for drive in drives:
            prepared = self.prepared(sweep, drive)
            places = {name: _place(prepared, neuron) for name, neuron in names.items()}
            times, outputs, after = play([prepared], spec.duration_s, spec.step_s, spec.substeps, state)
            found.append((drive, look(times, {name: outputs[0][:, k] for name, k in places.items()})))
            if sweep.back:
                state = jax.tree.map(lambda x: _nudged(x, sweep.nudge, rng), after)
        return found


def _nudged(values: Any, share: float, rng: np.random.Generator) -> Any:
    return values * (1.0 + share * rng.standard_normal(values.shape).astype(values.dtype))


def _place(prepared: Preparation, neuron: str) -> int:
    if neuron not in prepared.neurons:
        raise unknown("neuron", neuron, prepared.neurons)
    return prepared.neurons.index(neuron)


def _drawn(network: Neurons, drawn: Mapping[str, float], seed: int) -> Neurons:
    """Return neurons whose numbers in some sections are each drawn around the value they have."""
    rng = np.random.default_rng(seed)
    for name, share in drawn.items():
        if name not in network.sections or not hasattr(network, name):
            raise unknown("section", name, [each for each in network.sections if hasattr(network, each)])
        values = getattr(network, name)
        fresh = values * jnp.asarray(1 + share * rng.standard_normal(values.shape), jnp.float32)
        network = eqx.tree_at(lambda each, name=name: getattr(each, name), network, fresh)
    return network
