"""What there is to see in a world: gratings that move over a floor and a round wall (or a striped drum,
drum.py).

A grating is a sinusoid that drifts along a direction. The half-plane to the left and the one to the right of
a line may carry different ones, as in the optomotor experiments that stimulate the two eyes apart.

Frames: ``world`` fixes the pattern and the line (the x axis) to the tank, or to the water that drifts
through it. ``body`` lets both turn with the animal and keeps the line below its axis, as closed-loop
experiments do, in which the larva is tracked and each eye gets its own pattern (Orger et al. 2008,
doi:10.1038/nn2048; Naumann et al. 2016, doi:10.1016/j.cell.2016.10.019). ``feedback`` is then the share of
its own translation that the animal sees.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from neuromech._lib.errors import InputError, unknown
from neuromech._lib.state import Stateful
from neuromech.world.stimuli.drum import Drum, drum

KINDS = ("grating", "drum")
FRAMES = ("world", "body")
DIRECTIONS = {"forward": 0.0, "left": 90.0, "backward": 180.0, "right": -90.0}
Place = np.ndarray | float
CHANNELS = ("pattern_x_mm", "pattern_y_mm", "pattern_heading_rad")
"""The origin and heading of the pattern's frame in the world, as the recorder keeps them."""
_SHARED = ("frame", "feedback", "drifts_with_water", "dark", "walls", "above")
_SIDES = ("left", "right")


@dataclass(frozen=True)
class Grating:
    """Luminance mean (1 + contrast sin(2 pi (s - speed (t - start)) / wavelength)); still before ``start_s``.

    s is the distance (mm) along ``direction``: degrees counter-clockwise from the frame's x axis, or one of
    DIRECTIONS. ``luminance`` is the mean, from 0 to 1; ``contrast`` is Michelson's.
    """

    direction: float | str = "forward"
    speed_mm_s: float = 10.0
    wavelength_mm: float = 10.0
    contrast: float = 1.0
    luminance: float = 0.5
    start_s: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "direction" and isinstance(value, str):
                if value not in DIRECTIONS:
                    raise unknown("stimulus.direction", value, DIRECTIONS)
            elif isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
                raise InputError(f"stimulus.{field.name} must be a finite number, not {value!r}")
        if self.wavelength_mm <= 0:
            raise InputError(f"stimulus.wavelength_mm must be above 0, not {self.wavelength_mm}")
        for name in ("speed_mm_s", "start_s"):
            if getattr(self, name) < 0:
                raise InputError(f"stimulus.{name} must be at least 0, not {getattr(self, name)}")
        for name in ("contrast", "luminance"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"stimulus.{name} must lie between 0 and 1, not {getattr(self, name)}")

    @property
    def direction_rad(self) -> float:
        """Direction of motion, rad counter-clockwise from the frame's x axis."""
        return float(np.radians(DIRECTIONS[self.direction] if isinstance(self.direction, str)
                                else self.direction))  # fmt: skip

    def wave(self, t_s: float) -> tuple[float, float, float, float, float]:
        """Return (kx, ky, phase, amplitude, mean) of mean + amplitude sin(k.p - phase), k in rad/mm."""
        k, angle = 2 * np.pi / self.wavelength_mm, self.direction_rad
        phase = k * self.speed_mm_s * max(t_s - self.start_s, 0.0)
        return k * np.cos(angle), k * np.sin(angle), phase, self.luminance * self.contrast, self.luminance


class Scene(Stateful):
    """A floor at height 0 and, where the world has one, a round wall about the origin, with their pattern.

    The pattern of the floor goes on up the wall. A ray that meets neither sees the luminance ``above``.

    Parameters
    ----------
    left, right : gratings at y >= 0 and y < 0 of the pattern's frame.
    frame, feedback : see above.
    drift_mm_s : velocity of a pattern that drifts through the world, (2,).
    dark : nothing is seen anywhere.
    walls : whether the pattern goes on up the wall, which else has the mean luminance.
    radius_mm, wall_mm : of the wall; radius 0 for none.
    """

    state_names = ("_body", "_seen")

    def __init__(
        self, left: Grating, right: Grating, *, frame: str = "world", feedback: float = 1.0,
        drift_mm_s: tuple[float, float] = (0.0, 0.0), dark: bool = False, walls: bool = True,
        above: float = 0.5, radius_mm: float = 0.0, wall_mm: float = 0.0,
    ) -> None:  # fmt: skip
        if frame not in FRAMES:
            raise unknown("stimulus.frame", str(frame), FRAMES)
        numbers = {"feedback": feedback, "above": above, "radius_mm": radius_mm, "wall_mm": wall_mm}
        for name, value in numbers.items():
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < np.inf:
                raise InputError(f"{name} of the scene must be a finite number >= 0, not {value!r}")
        if frame == "body" and any(drift_mm_s):
            raise InputError("stimulus.drifts_with_water needs stimulus.frame=world")
        self.gratings = (left, right)
        self._frame, self._feedback, self._drift = frame, float(feedback), np.asarray(drift_mm_s, float)
        self._dark, self._light = dark, 0.0 if dark else float(above)
        self.room = np.array([radius_mm, wall_mm, float(walls), self._light])
        """Radius and height of the wall, whether it is patterned, the luminance above: for ray casters."""
        self._body, self._seen = np.zeros(3), np.zeros(2)

    def reset(self, x_mm: float, y_mm: float, heading_rad: float) -> None:
        """Put the animal at a place where an episode begins."""
        self._body[:] = x_mm, y_mm, heading_rad
        self._seen[:] = 0.0

    def follow(self, x_mm: float, y_mm: float, heading_rad: float) -> None:
        """Tell the pattern where the animal has moved."""
        moved = np.array([x_mm, y_mm]) - self._body[:2]
        self._seen += self._feedback * (_turn(-heading_rad) @ moved)
        self._body[:] = x_mm, y_mm, heading_rad

    def pose(self, t_s: float) -> tuple[float, float, float]:
        """Origin (mm) and heading (rad) of the pattern's frame in the world."""
        if self._frame == "world":
            x, y = self._drift * t_s
            return float(x), float(y), 0.0
        x, y = self._body[:2] - _turn(self._body[2]) @ self._seen
        return float(x), float(y), float(self._body[2])

    def velocity(self, t_s: float) -> np.ndarray:
        """Velocity of the pattern in the world, mm/s (2,): the mean of both sides; zero in the dark.

        In the frame of the body it is that of a pattern whose animal does not swim.
        """
        if self._dark:
            return np.zeros(2)
        speeds = [each.speed_mm_s * (t_s >= each.start_s) for each in self.gratings]
        angles = [each.direction_rad for each in self.gratings]
        own = np.mean(
            [v * np.array([np.cos(a), np.sin(a)]) for v, a in zip(speeds, angles, strict=True)], axis=0
        )
        return _turn(self.pose(t_s)[2]) @ own + self._drift

    def waves(self, t_s: float) -> np.ndarray:
        """Return Grating.wave of the left and the right side, (2, 5); zeros in the dark."""
        return np.zeros((2, 5)) if self._dark else np.array([each.wave(t_s) for each in self.gratings])

    def value(self, x_mm: Place, y_mm: Place, t_s: float) -> np.ndarray:
        """Luminance of the floor at places in the world, seen sharply."""
        return self.value_from(self.pose(t_s), x_mm, y_mm, t_s)

    def value_from(
        self, pose: tuple[float, float, float], x_mm: Place, y_mm: Place, t_s: float
    ) -> np.ndarray:
        """As ``value``, with the pattern's frame at ``pose``: a recorded one, for instance."""
        c, s = np.cos(pose[2]), np.sin(pose[2])
        dx, dy = np.asarray(x_mm) - pose[0], np.asarray(y_mm) - pose[1]
        x, y = c * dx + s * dy, c * dy - s * dx
        kx, ky, phase, amplitude, mean = (
            np.where(y >= 0, left, right) for left, right in zip(*self.waves(t_s), strict=True)
        )
        return np.asarray(mean + amplitude * np.sin(kx * x + ky * y - phase))


def scene(environment: Mapping[str, Any]) -> Scene | Drum | None:
    """Build what environment.yaml shows under ``stimulus``, within its ``plate``; None for nothing.

    Raises
    ------
    InputError
        A key is unknown or a number makes no sense.
    """
    spec = environment.get("stimulus") or {}
    if spec.get("kind") not in KINDS:
        return None
    if spec["kind"] == "drum":
        return drum(environment)
    names = [field.name for field in fields(Grating)]
    for key in spec:
        if key not in ("kind", *names, *_SHARED, *_SIDES):
            raise unknown("stimulus key", str(key), [*names, *_SHARED, *_SIDES])
    whole = {name: spec[name] for name in names if name in spec}
    sides = []
    for side in _SIDES:
        own = spec.get(side) or {}
        for key in own:
            if key not in names:
                raise unknown(f"stimulus.{side} key", str(key), names)
        sides.append(Grating(**{**whole, **{key: value for key, value in own.items() if value is not None}}))
    plate, drift = environment.get("plate") or {}, (0.0, 0.0)
    if spec.get("drifts_with_water"):
        current = environment["medium"].get("current_mm_s", (0.0, 0.0, 0.0))
        drift = float(current[0]), float(current[1])
    shared = {key: spec[key] for key in _SHARED if key in spec and key != "drifts_with_water"}
    return Scene(
        *sides, drift_mm_s=drift, radius_mm=plate.get("radius_mm", 0.0), wall_mm=plate.get("wall_mm", 0.0),
        **shared,
    )  # fmt: skip


def _turn(angle_rad: float) -> np.ndarray:
    c, s = np.cos(angle_rad), np.sin(angle_rad)
    return np.array([[c, -s], [s, c]])
