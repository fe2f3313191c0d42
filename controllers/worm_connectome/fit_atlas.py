"""Fit the brain to the functional atlas: once to all of it, and five times without a part, real and shuffled.

Run by hand; it goes on where it was stopped. Written are atlas_folds.yaml, with the numbers of the fits that
left a part out, which the rows on held-out neurons of configs/evaluation/worm_atlas.yaml read, and
atlas_curves.csv. The fit to all of the atlas is only printed: who wants it copies it to parameters.yaml::

    python controllers/worm_connectome/fit_atlas.py --output fits/worm_atlas
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path
from typing import Any

import yaml

import neuromech
from neuromech.specs import compose, content

HERE = Path(__file__).resolve().parent
FOLDS = 5
SHUFFLED = "perturb.shuffle_wiring=true"


def fitted(output: Path, fold: int | None, shuffled: bool) -> Path:
    """Run or go on with one fit; a part is also the seed by which its wiring is shuffled."""
    run = ["experiment=worm_crawl", *([SHUFFLED, f"seed={fold}"] if shuffled else [])]
    name = "all" if fold is None else f"{'shuffled' if shuffled else 'wired'}_{fold}"
    overrides: dict[str, Any] = {"run": run, "output": str(output / name), "gradient.held_out": fold}
    print(name, flush=True)
    return neuromech.fit("worm_atlas", **overrides)


def numbers(path: Path) -> dict[str, dict[str, float]]:
    """Return the numbers that the fit was free to choose, by section."""
    names = content.plain(compose.compose(["fit=worm_atlas"], [], primary="fit"))["parameters"]
    parameters = content.read_yaml(path)["parameters"]
    found: dict[str, dict[str, float]] = {}
    for name in names:
        section, _, member = name.partition(".")
        found.setdefault(section, {})[member] = parameters[section][member]
    return found


def main() -> None:
    """Fit, and write what was found."""
    parser = argparse.ArgumentParser(description="Fit the brain to the functional atlas, part by part.")
    parser.add_argument("--output", type=Path, default=Path("fits/worm_atlas"))
    output = parser.parse_args().output
    every = fitted(output, None, False)
    found = {
        kind: [numbers(fitted(output, fold, kind == "shuffled")) for fold in range(FOLDS)]
        for kind in ("wired", "shuffled")
    }
    about = "# Made by fit_atlas.py: what each fit to the atlas put into parameters.yaml, by part.\n"
    text = yaml.safe_dump(found, sort_keys=False, width=118, default_flow_style=None)
    (HERE / "atlas_folds.yaml").write_text(about + text, encoding="utf-8")
    with (HERE / "atlas_curves.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        for k, name in enumerate(["all", *(f"{kind}_{fold}" for kind in found for fold in range(FOLDS))]):
            rows = list(csv.reader((output / name / "curve.csv").open(newline="", encoding="utf-8")))
            writer.writerows([["fit", *rows[0]]] if k == 0 else [])
            writer.writerows([name, *row] for row in rows[1:])
    print(every)


if __name__ == "__main__":
    main()
