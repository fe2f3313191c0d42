"""MuJoCo's wheel ships no types for its extension modules, where nearly all of its names live."""

from typing import Any

def __getattr__(name: str) -> Any: ...
