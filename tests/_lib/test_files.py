from __future__ import annotations

import os
from pathlib import Path

import pytest

from neuromech._lib import files


def test_a_text_replaces_the_former_one_and_ends_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("before")
    files.write_text(path, "µ: 1")
    assert path.read_bytes() == "µ: 1\n".encode()
    files.write_text(path, "two\n")
    assert path.read_text() == "two\n" and os.listdir(tmp_path) == ["a.yaml"]


def test_a_write_that_fails_leaves_the_former_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("before")

    def full(self: Path, text: str, encoding: str) -> None:
        with self.open("w") as file:
            file.write(text[:1])
        raise OSError("disk full")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="disk full"):
        files.write_text(path, "after")
    assert path.read_bytes() == b"before"
