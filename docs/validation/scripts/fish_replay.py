"""Replay recorded bouts of a larva on the simulated body, and compare where they end.

Prints both halves of the usable bouts: one half calibrated the coefficients of the water, the other
confirms. Usage: NEUROMECH_DATA=DIR python docs/validation/scripts/fish_replay.py [--calibrate] [--step 0.001]
[--medium key=value ...]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize

from neuromech._lib.errors import InputError
from neuromech.replay import bouts as replay
from neuromech.replay.bouts import Bout, Outcome, Swimmer
from neuromech.specs import content

# Away from the wall and from rest; see the README of the data.
USABLE = (0, 1, 3, 5, 7, 10, 11, 12, 15, 17, 18, 19, 22, 23)
FITTED = ("normal_viscous", "normal_form", "tangential_viscous")
TARGETS = "targets: ratio 0.8 to 1.25, slope 0.7 to 1.4, path within 0.7 mm"


def halves(bouts: Mapping[int, Bout]) -> tuple[list[int], list[int]]:
    """Sort the usable bouts by how far they turn and deal them out alternately: calibrate, confirm."""
    turned = {i: abs(bouts[i].head[-1, 2] - bouts[i].head[0, 2]) for i in USABLE}
    order = sorted(USABLE, key=lambda i: turned[i])
    return sorted(order[::2]), sorted(order[1::2])


def outcomes(
    bouts: Mapping[int, Bout], numbers: Sequence[int], medium: Mapping[str, Any], step_s: float
) -> dict[int, Outcome]:
    environment = content.load("environments", "optomotor_tank", {"medium": dict(medium)})
    swimmer = Swimmer(content.load("bodies", "larval_fish"), environment, step_s)
    return {i: swimmer.swim(bouts[i]) for i in numbers}


def misfit(found: Mapping[int, Outcome]) -> float:
    """Mean square of path error (mm), displacement error (mm) and heading error (rad, on an arm of 1 mm)."""
    errors = []
    for o in found.values():
        (far, reached), (turn, turned) = o.displacement_mm, o.turn_deg
        errors.append(o.path_rms_mm**2 + (reached - far) ** 2 + np.radians(turned - turn) ** 2)
    return float(np.mean(errors))


def calibrate(bouts: Mapping[int, Bout], numbers: Sequence[int], step_s: float) -> dict[str, float]:
    start = content.load("environments", "optomotor_tank").medium.options

    def cost(logs: np.ndarray) -> float:
        medium = {key: float(value) for key, value in zip(FITTED, np.exp(logs), strict=True)}
        try:
            value = misfit(outcomes(bouts, numbers, medium, step_s))
        except FloatingPointError:
            value = 1e3
        print(f"{value:.4f} " + " ".join(f"{k}={v:.4g}" for k, v in medium.items()), flush=True)
        return value

    first = np.log([max(float(start[key]), 0.01) for key in FITTED])
    found = minimize(cost, first, method="Nelder-Mead", options={"maxfev": 160, "xatol": 0.02, "fatol": 1e-4})
    return {key: float(value) for key, value in zip(FITTED, np.exp(found.x), strict=True)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calibrate", action="store_true", help="search the coefficients first")
    parser.add_argument("--step", type=float, default=0.0005, help="physics step, s")
    parser.add_argument(
        "--medium", nargs="*", default=[], metavar="KEY=VALUE", help="coefficients to replace"
    )
    options = parser.parse_args()
    folder = os.environ.get("NEUROMECH_DATA")
    if not folder:
        print("replay skipped: NEUROMECH_DATA does not name the folder of recorded animals")
        return 0
    try:
        bouts = replay.load(Path(folder) / "fish" / "replay_bouts.npz")
        medium = {key: float(value) for key, value in (item.split("=", 1) for item in options.medium)}
        first, second = halves(bouts)
        if options.calibrate:
            medium = calibrate(bouts, first, options.step)
            print(medium)
        fitted = outcomes(bouts, first, medium, options.step)
        confirmed = outcomes(bouts, second, medium, options.step)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    print("calibrate:", replay.table(fitted), "confirm:", replay.table(confirmed), sep="\n")
    print(TARGETS)
    return 0


if __name__ == "__main__":
    sys.exit(main())
