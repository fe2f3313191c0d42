"""SIGKILL at random moments: what is there is whole. `python -m tests.fuzz kills` tries many more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz import kept, killing

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("command", killing.ROWS)
def test_whatever_the_moment_what_is_there_is_whole(command: str, tmp_path: Path) -> None:
    killing.run(command, 2, tmp_path / "kept.json")
    (tally,) = kept.load(tmp_path / "kept.json").values()
    assert tally.counts["whole"] == 2, tally.failures
