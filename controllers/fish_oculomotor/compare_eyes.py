"""Hold simulated eyes against those of a recorded larva under the same windmill, and both against floors.

Run: python controllers/fish_oculomotor/compare_eyes.py    (needs fish/eyes_okr.npz in NEUROMECH_DATA)
Compared are distributions: velocity in slow phases along the windmill, place about the mean, size of quick
phases; each by exp(-W), W the Wasserstein distance in spreads of the recorded one. The score is their mean.
"""

import os
from pathlib import Path

import numpy as np

from neuromech import batch
from neuromech.loop import Loop
from neuromech.specs.compose import load_run
from neuromech.tracking.similarity import statistics
from neuromech.tracking.trackers import eyes

SHOWN = [
    "experiment=fish_okr", "duration_s=8", "environment.stimulus.way=triangle",
    "environment.stimulus.period_s=8", "environment.stimulus.speed_deg_s=7.5",
    "environment.stimulus.start_s=0",
]  # fmt: skip
SEEDS = 4
FLOORS = {"wiring shuffled": ["perturb.shuffle_wiring=true"], "eyes at rest": ["perturb.ablate=[motor]"]}

Samples = dict[str, np.ndarray]


def samples(times: np.ndarray, both_deg: np.ndarray, windmill_deg: np.ndarray) -> Samples:
    """Return velocity in slow phases (deg/s), place about the mean and size of quick phases (deg)."""
    slow, place, size = [], [], []
    _, _, turning = eyes.smooth(times, windmill_deg)
    for angle in both_deg.T:
        _, even, velocity = eyes.smooth(times, angle)
        near, phases = eyes.quick(velocity)
        moves = ~near & (np.abs(turning) > eyes.MOVES_DEG_S)
        slow.append((velocity * np.sign(turning))[moves])
        place.append(even - even.mean())
        size += [np.ptp(even[max(a - 5, 0) : b + 6]) for a, b in phases]
    return {"slow": np.concatenate(slow), "place": np.concatenate(place), "quick": np.array(size)}


def played(*overrides: str) -> Samples:
    """Return the samples of all seeds together."""
    loops = [Loop.of(load_run([*SHOWN, f"seed={seed}", *overrides])) for seed in range(SEEDS)]
    found = []
    for seen in batch.watch(loops):
        heading = seen["stimulus"].sel(stimulus_channel="pattern_heading_rad").values
        both = np.degrees(seen["sense_eye_angle"].values.astype(float))
        found.append(samples(seen["time"].values, both, np.degrees(heading)))
    return {name: np.concatenate([each[name] for each in found]) for name in found[0]}


def recorded() -> Samples:
    """Return the samples of the recorded larva; angles in its picture grow clockwise."""
    held = np.load(Path(os.environ["NEUROMECH_DATA"]) / "fish" / "eyes_okr.npz")
    names, values, stimulus = list(held["cols"]), held["values"], held["stim_values"]
    times, both = values[:, names.index("t")], values[:, [names.index(f"th_e{k}") for k in (0, 1)]]
    return samples(times, both, -np.degrees(np.interp(times, stimulus[:, 4], stimulus[:, 2])))


def score(simulated: Samples, animal: Samples) -> tuple[float, dict[str, float]]:
    """Return the score and the similarity of each sample; what was not seen has 0."""
    each = {}
    for name, values in animal.items():
        width = statistics.distance(simulated[name], values) if len(simulated[name]) else None
        each[name] = 0.0 if width is None else float(np.exp(-width))
    return float(np.mean(list(each.values()))), each


def main() -> None:
    """Print the table."""
    animal = recorded()
    halves = [{name: part[k::2] for name, part in animal.items()} for k in (0, 1)]
    print("| eyes | score | slow phases | place | quick phases |\n|---|---|---|---|---|")
    rows = {"simulated": played()} | {name: played(*what) for name, what in FLOORS.items()}
    for name, found in rows.items():
        total, each = score(found, animal)
        print(f"| {name} | {total:.2f} | " + " | ".join(f"{value:.2f}" for value in each.values()) + " |")
    print(f"every other sample of the animal against the rest: {score(halves[0], halves[1])[0]:.2f}")


if __name__ == "__main__":
    main()
