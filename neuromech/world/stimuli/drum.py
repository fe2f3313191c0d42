"""A striped drum that turns about an animal: a grating on the inside of a cylinder, as optomotor drums have
it.

The stripes are vertical, a sinusoid in the direction seen from the drum's axis, so that a whole number of
them goes round. The floor below and what lies above are evenly lit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown

DIRECTIONS = {"left": 1.0, "right": -1.0}
"""Sense of turning seen from above, from within: left is counter-clockwise."""
_POSITIVE = ("cycles_per_deg", "radius_mm", "wall_mm")
_SHARE = ("contrast", "luminance", "above", "floor")


@dataclass(frozen=True)
class Drum:
    """Luminance luminance (1 + contrast sin(n (azimuth - turned))) on a wall about the origin.

    n is the whole number of stripes next to 360 ``cycles_per_deg``. The drum turns by ``speed_deg_s`` to
    ``direction`` from ``start_s`` until ``stop_s``. ``floor`` and ``above`` are luminances; ``dark``: nothing
    is seen anywhere. ``radius_mm`` and ``wall_mm`` are the wall's radius and height.
    """

    direction: str = "left"
    speed_deg_s: float = 12.0
    cycles_per_deg: float = 0.16
    contrast: float = 1.0
    luminance: float = 0.5
    start_s: float = 0.0
    stop_s: float = 1e9
    dark: bool = False
    above: float = 0.5
    floor: float = 0.5
    radius_mm: float = 150.0
    wall_mm: float = 300.0

    def __post_init__(self) -> None:
        if self.direction not in DIRECTIONS:
            raise unknown("stimulus.direction", str(self.direction), DIRECTIONS)
        if not isinstance(self.dark, bool):
            raise InputError(f"stimulus.dark must be true or false, not {self.dark!r}")
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in ("direction", "dark"):
                continue
            if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
                raise InputError(f"stimulus.{field.name} must be a finite number, not {value!r}")
            if value < 0 or (field.name in _POSITIVE and value == 0):
                least = "above" if field.name in _POSITIVE else "at least"
                raise InputError(f"stimulus.{field.name} must be {least} 0, not {value}")
            if field.name in _SHARE and value > 1:
                raise InputError(f"stimulus.{field.name} must lie between 0 and 1, not {value}")

    @property
    def stripes(self) -> int:
        """How many stripes go round."""
        return max(1, round(360.0 * self.cycles_per_deg))

    def turned_rad(self, t_s: float) -> float:
        """How far the drum has turned, rad, left positive."""
        turning = min(max(t_s - self.start_s, 0.0), max(self.stop_s - self.start_s, 0.0))
        return float(np.radians(DIRECTIONS[self.direction] * self.speed_deg_s * turning))

    def reset(self, x_mm: float, y_mm: float, heading_rad: float) -> None:
        """A drum stands where it stands, wherever the animal begins."""

    def follow(self, x_mm: float, y_mm: float, heading_rad: float) -> None:
        """A drum does not follow the animal."""

    def pose(self, t_s: float) -> tuple[float, float, float]:
        """Place (mm) and heading (rad) of the stripes, as the recorder keeps them."""
        return 0.0, 0.0, self.turned_rad(t_s)

    def velocity(self, t_s: float) -> np.ndarray:
        """Nothing moves along the floor, mm/s (2,)."""
        return np.zeros(2)

    def surface(self, t_s: float) -> np.ndarray:
        """What ray casters need: radius, height, stripes, turned (rad), amplitude, mean, floor, above,
        (8,).
        """
        if self.dark:
            return np.array([self.radius_mm, self.wall_mm, self.stripes, 0.0, 0.0, 0.0, 0.0, 0.0])
        light = (self.luminance * self.contrast, self.luminance, self.floor, self.above)
        return np.array([self.radius_mm, self.wall_mm, self.stripes, self.turned_rad(t_s), *light])

    def value(self, x_mm: np.ndarray | float, y_mm: np.ndarray | float, t_s: float) -> np.ndarray:
        """Luminance at places seen from above, the wall being folded down outwards."""
        return self.value_from(self.pose(t_s), x_mm, y_mm, t_s)

    def value_from(
        self, pose: tuple[float, float, float], x_mm: np.ndarray | float, y_mm: np.ndarray | float, t_s: float
    ) -> np.ndarray:
        """As ``value``, with the stripes turned to the heading of ``pose``."""
        radius, height, stripes, _, amplitude, mean, floor, above = self.surface(t_s)
        x, y = np.asarray(x_mm, float), np.asarray(y_mm, float)
        wall = mean + amplitude * np.sin(stripes * (np.arctan2(y, x) - pose[2]))
        out = np.hypot(x, y) - radius
        return np.where(out < 0, floor, np.where(out < height, wall, above))


def drum(environment: Mapping[str, Any]) -> Drum:
    """Build the drum of environment.yaml from its ``stimulus`` and the size of its ``plate``.

    Raises
    ------
    InputError
        A key is unknown, or a value makes no sense.
    """
    spec = {key: value for key, value in environment["stimulus"].items() if key != "kind"}
    own = [field.name for field in fields(Drum) if field.name not in ("radius_mm", "wall_mm")]
    for key in spec:
        if key not in own:
            raise unknown("stimulus key", str(key), own)
    plate = environment.get("plate") or {}
    size = {key: plate[key] for key in ("radius_mm", "wall_mm") if key in plate}
    return Drum(**spec, **size)
