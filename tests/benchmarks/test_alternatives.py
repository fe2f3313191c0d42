"""The rodent of dm_control is measured where it is installed, and left out where it is not."""

from importlib.metadata import version
from pathlib import Path

import pytest

from tests import scripts

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "alternatives.py"


def test_the_rodent_is_stepped_as_its_library_does_and_bare() -> None:
    pytest.importorskip("dm_control", reason="dm_control has no wheel for this Python")
    found = scripts.load(FILE).rodent(0.1)
    assert found.version == version("dm_control") and found.step_ms == 1.0
    assert found.environment > 0.0 and found.bare > 0.0


def test_without_dm_control_there_is_no_rodent(monkeypatch: pytest.MonkeyPatch) -> None:
    module = scripts.load(FILE)
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert module.rodent(0.1) is None
