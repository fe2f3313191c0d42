"""Round numbers for scale bars and speeds."""

from __future__ import annotations

import math


def nice(value: float) -> float:
    """Return the largest of 1, 2, 5 x 10^k that is not above a positive `value`."""
    power = 10.0 ** math.floor(math.log10(value))
    return power * max(step for step in (1.0, 2.0, 5.0) if step * power <= value * (1 + 1e-9))


def nice_above(value: float) -> float:
    """Return the smallest of 1, 2, 5 x 10^k that is not below a positive `value`."""
    power = 10.0 ** math.floor(math.log10(value))
    return power * min(step for step in (1.0, 2.0, 5.0, 10.0) if step * power >= value * (1 - 1e-9))
