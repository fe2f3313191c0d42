"""Weights from the pattern layers to the legs' motor neurons: found from strides, written to parameters.yaml.

strides.yaml says, for each layer, how feet should go at one alpha and how that changes with alpha. By muscle,
least squares makes the motor neurons follow the excitations of such strides (strides.py) through what the
layer's populations do in the isolated circuit (projection.py). Strides are judged only by what is then left
of them: those motor neurons drive the body, without feedback, from any phase of the rhythm (rehearsal.py).

    python controllers/mouse_spinal/make_pattern.py                           # strides to parameters
    python controllers/mouse_spinal/make_pattern.py --search 15 --layer slow  # look for better strides first
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cma
import numpy as np
import yaml

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import rehearsal  # noqa: E402  (a folder of content is no package)
import strides  # noqa: E402
from projection import Layer, Motor, Plan, Projection, Weights, excitations, rhythm  # noqa: E402
from rehearsal import LIMBS  # noqa: E402

from neuromech import content  # noqa: E402
from neuromech.training.fit import rounded  # noqa: E402

STRIDES, PARAMETERS = HERE / "strides.yaml", HERE / "parameters.yaml"
LEAST_NS = 0.003
"""Weaker weights are left out."""
TREMOR = 0.03
"""Standard deviation of what is added to excitations while strides are judged."""
SECONDS = 3.0
SIX = ("lift", "swing", "reach", "touch", "stance", "push")
LAYERS = {
    "slow": Layer(
        "_slow",
        (*SIX, "late"),
        ("slow", "InSlow"),
        (0.1, 0.2, 0.3),
        (0.1, 0.2, 0.3, 0.35),
        0.2,
        0.02,
    ),
    "brisk": Layer("", SIX, ("brisk", "InBrisk"), (0.4, 0.55, 0.7), (0.4, 0.5, 0.6, 0.7, 0.78), 0.6, 0.02),
    "fast": Layer("_fast", SIX, ("fast", "InFast"), (0.88, 0.95), (0.86, 0.9, 0.95), 0.9, 0.01),
}
WANTED_MM_S = (  # alpha, and the speeds between which a stride costs nothing
    (0.1, 80, 120), (0.2, 150, 190), (0.3, 230, 280), (0.35, 260, 310),
    (0.4, 270, 330), (0.5, 340, 420), (0.6, 390, 480), (0.7, 420, 560), (0.78, 440, 600), (0.86, 450, 700),
    (0.9, 470, 700), (0.95, 480, 700),
)  # fmt: skip


def judged(
    layer: Layer, motor: Motor, weights: Weights, rng: np.random.Generator, seconds: float = SECONDS
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


def search(
    layer: Layer, motor: Motor, plan: Plan, minutes: float, sigma: float
) -> Iterator[dict[str, dict[str, float]]]:
    """Yield plans whose projections are ever better, by CMA-ES on their numbers, judged with tremor."""
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

    lowest = steady(projection.kept)
    strategy = cma.CMAEvolutionStrategy(
        np.zeros(2 * len(names)), sigma, {"popsize": 14, "verbose": -9, "seed": 1}
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
                lowest = found
                yield middle
            print(
                f"{strategy.countiter}: median {np.median(costs):.2f}, mean {found:.2f}, best {lowest:.2f}",
                flush=True,
            )


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
    for name in [options.layer] if options.layer else LAYERS:
        layer = LAYERS[name]
        if options.search:
            for plan in search(layer, motor, plans[name], options.search, options.sigma):
                plans[name] = rounded(plan)
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
