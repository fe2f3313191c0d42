"""SIGKILL at random moments: every file that is there under its own name is whole, and the command goes on."""

from __future__ import annotations

ROWS: dict[str, str] = {}


def run(name: str, moments: int, file) -> None: ...
