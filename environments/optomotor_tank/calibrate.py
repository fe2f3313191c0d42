"""Fit the three coefficients of the water to half of the recorded bouts of a larva.

Usage: NEUROMECH_DATA=DIR python environments/optomotor_tank/calibrate.py. Prints every try and, at the end,
what belongs into environment.yaml. `neuromech evaluate evaluation=larva_recorded` shows both halves.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

from neuromech._lib.errors import InputError
from neuromech.replay import bouts as replay
from neuromech.specs import content, datasets, evaluation

FITTED = ("normal_viscous", "normal_form", "tangential_viscous")
STEP_S = 0.0005


def cost(logs: np.ndarray, bouts: dict[int, replay.Bout]) -> float:
    """Mean square of path error (mm), displacement error (mm) and heading error (rad, on an arm of 1 mm)."""
    medium = dict(zip(FITTED, map(float, np.exp(logs)), strict=True))
    environment = content.load("environments", "optomotor_tank", {"medium": medium})
    swimmer = replay.Swimmer(content.load("bodies", "larval_fish"), environment, STEP_S)
    errors = []
    try:
        for bout in bouts.values():
            found = swimmer.swim(bout)
            (far, reached), (turn, turned) = found.displacement_mm, found.turn_deg
            errors.append(found.path_rms_mm**2 + (reached - far) ** 2 + np.radians(turned - turn) ** 2)
    except (FloatingPointError, InputError):  # unstable
        errors = [1e3]
    print(f"{np.mean(errors):.4f} " + " ".join(f"{k}={v:.4g}" for k, v in medium.items()), flush=True)
    return float(np.mean(errors))


def main() -> None:
    """Search from the coefficients of environment.yaml."""
    half = evaluation.load("larva_recorded").rows["calibrated"].replay
    assert half is not None
    there = replay.load(datasets.locate(half.measured))
    bouts = {number: there[number] for number in half.bouts}
    start = content.load("environments", "optomotor_tank").medium.options
    first = np.log([max(float(start[key]), 0.01) for key in FITTED])
    options = {"maxfev": 160, "xatol": 0.02, "fatol": 1e-4}
    found = minimize(cost, first, (bouts,), "Nelder-Mead", options=options)
    print({key: round(float(value), 4) for key, value in zip(FITTED, np.exp(found.x), strict=True)})


if __name__ == "__main__":
    main()
