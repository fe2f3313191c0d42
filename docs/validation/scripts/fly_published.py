"""``make controls``: the spiking brain against the trials of Shiu et al. 2024, where FlyWire is fetched.

Sugar receptor neurons of one side get random spikes for 1 s; who fires how often is written beside what the
authors' own result files hold (doi:10.1038/s41586-024-07763-9; version 630, 30 trials; at the rates that
their notebook gives, 200 and 100 Hz). Nothing but the brain is simulated. Without it the table says so.
Usage: python docs/validation/scripts/fly_published.py [--trials 30] [--wiring flywire_630]
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass

import numpy as np
from markers import VALIDATION, into

from neuromech.brain import wirings
from neuromech.brain.encoders import random_spikes
from neuromech.brain.neurons.event_driven import EventNetwork
from neuromech.brain.neurons.lif import Membrane
from neuromech.brain.neurons.synapses import Synapses
from neuromech.brain.sparse_connectome import SparseConnectome
from neuromech.specs import content

MARKERS = ("<!-- fly brain published: made by make controls -->", "<!-- /fly brain published -->")
SUGAR, OUTPUT = "sugar_GRN_L", "MN9_R"
"""Our sides are those of FlyWire 783; the authors call these right and left."""
SECONDS = 1.0


@dataclass(frozen=True)
class Trials:
    """Means over trials: spikes, and rate of the output neuron (Hz); neurons active in any of them."""

    spikes: float
    active: float | None
    output_Hz: float


PUBLISHED = {200.0: Trials(17052.2, 448, 93.3), 100.0: Trials(9635.8, None, 67.0)}
"""By rate of the sugar neurons, release 630. 511,566 spikes and 448 neurons stand in the notebook
(example.ipynb of philshiu/Drosophila_brain_model); the rest was counted in the authors' result files by a
predecessor, whose counts of active neurons (403 and 354) follow another definition, which is not known."""


def measure(
    synapses: Synapses, sugar: np.ndarray, output: int, rate_Hz: float, trials: int, seed: int = 0
) -> Trials:
    """Play ``trials`` of 1 s each in which ``sugar`` (cell,) get random spikes at ``rate_Hz``."""
    membrane = Membrane()
    network = EventNetwork(synapses, membrane)
    network.unrefract(sugar)
    steps = round(1000 * SECONDS / membrane.step_ms)
    rng, spikes, outputs = np.random.default_rng(seed), [], []
    fired = np.zeros(synapses.size, bool)
    for _ in range(trials):
        network.reset()
        rates = np.full(len(sugar), rate_Hz)
        found = network.advance(steps, *random_spikes.events(rng, sugar, rates, steps, membrane.step_ms))
        spikes.append(len(found.cell))
        outputs.append((found.cell == output).sum() / SECONDS)
        fired[found.cell] = True
    return Trials(float(np.mean(spikes)), float(fired.sum()), float(np.mean(outputs)))


def named(brain: SparseConnectome, start: str) -> np.ndarray:
    """Return the neurons of a wiring (cell,) whose names start so."""
    with (content.find("controllers", "fly_brain") / "neurons.csv").open(encoding="utf-8") as file:
        ids = [row[brain.id_column] for row in csv.DictReader(file) if row["name"].startswith(start)]
    cells = brain.find(ids)
    return cells[cells >= 0]


def table(name: str, trials: int) -> str:
    """Return the markdown table."""
    brain = SparseConnectome.load(name)
    sugar, output = named(brain, SUGAR), int(named(brain, OUTPUT)[0])
    shuffled = brain.synapses.shuffled(0)
    lines = [
        f"| {trials} trials | spikes in 1 s | neurons that ever fired | MN9, Hz |",
        "|---|---|---|---|",
    ]
    for rate, theirs in PUBLISHED.items():
        ours = measure(brain.synapses, sugar, output, rate, trials)
        other = measure(shuffled, sugar, output, rate, trials)
        rows = (("published, flywire_630", theirs), (f"here, {name}", ours), (f"{name} shuffled", other))
        for who, each in rows:
            active = "not known" if each.active is None else f"{each.active:g}"
            numbers = f"{each.spikes:,.0f} | {active} | {each.output_Hz:.1f}"
            lines.append(f"| sugar at {rate:g} Hz, {who} | {numbers} |")
    return "\n".join(lines)


def main() -> None:
    """Play the trials, print the table, and put it into its page; only say so where there is no brain."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--wiring", default="flywire_630", choices=("flywire_630", "flywire_783"))
    options = parser.parse_args()
    if not wirings.here(options.wiring):
        print(f"not compared: {options.wiring} is not here; 'neuromech data fetch {options.wiring}' gets it")
        return
    text = table(options.wiring, options.trials)
    print(text)
    into(VALIDATION / "fly_brain.md", MARKERS, text)


if __name__ == "__main__":
    main()
