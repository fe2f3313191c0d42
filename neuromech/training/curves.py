"""The learning curve: one row per checkpoint in progress.csv, TensorBoard and a figure."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from neuromech._lib.files import replacing, write_text

CSV, FIGURE, BOARD = "progress.csv", "progress.png", "tensorboard"
REWARD = "reward_per_s"
"""Mean reward per simulated second, exploration included; `NAME_per_s` are its terms."""

Row = Mapping[str, float]


class Clock:
    """Seconds of wall and of processor since it was made, this process's and not its workers'."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def row(self, before: Sequence[Row]) -> dict[str, float]:
        """Return `wall_s` and `cpu_s` of the training up to now, after the rows before."""
        last = before[-1] if before else {"wall_s": 0.0, "cpu_s": 0.0}
        return {
            "wall_s": last["wall_s"] + time.perf_counter() - self._wall,
            "cpu_s": last["cpu_s"] + time.process_time() - self._cpu,
        }


def write(folder: Path, rows: Sequence[Row]) -> None:
    """Write progress.csv anew, atomically."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows({key: f"{value:.7g}" for key, value in row.items()} for row in rows)
    write_text(folder / CSV, text.getvalue())


def plot(folder: Path, steps_are: str) -> None:
    """Draw what progress.csv holds, if it is there; `steps_are` labels the axis."""
    if not (folder / CSV).exists():
        return
    rows = read(folder)
    figure = draw(rows, steps_are)
    with replacing(folder / FIGURE) as part:
        figure.savefig(part, dpi=110)


def read(folder: Path) -> list[dict[str, float]]:
    """Return the rows of a training's progress.csv."""
    with (folder / CSV).open(newline="") as lines:
        return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(lines)]


def draw(rows: Sequence[Row], steps_are: str) -> Figure:
    """Return a figure: the reward and each of its terms against the steps taken."""
    terms = [name for name in rows[0] if name.endswith("_per_s")]
    figure = Figure(figsize=(3.2 * len(terms), 2.8))
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(terms), squeeze=False)
    steps = [row["steps"] for row in rows]
    for axis, name in zip(axes[0], terms, strict=True):
        axis.plot(steps, [row[name] for row in rows], color="#30638e" if name == REWARD else "#7a7a7a")
        axis.axhline(0.0, color="0.85", linewidth=0.8, zorder=0)
        axis.set_title(name.removesuffix("_per_s") + " per s", fontsize=9)
        axis.set_xlabel(steps_are, fontsize=8)
        axis.tick_params(labelsize=7)
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
    figure.tight_layout()
    return figure


def columns(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    """Return the rows as arrays, one per column: what a checkpoint keeps of the curve."""
    return {name: np.array([row[name] for row in rows]) for name in rows[0]} if rows else {}


def rows_of(kept: Mapping[str, np.ndarray]) -> list[dict[str, float]]:
    """Return the rows that `columns` made."""
    count = len(next(iter(kept.values()), ()))
    return [{name: float(values[k]) for name, values in kept.items()} for k in range(count)]


class Board:
    """TensorBoard's event file of a training that may have gone on from a checkpoint."""

    def __init__(self, folder: Path, begin_step: int) -> None:
        # Rows that a killed run wrote after its last checkpoint come again: the older ones are struck out.
        writer = import_module("torch.utils.tensorboard").SummaryWriter
        self._writer = writer(str(folder / BOARD), purge_step=begin_step + 1)

    def add(self, row: Row) -> None:
        """Add a row at its `steps`."""
        for name, value in row.items():
            if name != "steps":
                self._writer.add_scalar(name, value, int(row["steps"]))
        self._writer.flush()

    def close(self) -> None:
        """Close the file."""
        self._writer.close()
