"""ON, OFF and direction-selective ganglion cells of an eye, from luminance over time alone.

Each ray's luminance becomes contrast with its own running mean. Positive and negative contrast are the ON and
the OFF channel. Where neighbouring rays see the same change one after the other, something moves: each pair
correlates the delayed signal of one with the present one of the other, ON with ON and OFF with OFF, minus
the same the other way round (Hassenstein & Reichardt 1956, doi:10.1515/znb-1956-9-1004). Divided by the
energy of the pairs, this depends little on contrast and not at all on brightness. That energy is pooled over
all that the cells see or, where an entry says `surround_deg`, over each pair's surround. Over the whole field
one strong edge, as between a bright and a dark half, hides faint motion everywhere else.

Three more cells look at their part of the field as a whole: how bright it is, whether it has just become
darker, and whether something dark grows in it. Growth is motion of the OFF channel away from the middle of
what is dark, on both sides of it alike: towards the nose and away from it, or up and down; the weaker side
counts twice. Nothing that moves along does that, nor dots of which some happen to move apart. It has a delay
of its own, for a disc that matters grows more slowly than a floor passes. Where all
darkens just after something has moved, the delayed signal of that motion meets a change everywhere, which
looks like growth: so dimming makes these cells less sensitive.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int

from neuromech._lib.errors import InputError, unknown
from neuromech.brain.circuit import Circuit
from neuromech.brain.encoders import together
from neuromech.brain.encoders.base import Encoder, Entry, Scalar, Sections
from neuromech.senses.eye.eye import Eye
from neuromech.senses.eye.lattice import Lattice, angles_deg, tangents

LEVELS = ("on", "off")
"""The names of the cells that respond to brightening and to darkening."""
WHOLE_FIELD = ("light", "dimming", "growth")
"""The names of the cells that respond to luminance, to its fall, and to something dark that grows."""
NUMBERS = ("adapt_s", "delay_s", "dark", "half_contrast")
"""The parameters of the cells themselves."""
WHOLE_NUMBERS = ("half_dimming", "growth_delay_s")
"""The parameters of `WHOLE_FIELD`."""
Window = tuple[float, float]
"""A part of the field: from and to, degrees."""
WHOLE: Mapping[str, Window] = {"azimuth_deg": (-180.0, 180.0), "elevation_deg": (-90.0, 90.0)}
"""The whole field of an eye."""


class DirectionSelective(Encoder):
    """Ganglion cells that pool part of an eye's field: ON, OFF, `WHOLE_FIELD` if asked, directions.

    `adapt_s` is the time of the running mean, `delay_s` of the delay; `dark` is a luminance and
    `half_contrast` the root-mean-square contrast at which a cell gives half of its most. `used` are the
    rays that the cells look at; all others are left out of what follows, (ray,). `pool` (ray,) sums to 1;
    `along` (direction, pair) is the share of each pair times the cosine between the way from its first to
    its second ray and the preferred direction; `around` (1, ray) or (ray, ray) are the parts of all rays in
    the energy by which the motion of any pair, or of each ray's pairs, is divided: its rows sum to 1;
    `points` (ray, 3) are the directions of the rays that are pooled, else zero, `places` (pair, 3) those of
    the middles of pairs, and `steps` (2, pair) the way from the first to the second ray of a pair, towards
    the nose and up, divided by the number of pairs. `light` is the mean luminance, `dimming` the share by
    which it is below its running mean, `growth` the OFF motion outwards on opposite sides.

    Keys of an entry: `directions_deg` {name: angle on the retina, 0 towards the nose, 90 up}, `neurons`
    {one of the cells: [neurons]}, and perhaps `azimuth_deg` and `elevation_deg` [from, to], azimuths
    growing towards the nose, and `surround_deg`, the standard deviation of the Gaussian surround.
    Parameters, in the section `direction_selective`, the same for all eyes: those above, `level_pA`, the
    most of `LEVELS` and `WHOLE_FIELD`, and `motion_pA`, the most of a direction. In the section
    `whole_field`, where there are such cells: `half_dimming`, the share of the light which, lost all over,
    leaves half of the sensitivity to growth, and `growth_delay_s`, the delay of growth. A disc of the size
    that larvae flee from takes about 0.2 of the light, light that goes off 0.9.
    """

    keys = ("directions_deg", "neurons")

    adapt_s: Scalar
    delay_s: Scalar
    dark: Scalar
    half_contrast: Scalar
    half_dimming: Scalar | None
    growth_delay_s: Scalar | None
    used: Int[Array, " ray"]
    pool: Float[Array, " ray"]
    first: Int[Array, " pair"]
    second: Int[Array, " pair"]
    around: Float[Array, "one_or_ray ray"]
    along: Float[Array, "direction pair"]
    points: Float[Array, "ray 3"]
    places: Float[Array, "pair 3"]
    steps: Float[Array, "2 pair"]
    channels: int = eqx.field(static=True)

    @classmethod
    def sections(cls, entry: Entry) -> Sections:
        """Return the sections of parameters.yaml that an entry reads."""
        found: Sections = {"direction_selective": (*NUMBERS, "level_pA", "motion_pA")}
        return found | {"whole_field": WHOLE_NUMBERS} if _whole(entry) else found

    @classmethod
    def from_entry(cls, entry: Entry, circuit: Circuit) -> tuple[DirectionSelective, np.ndarray]:
        """Build the cells of an eye and the currents (pA) of each, (neuron, cell)."""
        p = circuit.parameters["direction_selective"]
        eye = entry.sense
        if not isinstance(eye, Eye):
            raise InputError(f"encoding.{entry.name} must read an eye, not {entry.given.sense}")
        directions, named = entry["directions_deg"], entry["neurons"]
        whole = _whole(entry)
        cells = [*LEVELS, *(WHOLE_FIELD if whole else ()), *directions]
        currents = np.zeros((len(circuit.connectome.neurons), len(cells)))
        for cell, names in named.items():
            if cell not in cells:
                raise unknown(
                    f"cell in encoding.{entry.name}", str(cell), [*LEVELS, *WHOLE_FIELD, *directions]
                )
            current = p["motion_pA" if cell in directions else "level_pA"]
            currents[circuit.connectome.resolve(names), cells.index(cell)] = current
        numbers = (p["adapt_s"], p["delay_s"], p["dark"], p["half_contrast"])
        field = circuit.parameters["whole_field"] if whole else None
        windows = [_window(entry, key) for key in ("azimuth_deg", "elevation_deg")]
        try:
            built = cls.of(
                eye.lattice, directions, numbers, *windows,
                whole_field=field and (field["half_dimming"], field["growth_delay_s"]),
                surround_deg=entry["surround_deg"],
            )  # fmt: skip
        except InputError as error:
            raise InputError(f"encoding.{entry.name}: {error}") from None
        return built, currents

    @classmethod
    def joined(cls, encoders: Sequence[Encoder]) -> list[Encoder]:
        """Return eyes that are alike as one: two in every operation cost little more than one."""
        return together.alike(encoders)

    @staticmethod
    def of(
        lattice: Lattice,
        directions_deg: Mapping[str, float],
        numbers: tuple[float, float, float, float],
        azimuth_deg: Window = WHOLE["azimuth_deg"],
        elevation_deg: Window = WHOLE["elevation_deg"],
        whole_field: tuple[float, float] | None = None,
        surround_deg: float | None = None,
    ) -> DirectionSelective:
        """Build the cells of an eye.

        Parameters
        ----------
        lattice : of the eye.
        directions_deg : preferred directions of motion on the retina: 0 towards the nose, 90 up.
        numbers : adapt_s, delay_s, dark, half_contrast.
        azimuth_deg, elevation_deg : the part of the field that is pooled; azimuth grows towards the nose.
        whole_field : half_dimming, growth_delay_s, with which there are cells of `WHOLE_FIELD`, too.
        surround_deg : of the contrast that motion is divided by; None for that of all that the cells see.

        Raises
        ------
        InputError
            A direction is not finite, or no pair of rays lies in the window.
        """
        names = list(directions_deg)
        angles = np.array([directions_deg[name] for name in names], float)
        for name, angle in zip(names, angles, strict=True):
            if not np.isfinite(angle):
                raise InputError(f"direction {name} must be a finite number of degrees, not {angle}")

        def inside(points: np.ndarray) -> np.ndarray:
            azimuth, elevation = angles_deg(points)
            return (
                (azimuth >= azimuth_deg[0]) & (azimuth <= azimuth_deg[1])
                & (elevation >= elevation_deg[0]) & (elevation <= elevation_deg[1])
            )  # fmt: skip

        pairs, points = lattice.neighbours(), lattice.retinal
        middle = points[pairs].sum(axis=1)
        middle /= np.linalg.norm(middle, axis=1, keepdims=True)
        kept = inside(middle)
        pairs, middle = pairs[kept], middle[kept]
        if not len(pairs) or not inside(points).any():
            raise InputError(f"no rays look at azimuths {azimuth_deg} and elevations {elevation_deg}")
        step = points[pairs[:, 1]] - points[pairs[:, 0]]
        step /= np.linalg.norm(step, axis=1, keepdims=True)
        nasal, up = ((step * axis).sum(axis=1) for axis in tangents(middle))
        turn = np.radians(angles)[:, None]
        rays = inside(points)
        part = np.bincount(pairs.ravel(), minlength=len(points)) / (2 * len(pairs))
        used = np.flatnonzero(rays | (part > 0))
        at = np.zeros(len(points), int)
        at[used] = np.arange(len(used))
        rays, part, seen = rays[used], part[used], points[used]
        if surround_deg is None:
            around = part[None]
        else:
            apart = np.degrees(np.arccos(np.clip(seen @ seen.T, -1.0, 1.0)))
            around = np.exp(-0.5 * (apart / surround_deg) ** 2) * part
            around /= around.sum(axis=1, keepdims=True)
        return DirectionSelective(
            **dict(zip(NUMBERS, map(jnp.float32, numbers), strict=True)),
            half_dimming=None if whole_field is None else jnp.float32(whole_field[0]),
            growth_delay_s=None if whole_field is None else jnp.float32(whole_field[1]),
            used=jnp.asarray(used),
            pool=jnp.asarray(rays / rays.sum(), jnp.float32),
            first=jnp.asarray(at[pairs[:, 0]]),
            second=jnp.asarray(at[pairs[:, 1]]),
            around=jnp.asarray(around, jnp.float32),
            along=jnp.asarray((np.cos(turn) * nasal + np.sin(turn) * up) / len(pairs), jnp.float32),
            points=jnp.asarray(seen * rays[:, None], jnp.float32),
            places=jnp.asarray(middle, jnp.float32),
            steps=jnp.asarray(np.stack([nasal, up]) / len(pairs), jnp.float32),
            channels=len(points),
        )

    def init(self) -> Float[Array, " memory"]:
        """Return the running mean, delayed ON and delayed OFF of each ray, and whether there was a sample.

        Where there are cells of `WHOLE_FIELD`, OFF with the delay of growth comes before the last.
        """
        return jnp.zeros((3 if self.growth_delay_s is None else 4) * len(self.used) + 1)

    def step(
        self, memory: Float[Array, " memory"], sensed: Float[Array, " ray"], step_s: Scalar
    ) -> tuple[Float[Array, " memory"], Float[Array, " feature"]]:
        """Advance by `step_s`; returns the memory and the cells' drives, each in [0, 1)."""
        rays = len(self.used)
        if rays < self.channels:
            sensed = sensed[self.used]
        mean, late = memory[:rays], memory[rays:-1].reshape(-1, rays)
        # The eye starts adapted: its first sample is the mean.
        mean = jnp.where(memory[-1] > 0, mean, sensed)
        contrast = (sensed - mean) / (mean + self.dark)
        now = jnp.maximum(jnp.stack([contrast, -contrast]), 0.0)
        floor = self.half_contrast**2
        # One row per ray: gathering rows costs a third of gathering each signal.
        rows = jnp.concatenate([late[:2], now, late[2:]]).T
        one, other = rows[self.first], rows[self.second]
        motion = (one[:, :2] * other[:, 2:4] - one[:, 2:4] * other[:, :2]).sum(axis=1)
        energy = self.around @ (rows[:, :4] ** 2).sum(axis=1)
        if len(energy) == 1:
            moving = jnp.maximum(self.along @ motion, 0.0) / (energy + floor)
        else:
            near = (energy[self.first] + energy[self.second]) / 2
            moving = jnp.maximum(self.along @ (motion / (near + floor)), 0.0)
        # One product for all sums over the rays.
        light, usual, *power = jnp.stack([sensed, mean, *(now**2)]) @ self.pool
        power = jnp.stack(power)
        mean = mean + (sensed - mean) * -jnp.expm1(-step_s / self.adapt_s)
        soon = late[:2] + (now - late[:2]) * -jnp.expm1(-step_s / self.delay_s)
        delayed = [mean, soon.ravel()]
        levels = [power / (power + floor)]
        if self.half_dimming is not None and self.growth_delay_s is not None:
            delayed.append(late[2] + (now[1] - late[2]) * -jnp.expm1(-step_s / self.growth_delay_s))
            off = one[:, 4] * other[:, 3] - one[:, 3] * other[:, 4]
            dimming = jnp.maximum(usual - light, 0.0) / (usual + self.dark)
            floor = floor * (1.0 + (dimming / self.half_dimming) ** 2)
            growth = self._growth(now[1], off)
            levels.append(jnp.stack([light, dimming, growth / (growth + floor)]))
        return jnp.concatenate([*delayed, jnp.ones(1)]), jnp.concatenate([*levels, moving])

    def _growth(self, dark: Float[Array, " ray"], moved: Float[Array, " pair"]) -> Scalar:
        """Return the motion of the OFF channel outwards on opposite sides of the middle of what is dark."""
        middle = dark @ self.points
        middle = middle / (jnp.linalg.norm(middle) + 1e-6)
        # Where each pair lies towards the nose from the middle, and up, and how it moves that way.
        nose = jnp.stack([-middle[1], middle[0], jnp.zeros_like(middle[2])])
        at = jnp.stack([nose, jnp.cross(middle, nose)]) @ self.places.T
        out = at * self.steps * moved
        ahead, behind = jnp.where(jnp.stack([at > 0, at < 0]), out, 0.0).sum(axis=-1)
        return 2.0 * jnp.maximum(jnp.minimum(ahead, behind), 0.0).sum()


def _whole(entry: Entry) -> bool:
    """Return whether an entry has cells of `WHOLE_FIELD`."""
    return any(cell in entry["neurons"] for cell in WHOLE_FIELD)


def _window(entry: Entry, key: str) -> Window:
    """Return the part of the field that an entry gives, or all of it."""
    if entry[key] is None:
        return WHOLE[key]
    try:
        low, high = (float(end) for end in entry[key])
    except (TypeError, ValueError):
        low = high = np.nan
    if not low < high:
        raise InputError(f"encoding.{entry.name}.{key} must be [from, to], not {entry[key]}")
    return low, high
