"""Stimulus fields of a world: what there is to sense, as functions of place (mm) and time (s)."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from neuromech import patterns
from neuromech.errors import InputError, unknown

Place = np.ndarray | float


class Field(ABC):
    """A scalar field over the plane."""

    unit: str

    @abstractmethod
    def value(self, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Value at places ``x_mm``, ``y_mm`` (any broadcastable shapes) and time ``t_s``."""

    @abstractmethod
    def peak(self, t_s: float) -> tuple[float, float]:
        """Place (x, y in mm) that counts as the goal, at time ``t_s``."""


@dataclass(frozen=True)
class Gaussian(Field):
    """A Gaussian hill of concentration, as salt makes when it diffuses from a spot in agar.

    C(x, y) = background + peak * exp(-r^2 / (2 width^2)). ``mirrored`` reflects the plate about the x axis,
    ``flat`` gives half the peak everywhere (the centre still counts as the goal), ``velocity_mm_s`` moves the
    centre.
    """

    peak_mM: float = 25.0
    background_mM: float = 0.0
    width_mm: float = 3.0
    centre_mm: tuple[float, float] = (0.0, 0.0)
    mirrored: bool = False
    flat: bool = False
    velocity_mm_s: tuple[float, float] = (0.0, 0.0)

    unit = "mM"

    def __post_init__(self) -> None:
        values = [self.peak_mM, self.background_mM, self.width_mm, *self.centre_mm, *self.velocity_mm_s]
        if not all(np.isfinite(value) for value in values):
            raise InputError("stimulus: every number must be finite")
        if self.width_mm <= 0:
            raise InputError(f"stimulus.width_mm must be positive, not {self.width_mm}")
        if self.background_mM < 0 or self.background_mM + min(self.peak_mM, 0.0) < 0:
            raise InputError("stimulus: a concentration cannot be negative")

    def peak(self, t_s: float) -> tuple[float, float]:
        """Place of the centre, mm."""
        side = -1.0 if self.mirrored else 1.0
        return (
            self.centre_mm[0] + self.velocity_mm_s[0] * t_s,
            side * (self.centre_mm[1] + self.velocity_mm_s[1] * t_s),
        )

    def value(self, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Concentration, mM."""
        if self.flat:
            return np.full(np.broadcast(x_mm, y_mm).shape, self.background_mM + 0.5 * self.peak_mM)
        x, y = self.peak(t_s)
        squared = (x_mm - x) ** 2 + (y_mm - y) ** 2
        return np.asarray(self.background_mM + self.peak_mM * np.exp(-squared / (2 * self.width_mm**2)))


KINDS: dict[str, Callable[..., Field]] = {"gaussian": Gaussian}


def from_spec(spec: Mapping[str, Any] | None) -> Field | None:
    """Build the field that ``environment.yaml`` describes under ``stimulus``; None where there is none.

    What is seen and not smelled is no field: see patterns.py.
    """
    if not spec or spec.get("kind") in (None, "none", *patterns.KINDS):
        return None
    kind = str(spec["kind"])
    if kind not in KINDS:
        raise unknown("stimulus kind", kind, [*KINDS, *patterns.KINDS])
    make = KINDS[kind]
    defaults = {field.name: field.default for field in fields(make)}  # type: ignore[arg-type]
    values = {}
    for name, value in spec.items():
        if name == "kind":
            continue
        if name not in defaults:
            raise unknown("stimulus key", name, defaults)
        default = defaults[name]
        values[name] = _vector(name, value, len(default)) if isinstance(default, tuple) else value
    try:
        return make(**values)
    except TypeError as error:
        raise InputError(f"stimulus {kind}: {error}") from None


def _vector(name: str, value: Any, size: int) -> tuple[float, ...]:
    try:
        vector = tuple(float(part) for part in value)
    except (TypeError, ValueError):
        vector = ()
    if len(vector) != size:
        raise InputError(f"stimulus.{name} must be {size} numbers, not {value!r}")
    return vector
