"""The lattice of an eye: in which directions its rays look.

An eye's frame is that of its site: x along the optical axis, z up. Its retinal coordinates are azimuth,
positive towards the nose, and elevation, positive up; a left and a right eye share them, mirrored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from neuromech.errors import InputError, unknown

_GOLDEN_RAD = np.pi * (3 - np.sqrt(5))
_NEAR = 1.5  # neighbours of a ray lie within this many spacings
SIDES = {"left": -1.0, "right": 1.0}
"""Where the nose lies of the optical axis: to the right of a left eye's (-y)."""


@dataclass(frozen=True)
class Lattice:
    """Rays spread evenly over a round visual field, by a spiral of golden angles.

    Parameters
    ----------
    retinal : (ray, 3) unit vectors: along the axis, towards the nose, up.
    nose : -1 or 1, the sign of y towards the nose in the eye's frame.
    spacing_rad, acceptance_rad : square root of the solid angle per ray; standard deviation of the Gaussian
        patch over which a ray averages.
    """

    retinal: np.ndarray
    nose: float
    spacing_rad: float
    acceptance_rad: float

    @staticmethod
    def of(spec: Mapping[str, Any]) -> "Lattice":
        """Read ``side``, ``rays``, ``field_deg`` and ``acceptance_deg`` (width at half height) of body.yaml.

        Raises
        ------
        InputError
            A key is missing or a number is out of range.
        """
        for key in ("side", "rays", "field_deg", "acceptance_deg"):
            if key not in spec:
                raise InputError(f"an eye needs {key}")
        if spec["side"] not in SIDES:
            raise unknown("side of an eye", str(spec["side"]), SIDES)
        count, field = spec["rays"], spec["field_deg"]
        if isinstance(count, bool) or not isinstance(count, int) or count < 1:
            raise InputError(f"rays of an eye must be a whole number above 0, not {count!r}")
        if not isinstance(field, int | float) or not 0 < field <= 360:
            raise InputError(f"field_deg of an eye must lie above 0 and up to 360, not {field!r}")
        width = spec["acceptance_deg"]
        if not isinstance(width, int | float) or not 0 <= width < 180:
            raise InputError(f"acceptance_deg of an eye must lie between 0 and 180, not {width!r}")
        cap = 1 - np.cos(np.radians(field / 2))
        axial = 1 - (np.arange(count) + 0.5) / count * cap
        across, turn = np.sqrt(np.maximum(1 - axial**2, 0.0)), np.arange(count) * _GOLDEN_RAD
        return Lattice(
            retinal=np.column_stack([axial, across * np.cos(turn), across * np.sin(turn)]),
            nose=SIDES[spec["side"]],
            spacing_rad=float(np.sqrt(2 * np.pi * cap / count)),
            acceptance_rad=float(np.radians(width) / (2 * np.sqrt(2 * np.log(2)))),
        )

    @property
    def rays(self) -> np.ndarray:
        """Unit vectors in the eye's frame, (ray, 3)."""
        return self.retinal * np.array([1.0, self.nose, 1.0])

    @property
    def angles_deg(self) -> tuple[np.ndarray, np.ndarray]:
        """Azimuth and elevation of the rays, degrees (ray,)."""
        return angles_deg(self.retinal)

    def neighbours(self) -> np.ndarray:
        """Pairs of neighbouring rays, int (pair, 2)."""
        near = self.retinal @ self.retinal.T > np.cos(_NEAR * self.spacing_rad)
        return np.argwhere(np.triu(near, 1))


def angles_deg(retinal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Azimuth and elevation, degrees (n,), of unit vectors (n, 3): along the axis, towards the nose, up."""
    azimuth = np.degrees(np.arctan2(retinal[:, 1], retinal[:, 0]))
    return azimuth, np.degrees(np.arcsin(np.clip(retinal[:, 2], -1, 1)))


def tangents(retinal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors (n, 3) towards the nose and up, along the sphere at unit vectors (n, 3)."""
    azimuth, elevation = (np.radians(angle) for angle in angles_deg(retinal))
    zero = np.zeros_like(azimuth)
    nasal = np.column_stack([-np.sin(azimuth), np.cos(azimuth), zero])
    up = np.column_stack(
        [-np.sin(elevation) * np.cos(azimuth), -np.sin(elevation) * np.sin(azimuth), np.cos(elevation)]
    )
    return nasal, up
