"""A recording as one page that needs no server: what a session would have shown, sample by sample."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from neuromech._lib.errors import InputError
from neuromech.brain.connectome import Connectome
from neuromech.specs.controller import WiredSpec
from neuromech.specs.run import Run
from neuromech.tracking import track, units
from neuromech.viewer import brain_map
from neuromech.viewer.brain_map import BrainMap
from neuromech.viewer.history import done, from_the_beginning
from neuromech.viewer.scene import WINDOW_SAMPLES, Scene
from neuromech.viewer.webpage import recorded_page
from neuromech.visuals import recorded_pattern
from neuromech.world.world import World

MOST_BYTES = 20_000_000
"""Numbers of all pictures before they are squeezed: of a recording that has more, samples are left out."""
MOST_FLOORS = 300
"""Patterns of a floor that moves: between them it stands still."""
SPEEDS = (0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Speeds of which the page begins with the fastest that shows every sample."""
PER_S = 25.0
"""Samples that a page can show in a second."""


def page(run: Run, dataset: xr.Dataset) -> str:
    """Return the page of a recorded episode.

    Parameters
    ----------
    run : that was recorded, with its body and environment.
    dataset : the recording.

    Raises
    ------
    InputError
        The recording is of another body, or does not hold its joint positions.
    """
    world = World(run.body, run.environment, run.clock)
    if "qpos" not in dataset or dataset["qpos"].shape[1] != world.model.nq:
        raise InputError(
            f"the recording does not hold the {world.model.nq} joint positions of {run.body.name}"
        )
    brain = _brain(run, dataset)
    scene = Scene(world, brain)
    times = np.asarray(dataset["time"], float)
    step = max(1, int(np.ceil(len(times) * scene.size * 2 / MOST_BYTES)))
    chosen = np.arange(0, len(times), step)
    rows, floors, floor_of = _pictures(world, scene, dataset, chosen)
    numbers, low, high = _as_whole_numbers(rows)
    about = {
        "scene": {**scene.described, **_about(run, dataset, step)},
        "times_s": np.round(times[chosen], 6).tolist(),
        "low": low,
        "high": high,
        "floor_of": floor_of,
        "speed": _speed(times[chosen]),
        "seed": int(dataset.attrs.get("seed", run.seed)),
        "metrics": _metrics(dataset),
        "metrics_s": [float(times[0]), float(times[-1])],
        "done": done(run),
        "perturb": from_the_beginning(run),
    }
    return recorded_page(about, numbers, floors)


def _brain(run: Run, dataset: xr.Dataset) -> BrainMap | None:
    if "activity" not in dataset:
        return None
    names = [str(name) for name in dataset["neuron"].values]
    wiring = None
    if isinstance(run.controller, WiredSpec):
        try:
            wiring = Connectome.read(run.controller.folders, connections=run.controller.connections)
        except InputError:  # the map then follows the groups
            wiring = None
    return brain_map.build(names, json.loads(dataset.attrs.get("neuron_groups", "{}")), wiring)


def _about(run: Run, dataset: xr.Dataset, step: int) -> dict[str, Any]:
    traces = _words(dataset.attrs.get("traces"))
    notes = _words(dataset.attrs.get("notes"))
    if step > 1:
        notes.append(f"one sample of {step} is shown")
    return {
        "experiment": run.experiment,
        "controller": str(run.controller.name),
        "unit": str(dataset["activity"].attrs.get("units", "")) if "activity" in dataset else "",
        "traces": traces if "activity" in dataset else [],
        "window_s": WINDOW_SAMPLES * run.clock.record_s,
        "notes": notes,
        "controls": None,
    }


def _words(value: Any) -> list[str]:
    found = json.loads(value) if value else []
    return [str(each) for each in found] if isinstance(found, list | tuple) else []


def _pictures(
    world: World, scene: Scene, dataset: xr.Dataset, chosen: np.ndarray
) -> tuple[np.ndarray, list[bytes], list[int]]:
    """Return the rows of all pictures, the patterns of the floor, and the number of each picture's."""
    senses = {name: np.asarray(dataset[f"sense_{name}"]) for name in scene.eyes if f"sense_{name}" in dataset}
    activity = (
        np.asarray(dataset["activity"]) if "activity" in dataset else np.zeros((dataset.sizes["time"], 0))
    )
    muscles = np.asarray(dataset["muscle"]) if "muscle" in dataset else None
    qpos, times = np.asarray(dataset["qpos"], float), np.asarray(dataset["time"], float)
    patterns = recorded_pattern.poses(dataset)
    every = max(1, int(np.ceil(len(chosen) / MOST_FLOORS)))
    rows = np.zeros((len(chosen), scene.size), np.float32)
    floors: list[bytes] = []
    floor_of: list[int] = []
    shown: Any = scene  # no stimulus
    for row, sample in enumerate(chosen):
        world.pose_at(float(times[sample]), qpos[sample])
        seen = {name: values[sample] for name, values in senses.items()}
        tint = muscles[sample] if muscles is not None else np.zeros(len(world.body.muscles))
        rows[row] = scene.frame(world, activity[sample], seen, tint)
        if world.shown is not shown or (scene.moves(world) and row % every == 0) or row % 500 == 0:
            shown = world.shown
            floors.append(scene.floor(world, None if patterns is None else patterns[sample]))
        floor_of.append(len(floors) - 1)
    return rows, floors, floor_of


def _as_whole_numbers(rows: np.ndarray) -> tuple[bytes, list[float], list[float]]:
    """Return the numbers as steps through time of 16-bit shares of each column's range, column by column."""
    values = np.nan_to_num(rows.astype(float))
    low, high = values.min(axis=0), values.max(axis=0)
    share = (values - low) / np.maximum(high - low, 1e-12)
    whole = np.round(65535 * share).astype(np.uint16)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, whole.shape[1]), np.uint16))
    columns = np.ascontiguousarray(steps.T.astype("<u2"))
    # High and low bytes apart: the high ones hardly change, and are squeezed to little.
    bytes_apart = columns.reshape(-1).view(np.uint8).reshape(-1, 2).T
    return bytes_apart.tobytes(), low.tolist(), high.tolist()


def _speed(times: np.ndarray) -> float:
    if len(times) < 2:
        return 1.0
    most = PER_S * float(np.median(np.diff(times)))
    return max((speed for speed in SPEEDS if speed <= most * 1.05), default=SPEEDS[0])


def _metrics(dataset: xr.Dataset) -> dict[str, Any]:
    tracker = str(dataset.attrs.get("tracker", ""))
    if not tracker:
        return {}
    unit = units(tracker)
    return {name: [value, unit.get(name, "1")] for name, value in track(dataset).items() if value is not None}
