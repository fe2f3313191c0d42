"""Weights from the pattern layers to the legs' motor neurons: found from strides, written to parameters.yaml.

strides.yaml says, for each layer, how feet should go at one alpha and how that changes with alpha. By muscle,
least squares makes the motor neurons follow the excitations of such strides (strides.py) through what the
layer's populations do in the isolated circuit (projection.py). Strides are judged only by what is then left
of them: those motor neurons drive the body, without feedback, from any phase of the rhythm (rehearsal.py), at
steady drives, while a rising drive goes from one layer to the next, and in the circuit without V0.

    python controllers/mouse_spinal/make_pattern.py                           # strides to parameters
    python controllers/mouse_spinal/make_pattern.py --search 15 --layer slow  # look for better strides first
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cma
import numpy as np
import yaml

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import rehearsal  # noqa: E402  (a folder of content is no package)
import strides  # noqa: E402
from projection import Drive, Layer, Motor, Plan, Projection, Weights, excitations, rhythm  # noqa: E402

from neuromech._lib.files import write_text  # noqa: E402
from neuromech.specs import content  # noqa: E402
from neuromech.training.fit import rounded  # noqa: E402

STRIDES, PARAMETERS = HERE / "strides.yaml", HERE / "parameters.yaml"
LEAST_NS = 0.003
"""Weaker weights are left out."""
TREMOR = 0.03
"""Standard deviation of what is added to excitations while strides are judged."""
SECONDS = 2.2
BATCH = 5
"""Cases of a generation of the search."""
NO_V0 = ("V0V", "V0V_diag", "V0D", "V0D_diag")


def at(*alphas: float, ablate: tuple[str, ...] = ()) -> tuple[Drive, ...]:
    """Return steady drives."""
    return tuple(Drive(alpha, alpha, ablate) for alpha in alphas)


LAYERS = {
    "slow": Layer("slow", at(0.1, 0.2, 0.3), middle=0.2, lag_s=0.02),
    "brisk": Layer("brisk", at(0.4, 0.55, 0.7), middle=0.6, lag_s=0.02),
    "fast": Layer("fast", (*at(0.3, 0.5, 0.7, ablate=NO_V0), *at(0.9)), middle=0.6, lag_s=0.01),
}


@dataclass(frozen=True)
class Case:
    """What strides are judged by: a drive, and the speeds (mm/s) between which costs nothing."""

    drive: Drive
    wanted_mm_s: tuple[float, float]
    untimely: float = 20.0
    """Cost of feet that are never on the ground when the rhythm has them there."""


def steady(wanted_mm_s: Mapping[float, tuple[float, float]]) -> tuple[Case, ...]:
    """Return a case for each alpha."""
    return tuple(
        Case(drive, wanted) for drive, wanted in zip(at(*wanted_mm_s), wanted_mm_s.values(), strict=True)
    )


def rising(alpha: float, wanted_mm_s: tuple[float, float]) -> tuple[Case, ...]:
    """Return cases of an alpha that rises as slowly as in `make controls`, at four phases of the stride."""
    starts = [alpha + late for late in (0.0, 0.001, 0.002, 0.003)]
    return tuple(Case(Drive(start, start + 0.07), wanted_mm_s) for start in starts)


def bounding(*alphas: float) -> tuple[Case, ...]:
    """Return a case for each alpha in the circuit without V0."""
    return tuple(Case(drive, (150.0, 600.0), untimely=30.0) for drive in at(*alphas, ablate=NO_V0))


TO_BRISK = rising(0.338, (230.0, 330.0))
CASES = {
    "slow": (
        *steady({0.1: (80, 120), 0.2: (150, 190), 0.3: (230, 280), 0.35: (260, 310)}),
        *TO_BRISK,
    ),
    "brisk": (
        *steady({0.4: (270, 330), 0.5: (340, 420), 0.6: (390, 480), 0.7: (420, 560), 0.78: (440, 600)}),
        *TO_BRISK,
    ),
    "fast": (*steady({0.86: (350, 700), 0.9: (380, 700)}), *bounding(0.3, 0.4, 0.5, 0.6, 0.7)),
}


def judged(
    cases: tuple[Case, ...],
    weights: Mapping[Layer, Weights],
    motor: Motor,
    rng: np.random.Generator,
) -> Iterator[tuple[Case, rehearsal.Seen]]:
    """Yield what the body does in each case, from some phase of the rhythm on."""
    for case in cases:
        start, own = int(rng.integers(0, 400)), rhythm(case.drive)
        asked = excitations(weights, motor, own, start, SECONDS)
        shaken = np.clip(asked + TREMOR * rng.standard_normal(asked.shape) * (asked > 0), 0.0, 1.0)
        yield case, rehearsal.look(shaken, own.swings[start : start + round(1000 * SECONDS)])


def cost(
    cases: tuple[Case, ...], weights: Mapping[Layer, Weights], motor: Motor, rng: np.random.Generator
) -> float:
    """Return the mean cost of the cases and half of the worst one's."""
    each = [seen.cost(*case.wanted_mm_s, case.untimely) for case, seen in judged(cases, weights, motor, rng)]
    return float(np.mean(each) + 0.5 * np.max(each))


def search(
    name: str, plan: Plan, motor: Motor, others: Mapping[Layer, Weights], minutes: float, sigma: float
) -> Iterator[dict[str, dict[str, float]]]:
    """Yield plans whose projections are ever better, by CMA-ES on their numbers, judged with tremor.

    `others` are the weights of the other layers.
    """
    layer, cases = LAYERS[name], CASES[name]
    steps = np.array([step for step, _, _ in strides.NUMBERS.values()])
    names = list(strides.NUMBERS)
    origin = {part: np.array([plan[part][each] for each in names]) for part in ("middle", "change")}

    def decoded(point: np.ndarray) -> dict[str, dict[str, float]]:
        middle = origin["middle"] + steps * point[: len(names)]
        change = origin["change"] + 0.5 * steps * point[len(names) :]
        return {
            part: dict(zip(names, map(float, values), strict=True))
            for part, values in (("middle", middle), ("change", change))
        }

    projection = Projection(layer, motor, {})
    projection.kept, _ = projection.weights(plan)

    def costs_of(weights: Weights, some: tuple[Case, ...], seed: int) -> float:
        return cost(some, {**others, layer: weights}, motor, np.random.default_rng(seed))

    def steadily(weights: Weights) -> float:
        return float(np.mean([costs_of(weights, cases, seed) for seed in range(3)]))

    lowest = steadily(projection.kept)
    strategy = cma.CMAEvolutionStrategy(
        np.zeros(2 * len(names)), sigma, {"popsize": 14, "verbose": -9, "seed": 1}
    )
    until = time.monotonic() + 60.0 * minutes
    while time.monotonic() < until:
        points, costs, solved = strategy.ask(), [], []
        # Within a generation all are judged by the same cases, phases and tremor.
        drawn = np.random.default_rng(strategy.countiter).permutation(len(cases))[:BATCH]
        some = tuple(cases[k] for k in drawn)
        for point in points:
            weights, left = projection.weights(decoded(point))
            solved.append(weights)
            near = 0.1 * float(np.mean(np.square(point)))
            costs.append(costs_of(weights, some, 100 + strategy.countiter) + 3.0 * left + near)
        strategy.tell(points, costs)
        projection.kept = solved[int(np.argmin(costs))]
        if strategy.countiter % 10 == 0:  # the mean point is what is kept: the best of a noisy lot is luck
            middle = decoded(strategy.result.xfavorite)
            found = steadily(projection.weights(middle)[0])
            if found < lowest:
                lowest = found
                yield middle
            print(
                f"{strategy.countiter}: median {np.median(costs):.2f}, mean {found:.2f}, best {lowest:.2f}",
                flush=True,
            )


def main() -> None:
    """Write the weights."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--search", type=float, metavar="MINUTES", help="look for better strides first")
    parser.add_argument("--sigma", type=float, default=0.12, help="width of the search at first")
    parser.add_argument("--layer", choices=LAYERS, help="just this pattern layer")
    options = parser.parse_args()
    plans, given = content.read_yaml(STRIDES), content.read_yaml(PARAMETERS)
    motor, gains = Motor(given["parameters"]), given["parameters"]["chemical_nS"]
    found = {layer: layer.weights(gains) for layer in LAYERS.values()}
    for name in [options.layer] if options.layer else LAYERS:
        layer = LAYERS[name]
        if options.search:
            for plan in search(name, plans[name], motor, found, options.search, options.sigma):
                plans[name] = rounded(plan)
                save(STRIDES, plans)
        found[layer], left = Projection(layer, motor, {}).weights(plans[name])
        print(f"{name}: squared error {left:.3f}")
        for case, seen in judged(CASES[name], found, motor, np.random.default_rng(0)):
            print(f"  {case.drive}: {seen}")
        for key in layer.named(found[layer]):
            gains.pop(key, None)
        strong = {key: value for key, value in layer.named(found[layer]).items() if value >= LEAST_NS}
        gains.update(rounded(strong))
    save(PARAMETERS, given)


def save(file: Path, tree: Any) -> None:
    """Write a YAML file."""
    write_text(file, yaml.safe_dump(tree, sort_keys=False, width=140))


if __name__ == "__main__":
    main()
