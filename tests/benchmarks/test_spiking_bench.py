"""The benchmark of the spiking brain measures what it says: the graph, the input, the spikes."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from tests import scripts

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setattr("os.sched_setaffinity", lambda *_: None, raising=False)
    return scripts.load(FOLDER / "spiking.py", "spiking_bench")


def test_the_synthetic_graph_is_spread_as_asked(bench: ModuleType) -> None:
    graph = bench.synthetic(3000, 300_000)
    # A few of the edges fall on others: those become one.
    assert graph.size == 3000 and 0.9 < len(graph.post) / 300_000 <= 1
    out, into = np.diff(graph.start), np.bincount(graph.post, minlength=3000)
    logs = np.log(np.maximum([out, into], 1))
    assert logs.std(axis=1) == pytest.approx(bench.SPREAD, rel=0.1)
    assert np.corrcoef(logs)[0, 1] == pytest.approx(bench.BOTH_WAYS, abs=0.08)
    assert abs(graph.count).mean() == pytest.approx(bench.MEAN_COUNT, rel=0.15)


@pytest.mark.thorough
def test_a_row_counts_spikes_and_says_when_brian_is_not_there(
    bench: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = bench.synthetic(500, 5000)
    given = bench.kicks(graph, 10, 2000)
    assert (np.diff(given.step) >= 0).all() and np.isin(given.cell, given.cells).all()
    assert len(given.step) == pytest.approx(10 * 0.2 * bench.RATE_HZ, rel=0.3)
    monkeypatch.setattr(bench.brian, "python", lambda: None)
    monkeypatch.setattr(bench, "alone", lambda *_: (0.5, 100.0))
    cells = [each.strip() for each in bench.row("it", graph, 10, 2000).strip("|").split("|")]
    assert cells[:2] == ["it", "500"] and "not installed" in cells and cells[-1] == "-"
    assert float(cells[3].replace(",", "")) >= len(given.step) * 0.9 / 0.2
