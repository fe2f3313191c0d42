"""Progress bars: for a person at a terminal, never in a pipe or a log."""

from __future__ import annotations

from typing import Any

from tqdm import tqdm


def bar(wanted: bool, **options: Any) -> tqdm[Any]:
    """Return tqdm's bar, silent unless it is `wanted` and stderr is a terminal; `options` are tqdm's."""
    # None is tqdm's word for: only on a terminal.
    return tqdm(disable=None if wanted else True, **options)
