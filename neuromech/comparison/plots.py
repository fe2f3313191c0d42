"""The figures of a comparison: score between floor and ceiling, distributions, and dynamics."""

from __future__ import annotations

import io

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy.stats import gaussian_kde

from neuromech.comparison.baselines import RANDOM, SHUFFLED, TITLES
from neuromech.comparison.compare import Comparison
from neuromech.tracking.similarity import statistics
from neuromech.tracking.similarity.features import Behaviour
from neuromech.tracking.similarity.score import FeatureComparison, stacked
from neuromech.visuals.figures import FAINT, GRID, INK, plain

ANIMAL, SIMULATED = "#6b7280", "#2f6fb2"
FLOORS = {SHUFFLED: "#c4473a", RANDOM: "#d99a2b"}
COLUMNS = 4


def png(figure: Figure) -> bytes:
    """Return a figure as the bytes of a PNG."""
    FigureCanvasAgg(figure)
    memory = io.BytesIO()
    figure.savefig(memory, format="png", dpi=120, facecolor="white")
    return memory.getvalue()


def score(found: Comparison) -> Figure:
    """Draw the score on its scale: controls, simulation with its interval, and ceiling."""
    figure = Figure(figsize=(9.6, 2.2))
    axes = figure.add_axes((0.03, 0.47, 0.94, 0.2))
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set(xlim=(0, 1), ylim=(-1, 1), yticks=[])
    axes.tick_params(colors=FAINT, labelsize=8)
    axes.axhline(0, color=GRID, lw=6, zorder=0, solid_capstyle="butt")
    assert found.ceiling is not None
    axes.axvspan(found.ceiling, 1, ymin=0.3, ymax=0.7, color="#e4e7ec", zorder=1, lw=0)
    # The labels stand at different heights, because any two values may lie close together.
    floors = sorted((each.score, TITLES[name], FLOORS[name]) for name, each in found.floors.items())
    marks = [(*floor, -3.5 - 1.4 * k) for k, floor in enumerate(floors)]
    marks.append((found.ceiling, "the animal against itself", ANIMAL, 1.2))
    marks.append((found.similarity.score, "simulation", SIMULATED, 2.6))
    for value, label, colour, lift in marks:
        axes.plot(value, 0, "o", ms=11, color=colour, mec="white", mew=1.4, zorder=4)
        axes.text(
            value, lift, f"{label}  {value:.2f}", ha="center", va="bottom", color=colour, fontsize=9.5,
            weight="bold", clip_on=False,
        )  # fmt: skip
    if found.similarity.interval:
        axes.plot(found.similarity.interval, (0, 0), color=SIMULATED, lw=3, zorder=3)
    return figure


def distributions(found: Comparison) -> Figure:
    """Draw every feature's distribution in the animal, in the simulation and in the controls."""
    features = found.similarity.features
    rows = -(-len(features) // COLUMNS)
    figure = Figure(figsize=(12, 2.35 * rows))
    grid = figure.subplots(rows, COLUMNS, squeeze=False)
    figure.subplots_adjust(
        left=0.03, right=0.98, top=1 - 0.14 / rows, bottom=0.22 / rows, hspace=0.75, wspace=0.14
    )
    for axes, each in zip(grid.flat, features, strict=False):
        controls = {
            name: next(f.simulated for f in floor.features if f.name == each.name)
            for name, floor in found.floors.items()
        }
        _distribution(axes, each, controls)
    for axes in grid.flat[len(features) :]:
        axes.set_axis_off()
    return figure


def _distribution(axes: Axes, each: FeatureComparison, controls: dict[str, np.ndarray]) -> None:
    away = "not shown by the simulation" if each.distance is None else f"distance {each.distance:.2f}"
    plain(axes, each.label, away)
    axes.spines["left"].set_visible(False)
    axes.set_yticks([])
    axes.set_xlabel("" if each.unit == "1" else each.unit, fontsize=8, color=FAINT, labelpad=1)
    pools = [each.animal, each.simulated, *controls.values()]
    cuts = [np.percentile(values, [1, 99]) for values in pools[:2] if len(values)]
    low, high = float(np.min(cuts)), float(np.max(cuts))
    room = 0.12 * max(high - low, 1e-9)
    x = np.linspace(low - room, high + room, 240)
    top = 0.0
    for name, values in controls.items():
        if (curve := _density(values, x)) is not None:
            axes.plot(x, curve, color=FLOORS[name], lw=1.0, alpha=0.8, zorder=2)
    for values, colour in ((each.animal, ANIMAL), (each.simulated, SIMULATED)):
        if (curve := _density(values, x)) is not None:
            axes.fill_between(x, curve, color=colour, alpha=0.28, lw=0, zorder=3)
            axes.plot(x, curve, color=colour, lw=1.6, zorder=4)
            axes.axvline(float(np.median(values)), color=colour, lw=1.1, ls=(0, (3, 2)), zorder=4)
            top = max(top, float(curve.max()))
    # The axis is cut off: a simulated animal without variation would have a very high peak.
    animal = _density(each.animal, x)
    tallest = 3.0 * float(animal.max()) if animal is not None else top
    axes.set(xlim=(x[0], x[-1]), ylim=(0, 1.08 * (min(top, tallest) or 1.0)))


def _density(values: np.ndarray, x: np.ndarray) -> np.ndarray | None:
    if len(values) < 3 or np.ptp(values) <= 1e-9 * max(abs(float(values.mean())), 1e-9):
        return None
    return gaussian_kde(statistics.thin(values, 1500))(x)


def courses(found: Comparison) -> Figure | None:
    """Draw the autocorrelation of every time course."""
    names = list(dict.fromkeys(name for each in found.recorded for name in each.courses))
    if not names:
        return None
    figure = Figure(figsize=(6.0 * len(names), 2.6))
    grid = figure.subplots(1, len(names), squeeze=False)
    figure.subplots_adjust(left=0.06, right=0.98, top=0.86, bottom=0.19)
    for axes, name in zip(grid.flat, names, strict=True):
        plain(axes, f"Autocorrelation, {name}", "lag, s")
        axes.axhline(0, color=GRID, lw=0.8)
        for behaviours, colour, width in _everyone(found):
            mine = [each.courses[name] for each in behaviours if name in each.courses]
            curve = statistics.autocorrelation(mine, found.feature_set.max_lag_s) if mine else None
            if curve is not None:
                axes.plot(curve.lags, curve.values, color=colour, lw=width)
        axes.set_xlim(0, found.feature_set.max_lag_s)
    return figure


def postures(found: Comparison) -> Figure | None:
    """Draw the occupancy of the animal's posture plane by each of them."""
    mine = stacked(found.recorded)
    if len(mine) <= 20:
        return None
    plane = statistics.PostureMap(mine, found.feature_set.mirrored)
    groups = [("animal", found.recorded), ("simulation", found.simulated)]
    groups += [(TITLES[name], behaviours) for name, behaviours in found.floor_behaviours.items()]
    figure = Figure(figsize=(2.75 * len(groups), 2.9))
    grid = figure.subplots(1, len(groups), squeeze=False)
    figure.subplots_adjust(left=0.03, right=0.99, top=0.88, bottom=0.1, wspace=0.08)
    reach = statistics.BIN_REACH
    top = max(
        float(plane.occupancy(points).max()) for points in (mine, stacked(found.simulated)) if len(points)
    )
    for axes, (title, behaviours) in zip(grid.flat, groups, strict=True):
        plain(axes, title, f"first two components, {100 * plane.share:.0f} %" if title == "animal" else "")
        points = stacked(behaviours)
        if len(points):
            axes.imshow(
                np.sqrt(plane.occupancy(points)).T, origin="lower", extent=(-reach, reach, -reach, reach),
                cmap="magma_r", vmin=0, vmax=np.sqrt(top), interpolation="bilinear",
            )  # fmt: skip
        axes.set(xticks=[-2, 0, 2], yticks=[])
    return figure


def states(found: Comparison) -> Figure | None:
    """Draw the probabilities of the next state, given the present one, of each of them."""
    kind = next((kind for each in found.recorded for kind in each.states), None)
    if kind is None:
        return None
    groups = [("animal", found.recorded), ("simulation", found.simulated)]
    groups += [(TITLES[name], behaviours) for name, behaviours in found.floor_behaviours.items()]
    figure = Figure(figsize=(3.0 * len(groups) + 1.3, 3.1))
    grid = figure.subplots(1, len(groups), squeeze=False)
    figure.subplots_adjust(left=1.5 / figure.get_figwidth(), right=0.99, top=0.88, bottom=0.31, wspace=0.12)
    for index, (axes, (title, behaviours)) in enumerate(zip(grid.flat, groups, strict=True)):
        mine = [each.states[kind] for each in behaviours if kind in each.states]
        flux = statistics.flux(mine) if mine else None
        names = mine[0].names if mine else ()
        plain(axes, title, "from (row) to (column)" if not index else "")
        if flux is None:
            axes.set_axis_off()
            continue
        table = statistics.transitions(flux)
        axes.imshow(table, cmap="Blues", vmin=0, vmax=1.2, aspect="auto")
        for row, column in np.argwhere(flux.sum(axis=1)[:, None] * np.ones(len(names)) > 0):
            axes.text(
                column, row, f"{table[row, column]:.2f}", ha="center", va="center", fontsize=8,
                color="white" if table[row, column] > 0.6 else INK,
            )  # fmt: skip
        share = flux.sum(axis=1)
        labels = [f"{name}  {100 * part:.0f} %" for name, part in zip(names, share, strict=True)]
        axes.set_xticks(range(len(names)), names, rotation=35, ha="right", fontsize=8)
        axes.set_yticks(
            range(len(names)), labels if not index else [f"{100 * p:.0f} %" for p in share], fontsize=8
        )
    figure.subplots_adjust(wspace=0.22)
    return figure


def _everyone(found: Comparison) -> list[tuple[list[Behaviour], str, float]]:
    controls = [(behaviours, FLOORS[name], 1.0) for name, behaviours in found.floor_behaviours.items()]
    return [*controls, (found.recorded, ANIMAL, 2.2), (found.simulated, SIMULATED, 2.0)]
