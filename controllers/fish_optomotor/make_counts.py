"""Write hindbrain_counts.csv: synapses between the imaged populations of the anterior hindbrain of one larva.

Run: NEUROMECH_DATA=... python controllers/fish_optomotor/make_counts.py
The counts are those of Boulanger-Weill et al. 2025. Their repository (github jboulanger91/Zebrafish_CLEM at
92e9fb5, MIT licence) lists for each population which cells its input synapses come from, by side. Two typings
are kept: `imaged` counts cells whose activity was imaged in the animal, `predicted` also those whose type was
predicted from their shape. Partners without a type or a transmitter are left out, and so are those too few to
be a population of their own.
"""

import csv
import os
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = "fish/clem_zfish1"
SEEDS = {"MON": "MON", "SMI": "SMI", "cMI": "cMI", "iMI+": "iMIe", "iMI-": "iMIi"}
"""Populations as the repository calls them, and here."""
TYPINGS = {"gt": "imaged", "lda": "predicted"}
SIDES = {"same_side": "same", "different_side": "other"}
ROSTRAL = "axon exits the volume rostrally"
"""Where axons come from that are counted as RA."""


def presynaptic(row: dict[str, str]) -> str | None:
    """Return the population that a row's synapses come from, None for one that is left out."""
    function, transmitter = row["Functional Classifier"], row["Neurotransmitter Classifier"]
    projection = row["Projection Classifier"]
    if function == "axon":
        return "RA" if row["Axon Exit Direction"] == ROSTRAL else None
    kind = (function, transmitter, projection)
    return {
        ("motion_integrator", "excitatory", "ipsilateral"): "iMIe",
        ("motion_integrator", "inhibitory", "ipsilateral"): "iMIi",
        ("motion_integrator", "inhibitory", "contralateral"): "cMI",
        ("motion_onset", "inhibitory", "ipsilateral"): "MON",
        ("motion_onset", "inhibitory", "contralateral"): "MON",
        ("slow_motion_integrator", "excitatory", "ipsilateral"): "SMIe",
        ("slow_motion_integrator", "inhibitory", "contralateral"): "SMIi",
    }.get(kind)


def population(row: dict[str, str]) -> str | None:
    """Return the population that a reconstructed cell belongs to."""
    function = row["functional classifier"]
    if function == "motion_onset":
        return "MON"
    if function == "slow_motion_integrator":
        return "SMI"
    integrators = {
        ("inhibitory", "contralateral"): "cMI",
        ("excitatory", "ipsilateral"): "iMIe",
        ("inhibitory", "ipsilateral"): "iMIi",
    }
    kind = row["neurotransmitter classifier"], row["projection classifier"]
    return integrators.get(kind) if function == "motion_integrator" else None


def rows(folder: Path) -> list[list[object]]:
    """Return the rows of the table: counts by pair and side, then cells and input synapses of each."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    inputs: Counter[tuple[str, str]] = Counter()
    with (folder / "population_connectivity.csv").open() as file:
        for row in csv.DictReader(file):
            if row["Unit Type"] != "synapses" or row["Connection Type"] != "inputs":
                continue
            post, typing = SEEDS.get(row["seed_population"]), TYPINGS[row["typing"]]
            if post is None:
                continue
            inputs[post, typing] = round(float(row["Global_Total"]))
            if (pre := presynaptic(row)) is not None:
                found[pre, post, SIDES[row["Side"]], typing] += int(row["Count"])
    with (folder / "neurons.csv").open() as file:
        cells = Counter(population(row) for row in csv.DictReader(file) if row["type"] == "cell")
    pairs = sorted({key[:3] for key in found})
    counts = [[*pair, *(found[(*pair, typing)] for typing in TYPINGS.values())] for pair in pairs]
    totals: list[list[object]] = [
        ["", post, name, *(value[typing] for typing in TYPINGS.values())]
        for post in SEEDS.values()
        for name, value in (
            ("all inputs", {typing: inputs[post, typing] for typing in TYPINGS.values()}),
            ("cells", {"imaged": cells[post], "predicted": ""}),
        )
    ]
    return [*counts, *totals]


def main() -> None:
    """Write the table from the files under NEUROMECH_DATA."""
    folder = Path(os.environ["NEUROMECH_DATA"]) / SOURCE
    with (HERE / "hindbrain_counts.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["pre", "post", "side", *TYPINGS.values()])
        writer.writerows(rows(folder))


if __name__ == "__main__":
    main()
