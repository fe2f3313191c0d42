"""The neural raster and a few named traces: drawn once for the whole recording, then only scrolled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import matplotlib
import numpy as np
from matplotlib.colors import to_rgb

from neuromech._lib.errors import unknown
from neuromech.visuals.canvas import Colour, Stamps, Text, text_layer

BACKGROUND: Colour = (16, 19, 25)
_EMPTY = (26, 30, 38)
_HUES = ("#e8a33d", "#5fb3e6", "#e0655f", "#7ccf8a", "#b78be0", "#d9cf5b", "#e58fc0", "#74d1cc")


@dataclass(frozen=True)
class Raster:
    """A strip chart of every neuron, as long as the recording.

    `strip` (rows, columns) uint8 brightness; `per_s` columns per second; `x`, `y`, `width` its place in the
    panel; `start` the time of the first column, s; `lut` (256, 3) uint8.
    """

    strip: np.ndarray
    per_s: float
    x: int
    y: int
    width: int
    start: float
    lut: np.ndarray

    def put(self, panel: np.ndarray, time: float) -> None:
        """Copy the part that ends at `time` (s) into the panel; the future and the time before are empty."""
        stop = min(int((time - self.start) * self.per_s) + 1, self.strip.shape[1])
        first = max(0, stop - self.width)
        seen = self.strip[:, first:stop]
        area = panel[self.y : self.y + self.strip.shape[0], self.x : self.x + self.width]
        area[:, : self.width - seen.shape[1]] = _EMPTY
        np.take(self.lut, seen, axis=0, out=area[:, self.width - seen.shape[1] :], mode="clip")


def lay_out(groups: Mapping[str, Sequence[str]], neurons: Sequence[str]) -> dict[str, list[int]]:
    """Return {group: places of its neurons}; neurons in no group come last, as "other"."""
    where = {name: i for i, name in enumerate(neurons)}
    placed: dict[str, list[int]] = {}
    left = dict(where)
    for group, names in groups.items():
        mine = [left.pop(name) for name in names if name in left]
        if mine:
            placed[group] = mine
    if left:
        placed["other" if placed else "neurons"] = list(left.values())
    return placed


def normalise(activity: np.ndarray) -> np.ndarray:
    """Return activity (time, neuron) as 0..1 from each neuron's rest (10th percentile) to its peak.

    A neuron that hardly moves would be all noise if it were stretched to full scale; it keeps a range of at
    least a tenth of the most active neurons'.
    """
    activity = _seen(activity)
    low, high = np.nanpercentile(activity, [10, 99.5], axis=0)
    span = high - low
    floor = 0.1 * np.nanpercentile(span, 95) if span.size else 1.0
    return np.clip(np.nan_to_num((activity - low) / np.maximum(np.maximum(span, floor), 1e-9)), 0, 1)


def _seen(activity: np.ndarray) -> np.ndarray:
    """Return activity (time, neuron) with neurons that were never recorded at rest instead of nan."""
    return np.where(np.isfinite(activity).any(axis=0), activity, 0.0)


def make_raster(
    time: np.ndarray, activity: np.ndarray, groups: Mapping[str, Sequence[int]],
    box: tuple[int, int, int, int], window_s: float,
) -> tuple[Raster, list[Text], list[tuple[int, int, str]]]:  # fmt: skip
    """Return the raster of `activity` (time, neuron) in `box` (x, y, width, height) of a panel.

    Also its group labels, and a coloured bar (first row, last row, colour) for each group.
    """
    x, y, width, height = box
    gap = 3
    counts = np.array([len(mine) for mine in groups.values()], float)
    room = height - gap * (len(counts) - 1)
    # Small groups get rows enough for their label, and large groups fewer.
    rows = np.maximum(counts / counts.sum() * room, min(12.0, room / len(counts)))
    edges = [0, *(round(float(edge)) for edge in np.cumsum(rows / rows.sum() * room))]
    rows = [stop - start for start, stop in pairwise(edges)]
    # Many groups in a low panel: labels as high as the lowest group, so that no two overlap.
    letters = float(np.clip(min(rows) + gap, 6, 12))
    per_s = width / window_s
    columns = int(np.ceil((time[-1] - time[0]) * per_s)) + 1
    nearest = np.searchsorted(time, time[0] + np.arange(columns) / per_s).clip(0, len(time) - 1)
    level = (255 * normalise(activity)[nearest].T).astype(np.float32)
    strip = np.zeros((height, columns), np.uint8)
    texts, bars, top = [], [], 0
    for (group, mine), count, colour in zip(groups.items(), rows, _colours(len(rows)), strict=True):
        strip[top : top + count] = _resample(level[list(mine)], count)
        label = f"{group.replace('_', ' ')}  {len(mine)}"
        texts.append(Text(x - 14, y + top + count / 2, label, letters, colour, "right"))
        bars.append((y + top, y + top + count, colour))
        top += count + gap
    lut = (matplotlib.colormaps["inferno"](np.linspace(0.06, 0.98, 256))[:, :3] * 255).astype(np.uint8)
    return Raster(strip, per_s, x, y, width, float(time[0]), lut), texts, bars


def _colours(count: int) -> list[str]:
    return [_HUES[k % len(_HUES)] for k in range(count)]


def _rgb(name: str) -> np.ndarray:
    return (np.array(to_rgb(name)) * 255).astype(np.uint8)


def _resample(level: np.ndarray, rows: int) -> np.ndarray:
    """Return (rows, columns): neurons repeated where there is room, averaged where there is not."""
    edges = np.linspace(0, len(level), rows + 1)
    total = np.vstack([np.zeros((1, level.shape[1]), np.float32), np.cumsum(level, axis=0)])
    whole = np.minimum(edges.astype(int), len(level) - 1)
    at = total[whole] + (edges - whole)[:, None] * level[whole]
    return (np.diff(at, axis=0) / np.diff(edges)[:, None]).astype(np.uint8)


@dataclass(frozen=True)
class Traces:
    """Line charts of a few neurons, as long as the recording.

    `cover` (rows, columns) uint8 opacity of the lines; `colour` (rows, 3) of them; the rest as in `Raster`.
    """

    cover: np.ndarray
    colour: np.ndarray
    per_s: float
    x: int
    y: int
    width: int
    start: float

    def put(self, panel: np.ndarray, time: float) -> None:
        """Copy the part that ends at `time` (s) into the panel."""
        stop = min(int((time - self.start) * self.per_s) + 1, self.cover.shape[1])
        first = max(0, stop - self.width)
        cover = self.cover[:, first:stop, None].astype(np.uint16)
        right = self.x + self.width
        area = panel[self.y : self.y + cover.shape[0], right - cover.shape[1] : right]
        area[:] = (area * (255 - cover) + self.colour[:, None] * cover) // 255


def make_traces(
    time: np.ndarray, signals: Sequence[tuple[str, np.ndarray, str]], box: tuple[int, int, int, int],
    window_s: float, ranges: bool = True,
) -> tuple[Traces, list[Text]]:  # fmt: skip
    """Return line charts of `signals` (name, values (time,), unit), one under the other, and their labels.

    `box` (x, y, width, height) is their place in a panel; `window_s` the time its width shows. Without
    `ranges` the labels are names alone.
    """
    x, y, width, height = box
    each = height // max(len(signals), 1)
    per_s = width / window_s
    columns = int(np.ceil((time[-1] - time[0]) * per_s)) + 1
    t = time[0] + np.arange(columns + 1) / per_s
    cover = np.zeros((each * len(signals), columns), np.uint8)
    colour = np.zeros((each * len(signals), 3), np.uint16)
    texts = []
    for k, ((name, values, unit), hue) in enumerate(zip(signals, _colours(len(signals)), strict=True)):
        good = np.isfinite(values)
        values = np.interp(t, time[good], values[good]) if good.any() else np.zeros(columns + 1)
        low, high = float(values.min()), float(values.max())
        flat = high - low < 1e-9
        row = np.full(columns + 1, each / 2) if flat else 4 + (each - 9) * (1 - (values - low) / (high - low))
        top, bottom = np.minimum(row[:-1], row[1:]) - 0.75, np.maximum(row[:-1], row[1:]) + 0.75
        rows = np.arange(each)[:, None]
        line = np.clip(np.minimum(rows + 0.5, bottom) - np.maximum(rows - 0.5, top), 0, 1)
        cover[k * each : (k + 1) * each] = 255 * line
        colour[k * each : (k + 1) * each] = _rgb(hue)
        middle = y + (k + 0.5) * each
        if not ranges:
            texts.append(Text(x - 6, middle, name, 9, hue, "right", weight="bold"))
            continue
        texts.append(Text(x - 10, middle - 7, name, 13, hue, "right", weight="bold"))
        span = f"{low:.3g}" if flat else f"{low:.3g} to {high:.3g}"
        texts.append(Text(x - 10, middle + 8, f"{span} {unit}".rstrip(), 10, "#8e97a3", "right"))
    return Traces(cover, colour, per_s, x, y, width, float(time[0])), texts


def choose_traces(
    names: Sequence[str] | None, neurons: Sequence[str], groups: Mapping[str, Sequence[int]],
    activity: np.ndarray, count: int = 5,
) -> list[int]:  # fmt: skip
    """Return the neurons to draw as lines: those named, or the most variable ones of each group in turn."""
    where = {name: i for i, name in enumerate(neurons)}
    if names is not None:
        for name in names:
            if name not in where:
                raise unknown("neuron", name, neurons)
        return [where[name] for name in names]
    spread = np.nanstd(_seen(activity), axis=0)
    ranked = [sorted(mine, key=lambda i: -spread[i]) for mine in groups.values()]
    picked = [mine[turn] for turn in range(count) for mine in ranked if turn < len(mine)][:count]
    return sorted(picked, key=lambda i: next(k for k, mine in enumerate(ranked) if i in mine))


def static_panel(
    width: int, height: int, texts: list[Text], bars: list[tuple[int, int, str]], bar_x: int
) -> np.ndarray:
    """Return the panel (height, width, 3) uint8 with everything on it that does not move."""
    panel = np.full((height, width, 3), BACKGROUND, np.uint8)
    for first, last, colour in bars:
        panel[first:last, bar_x : bar_x + 4] = _rgb(colour)
    Stamps(text_layer(width, height, texts)).put(panel)
    return panel
