"""A smooth tube swept around named body landmarks: what makes a chain of capsules look alive.

A body asks for it in body.yaml, so that no animal is named here:

    skin:
      kind: tube
      landmarks: {prefix: spine_, count: 49}   # from front to end; or a list of names
      radius_mm: [0.010, ..., 0.004]           # at evenly spaced places from front to end
      colour: [0.87, 0.80, 0.66]               # optional, 0 to 1
      beside: 1                                # optional: geoms of this group are drawn too, as legs and ears
      organs:                                  # optional, seen through the skin; places 0 (front) to 1 (end)
        - {from: 0.17, to: 0.93, radius: 0.55, colour: [0.50, 0.40, 0.27]}   # radius: share of the tube's
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import mujoco
import numpy as np

from neuromech._lib.errors import unknown
from neuromech.specs.body import Organ, Skin
from neuromech.specs.values import Colour
from neuromech.world import muscle_ends
from neuromech.world.pair import OTHER

ALONG, ACROSS = 512, 65  # samples of what is inside the tube: front to end, left to right


@dataclass(frozen=True)
class TubeSkin:
    """A tube around landmarks.

    `landmarks` their names from front to end; `radius` (k,) mm; `colour` (3,) 0 to 255; `inside` (ALONG,
    ACROSS, 4) colour 0 to 255 and opacity 0 to 1 of what shows through; `beside` the group of the model's
    geoms that are drawn beside the tube, if any.
    """

    landmarks: tuple[str, ...]
    radius: np.ndarray
    colour: np.ndarray
    inside: np.ndarray
    beside: int | None = None

    @staticmethod
    def of(spec: Skin) -> TubeSkin:
        """Return the skin that the `skin` entry of a body.yaml describes."""
        return TubeSkin(
            spec.landmarks, np.array(spec.radius_mm), _colour(spec.colour), _inside(spec.organs), spec.beside
        )

    @staticmethod
    def plain(names: Sequence[str], length_mm: float) -> TubeSkin:
        """Return a spindle for an animal of which only its midline is known: a tenth as wide as long."""
        u = np.linspace(0, 1, 33)
        radius = 0.05 * length_mm * (0.08 + np.sin(np.pi * u) ** 0.6)
        return TubeSkin.of(Skin(tuple(names), tuple(radius.tolist())))

    def places(self, landmarks: Sequence[str]) -> np.ndarray:
        """Return where this skin's landmarks stand among `landmarks`, (n,)."""
        where = {name: i for i, name in enumerate(landmarks)}
        for name in self.landmarks:
            if name not in where:
                raise unknown("landmark of the skin", name, landmarks)
        return np.array([where[name] for name in self.landmarks])

    def sweep(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the centreline (m, 3) and radius (m,) of the tube through `points` (n, 3), all mm."""
        curve = smoothing(len(points)) @ points
        u = np.linspace(0, 1, len(curve))
        return curve, np.interp(u, np.linspace(0, 1, len(self.radius)), self.radius)

    def muscles(self, model: mujoco.MjModel) -> tuple[np.ndarray, np.ndarray]:
        """Return weights (ALONG, nu) that spread the model's muscles over the tube's left and right flank.

        A muscle's side and place come from where its ends stand about the midline of the model as built;
        actuators that pull no tendon have no place and weigh nothing.
        """
        data = mujoco.MjData(model)
        mujoco.mj_forward(model, data)
        line = data.site_xpos[self.places([model.site(i).name for i in range(model.nsite)])]
        along = np.gradient(line, axis=0)
        place, side = np.full(model.nu, np.nan), np.zeros(model.nu)
        for i in np.flatnonzero(model.actuator_trntype == mujoco.mjtTrn.mjTRN_TENDON):
            sites = muscle_ends.of(model, int(i))
            if len(sites) and not model.actuator(int(i)).name.startswith(OTHER):
                middle = data.site_xpos[sites].mean(axis=0)
                k = int(np.argmin(((line - middle) ** 2).sum(axis=1)))
                place[i] = k / (len(line) - 1)
                # Left, seen from above, is up x heading, and the heading runs from end to front.
                side[i] = np.sign(np.cross(along[k], [0.0, 0.0, 1.0]) @ (middle - line[k]))
        return _spread(place, side > 0), _spread(place, side < 0)


def _colour(colour: Colour) -> np.ndarray:
    return np.array(colour) * 255


def _spread(place: np.ndarray, mine: np.ndarray) -> np.ndarray:
    weights = np.zeros((ALONG, len(place)))
    if mine.any():
        spacing = 1.0 / max(len(np.unique(place[mine])), 2)
        far = (np.linspace(0, 1, ALONG)[:, None] - place[mine]) / spacing
        near = np.exp(-(far**2))
        weights[:, mine] = near / (near.sum(axis=1, keepdims=True) + 0.05)
    return weights


@lru_cache(maxsize=8)
def smoothing(count: int, fine: int = 4) -> np.ndarray:
    """Return the matrix (m, count) of a Catmull-Rom curve through points, `fine` steps per interval."""
    t = np.linspace(0, count - 1, (count - 1) * fine + 1)
    i = np.minimum(t.astype(int), count - 2)
    f = t - i
    ahead, behind = f**3 - f**2, -f + 2 * f**2 - f**3
    basis = 0.5 * np.stack([behind, 2 - 5 * f**2 + 3 * f**3, f + 4 * f**2 - 3 * f**3, ahead])
    matrix = np.zeros((len(t), count))
    for k in range(4):
        np.add.at(matrix, (np.arange(len(t)), np.clip(i + k - 1, 0, count - 1)), basis[k])
    return matrix


def _inside(organs: Sequence[Organ]) -> np.ndarray:
    """Return one picture of all organs: mottled, rounded at their ends, the most opaque one in front."""
    u, q = np.linspace(0, 1, ALONG)[:, None], np.linspace(-1, 1, ACROSS)[None, :]
    noise = np.random.default_rng(11).standard_normal((ALONG, ACROSS))
    speck = np.zeros_like(noise)
    for a, b in np.ndindex(5, 7):
        speck += np.roll(noise, (a, b), (0, 1))
    speck = np.clip(speck / speck.std(), -2, 2)
    inside = np.zeros((ALONG, ACROSS, 4), np.float32)
    for organ in organs:
        start, stop, radius = organ.from_, organ.to, organ.radius
        ends = np.clip(np.minimum(u - start, stop - u) / min(0.5 * (stop - start), 0.03), 0, 1)
        width = radius * np.sqrt(1 - (1 - ends) ** 2) + 1e-6
        opacity = np.clip((1.0 - np.abs(q) / width) / 0.5, 0, 1) * (ends > 0) * (0.80 + 0.07 * speck)
        front = opacity > inside[..., 3]
        mottled = _colour(organ.colour) * (1.0 + 0.07 * speck[..., None])
        inside[front, :3] = np.clip(mottled, 0, 255)[front]
        inside[front, 3] = opacity[front]
    return inside
