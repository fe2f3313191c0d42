"""Progress bars: for a person at a terminal, never in a pipe or a log."""

from __future__ import annotations

import os
from typing import Any

from neuromech._lib.errors import InputError

try:
    from tqdm import tqdm
except ValueError as error:  # it reads its own variables when it is imported, and converts them
    _said = " ".join(f"{name}={value}" for name, value in os.environ.items() if name.startswith("TQDM_"))
    raise InputError(f"tqdm cannot use {_said}: {error}") from None


OF_TIME = "{desc}: {percentage:3.0f}%|{bar}| {n:.0f}/{total:.0f} s simulated [{elapsed}<{remaining}]"
"""The layout of a bar of simulated time, s."""


def bar(wanted: bool, **options: Any) -> tqdm[Any]:
    """Return tqdm's bar, silent unless it is `wanted` and stderr is a terminal; `options` are tqdm's."""
    # None is tqdm's word for: only on a terminal.
    return tqdm(disable=None if wanted else True, **options)
