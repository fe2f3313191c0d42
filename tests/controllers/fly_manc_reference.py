"""The walking circuit of MANC written again without neuromech: scipy integrates the equations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.integrate import solve_ivp
from scipy.sparse import csr_array

TABLES = Path(__file__).resolve().parents[2] / "controllers" / "fly_manc"
TAU_S, SLOPE, THRESHOLD, CAP, PER_SYNAPSE = 0.020, 1.0, 7.5, 200.0, 0.03
"""Numbers of Pugliese et al. 2025 (doi:10.1101/2025.09.12.675944); see fly_manc's README.md."""


def integrated(
    drive: float, seconds: float, settling_s: float, names: Sequence[str], legs: Sequence[str]
) -> dict[str, np.ndarray]:
    """Rates (Hz) of the named neurons of the legs after the settling, one sample every ms.

    Both DNg100 get the same constant input. Runge-Kutta of order 5(4), its steps chosen by the error.
    """
    neurons = pd.read_csv(TABLES / "neurons.csv")
    cells = neurons[neurons.source == "MANC"].reset_index(drop=True)
    edges = pd.read_csv(TABLES / "connections.csv")
    edges = edges[edges.source == "MANC"]
    place = pd.Series(cells.index, cells["name"])
    weights = csr_array(
        (PER_SYNAPSE * edges.weight * edges.sign, (place[edges.post], place[edges.pre])),
        shape=(len(cells), len(cells)),
    )
    size = np.asarray(cells["size"], float)
    current = np.where(cells["class"] == "DNg100", drive, 0.0)

    def slope(_: float, rate: np.ndarray) -> np.ndarray:
        above = current + weights @ rate - THRESHOLD * size
        return (np.maximum(0.0, CAP * np.tanh(SLOPE / size / CAP * above)) - rate) / TAU_S

    times = np.arange(settling_s, seconds, 0.001)
    found = solve_ivp(slope, (0, seconds), np.zeros(len(cells)), "RK45", times, rtol=1e-6, atol=1e-6)
    return {f"{name}_{leg}": found.y[place[f"{name}_{leg}"]] for name in names for leg in legs}
