"""Find the weights from the pattern layers to the motor neurons of the legs, and write them to parameters.yaml.

strides.yaml says, for each pattern layer, how the feet should go at one alpha and how that changes with alpha.
Per muscle, least squares makes the motor neuron follow the excitations of such strides (strides.py) through
what the layer's populations do in the isolated circuit. Strides are judged only through what is then left of
them: the body is driven by those motor neurons, without feedback, from several phases of the rhythm.

    python controllers/mouse_spinal/make_pattern.py                             # strides.yaml -> parameters.yaml
    python controllers/mouse_spinal/make_pattern.py --search 15 --layer slow    # first look for better strides
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cma
import numpy as np
import yaml
from scipy.optimize import least_squares

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import rehearsal  # noqa: E402
import strides  # noqa: E402
from rehearsal import LIMBS  # noqa: E402

from neuromech import content  # noqa: E402
from neuromech.controllers.fictive import Preparation, play  # noqa: E402
from neuromech.training.fit import rounded  # noqa: E402

STRIDES, PARAMETERS = HERE / "strides.yaml", HERE / "parameters.yaml"
PART = ("brainstem", "rhythm", "interneuron", "commissural", "ascending_LPN", "descending_LPN", "pattern")
RUNNING_S, LONG_S = 1.5, 3.5
"""After so long the isolated circuit has its gait; and how much of it is then played."""
BURSTING = 0.1
COARSE = strides.POINTS // 4
"""Points of a stride that least squares looks at."""
PENALTY = 2e-3
"""Of a weight of 1 nS, as an error of excitation."""
STRONGEST_NS = 150.0
LEAST_NS = 0.003
"""Weaker weights are left out."""
TREMOR = 0.03
"""Standard deviation of what is added to excitations while strides are judged."""


@dataclass(frozen=True)
class Layer:
    """A pattern layer: what it appends to names, who excites and inhibits motor neurons all the time while it
    is on, the alphas at which strides are projected and judged, the two alphas between which they change by
    one step, and by how much excitations follow the rhythm, s.
    """

    ending: str
    phases: tuple[str, ...]
    tonic: tuple[str, str]
    fitted: tuple[float, ...]
    judged: tuple[float, ...]
    middle: float
    lag_s: float

    def stride(self, plan: Mapping[str, Mapping[str, float]], alpha: float) -> dict[str, float]:
        """Return the stride at an alpha, of a plan: its numbers at ``middle`` and their change per 0.1."""
        steps = (alpha - self.middle) / 0.1
        return strides.bounded(
            {name: plan["middle"][name] + steps * plan["change"][name] for name in strides.NUMBERS}
        )

    def names(self, limb: str) -> tuple[list[str], list[str]]:
        """Return the populations that excite motor neurons of a leg and those that inhibit them."""
        excite = [f"PF_{phase}{self.ending}_{limb}" for phase in self.phases]
        inhibit = [f"InPF_{phase}{self.ending}_{limb}" for phase in self.phases]
        return [*excite, self.tonic[0]], [*inhibit, self.tonic[1]]


SIX = ("lift", "swing", "reach", "touch", "stance", "push")
LAYERS = {
    "slow": Layer(
        "_slow", (*SIX, "late"), ("slow", "InSlow"), (0.1, 0.2, 0.3), (0.08, 0.1, 0.15, 0.2, 0.3, 0.35), 0.2, 0.02
    ),
    "brisk": Layer("", SIX, ("brisk", "InBrisk"), (0.4, 0.55, 0.7), (0.4, 0.5, 0.6, 0.7, 0.78), 0.6, 0.02),
}
WANTED_MM_S = (  # alpha, and the speeds between which a stride costs nothing
    (0.08, 60, 100), (0.1, 80, 120), (0.15, 110, 150), (0.2, 140, 190), (0.3, 200, 250), (0.35, 220, 270), (0.4, 270, 330),
    (0.5, 340, 420), (0.6, 390, 480), (0.7, 430, 560), (0.78, 440, 600),
)  # fmt: skip


@dataclass(frozen=True)
class Motor:
    """What motor neurons of the legs make of what reaches them; see `neurons.bursting`."""

    parameters: Mapping[str, Any]

    def bias_pA(self, muscle: str) -> float:
        return float(self.parameters["bias_pA"][f"MN_{muscle}"])

    def standing_nS(self, muscle: str) -> float:
        return float(self.parameters["chemical_nS"].get(f"stand>MN_{muscle}", 0.0))

    def potential_mV(self, excited: np.ndarray, inhibited: np.ndarray, bias_pA: float) -> np.ndarray:
        """Return where the potential settles under conductances, nS; they change slowly for these cells."""
        given, leak = self.parameters, self.parameters["leak_nS"]["motor"]
        driven = leak * given["leak_mV"]["motor"] + bias_pA
        driven = driven + given["excitatory_mV"] * excited + given["inhibitory_mV"] * inhibited
        return driven / (leak + excited + inhibited)

    @property
    def per_mV(self) -> float:
        """Excitation of the muscle for each mV over the threshold."""
        return float(self.parameters["neuromuscular"]["legs"] / self.parameters["span_mV"])

    def excitation(self, potential_mV: np.ndarray) -> np.ndarray:
        return np.clip(self.per_mV * (potential_mV - self.parameters["threshold_mV"]), 0.0, 1.0)


@dataclass(frozen=True)
class Rhythm:
    """What the isolated circuit does at one drive: outputs (time, neuron) by the ms, and its strides."""

    outputs: np.ndarray
    neurons: Mapping[str, int]
    onsets: Mapping[str, np.ndarray]
    stride_hz: float
    duty: float

    def of(self, names: list[str]) -> np.ndarray:
        """Return outputs (name, time)."""
        return self.outputs[:, [self.neurons[name] for name in names]].T

    def cycle(self, names: list[str], limb: str) -> np.ndarray:
        """Return outputs over the mean stride of a limb from the onset of swing, (name, COARSE)."""
        given, times = self.of(names), np.arange(len(self.outputs))
        share = np.arange(COARSE) / COARSE
        each = [
            [np.interp(start + (stop - start) * share, times, values) for values in given]
            for start, stop in zip(self.onsets[limb][:-1], self.onsets[limb][1:], strict=True)
        ]
        return np.mean(each, axis=0)

    def swinging(self, start_ms: int, stop_ms: int) -> np.ndarray:
        """Return which flexor centres exceed their extensor centres, (time, limb)."""
        flexors, extensors = (self.of([f"RG_{side}_{limb}" for limb in LIMBS]) for side in "FE")
        return (flexors > extensors)[:, start_ms:stop_ms].T


@cache
def rhythm(alpha: float) -> Rhythm:
    """Play the isolated circuit with its pattern layers."""
    cord = Preparation.of("mouse_spinal", {"alpha": alpha, "stand": 0.0}, part=PART)
    _, found, _ = play([cord], RUNNING_S + LONG_S, substeps=1)
    outputs = found[0][round(1000 * RUNNING_S) :]
    neurons = {name: k for k, name in enumerate(cord.neurons)}
    onsets = {}
    for limb in LIMBS:
        bursts = outputs[:, neurons[f"RG_F_{limb}"]] >= BURSTING
        onsets[limb] = np.flatnonzero(bursts[1:] & ~bursts[:-1])
    flexes = [outputs[:, neurons[f"RG_F_{x}"]] > outputs[:, neurons[f"RG_E_{x}"]] for x in LIMBS]
    hz = 1000.0 / float(np.mean(np.diff(onsets["hl"])))
    return Rhythm(outputs, neurons, onsets, hz, 1.0 - float(np.mean(flexes)))


Weights = Mapping[str, np.ndarray]
"""By muscle of a leg: conductances (nS) of all that excite it, then of all that inhibit it."""


@dataclass
class Projection:
    """Least squares from strides to weights; it starts from the last weights that it was told to keep."""

    layer: Layer
    motor: Motor
    kept: dict[str, np.ndarray]

    def weights(self, plan: Mapping[str, Mapping[str, float]]) -> tuple[dict[str, np.ndarray], float]:
        """Return weights, and the squared error of excitations that is left."""
        found, left = {}, 0.0
        for girdle, limb in (("h", "hl"), ("f", "fl")):
            excite, inhibit = self.layer.names(limb)
            rhythms = [rhythm(alpha) for alpha in self.layer.fitted]
            excited = np.hstack([each.cycle(excite, limb) for each in rhythms])
            inhibited = np.hstack([each.cycle(inhibit, limb) for each in rhythms])
            wanted = [self._wanted(plan, alpha, girdle) for alpha in self.layer.fitted]
            for muscle in strides.muscles(girdle):
                target = np.concatenate([each[muscle] for each in wanted])
                found[muscle], cost = self._solve(muscle, excited, inhibited, target)
                left += cost
        return found, left

    def _wanted(
        self, plan: Mapping[str, Mapping[str, float]], alpha: float, girdle: str
    ) -> dict[str, np.ndarray]:
        """Return the excitations of the stride, as they lag behind the rhythm, (COARSE,)."""
        stride, own = self.layer.stride(plan, alpha), rhythm(alpha)
        lag = self.layer.lag_s + (stride["fore_lag_s"] if girdle == "f" else 0.0)
        late = round(lag * own.stride_hz * strides.POINTS)
        table = strides.excitations(stride, girdle, own.stride_hz, own.duty)
        return {name: np.roll(values, late)[:: strides.POINTS // COARSE] for name, values in table.items()}

    def _solve(
        self, muscle: str, excited: np.ndarray, inhibited: np.ndarray, target: np.ndarray
    ) -> tuple[np.ndarray, float]:
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


def excitations(
    layer: Layer, motor: Motor, weights: Weights, alpha: float, start_ms: int, seconds: float
) -> np.ndarray:
    """Return what the muscles get by control period, (period, muscle), the standing tone fading at first."""
    own = rhythm(alpha)
    periods = round(seconds / rehearsal.CONTROL_S)
    at = start_ms + rehearsal.PHYSICS_STEPS * np.arange(1, periods + 1)
    (_, begins), (ends, _) = content.read_yaml(HERE / "controller.yaml")["ramps"]["stand"]
    standing = np.clip(begins * (1.0 - np.arange(periods) * rehearsal.CONTROL_S / ends), 0.0, None)
    found = np.zeros((periods, len(rehearsal.muscles())))
    for limb in LIMBS:
        excite, inhibit = (own.of(names)[:, at] for names in layer.names(limb))
        for muscle in strides.muscles(limb[0]):
            each = weights[muscle]
            excited = each[: len(excite)] @ excite + motor.standing_nS(muscle) * standing
            potential = motor.potential_mV(excited, each[len(excite) :] @ inhibit, motor.bias_pA(muscle))
            found[:, rehearsal.muscles().index(f"{muscle}_{limb}")] = motor.excitation(potential)
    neck = motor.per_mV / motor.parameters["neuromuscular"]["legs"] * motor.parameters["neuromuscular"]["*"]
    bias = motor.parameters["bias_pA"]["MN_neck_raiser"] / motor.parameters["leak_nS"]["motor"]
    found[:, rehearsal.muscles().index("neck_raiser")] = neck * bias
    return found


def judged(
    layer: Layer, motor: Motor, weights: Weights, rng: np.random.Generator, seconds: float = 2.6
) -> Iterator[tuple[float, rehearsal.Seen]]:
    """Yield, at each drive, what the body does from some phase of the rhythm on."""
    for alpha in layer.judged:
        start = int(rng.integers(0, 400))
        asked = excitations(layer, motor, weights, alpha, start, seconds)
        shaken = np.clip(asked + TREMOR * rng.standard_normal(asked.shape) * (asked > 0), 0.0, 1.0)
        swings = rhythm(alpha).swinging(start, start + round(1000 * seconds))
        yield alpha, rehearsal.look(shaken, swings)


def cost(layer: Layer, motor: Motor, weights: Weights, rng: np.random.Generator) -> float:
    """Return the mean cost over the drives and half of the worst one's."""
    wanted = {alpha: (low, high) for alpha, low, high in WANTED_MM_S}
    costs = [seen.cost(*wanted[alpha]) for alpha, seen in judged(layer, motor, weights, rng)]
    return float(np.mean(costs) + 0.5 * np.max(costs))


def search(layer: Layer, motor: Motor, plan: dict[str, dict[str, float]], minutes: float) -> dict[str, Any]:
    """Return a plan whose projection is better, by CMA-ES on its numbers; plans are judged with tremor."""
    steps = np.array([step for step, _, _ in strides.NUMBERS.values()])
    names = list(strides.NUMBERS)
    origin = {part: np.array([plan[part][name] for name in names]) for part in ("middle", "change")}

    def decoded(point: np.ndarray) -> dict[str, dict[str, float]]:
        middle = origin["middle"] + steps * point[: len(names)]
        change = origin["change"] + 0.5 * steps * point[len(names) :]
        return {
            part: dict(zip(names, map(float, values), strict=True))
            for part, values in (("middle", middle), ("change", change))
        }

    projection = Projection(layer, motor, {})
    projection.kept, _ = projection.weights(plan)
    rng = np.random.default_rng(0)

    def steady(weights: Weights) -> float:
        return float(np.mean([cost(layer, motor, weights, np.random.default_rng(9 + k)) for k in range(3)]))

    best, lowest = plan, steady(projection.kept)
    strategy = cma.CMAEvolutionStrategy(
        np.zeros(2 * len(names)), 0.12, {"popsize": 14, "verbose": -9, "seed": 1}
    )
    until = time.monotonic() + 60.0 * minutes
    while time.monotonic() < until:
        points, costs, solved = strategy.ask(), [], []
        for point in points:
            weights, left = projection.weights(decoded(point))
            solved.append(weights)
            near = 0.1 * float(np.mean(np.square(point)))
            costs.append(cost(layer, motor, weights, rng) + 3.0 * left + near)
        strategy.tell(points, costs)
        projection.kept = solved[int(np.argmin(costs))]
        if strategy.countiter % 5 == 0:  # the mean point is what is kept: the best of a noisy lot is luck
            middle = decoded(strategy.result.xfavorite)
            found = steady(projection.weights(middle)[0])
            if found < lowest:
                best, lowest = middle, found
            print(f"{strategy.countiter}: median {np.median(costs):.2f}, mean {found:.2f}, best {lowest:.2f}", flush=True)
    return best


def written(layer: Layer, weights: Weights) -> dict[str, float]:
    """Return weights as parameters.yaml names them."""
    found = {}
    for muscle, values in weights.items():
        girdle = next(g for g in strides.GIRDLES if muscle in strides.muscles(g))
        excite, inhibit = layer.names(f"{girdle}l")
        for name, value in zip((*excite, *inhibit), values, strict=True):
            if value >= LEAST_NS:
                found[f"{name.removesuffix(f'_{girdle}l')}>MN_{muscle}"] = float(value)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--search", type=float, metavar="MINUTES", help="look for better strides first")
    parser.add_argument("--layer", choices=LAYERS, help="just this pattern layer")
    options = parser.parse_args()
    plans, given = content.read_yaml(STRIDES), content.read_yaml(PARAMETERS)
    motor, gains = Motor(given["parameters"]), given["parameters"]["chemical_nS"]
    for name in [options.layer] if options.layer else LAYERS:
        layer = LAYERS[name]
        if options.search:
            plans[name] = rounded(search(layer, motor, plans[name], options.search))
            save(STRIDES, plans)
        weights, left = Projection(layer, motor, {}).weights(plans[name])
        print(f"{name}: squared error {left:.3f}")
        for alpha, seen in judged(layer, motor, weights, np.random.default_rng(0)):
            print(f"  alpha {alpha}: {seen}")
        old = {f"{each}>" for limb in LIMBS for part in layer.names(limb) for each in part}
        old = {each.replace(f"_{limb}>", ">") for each in old for limb in LIMBS}
        for key in [k for k in gains if ">MN_" in k and k[: k.index(">") + 1] in old]:
            del gains[key]
        gains.update(rounded(written(layer, weights)))
    save(PARAMETERS, given)


def save(file: Path, tree: Any) -> None:
    """Write a YAML file, all of it or nothing."""
    part = file.with_suffix(".part")
    part.write_text(yaml.safe_dump(tree, sort_keys=False, width=140))
    os.replace(part, file)


if __name__ == "__main__":
    main()
