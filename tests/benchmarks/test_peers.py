"""A peer that cannot be measured says why in one line."""

from pathlib import Path
from types import ModuleType

import pytest

from tests import scripts

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "peers.py"


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    module = scripts.load(FILE)
    monkeypatch.delenv("FLYGYM_PYTHON", raising=False)
    monkeypatch.setattr(module, "HERE", tmp_path / "benchmarks")
    return module


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_without_a_python_that_it_runs_on(
    peers: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "needs one of python3.12" in peers.FLYGYM.measured(0.1)["why"]
    # A version manager's name behind which there is no Python.
    script(tmp_path / "python3.12", "echo 'command not found' >&2; exit 127")
    assert "none is on PATH" in peers.FLYGYM.measured(0.1)["why"]


def test_an_environment_that_cannot_be_made_leaves_nothing(
    peers: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    script(tmp_path / "python3.12", "[ \"$1\" = -c ] && echo 1 || { echo 'no ensurepip' >&2; exit 1; }")
    assert peers.FLYGYM.measured(0.1)["why"] == "flygym==2.1.1 cannot be installed here (no ensurepip)"
    assert not (tmp_path / ".flygym").exists()


def test_what_it_prints_is_what_was_measured(
    peers: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FLYGYM_PYTHON", str(tmp_path / "absent"))
    assert "which is no file" in peers.FLYGYM.measured(0.1)["why"]
    python = script(
        tmp_path / "python",
        """echo '{"version": "2", "step_ms": 0.1, "walk": 0.2, "bare": 0.4, "speed_mm_s": 13}'""",
    )
    monkeypatch.setenv("FLYGYM_PYTHON", str(python))
    found = peers.FLYGYM.measured(0.1)
    assert "why" not in found and (found["walk"], found["bare"]) == (0.2, 0.4)
    script(python, "echo 'Traceback' >&2; echo 'ImportError: no flygym' >&2; exit 1")
    assert peers.FLYGYM.measured(0.1)["why"] == "ImportError: no flygym"
