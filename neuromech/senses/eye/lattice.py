"""The lattice of an eye: the directions in which its rays look.

An eye's frame is that of its site: x along the optical axis, z up. Its retinal coordinates are azimuth,
positive towards the nose, and elevation, positive up; a left and a right eye share them, mirrored.
"""

from dataclasses import dataclass, field

import numpy as np

from neuromech._lib.errors import InputError, unknown

_GOLDEN_RAD = np.pi * (3 - np.sqrt(5))
_NEAR = 1.5
"""The largest distance of neighbouring rays, in spacings of the lattice."""
SIDES = {"left": -1.0, "right": 1.0}
"""The sign of y, in the eye's frame, on the side of the nose: a left eye's nose is to its right."""
LATTICES = ("spiral", "triplets", "hexagonal")
"""The ways to spread rays over a visual field."""


@dataclass(frozen=True)
class Lattice:
    """Rays spread evenly over a visual field: by a spiral of golden angles, in triplets, or in a hexagon.

    Triplets let few rays see fine stripes move: an eye whose acuity is high for the number of its rays would
    else confuse stripes finer than its spacing with coarse ones that move the other way. A hexagon of n rings
    about the optical axis has 3 n (n + 1) + 1 rays; ray (u, v) lies -u - v / 2 spacings up and v sqrt(3) / 2
    towards the nose, both measured from the axis along the sphere, so that neighbours stand above each other
    as facets of a fly do. The corners of its field are half of `field_deg` away.

    Parameters
    ----------
    retinal : (ray, 3) unit vectors: along the axis, towards the nose, up.
    nose : -1 or 1, the sign of y towards the nose in the eye's frame.
    spacing_rad, acceptance_rad : square root of the solid angle per ray; standard deviation of the Gaussian
        patch over which a ray averages.
    triplets : whether every three rays that follow each other are neighbours, and have no others.
    columns : int (ray, 2) of u and v; empty unless hexagonal.
    """

    retinal: np.ndarray
    nose: float
    spacing_rad: float
    acceptance_rad: float
    triplets: bool = False
    columns: np.ndarray = field(default_factory=lambda: np.zeros((0, 2), int))

    @staticmethod
    def of(
        *, side: str, rays: int, field_deg: float, acceptance_deg: float, lattice: str = "spiral",
        triplet_deg: float | None = None,
    ) -> "Lattice":  # fmt: skip
        """Return the lattice of an eye of body.yaml.

        Parameters
        ----------
        side : left or right.
        rays : number of rays; a multiple of 3 in triplets, 3 n (n + 1) + 1 in a hexagon of n rings.
        field_deg : width of the visual field.
        acceptance_deg : width at half height of the patch over which a ray averages.
        lattice : one of LATTICES.
        triplet_deg : distance of the rays of a triplet, for `triplets`.

        Raises
        ------
        InputError
            The lattice cannot have that many rays, or a word is unknown.
        """
        if side not in SIDES:
            raise unknown("side of an eye", side, SIDES)
        acceptance = float(np.radians(acceptance_deg) / (2 * np.sqrt(2 * np.log(2))))
        half, nose = np.radians(field_deg / 2), SIDES[side]
        if lattice == "hexagonal":
            retinal, spacing, columns = _hexagonal(rays, half)
            return Lattice(retinal, nose, spacing, acceptance, columns=columns)
        if lattice == "triplets":
            if triplet_deg is None or rays % 3:
                raise InputError(
                    "an eye with lattice: triplets needs triplet_deg and a multiple of 3 rays, not "
                    f"{triplet_deg!r} and {rays}"
                )
            retinal = _triplets(_spiral(rays // 3, half), np.radians(triplet_deg))
            return Lattice(retinal, nose, float(np.radians(triplet_deg)), acceptance, triplets=True)
        if lattice != "spiral":
            raise unknown("lattice of an eye", lattice, LATTICES)
        spacing = float(np.sqrt(2 * np.pi * (1 - np.cos(half)) / rays))
        return Lattice(_spiral(rays, half), nose, spacing, acceptance)

    @property
    def rays(self) -> np.ndarray:
        """The unit vectors in the eye's frame, (ray, 3)."""
        return self.retinal * np.array([1.0, self.nose, 1.0])

    @property
    def angles_deg(self) -> tuple[np.ndarray, np.ndarray]:
        """The azimuth and elevation of the rays, degrees (ray,)."""
        return angles_deg(self.retinal)

    def neighbours(self) -> np.ndarray:
        """Return pairs of neighbouring rays, int (pair, 2); in a hexagon each has six, but at the edge."""
        if self.triplets:
            first = np.arange(0, len(self.retinal), 3)[:, None, None]
            return (first + np.array([[0, 1], [0, 2], [1, 2]])).reshape(-1, 2)
        if len(self.columns):
            u, v = (self.columns[None, :, k] - self.columns[:, None, k] for k in (0, 1))
            return np.argwhere(np.triu(np.abs(u) + np.abs(v) + np.abs(u + v) == 2, 1))
        near = self.retinal @ self.retinal.T > np.cos(_NEAR * self.spacing_rad)
        return np.argwhere(np.triu(near, 1))


def _spiral(count: int, half_rad: float) -> np.ndarray:
    """Return unit vectors (count, 3) spread over a cap of the sphere of half-width `half_rad`."""
    cap = 1 - np.cos(half_rad)
    axial = 1 - (np.arange(count) + 0.5) / count * cap
    across, turn = np.sqrt(np.maximum(1 - axial**2, 0.0)), np.arange(count) * _GOLDEN_RAD
    return np.column_stack([axial, across * np.cos(turn), across * np.sin(turn)])


def _triplets(centres: np.ndarray, apart_rad: float) -> np.ndarray:
    """Return three unit vectors about each centre, `apart_rad` apart; no two triplets turn alike."""
    away = np.arcsin(np.sin(apart_rad / 2) / np.sin(np.pi / 3))
    nasal, up = tangents(centres)
    turn = np.arange(len(centres))[:, None] * _GOLDEN_RAD + np.arange(3) * 2 * np.pi / 3
    way = np.cos(turn)[..., None] * nasal[:, None] + np.sin(turn)[..., None] * up[:, None]
    return (np.cos(away) * centres[:, None] + np.sin(away) * way).reshape(-1, 3)


def _hexagonal(count: int, half_rad: float) -> tuple[np.ndarray, float, np.ndarray]:
    """Return unit vectors (ray, 3) of a hexagon, their spacing (rad) and columns (ray, 2)."""
    rings = round((np.sqrt(12 * count - 3) - 3) / 6)
    if rings < 1 or 3 * rings * (rings + 1) + 1 != count:
        near = [3 * n * (n + 1) + 1 for n in (max(rings, 1), max(rings, 1) + 1)]
        raise InputError(
            f"rays of a hexagonal eye are 1 + 3 n (n + 1), like {near[0]} or {near[1]}, not {count}"
        )
    columns = hexagon(rings)
    spacing = half_rad / rings
    nasal, up = places(columns).T
    far = spacing * np.hypot(nasal, up)
    turn = np.arctan2(up, nasal)
    across = np.sin(far)
    return np.column_stack([np.cos(far), across * np.cos(turn), across * np.sin(turn)]), spacing, columns


def hexagon(rings: int) -> np.ndarray:
    """Return axial coordinates (column, 2) of the columns within `rings` of the middle: 721 for 15 rings."""
    side = np.arange(-rings, rings + 1)
    u, v = (axis.ravel() for axis in np.meshgrid(side, side, indexing="ij"))
    return np.column_stack([u, v])[np.abs(u + v) <= rings]


def places(columns: np.ndarray) -> np.ndarray:
    """Return places (column, 2) of columns (column, 2) towards the nose and up, in spacings."""
    u, v = columns.T
    return np.column_stack([np.sqrt(3) / 2 * v, -(u + v / 2)])


def angles_deg(retinal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return azimuth and elevation, degrees (n,), of unit vectors (n, 3) along the axis, nasal and up."""
    azimuth = np.degrees(np.arctan2(retinal[:, 1], retinal[:, 0]))
    return azimuth, np.degrees(np.arcsin(np.clip(retinal[:, 2], -1, 1)))


def tangents(retinal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return unit vectors (n, 3) towards the nose and up, along the sphere at unit vectors (n, 3)."""
    azimuth, elevation = (np.radians(angle) for angle in angles_deg(retinal))
    zero = np.zeros_like(azimuth)
    nasal = np.column_stack([-np.sin(azimuth), np.cos(azimuth), zero])
    up = np.column_stack(
        [-np.sin(elevation) * np.cos(azimuth), -np.sin(elevation) * np.sin(azimuth), np.cos(elevation)]
    )
    return nasal, up
