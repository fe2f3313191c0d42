"""The interactive window of MuJoCo."""

from typing import Any

def __getattr__(name: str) -> Any: ...
