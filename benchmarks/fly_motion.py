"""``make controls``, the fly's motion vision: what T4 and T5 prefer, on the wiring and on a shuffled one.

Writes the table between its markers in docs/validation/fly.md. The parameters are those of
controllers/fly_optomotor (``neuromech fit fit=fly_motion``); beside them stand those of a training with
``gradient.shuffle=true`` (fly_motion_shuffled.yaml; another with ``--shuffled FILE``).
Usage: python benchmarks/fly_motion.py [--shuffled FILE]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from markers import VALIDATION, into

from neuromech.brain.encoders import optic_lobe
from neuromech.senses.eye import lattice
from neuromech.specs import content
from neuromech.training.direction_tuning import Tuning, tuning

SHUFFLED = Path(__file__).resolve().parent / "fly_motion_shuffled.yaml"
MARKERS = ("<!-- fly motion: made by make controls -->", "<!-- /fly motion -->")
TYPES = tuple(f"{cell}{layer}" for cell in ("T4", "T5") for layer in "abcd")
# Front to back, back to front, up, down (Maisak et al. 2013, doi:10.1038/nature12320); 0 towards the nose.
PUBLISHED_DEG = dict(zip("abcd", (180.0, 0.0, 90.0, 270.0), strict=True))
NEAR_DEG, SELECTIVE = 45.0, 0.2
RADIUS, COLUMNS_PER_S = 8, 15.0


def measure(file: Path, table: optic_lobe.Table) -> dict[str, tuple[Tuning, Tuning]]:
    """Tuning of every type to bright and to dark edges."""
    learned = content.read_yaml(file)["optic_lobe"]
    columns = lattice.hexagon(RADIUS)
    cells, places = optic_lobe.build(table, learned, columns), lattice.places(columns)
    both = [
        tuning(cells, places, table.numbers(list(TYPES)), learned["frame_s"], bright, COLUMNS_PER_S)
        for bright in (True, False)
    ]
    return {name: (on, off) for name, on, off in zip(TYPES, *both, strict=True)}


def shown(name: str, seen: tuple[Tuning, Tuning]) -> bool:
    """Whether a type answers its own edges most, selectively, within 45 deg of the published direction."""
    own, other = seen if name.startswith("T4") else seen[::-1]
    if own.preferred_deg is None or own.selectivity is None:
        return False
    off = abs((own.preferred_deg - PUBLISHED_DEG[name[-1]] + 180) % 360 - 180)
    twice = own.responses.max() > 2 * other.responses.max()
    return twice and own.selectivity >= SELECTIVE and off <= NEAR_DEG


def cell(name: str, seen: tuple[Tuning, Tuning]) -> str:
    """A cell of the table."""
    own, other = seen if name.startswith("T4") else seen[::-1]
    if own.preferred_deg is None:
        return "silent"
    ratio = own.responses.max() / max(float(other.responses.max()), 1e-9)
    return f"{own.preferred_deg:.0f} deg; {own.selectivity:.2f}; x {min(ratio, 99):.1f}"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shuffled", type=Path, default=SHUFFLED, help="learned on shuffled wiring")
    options = parser.parse_args()
    folder = content.find("controllers", "fly_optomotor")
    table = optic_lobe.read(folder / "optic_lobe.csv")
    columns = {"the wiring": measure(folder / "optic_lobe.yaml", table)}
    if options.shuffled.is_file():
        about = content.read_yaml(options.shuffled)["fits"][-1]
        columns["shuffled, trained alike"] = measure(options.shuffled, table.shuffled(int(about["seed"])))
    heads = [*columns, "shown on the wiring"]
    lines = [
        f"| type | edges | published | {' | '.join(heads)} |",
        f"|{'---|' * (3 + len(heads))}",
    ]
    for name in TYPES:
        found = [cell(name, each[name]) for each in columns.values()]
        met = "yes" if shown(name, columns["the wiring"][name]) else "**no**"
        edges = "bright" if name.startswith("T4") else "dark"
        published = f"{PUBLISHED_DEG[name[-1]]:.0f} deg"
        lines.append(f"| {name} | {edges} | {published} | {' | '.join([*found, met])} |")
    counts = [sum(shown(name, each[name]) for name in TYPES) for each in columns.values()]
    lines.append(f"| all eight | | | {' | '.join(f'{count} of 8' for count in counts)} | |")
    text = "\n".join(lines)
    print(text)
    if np.isfinite(counts).all():
        into(VALIDATION / "fly.md", MARKERS, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
