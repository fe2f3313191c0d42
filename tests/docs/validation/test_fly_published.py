"""The table beside the published trials, on a brain made here."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from neuromech.brain.neurons.synapses import Synapses
from tests import scripts

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "validation" / "scripts"


@pytest.fixture
def published() -> ModuleType:
    return scripts.load(FOLDER / "fly_published.py")


def test_who_is_driven_fires_at_that_rate_and_who_it_reaches_with_it(published: ModuleType) -> None:
    # 0 to 3 get the random spikes; 0 reaches 4 so strongly that every spike makes it fire; 5 gets nothing.
    chain = Synapses.of(6, np.array([0]), np.array([4]), np.array([400]))
    found = published.measure(chain, np.arange(4), 4, 50.0, 10)
    assert found.active == 5
    assert found.spikes == pytest.approx(4 * 50 + 50, rel=0.1)
    # A little less: what comes within 2.2 ms of its own spike is lost, a ninth at this rate.
    assert found.output_Hz == pytest.approx(50 * (1 - 0.0022 * 50), abs=6)
    assert published.measure(chain, np.arange(4), 5, 50.0, 2).output_Hz == 0


def test_without_the_whole_brain_it_says_so_and_writes_nothing(
    published: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NEUROMECH_CACHE", str(tmp_path))
    monkeypatch.delenv("NEUROMECH_DATA", raising=False)
    monkeypatch.setattr(sys, "argv", ["fly_published.py"])
    monkeypatch.setattr(published, "into", lambda *args: pytest.fail("it wrote"))
    published.main()
    assert "neuromech data fetch flywire_630" in capsys.readouterr().out
