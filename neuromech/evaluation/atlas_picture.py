"""The picture of an in-silico atlas: classes of neurons, clustered by whom they move and who moves them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import SymLogNorm
from matplotlib.figure import Figure
from scipy.cluster import hierarchy

from neuromech._lib.files import replacing
from neuromech.comparison.plots import png
from neuromech.visuals.figures import FAINT, INK

MOST = 150
"""So many names can be read along one side."""
FINEST = 1e-3
"""Effects below this share of the largest are drawn alike."""


def by_class(found: xr.Dataset) -> xr.Dataset:
    """Return an atlas averaged over the classes of neurons, in the order of the first of each."""
    classes = [str(each) for each in found["class"].values]
    names = list(dict.fromkeys(classes))
    weights = np.array([[each == name for each in classes] for name in names], float)
    weights /= weights.sum(axis=1, keepdims=True)
    means = {
        name: (("responding", "neuron"), weights @ found[name].values @ weights.T)
        for name in ("driven", "ablated")
    }
    return xr.Dataset(means, {"responding": names, "neuron": names}, found.attrs)


def write(found: xr.Dataset, path: Path) -> Path:
    """Draw an atlas to a PNG; of classes, if there are too many neurons to name."""
    shown = by_class(found) if found.sizes["neuron"] > MOST and "class" in found.coords else found
    with replacing(path) as part:
        part.write_bytes(png(draw(shown)))
    return path


def draw(found: xr.Dataset) -> Figure:
    """Draw what driving and what ablating does, both in the order of the clusters of the first."""
    order = clustered(found["driven"].values)
    names = [str(found["neuron"].values[k]) for k in order]
    figure = Figure(figsize=(21, 11.6))
    title = f"{found.attrs['controller']}: {found.attrs['about']}"
    figure.text(0.03, 0.97, title, fontsize=15, weight="bold", color=INK, va="center")
    for k, (key, what) in enumerate((("driven", "driven"), ("ablated", "taken out"))):
        axes = figure.add_axes((0.04 + 0.49 * k, 0.06, 0.42, 0.84))
        values = found[key].values[np.ix_(order, order)]
        _matrix(figure, axes, values, names, f"{what} (column)  \u2192  who answers (row)")
    return figure


def clustered(values: np.ndarray) -> list[int]:
    """Return the order of a square matrix's rows in which those with like rows and columns are neighbours."""
    both = np.concatenate([values, values.T], axis=1)
    scaled = np.arcsinh(both / max(FINEST * float(np.abs(both).max()), 1e-12))
    tree = hierarchy.linkage(scaled, "average", optimal_ordering=len(scaled) <= 2 * MOST)
    return [int(k) for k in hierarchy.leaves_list(tree)]


def _matrix(figure: Figure, axes: Axes, values: np.ndarray, names: list[str], title: str) -> None:
    off = values[~np.eye(len(values), dtype=bool)]  # a neuron's own change would hide all others
    largest = max(float(np.abs(off).max()), 1e-9)
    norm = SymLogNorm(FINEST * largest, vmin=-largest, vmax=largest)
    image = axes.imshow(values, cmap="RdBu_r", norm=norm, interpolation="nearest", aspect="equal")
    size = max(3.0, min(9.0, 640 / len(names)))
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=size, color=INK)
    axes.set_yticks(range(len(names)), names, fontsize=size, color=INK)
    axes.tick_params(length=0, pad=1)
    axes.set_title(title, loc="left", fontsize=11, color=FAINT)
    bar = figure.colorbar(image, ax=axes, fraction=0.03, pad=0.01)
    bar.ax.tick_params(labelsize=8, colors=FAINT)
