"""The learning curve on disk."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from neuromech.training import curves

ROWS = [
    {"steps": 8.0 * k, "simulated_s": 1.0 * k, "reward_per_s": 0.1 * k, "hold_per_s": -1.0 / k}
    for k in (1, 2, 3)
]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    curves.plot(tmp_path, "decisions")  # nothing yet, nothing to draw
    curves.write(tmp_path, ROWS[:1])
    curves.write(tmp_path, ROWS)
    found = curves.read(tmp_path)
    assert [list(row) for row in found] == [list(row) for row in ROWS]
    for row, own in zip(found, ROWS, strict=True):
        assert row == pytest.approx(own)
    curves.plot(tmp_path, "decisions")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["progress.csv", "progress.png"]


def test_a_checkpoint_keeps_the_curve() -> None:
    assert curves.rows_of(curves.columns(ROWS)) == ROWS
    assert curves.rows_of(curves.columns([])) == []


def test_every_term_is_drawn() -> None:
    figure = curves.draw(ROWS, "decisions")
    assert [axis.get_title() for axis in figure.axes] == ["reward per s", "hold per s"]
    (line,) = [line for line in figure.axes[1].lines if len(line.get_xdata()) == 3]
    assert list(line.get_ydata()) == [-1.0, -0.5, pytest.approx(-1 / 3)]


def test_the_clock_goes_on_after_the_rows_before() -> None:
    clock = curves.Clock()
    time.sleep(0.02)
    row = clock.row([{"wall_s": 100.0, "cpu_s": 50.0}])
    assert 100.02 <= row["wall_s"] < 110 and 50.0 <= row["cpu_s"] < 60
