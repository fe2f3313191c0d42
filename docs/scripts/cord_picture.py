"""Draw the walking circuit of one leg of fly_manc, and when motor pools of six legs fire without a body."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

FOLDER = Path(__file__).resolve().parents[2] / "controllers" / "fly_manc"
LEG = "lf"
LEGS = ("lf", "lm", "lh", "rf", "rm", "rh")
POOLS = {
    "grip": "grip",
    "ti_flex": "tibia flexion",
    "tr_extend": "trochanter extension",
    "coxa_stance": "coxa stance",
    "ti_extend": "tibia extension",
    "tr_flex": "trochanter flexion",
    "coxa_swing": "coxa swing",
}
PLACES = {
    "DNg100": (0.5, 0.95), "E1": (0.2, 0.72), "E2": (0.5, 0.72), "I1": (0.8, 0.72),
    "other excitatory": (0.27, 0.42), "other inhibitory": (0.73, 0.42),
    **{pool: (0.05 + 0.15 * k, 0.1) for k, pool in enumerate(POOLS)},
}  # fmt: skip
SIGNS = {1: "#2a9d8f", -1: "#c4473a"}
FEWEST = 20
"""The smallest number of synapses between two groups that is drawn."""


def groups() -> pd.Series:
    """Return the drawn group of every neuron of the leg, and of the descending ones, by name."""
    neurons = pd.read_csv(FOLDER / "neurons.csv")
    neurons = neurons[(neurons.source == "MANC") & ((neurons.leg == LEG) | (neurons.type == "descending"))]
    edges = pd.read_csv(FOLDER / "connections.csv")
    inhibits = set(edges[(edges.source == "MANC") & (edges.sign < 0)].pre)
    named = {}
    for name, kind, role in zip(neurons["name"], neurons["class"], neurons["type"], strict=True):
        if role == "premotor" and kind not in PLACES:
            named[name] = "other inhibitory" if name in inhibits else "other excitatory"
        else:
            named[name] = kind if role != "motor" else kind[:-2]
    return pd.Series(named)


def circuit(axis: Axes) -> None:
    """Draw the groups and the synapses between them, as wide as they are many."""
    group = groups()
    edges = pd.read_csv(FOLDER / "connections.csv")
    edges = edges[(edges.source == "MANC") & edges.pre.isin(group.index) & edges.post.isin(group.index)]
    drawn = (
        edges.assign(a=edges.pre.map(group), b=edges.post.map(group)).groupby(["a", "b", "sign"]).weight.sum()
    )
    for (a, b, sign), count in drawn.items():
        if a == b or a not in PLACES or b not in PLACES or a in POOLS or count < FEWEST:
            continue
        axis.add_patch(
            FancyArrowPatch(
                PLACES[a], PLACES[b], connectionstyle="arc3,rad=0.12", arrowstyle="-|>", mutation_scale=9,
                shrinkA=16, shrinkB=16, lw=0.25 * np.sqrt(count) ** 0.8, color=SIGNS[int(sign)], alpha=0.75,
            )
        )  # fmt: skip
    for name, (x, y) in PLACES.items():
        text = POOLS.get(name, name).replace(" ", "\n")
        axis.text(
            x, y, text, ha="center", va="center", fontsize=7.5, zorder=3,
            bbox={"boxstyle": "round,pad=0.35", "fc": "white", "ec": "#555", "lw": 0.8},
        )  # fmt: skip
    axis.set(xlim=(-0.06, 1.06), ylim=(0.0, 1.04))
    axis.axis("off")
    axis.set_title("the left front leg: synapses of MANC", fontsize=9)


def pools(figure: Figure, places: list[Axes]) -> None:
    """Draw the mean rate of every motor pool through time, one panel for each leg."""
    from neuromech.brain.isolated import Preparation, play

    cord = Preparation.of("fly_manc", {"DNg100_L": 1.0, "DNg100_R": 1.0}, ablate=["sensory"])
    times, output, _ = play([cord], 1.6, 0.002, 2)
    seen = times > 1.2
    for axis, leg in zip(places, LEGS, strict=True):
        rows = []
        for pool in POOLS:
            own = [k for k, name in enumerate(cord.neurons) if name.startswith(f"MN_{leg}_{pool}_")]
            rate = output[0][seen][:, own].mean(axis=1)
            rows.append(rate / rate.max())
        axis.imshow(rows, aspect="auto", cmap="Greys", extent=(0, 0.4, len(rows) - 0.5, -0.5), vmin=0, vmax=1)
        first = output[0][seen][:, cord.neurons.index(f"E1_{leg}")]
        axis.plot(times[seen] - 1.2, 6.4 - 6.8 * first / first.max(), color="#e07a3f", lw=1.2)
        axis.set_title(leg, fontsize=9)
        shown = leg in ("lf", "rf")
        axis.set_yticks(range(len(rows)), list(POOLS.values()) if shown else [""] * len(rows), fontsize=7)
        axis.tick_params(axis="x", labelsize=7)
    figure.supxlabel("time, s; E1 of the leg in orange", fontsize=8, x=0.75)


def cord() -> Figure:
    """Return the whole picture."""
    figure = plt.figure(figsize=(12.5, 4.8), layout="constrained")
    grid = figure.add_gridspec(2, 4, width_ratios=[2.6, 1, 1, 1])
    circuit(figure.add_subplot(grid[:, 0]))
    pools(figure, [figure.add_subplot(grid[k // 3, 1 + k % 3]) for k in range(6)])
    return figure
