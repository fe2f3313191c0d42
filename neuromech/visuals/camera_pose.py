"""Where the camera stands, shared by every renderer so that GL and the ray caster frame alike."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from neuromech._lib.errors import InputError


@dataclass(frozen=True)
class View:
    """A pinhole camera that looks at a point, in MuJoCo's terms.

    `lookat` mm; `distance` from it, mm; `azimuth` and `elevation` of the line of sight, degrees (azimuth 90
    and negative elevation: from the south, downwards, so that +x is to the right); `fovy` degrees.
    """

    lookat: tuple[float, float, float] = (0.0, 0.0, 0.0)
    distance: float = 4.0
    azimuth: float = 90.0
    elevation: float = -52.0
    fovy: float = 24.0

    def __post_init__(self) -> None:
        """Refuse a view that has no picture."""
        if not (self.distance > 0 and 0 < self.fovy < 170 and abs(self.elevation) <= 90):
            raise InputError(
                f"camera needs distance > 0, 0 < fovy < 170 and |elevation| <= 90, not {self.distance:g}, "
                f"{self.fovy:g} and {self.elevation:g}"
            )

    def at(self, point: np.ndarray) -> View:
        """Return the same view looking at `point` (3,), mm."""
        return replace(self, lookat=(float(point[0]), float(point[1]), float(point[2])))

    def axes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the unit vectors forward, right and up, each (3,)."""
        az, el = np.deg2rad(self.azimuth), np.deg2rad(self.elevation)
        forward = np.array([np.cos(el) * np.cos(az), np.cos(el) * np.sin(az), np.sin(el)])
        right = np.array([np.sin(az), -np.cos(az), 0.0])
        return forward, right, np.cross(right, forward)

    def basis(self, width: int, height: int) -> np.ndarray:
        """Return (4, 3): eye, forward, and right and up scaled to the edges of the picture.

        The ray of the pixel at (sx, sy) in [-1, 1] is `forward + sx right + sy up`.
        """
        forward, right, up = self.axes()
        half = np.tan(np.deg2rad(self.fovy) / 2)
        eye = np.asarray(self.lookat) - self.distance * forward
        return np.stack([eye, forward, right * half * width / height, up * half])

    def project(self, points: np.ndarray, width: int, height: int) -> np.ndarray:
        """Return (n, 3): column and row in pixels and depth in mm of `points` (n, 3), mm."""
        forward, right, up = self.axes()
        rel = np.atleast_2d(points) - (np.asarray(self.lookat) - self.distance * forward)
        depth = rel @ forward
        scale = height / 2 / np.tan(np.deg2rad(self.fovy) / 2) / depth
        return np.stack([width / 2 + rel @ right * scale, height / 2 - rel @ up * scale, depth], axis=1)

    def mm_per_pixel(self, height: int) -> float:
        """Return the width of a pixel at the point looked at, mm."""
        return float(2 * self.distance * np.tan(np.deg2rad(self.fovy) / 2) / height)
