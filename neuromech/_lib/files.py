"""Texts that are on disk in full or not at all."""

import os
from pathlib import Path


def write_text(path: Path, text: str) -> None:
    """Write a text file, replacing one of that name: all of it or nothing; its last line is ended."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    os.replace(part, path)
