"""What a window draws of an animal and its world: what stays, once, and what moves, picture by picture.

`Scene.described` is plain data for the page. `Scene.frame` is one row of float32 numbers whose parts
`described["layout"]` names, and `Scene.floor` the pattern of the floor and the wall as bytes.
"""

from __future__ import annotations

import base64
from typing import Any

import matplotlib
import mujoco
import numpy as np

from neuromech.senses.eye.eye import Eye
from neuromech.specs.environment import EnvironmentSpec
from neuromech.viewer.brain_map import BrainMap
from neuromech.visuals.camera import activation
from neuromech.visuals.ground import Ground, Patch
from neuromech.visuals.raycast import Solids
from neuromech.visuals.skin import ALONG, TubeSkin
from neuromech.world.stimuli.base import Pose, Stimulus
from neuromech.world.stimuli.base import Scene as Shown
from neuromech.world.stimuli.fields import Plume
from neuromech.world.world import World

WINDOW_SAMPLES = 250
"""How much of the past a raster shows, in samples of a recording."""
TINTS = 64
"""Places along a tube at which its flanks are tinted by muscles."""
CELLS = 160
"""Cells along a side of the pattern of the floor."""
STRIPES = 720
"""Places around a wall at which its pattern is told."""
REACH = 10.0
"""The pattern of the floor is told as far as this from the animal, in body lengths, where it has no end."""


class Scene:
    """An animal in its world, as a page draws it.

    Parameters
    ----------
    world : whose body and environment it is.
    brain : the neurons, None for a controller without any.
    """

    def __init__(self, world: World, brain: BrainMap | None) -> None:
        body, model = world.body, world.model
        self.brain = brain
        self.skin = TubeSkin.of(body.spec.skin) if body.spec.skin is not None else None
        skin = self.skin
        self._solids = Solids.of(
            model, fixed_only=skin is not None, beside=skin.beside if skin else None, planes=False
        )
        self._landmarks = (
            skin.places([model.site(i).name for i in range(model.nsite)]) if skin else np.zeros(0, int)
        )
        self.eyes = {name: sense for name, sense in body.senses.items() if isinstance(sense, Eye)}
        self._environment = world.environment
        self._span: tuple[float, float] | None = None
        sizes = {
            "time": 1,
            "centre": 3,
            "geoms": 12 * len(self._solids.geom),
            "line": 3 * len(self._landmarks),
            "segments": 3 * len(world.segments),
            "muscles": len(body.muscles),
            "activity": len(brain.names) if brain else 0,
            **{f"eye:{name}": len(eye.channels) for name, eye in self.eyes.items()},
        }
        ends = np.cumsum(list(sizes.values())).tolist()
        self.layout = {
            name: [end - size, size] for (name, size), end in zip(sizes.items(), ends, strict=True)
        }
        self.size = ends[-1]
        self.described = self._described(world)

    def frame(
        self, world: World, activity: np.ndarray, seen: dict[str, Any], muscles: np.ndarray
    ) -> np.ndarray:
        """Return the numbers of a picture, float32 (size,).

        Parameters
        ----------
        world : as it is now.
        activity : of the controller's neurons, (neuron,).
        seen : readings of the senses by name.
        muscles : what colours them, 0 to 1, (muscle,).
        """
        row = np.zeros(self.size, np.float32)
        data = world.data
        self._put(row, "time", world.time_s)
        self._put(row, "centre", data.subtree_com[world.model.body_rootid[world.middle]])
        self._solids.update(data)
        geoms = np.concatenate([self._solids.pos, self._solids.mat.reshape(-1, 9)], axis=1)
        self._put(row, "geoms", geoms.reshape(-1))
        self._put(row, "line", data.site_xpos[self._landmarks].reshape(-1))
        self._put(row, "segments", data.xpos[world.segments].reshape(-1))
        self._put(row, "muscles", muscles)
        if self.brain is not None:
            self._put(row, "activity", self.brain.shown(activity))
        for name in self.eyes:
            if name in seen:
                self._put(row, f"eye:{name}", seen[name])
        return row

    def floor(self, world: World, pose: Pose | None = None) -> bytes:
        """Return the pattern of the floor now: x0, y0 and side (mm) as float32, then cells, then the wall.

        Cells are bytes, 0 to 255 of the scale of colours, row by row from low y; the wall's go round from +x,
        and there are none without a wall. Empty where there is nothing on the floor.

        Parameters
        ----------
        world : as it is now.
        pose : of the pattern's frame, where it was recorded, else where it is now.
        """
        shown = world.shown
        if shown is None:
            return b""
        x0, y0, side = self._square(world, shown)
        axis = (np.arange(CELLS) + 0.5) / CELLS * side
        cells = self._levels(world, shown, *np.meshgrid(x0 + axis, y0 + axis), pose)
        parts = [np.array([x0, y0, side], "<f4").tobytes(), cells.tobytes()]
        plate = world.environment.plate
        if plate is not None and plate.wall_mm > 0 and isinstance(shown, Shown):
            angle = np.linspace(0, 2 * np.pi, STRIPES, endpoint=False)
            edge = plate.radius_mm * (1 + 1e-6)
            x, y = edge * np.cos(angle), edge * np.sin(angle)
            parts.append(self._levels(world, shown, x, y, pose).tobytes())
        return b"".join(parts)

    @staticmethod
    def moves(world: World) -> bool:
        """Say whether what is on the floor moves by itself or with the animal."""
        shown = world.shown
        still = getattr(shown, "velocity_mm_s", (0.0, 0.0))
        return isinstance(shown, Shown | Plume) or any(still) or type(shown).__name__ == "Drop"

    def _levels(self, world: World, shown: Stimulus, x: np.ndarray, y: np.ndarray, pose: Any) -> np.ndarray:
        if isinstance(shown, Shown):
            at = shown.pose(world.time_s) if pose is None else pose
            values = np.asarray(shown.value_from(at, x, y, world.time_s))
            low, high = 0.0, 1.0
        else:
            values = np.asarray(shown.value(x, y, world.time_s))  # type: ignore[attr-defined]
            low, high = self._scale(shown, world)
        share = (np.broadcast_to(values, x.shape) - low) / max(high - low, 1e-12)
        return np.round(255 * np.clip(share, 0, 1)).astype(np.uint8)

    def _scale(self, shown: Stimulus, world: World) -> tuple[float, float]:
        """Return the ends of the scale of colours, which the first stimulus sets and later ones keep."""
        if self._span is None:
            plate = world.environment.plate
            extent = plate.radius_mm if plate else REACH * world.body.length_mm
            ground = Ground.of_field(shown.value, extent)  # type: ignore[attr-defined]
            high = ground.high if type(shown).__name__ != "Drop" else 1.0
            self._span = (min(ground.low, 0.0), max(high, 1e-9))
        return self._span

    def _square(self, world: World, shown: Stimulus) -> tuple[float, float, float]:
        """Return the corner and the side, mm, of the square of floor whose pattern is told."""
        plate = world.environment.plate
        reach = REACH * world.body.length_mm
        wavelength = world.environment.stimulus.options.get("wavelength_mm")
        if wavelength:
            reach = min(reach, CELLS * float(wavelength) / 12)
        if plate is not None and plate.radius_mm <= 1.5 * reach and not wavelength:
            return -plate.radius_mm, -plate.radius_mm, 2 * plate.radius_mm
        x, y = world.data.subtree_com[world.model.body_rootid[world.middle]][:2]
        return float(x) - reach, float(y) - reach, 2 * reach

    def _put(self, row: np.ndarray, part: str, values: Any) -> None:
        first, size = self.layout[part]
        if size:
            row[first : first + size] = values

    def _described(self, world: World) -> dict[str, Any]:
        body, model, spec = world.body, world.model, world.environment
        solids = self._solids
        return {
            "animal": body.name,
            "length_mm": body.length_mm,
            "layout": self.layout,
            "geoms": [
                {"kind": int(kind), "size": size.tolist(), "colour": rgba.tolist()}
                for kind, size, rgba in zip(solids.kind, solids.size, solids.rgba, strict=True)
            ],
            "pushable": list(body.segments.names),
            "tube": self._tube(model, len(body.muscles)),
            "muscles": self._muscles(world),
            "floor": _floor(spec, model, world.shown),
            "elevation_deg": body.spec.elevation_deg,
            "eyes": [_eye(name, eye) for name, eye in self.eyes.items()],
            "brain": self._brain(),
            "lut": _table(matplotlib.colormaps["inferno"](np.linspace(0.06, 0.98, 256))[:, :3] * 255),
        }

    def _tube(self, model: mujoco.MjModel, muscles: int) -> dict[str, Any] | None:
        skin = self.skin
        if skin is None:
            return None
        pick = np.linspace(0, ALONG - 1, TINTS).round().astype(int)
        mine = slice(0, muscles)  # another animal's come after them
        left, right = (weights[pick, mine].astype("<f4") for weights in skin.muscles(model))
        inside = skin.inside[pick]
        opaque = inside[..., 3]
        organs = np.concatenate([inside[..., :3] / 255, opaque[..., None]], axis=-1)[:, ::8]
        return {
            "count": len(self._landmarks),
            "radius_mm": skin.radius.tolist(),
            "colour": (skin.colour / 255).tolist(),
            "left": _packed(left),
            "right": _packed(right),
            "organs": _packed(organs.astype("<f4")),
            "across": organs.shape[1],
        }

    def _muscles(self, world: World) -> dict[str, Any]:
        """Return names of muscles and, for every solid, the muscles that move its segment."""
        table = world.body.muscle_table
        moving: dict[str, list[int]] = {}
        for i, segment in enumerate(table["segment"]):
            moving.setdefault(str(segment), []).append(i)
        model = world.model
        owners = [model.body(int(model.geom_bodyid[geom])).name for geom in self._solids.geom]
        low = [float(each) for each in table["low"]]
        return {"names": list(world.body.muscles), "of_geom": [moving.get(o, []) for o in owners], "low": low}

    def _brain(self) -> dict[str, Any] | None:
        brain = self.brain
        if brain is None:
            return None
        return {
            "names": list(brain.names),
            "aggregated": brain.members is not None,
            "groups": [{"label": label, "members": list(mine)} for label, mine in brain.groups.items()],
            "x": np.round(brain.x, 4).tolist(),
            "y": np.round(brain.y, 4).tolist(),
            "edges": [list(edge) for edge in brain.edges],
            "about": [list(each) for each in brain.about],
        }


def excitation_shown(world: World) -> np.ndarray:
    """Return what colours the muscles: their activation where they have one, else their excitation."""
    return np.asarray(activation(world.model, world.data)[world.body.muscle_ids], np.float32)


def _floor(spec: EnvironmentSpec, model: mujoco.MjModel, shown: Stimulus | None) -> dict[str, Any]:
    ground = Ground.of_environment(spec)
    planes = np.flatnonzero(model.geom_type == mujoco.mjtGeom.mjGEOM_PLANE)
    plate = spec.plate
    lut = ground.lut[:: len(ground.lut) // 256][:256]
    return {
        "colour": list(spec.floor.colour),
        "z": float(model.geom_pos[planes[0], 2]) if len(planes) else 0.0,
        "there": bool(len(planes)) or spec.medium.kind != "none",
        "tracks": spec.floor.tracks,
        "radius_mm": plate.radius_mm if plate else 0.0,
        "wall_mm": plate.wall_mm if plate else 0.0,
        "picture": ground.picture,
        "pattern": shown is not None,
        "cells": CELLS,
        "stripes": STRIPES,
        "lut": _table(lut),
        "relief": None if ground.relief is None else _relief(ground.relief),
    }


def _relief(bumps: Patch) -> dict[str, Any]:
    """Return the heights of a floor with bumps, in 255 steps from its lowest to its highest point."""
    highest = float(bumps.grid.max())
    return {
        "cells": len(bumps.grid),
        "extent_mm": -float(bumps.box[0]),
        "bumps_mm": highest,
        "heights": _table(np.round(255 * bumps.grid / highest)),
    }


def _eye(name: str, eye: Eye) -> dict[str, Any]:
    """Return where each ray of an eye stands in its round picture; the nose of a left eye is on its right."""
    axis, towards_nose, up = eye.lattice.retinal.T
    angle = np.arccos(np.clip(axis, -1, 1)) / np.radians(eye.field_deg / 2)
    flat = np.maximum(np.hypot(towards_nose, up), 1e-9)
    x = -eye.lattice.nose * angle * towards_nose / flat
    return {
        "name": name,
        "x": np.round(x, 3).tolist(),
        "y": np.round(-angle * up / flat, 3).tolist(),
        "order": float(eye.lattice.nose),
    }


def _table(colours: np.ndarray) -> str:
    """Return a table of colours, 0 to 255, as base64 of bytes."""
    return base64.b64encode(np.ascontiguousarray(colours, np.uint8).tobytes()).decode()


def _packed(values: np.ndarray) -> str:
    """Return float32 numbers as base64, row by row."""
    return base64.b64encode(np.ascontiguousarray(values, "<f4").tobytes()).decode()
