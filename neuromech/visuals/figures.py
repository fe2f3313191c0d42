"""Panels of a scientific figure, drawn on matplotlib axes from plain arrays.

Each function draws one panel; times are s, lengths mm. The caller chooses the panels of a figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap
from matplotlib.patches import Circle, Rectangle
from matplotlib.ticker import MaxNLocator

from neuromech.visuals.raster import normalise

INK, FAINT, GRID = "#22262e", "#7b8290", "#d9dce2"
GOOD, BAD, MARK = "#2b8a57", "#c4473a", "#b3541e"
LINES = ("#3b87c8", "#c4473a", "#3f8f6b", "#8a63b8")
GROUPS = ("#e8a33d", "#3b87c8", "#c4473a", "#3f8f6b", "#8a63b8", "#a99a1e", "#c2569a", "#2f9c98")


@dataclass(frozen=True)
class Row:
    """One line of the table of key numbers; `value` None is a number that the episode does not give.

    `judged`: whether the value should lie in `normal`, or that is the range of animals in another situation.
    """

    label: str
    value: float | None
    text: str
    normal: tuple[float, float] | None = None
    source: str = ""
    judged: bool = True


def plain(axes: Axes, title: str, note: str = "") -> Axes:
    """Remove the frame, and write a title on the left and a note on the right."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GRID)
    axes.tick_params(colors=FAINT, labelsize=8, length=2.5)
    axes.set_title(title, loc="left", fontsize=10, color=INK, weight="bold", pad=5)
    axes.set_title(note, loc="right", fontsize=8, color=FAINT, pad=5)
    return axes


def view(places: np.ndarray, margin: float, aspect: float) -> tuple[float, float, float, float]:
    """Return (left, right, low, high) of a window around `places` (n, 2), `aspect` times as wide as high."""
    middle = 0.5 * (places.max(axis=0) + places.min(axis=0))
    wide, high = np.ptp(places, axis=0) / 2 + margin
    high = max(high, wide / aspect)
    return middle[0] - aspect * high, middle[0] + aspect * high, middle[1] - high, middle[1] + high


def field(axes: Axes, window: tuple[float, float, float, float], value: np.ndarray, unit: str) -> None:
    """Draw a scalar field (rows from low to high y, columns) as a tint with labelled contours."""
    top = float(value.max())
    axes.imshow(
        value,
        extent=window,
        origin="lower",
        cmap="YlOrBr",
        alpha=0.6,
        vmin=0,
        vmax=max(1.6 * top, 1e-9),
        interpolation="bilinear",
        aspect="auto",
        zorder=0,
    )
    if float(np.ptp(value)) > 1e-9:
        lines = axes.contour(
            value, levels=6, extent=window, colors="#9a6a35", linewidths=0.6, alpha=0.45, zorder=1
        )
        axes.clabel(lines, fontsize=7, fmt=lambda level: f"{level:g} {unit}", colors="#8a5a2b")


def path(axes: Axes, nose: np.ndarray, bodies: Mapping[str, np.ndarray], width: float = 3.0) -> None:
    """Draw the nose's path (time, 2), dark to light through time, and whole bodies {label: (point, 2)} upon
    it.
    """
    pieces = np.stack([nose[:-1], nose[1:]], axis=1)
    line = LineCollection(list(pieces), cmap="viridis", linewidths=1.5, zorder=3)
    line.set_array(np.linspace(0, 0.9, max(len(pieces), 1))[: len(pieces)])
    axes.add_collection(line)
    for label, body in bodies.items():
        axes.plot(*body.T, color="white", lw=width + 2, solid_capstyle="round", zorder=4)
        axes.plot(*body.T, color=INK, lw=width, solid_capstyle="round", zorder=5)
        place, away = beside(body)
        side = "center" if abs(away[0]) < 0.5 else "left" if away[0] > 0 else "right"
        axes.annotate(
            label, (place[0], place[1]), (11 * away[0], 11 * away[1]),
            textcoords="offset points", ha=side, va="center", fontsize=9, color=INK,
            weight="bold", zorder=6,
        )  # fmt: skip


def beside(body: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a place beside a body (point, 2), and the direction, across it and upwards, that leads away."""
    along = body[0] - body[-1]
    away = np.array([-along[1], along[0]]) / max(float(np.linalg.norm(along)), 1e-12)
    away = -away if away[1] < 0 else away
    middle = body.mean(axis=0)
    return middle + away * max(float(((body - middle) @ away).max()), 0.0), away


def goal(axes: Axes, place: np.ndarray, radius: float) -> None:
    """Mark a goal with a star and the circle within which it counts as reached."""
    axes.plot(*place, marker="*", ms=14, color=MARK, mec="white", mew=0.9, zorder=5)
    axes.add_patch(
        Circle((place[0], place[1]), radius, fill=False, ec=MARK, lw=1.2, ls=(0, (3, 2)), zorder=5)
    )


def wall(axes: Axes, radius: float) -> None:
    """Draw a round dish."""
    axes.add_patch(Circle((0, 0), radius, fill=False, ec=FAINT, lw=2, zorder=2))


def table(axes: Axes, rows: Sequence[Row], heading: str = "this episode") -> None:
    """Write each number, its place relative to the animal's range, a tick or a cross, and the source."""
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(max(len(rows), 5) - 0.4, -1.0))
    axes.text(0.0, -0.72, "Key numbers", fontsize=10, color=INK, weight="bold")
    for x, text in ((0.40, heading), (0.66, "range in animals")):
        axes.text(x, -0.72, text, fontsize=8, color=FAINT, ha="right")
    for y, row in enumerate(rows):
        axes.plot([0, 1], [y - 0.5, y - 0.5], color=GRID, lw=0.7)
        axes.text(0.0, y, row.label, fontsize=10, color=INK, va="center")
        unknown = row.value is None
        axes.text(
            0.40,
            y,
            row.text,
            fontsize=9 if unknown else 10.5,
            ha="right",
            va="center",
            color=FAINT if unknown else INK,
            weight="normal" if unknown else "bold",
        )
        if row.normal:
            _range(axes, y, row.value, row.normal, row.judged)
            # The identifier stands in body.yaml; here the author and year are enough.
            source = row.source.split("doi:")[0].strip(" ,;(") or row.source
            source = source if len(source) <= 34 else source[:32].rstrip() + "\u2026"
            axes.text(0.725, y, source, fontsize=7, color=FAINT, va="center")


def _range(
    axes: Axes, y: float, value: float | None, normal: tuple[float, float], judged: bool = True
) -> None:
    """Draw a range with as much again on either side; a value beyond that lies at the end."""
    low, high = normal
    left, third = 0.45, 0.07
    axes.add_patch(Rectangle((left, y - 0.14), 3 * third, 0.12, color="#eceef1", lw=0))
    axes.add_patch(Rectangle((left + third, y - 0.20), third, 0.24, color="#bfe0cd", lw=0))
    for x, edge in ((left + third, low), (left + 2 * third, high)):
        axes.text(x, y + 0.25, number(edge), fontsize=7, color=FAINT, ha="center", va="center")
    if value is None:
        return
    good = low <= value <= high
    colour = FAINT if not judged else GOOD if good else BAD
    share = float(np.clip((value - low) / max(high - low, 1e-12), -1, 2))
    axes.plot(left + third * (1 + share), y - 0.08, "o", ms=6.5, color=colour, mec="white", mew=1, zorder=3)
    if judged:
        mark = "\u2713" if good else "\u2717"
        axes.text(0.69, y, mark, fontsize=13, color=colour, ha="center", va="center")


def number(value: float) -> str:
    """Return a number with three digits."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def traces(
    axes: Axes, times: np.ndarray, values: np.ndarray, names: Sequence[str], low: float | None = None
) -> None:
    """Draw the columns of `values` (time, channel) as lines; a legend names them if there are several."""
    for index, name in enumerate(names):
        axes.plot(
            times, values[:, index], color=LINES[index % len(LINES)], lw=1.1, label=name.replace("_", " ")
        )
    axes.set_xlim(times[0], times[-1])
    axes.set_ylim(bottom=low)
    axes.margins(y=0.1)
    axes.yaxis.set_major_locator(MaxNLocator(3))
    if len(names) > 1:
        axes.legend(loc="upper right", fontsize=7, frameon=False, ncols=len(names), labelcolor=FAINT)


def states(
    axes: Axes, times: np.ndarray, states: np.ndarray, names: Sequence[str], colours: Sequence[str]
) -> None:
    """Draw a band along the bottom of a panel, coloured by state (indices into `names`; -1 is blank)."""
    cells = np.ma.masked_less(states[None], 0)
    axes.imshow(
        cells,
        extent=(times[0], times[-1], 0, 0.1),
        transform=axes.get_xaxis_transform(),
        aspect="auto",
        cmap=ListedColormap(list(colours)),
        vmin=-0.5,
        vmax=len(names) - 0.5,
        interpolation="nearest",
        zorder=2,
    )
    present = [index for index in range(len(names)) if (states == index).any()]
    marks = [Rectangle((0, 0), 1, 1, color=colours[index]) for index in present]
    axes.legend(
        marks,
        [names[index] for index in present],
        loc="lower right",
        bbox_to_anchor=(1, 0.98),
        fontsize=8,
        frameon=False,
        ncols=4,
        labelcolor=FAINT,
        handlelength=1,
        handleheight=0.8,
        borderpad=0,
        columnspacing=1.2,
    )


def footfalls(axes: Axes, times: np.ndarray, down: np.ndarray, names: Sequence[str]) -> None:
    """Draw when each foot (time, foot) is on the ground as bars, the first name at the bottom."""
    for row in range(len(names)):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], down[:, row].astype(np.int8), [0]])))
        last = len(times) - 1
        bars = [
            (float(times[start]), float(times[min(stop, last)] - times[start]))
            for start, stop in edges.reshape(-1, 2)
        ]
        axes.broken_barh(bars, (row - 0.32, 0.64), color=LINES[row % len(LINES)], lw=0)
    axes.set(xlim=(times[0], times[-1]), ylim=(-0.6, len(names) - 0.4))
    axes.set_yticks(range(len(names)), names)


def span(axes: Axes, start: float, stop: float, side: int) -> None:
    """Shade a stretch of time, green for the left (side 1), red for the right (-1), grey for neither (0)."""
    axes.axvspan(start, stop, color=(FAINT, GOOD, BAD)[side], alpha=0.22, lw=0, zorder=0)


QUANTILES = (5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95)
"""The percentages at which the quantiles of a published distribution are given."""


def distribution(
    axes: Axes, values: np.ndarray, normal: tuple[float, float] | None, label: str, bins: int = 14,
    recorded: np.ndarray | None = None,
) -> None:  # fmt: skip
    """Draw a histogram of `values` (any number of them) with its median, over a recorded range in green.

    `recorded` are the quantiles, at QUANTILES, of a recorded distribution, whose density between each two
    is drawn on the histogram's scale.
    """
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    axes.tick_params(colors=FAINT, labelsize=7, length=2)
    axes.set_yticks([])
    axes.set_xlabel(label, fontsize=8, color=INK, labelpad=2)
    if normal is not None:
        axes.axvspan(*normal, color="#bfe0cd", alpha=0.6, lw=0, zorder=0)
    edges = [*(normal or ()), *(np.percentile(values, [1, 99]) if len(values) else ())]
    if not edges:
        return
    low, high = min(edges), max(edges)
    room = 0.15 * max(high - low, 1e-6)
    axes.set_xlim(low - room, high + room)
    axes.xaxis.set_major_locator(MaxNLocator(3))
    if len(values):
        axes.hist(values, np.linspace(low - room, high + room, bins + 1), color=LINES[0], alpha=0.8, zorder=2)
        axes.axvline(float(np.median(values)), color=INK, lw=1.4, zorder=3)
    if recorded is not None and len(values):
        share = np.diff(QUANTILES) / 100 / np.maximum(np.diff(recorded), 1e-9)
        # The expected number of values in a bin if they were distributed as the recorded ones.
        height = share * len(values) * (high - low + 2 * room) / bins
        axes.stairs(height, recorded, color=GOOD, lw=1.2, zorder=4)


def kymograph(axes: Axes, times: np.ndarray, curvature: np.ndarray, unit: str) -> None:
    """Draw curvature (time, position) with the nose on top, blue to red from right to left bends."""
    limit = max(float(np.nanpercentile(abs(curvature), 99)), 1e-6) if np.isfinite(curvature).any() else 1.0
    image = axes.imshow(
        curvature.T,
        extent=(times[0], times[-1], 1, 0),
        aspect="auto",
        cmap="RdBu_r",
        vmin=-limit,
        vmax=limit,
        interpolation="bilinear",
    )
    axes.set_yticks([0, 1], ["nose", "tail"])
    scale = axes.inset_axes((1.012, 0, 0.012, 1))
    bar = axes.figure.colorbar(image, cax=scale)
    bar.outline.set_visible(False)  # type: ignore[operator]
    scale.tick_params(colors=FAINT, labelsize=7, length=2)
    scale.set_title(unit, fontsize=7, color=FAINT, loc="left", pad=4)
    scale.yaxis.set_major_locator(MaxNLocator(3))


def raster(axes: Axes, times: np.ndarray, activity: np.ndarray, groups: Mapping[str, Sequence[int]]) -> None:
    """Draw every neuron of `activity` (time, neuron) from its rest to its peak, in named groups, top to
    bottom.

    A group of few neurons gets rows wide enough for its name.
    """
    level = normalise(activity)
    total = sum(len(mine) for mine in groups.values())
    gap, least = 0.008, 0.045
    heights = np.array([max(len(mine) / total, least) for mine in groups.values()])
    heights *= (1 - gap * (len(heights) - 1)) / heights.sum()
    top = 1.0
    for index, ((name, mine), height) in enumerate(zip(groups.items(), heights, strict=True)):
        low = top - height
        axes.imshow(
            level[:, list(mine)].T,
            extent=(times[0], times[-1], low, top),
            aspect="auto",
            cmap="inferno",
            vmin=0,
            vmax=1,
            interpolation="nearest" if len(mine) < 12 else "antialiased",
        )
        colour = GROUPS[index % len(GROUPS)]
        bar = Rectangle(
            (-0.009, low), 0.006, height, transform=axes.get_yaxis_transform(), color=colour, clip_on=False
        )
        axes.add_patch(bar)
        axes.text(
            -0.014,
            0.5 * (low + top),
            f"{name.replace('_', ' ')} {len(mine)}",
            fontsize=8,
            ha="right",
            va="center",
            color=colour,
            transform=axes.get_yaxis_transform(),
        )
        top = low - gap
    axes.set(xlim=(times[0], times[-1]), ylim=(0, 1), yticks=[])
