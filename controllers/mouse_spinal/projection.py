"""From strides to weights: what pattern layers do in the isolated circuit, motor neurons fitted to it.

Conductances in nS, potentials in mV, times in ms or, where their names say so, s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pattern_layers
import rehearsal
import strides
from rehearsal import LIMBS
from scipy.optimize import least_squares

from neuromech.brain.isolated import Preparation, play
from neuromech.specs import content
from neuromech.tracking.kinematics.strides import crossings

HERE = Path(__file__).parent
LAYERS = {gate: (ending, phases) for ending, (gate, phases) in pattern_layers.LAYERS.items()}
"""By the population of the brain stem that turns a layer on: what its names end in, and its phases."""
PART = (
    "brainstem",
    "reticulospinal",
    "rhythm",
    "interneuron",
    "commissural",
    "ascending_LPN",
    "descending_LPN",
    "pattern",
)
RUNNING_S, LONG_S = 1.5, 3.5
"""After so long the isolated circuit has its gait; and how much of it is then played."""
PIECES = 70
"""Into so many that is cut, alpha being constant in each."""
BURSTING = 0.1
COARSE = strides.POINTS // 4
"""Points of a stride that least squares looks at."""
PENALTY = 2e-3
"""Of a weight of 1 nS, as an error of excitation."""
STRONGEST_NS = 150.0
Plan = Mapping[str, Mapping[str, float]]
"""The numbers of a stride (`strides.NUMBERS`) at the layer's middle alpha, and their change per 0.1."""
Weights = Mapping[str, np.ndarray]
"""By muscle of a leg: conductances (nS) of all that excite it, then of all that inhibit it."""


@dataclass(frozen=True)
class Drive:
    """What the isolated circuit is played with: alpha, from and to, and what is ablated."""

    alpha: float
    upto: float
    ablate: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layer:
    """A pattern layer.

    gate: the population of the brain stem that turns it on. fitted: the steady drives at which strides are
    projected. middle: the alpha around which they change. lag_s: by how much excitations follow the rhythm.
    """

    gate: str
    fitted: tuple[Drive, ...]
    middle: float
    lag_s: float

    def stride(self, plan: Plan, alpha: float) -> dict[str, float]:
        """Return the stride at an alpha, of a plan: its numbers at `middle` and their change per 0.1."""
        steps = (alpha - self.middle) / 0.1
        return strides.bounded(
            {name: plan["middle"][name] + steps * plan["change"][name] for name in strides.NUMBERS}
        )

    def names(self, limb: str = "") -> tuple[list[str], list[str]]:
        """Return the populations that excite motor neurons of a leg and those that inhibit them.

        Without a leg, as parameters.yaml names those of all legs. The gate and its relay speak to all legs.
        """
        ending, phases = LAYERS[self.gate]
        ending += f"_{limb}" if limb else ""
        excite, inhibit = ([f"{kind}_{phase}{ending}" for phase in phases] for kind in ("PF", "InPF"))
        return [*excite, self.gate], [*inhibit, f"In{self.gate.capitalize()}"]

    def named(self, weights: Weights) -> dict[str, float]:
        """Return weights as parameters.yaml names them."""
        names = [name for part in self.names() for name in part]
        return {
            f"{name}>MN_{muscle}": float(value)
            for muscle, values in weights.items()
            for name, value in zip(names, values, strict=True)
        }

    def weights(self, gains: Mapping[str, float]) -> dict[str, np.ndarray]:
        """Return the weights of parameters.yaml; those that it does not name are 0."""
        names = [name for part in self.names() for name in part]
        return {
            muscle: np.array([gains.get(f"{name}>MN_{muscle}", 0.0) for name in names])
            for girdle in strides.GIRDLES
            for muscle in strides.muscles(girdle)
        }


@dataclass(frozen=True)
class Motor:
    """What motor neurons of the legs make of what reaches them; see `neurons.bursting`."""

    parameters: Mapping[str, Any]

    def bias_pA(self, muscle: str) -> float:
        """Return the current that always flows into a muscle's motor neurons."""
        return float(self.parameters["bias_pA"][f"MN_{muscle}"])

    def standing_nS(self, muscle: str) -> float:
        """Return the conductance by which the command to stand excites them."""
        return float(self.parameters["chemical_nS"].get(f"stand>MN_{muscle}", 0.0))

    def potential_mV(self, excited: np.ndarray, inhibited: np.ndarray, bias_pA: float) -> np.ndarray:
        """Return where the potential settles under conductances, nS; they change slowly for these cells."""
        given, leak = self.parameters, self.parameters["leak_nS"]["motor"]
        driven = leak * given["leak_mV"]["motor"] + bias_pA
        driven = driven + given["excitatory_mV"] * excited + given["inhibitory_mV"] * inhibited
        return driven / (leak + excited + inhibited)

    def others(self) -> dict[str, float]:
        """Return the constant excitation of all muscles that are not the legs'."""
        given, found = self.parameters, {}
        for muscle in rehearsal.muscles():
            if muscle[-2:] not in LIMBS:
                name = muscle.removesuffix("_left").removesuffix("_right")
                above_mV = given["bias_pA"][f"MN_{name}"] / given["leak_nS"]["motor"]
                found[muscle] = float(
                    np.clip(given["neuromuscular"]["*"] * above_mV / given["span_mV"], 0, 1)
                )
        return found

    @property
    def per_mV(self) -> float:
        """Excitation of the muscle for each mV over the threshold."""
        return float(self.parameters["neuromuscular"]["legs"] / self.parameters["span_mV"])

    def excitation(self, potential_mV: np.ndarray) -> np.ndarray:
        """Return the muscle's excitation."""
        return np.clip(self.per_mV * (potential_mV - self.parameters["threshold_mV"]), 0.0, 1.0)


@dataclass(frozen=True)
class Rhythm:
    """What the isolated circuit does under one drive, by the ms.

    outputs: (time, neuron). swings: which flexor centres exceed their extensor centres, (time, limb).
    onsets_ms: of the bursts of each limb's flexor centre.
    """

    outputs: np.ndarray
    neurons: Mapping[str, int]
    swings: np.ndarray
    onsets_ms: Mapping[str, np.ndarray]

    @property
    def stride_hz(self) -> float:
        """Strides per second."""
        return 1000.0 / float(np.mean(np.diff(self.onsets_ms["hl"])))

    @property
    def duty(self) -> float:
        """Share of the stride that a foot is to be on the ground."""
        return 1.0 - float(np.mean(self.swings))

    def of(self, names: list[str]) -> np.ndarray:
        """Return outputs (name, time)."""
        return self.outputs[:, [self.neurons[name] for name in names]].T

    def cycle(self, names: list[str], limb: str) -> np.ndarray:
        """Return outputs over the mean stride of a limb from the onset of swing, (name, COARSE)."""
        given, times = self.of(names), np.arange(len(self.outputs))
        share, onsets = np.arange(COARSE) / COARSE, self.onsets_ms[limb]
        each = [
            [np.interp(start + (stop - start) * share, times, values) for values in given]
            for start, stop in zip(onsets[:-1], onsets[1:], strict=True)
        ]
        return np.mean(each, axis=0)


@cache
def rhythm(drive: Drive) -> Rhythm:
    """Play the isolated circuit with its pattern layers."""
    first, last = (
        Preparation.of("mouse_spinal", {"alpha": alpha, "stand": 0.0}, drive.ablate, PART)
        for alpha in (drive.alpha, drive.upto)
    )
    _, _, state = play([first], RUNNING_S, substeps=1)
    pieces = []
    for share in np.linspace(0.0, 1.0, PIECES):
        command = first.command_pA + np.float32(share) * (last.command_pA - first.command_pA)
        cord = replace(first, command_pA=command)
        _, found, state = play([cord], LONG_S / PIECES, substeps=1, state=state)
        pieces.append(found[0])
    outputs = np.concatenate(pieces)
    neurons = {name: k for k, name in enumerate(first.neurons)}
    flexors, extensors = (outputs[:, [neurons[f"RG_{side}_{x}"] for x in LIMBS]] for side in "FE")
    times = np.arange(len(outputs))
    onsets = {limb: crossings(times, flexors[:, k], BURSTING)[0] for k, limb in enumerate(LIMBS)}
    return Rhythm(outputs, neurons, flexors > extensors, onsets)


@dataclass
class Projection:
    """Least squares from strides to weights; it starts from the last weights that it was told to keep."""

    layer: Layer
    motor: Motor
    kept: dict[str, np.ndarray]

    @cached_property
    def played(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """By girdle: what excites motor neurons, and inhibits them, over the strides of all fitted alphas,
        (population, time).
        """
        rhythms = [rhythm(drive) for drive in self.layer.fitted]
        found = {}
        for girdle in strides.GIRDLES:
            limb = f"{girdle}l"
            excite, inhibit = (
                np.hstack([each.cycle(names, limb) for each in rhythms]) for names in self.layer.names(limb)
            )
            found[girdle] = excite, inhibit
        return found

    def weights(self, plan: Plan) -> tuple[dict[str, np.ndarray], float]:
        """Return weights, and the squared error of excitations that is left."""
        found, left = {}, 0.0
        for girdle, (excited, inhibited) in self.played.items():
            wanted = [self._wanted(plan, drive, girdle) for drive in self.layer.fitted]
            for muscle in strides.muscles(girdle):
                target = np.concatenate([each[muscle] for each in wanted])
                found[muscle], cost = self.solve(muscle, excited, inhibited, target)
                left += cost
        return found, left

    def _wanted(self, plan: Plan, drive: Drive, girdle: str) -> dict[str, np.ndarray]:
        """Return the excitations of the stride, as they lag behind the rhythm, (COARSE,)."""
        stride, own = self.layer.stride(plan, drive.alpha), rhythm(drive)
        lag = self.layer.lag_s + (stride["fore_lag_s"] if girdle == "f" else 0.0)
        late = round(lag * own.stride_hz * strides.POINTS)
        table = strides.excitations(stride, girdle, own.stride_hz, own.duty)
        return {name: np.roll(values, late)[:: strides.POINTS // COARSE] for name, values in table.items()}

    def solve(
        self, muscle: str, excited: np.ndarray, inhibited: np.ndarray, target: np.ndarray
    ) -> tuple[np.ndarray, float]:
        """Return the weights of what excites and inhibits a muscle's motor neurons, (population, time) each,
        with which it follows `target` best, and half the squared error.
        """
        count, bias, motor = len(excited), self.motor.bias_pA(muscle), self.motor
        given = self.motor.parameters

        def total(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            return weights[:count] @ excited, weights[count:] @ inhibited

        def error(weights: np.ndarray) -> np.ndarray:
            potential = motor.potential_mV(*total(weights), bias)
            return np.r_[motor.excitation(potential) - target, PENALTY * weights]

        def slope(weights: np.ndarray) -> np.ndarray:
            potential = motor.potential_mV(*total(weights), bias)
            excitation = motor.per_mV * (potential - given["threshold_mV"])
            # A little slope where a muscle is silent, so that it finds back.
            gain = np.where(excitation <= 0, 1e-3, np.where(excitation < 1, motor.per_mV, 0.0))
            gain = gain / (given["leak_nS"]["motor"] + sum(total(weights)))
            rows = [
                *(excited * ((given["excitatory_mV"] - potential) * gain)),
                *(inhibited * ((given["inhibitory_mV"] - potential) * gain)),
            ]
            return np.vstack([np.array(rows).T, PENALTY * np.eye(len(weights))])

        known = self.kept.get(muscle)
        starts = [known] if known is not None else [
            np.r_[np.full(count, a), np.full(count, b)] for a, b in ((5.0, 1.0), (1.0, 3.0), (0.5, 0.5))
        ]  # fmt: skip
        steps = 12 if known is not None else 200
        tries = [
            least_squares(
                error,
                np.clip(start, 1e-6, STRONGEST_NS - 1e-6),
                jac=slope,  # pyright: ignore[reportArgumentType]
                bounds=(0.0, STRONGEST_NS),
                max_nfev=steps,
            )
            for start in starts
        ]
        best = min(tries, key=lambda found: found.cost)
        return best.x, float(best.cost)


@cache
def standing_tone() -> np.ndarray:
    """Return times (s) and values of the command with which an episode begins, (2, time)."""
    return np.array(content.read_yaml(HERE / "controller.yaml")["ramps"]["stand"], float).T


def excitations(
    weights: Mapping[Layer, Weights], motor: Motor, own: Rhythm, start_ms: int, seconds: float
) -> np.ndarray:
    """Return what the muscles get by control period, (period, muscle), the standing tone fading at first.

    `weights` of all layers that may be on.
    """
    periods = round(seconds / rehearsal.CONTROL_S)
    at = start_ms + rehearsal.PHYSICS_STEPS * np.arange(1, periods + 1)
    standing = np.interp(np.arange(periods) * rehearsal.CONTROL_S, *standing_tone())
    found = np.zeros((periods, len(rehearsal.muscles())))
    for limb in LIMBS:
        played = {layer: [own.of(names)[:, at] for names in layer.names(limb)] for layer in weights}
        for muscle in strides.muscles(limb[0]):
            excited, inhibited = motor.standing_nS(muscle) * standing, np.zeros(periods)
            for layer, (excite, inhibit) in played.items():
                each = weights[layer][muscle]
                excited = excited + each[: len(excite)] @ excite
                inhibited = inhibited + each[len(excite) :] @ inhibit
            potential = motor.potential_mV(excited, inhibited, motor.bias_pA(muscle))
            found[:, rehearsal.muscles().index(f"{muscle}_{limb}")] = motor.excitation(potential)
    for muscle, bias in motor.others().items():
        found[:, rehearsal.muscles().index(muscle)] = bias
    return found
