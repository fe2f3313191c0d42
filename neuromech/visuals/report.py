"""report.png: one episode on one page.

It shows the path on the stimulus, key numbers beside the animal's range, the distance to the peak, the
senses, what the animal's tracker measures (speed, states and curvature; or the tail and its bouts), and every
neuron. A panel whose data were not recorded is left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from neuromech._lib.errors import InputError
from neuromech._lib.files import replacing
from neuromech.specs.environment import recorded_environment
from neuromech.tracking import units
from neuromech.tracking.kinematics import legs, tail, trajectory
from neuromech.tracking.trackers import appendages, bouts, gait, optomotor, undulation
from neuromech.visuals import figures, raster
from neuromech.world import stimuli

EXCERPT_S = 40.0
"""The longest part of an episode that the kymograph shows, s, from the middle of the episode."""
TAIL_EXCERPT_S = 12.0
"""The longest part of an episode that the trace of a beating tail shows, s."""
FOOT_EXCERPT_S = 2.0
"""The longest part of an episode whose footfalls are shown, s."""
FEW_CHANNELS = 4
"""The largest number of channels of a sense that is drawn as lines; senses with more are left out."""
FEW_ROWS, ROW_SHARE = 7, 0.1
"""The number of key numbers that fit below the path, and the growth of their table for each further one."""
STATE_COLOURS = ("#3f8f6b", "#c4473a", "#e0a030", "#b9bec8")
LABELS = {
    "chemotaxis_index": "chemotaxis index",
    "reached_peak": "reached the peak",
    "undulation_hz": "undulation",
    "wavelength_body_lengths": "wavelength",
    "speed_mm_s": "speed",
    "forward_fraction": "time forward",
    "reversal_rate_hz": "reversals",
    "bout_rate_hz": "bouts",
    "bout_duration_ms": "bout duration",
    "tail_beat_hz": "tail beat",
    "tail_amplitude_deg": "tail amplitude",
    "bout_displacement_mm": "bout displacement",
    "turn_deg": "turn (left +)",
    "turn_size_deg": "turn, either way",
    "turning_fraction": "turning bouts",
    "left_turn_fraction": "turns to the left",
    "right_turn_fraction": "turns to the right",
    "optomotor_gain": "optomotor gain",
    "optomotor_latency_s": "optomotor latency",
    "drift_mm_s": "drift with the flow",
    "stride_hz": "strides",
    "proboscis_extended_share": "proboscis out",
    "proboscis_latency_s": "proboscis goes out at",
    "proboscis_reach_mm": "proboscis from head",
    "grooming_share": "feet at antennae",
    "grooming_hz": "sweeps",
    "stride_length_mm": "stride length",
    "duty_factor": "duty factor",
    "phase_left_right": "phase, hind left to right",
    "phase_left_right_fore": "phase, fore left to right",
    "phase_homolateral": "phase, hind to fore",
    "phase_diagonal": "phase, diagonal",
    "tripod_index": "tripod index",
    "turning_deg_s": "turning (left +)",
    "head_turning_deg_s": "head turning",
}
SHORT_UNITS = {"1": "", "body lengths": "L", "body_lengths": "L", "deg": "\u00b0"}

Panel = tuple[float, Callable[[Axes], object]]
"""A panel: its relative height, and the function that draws it."""


def write_report(
    dataset: xr.Dataset,
    metrics: Mapping[str, float | str | None],
    norms: Mapping[str, Mapping[str, Any]],
    path: Path,
) -> None:
    """Draw an episode to a PNG.

    `metrics` are the tracker's; `norms` maps a metric to {range: [low, high], unit, source}, perhaps with
    quantiles, the animal's own values, as in body.yaml. Those of a larva are of spontaneous bouts: where a
    pattern moves or water flows they are drawn, but its numbers are not judged by them.

    Raises
    ------
    InputError
        The file cannot be written, or a range is not two numbers.
    """
    figure = Figure(figsize=(15, 9.4), dpi=110, facecolor="white")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(
        1, 2, width_ratios=[0.82, 1], left=0.04, right=0.965, top=0.9, bottom=0.05, wspace=0.23
    )
    # The percentiles of a distribution are drawn, not listed.
    listed = {name: value for name, value in metrics.items() if not name.endswith(tuple(bouts.PERCENTILES))}
    tall = 1.0 + ROW_SHARE * max(len(listed) - FEW_ROWS, 0)
    left = grid[0].subgridspec(2, 1, height_ratios=[1.75, tall], hspace=0.13)
    _title(figure, dataset)
    _path(figure.add_subplot(left[0]), dataset)
    judged = not _stimulated(dataset)
    unit_of = units(str(dataset.attrs["tracker"])) if metrics else {}
    rows = [_row(name, value, norms, unit_of, judged) for name, value in listed.items()]
    figures.table(figure.add_subplot(left[1]), rows)
    panels = _panels(dataset, norms)
    if panels:
        right = grid[1].subgridspec(
            len(panels), 1, height_ratios=[height for height, _ in panels], hspace=0.42
        )
        for index, (_, draw) in enumerate(panels):
            draw(figure.add_subplot(right[index]))
    try:
        with replacing(path) as part:
            figure.savefig(part)
    except OSError as error:
        raise InputError(f"cannot write {path}: {error.strerror or error}") from None


def _title(figure: Figure, dataset: xr.Dataset) -> None:
    attrs, times = dataset.attrs, dataset["time"].values
    title = str(attrs.get("experiment") or attrs.get("animal", "recording")).replace("_", " ")
    figure.text(0.04, 0.95, title, fontsize=19, color=figures.INK, weight="bold")
    facts = [f"{times[-1] - times[0]:.0f} s" if len(times) else "no samples"]
    facts += [f"{name} {attrs[key]}" for name, key in (("seed", "seed"), ("ended:", "ended")) if key in attrs]
    facts += [f"content {attrs['content_hash']}"] if attrs.get("content_hash") else []
    figure.text(0.965, 0.952, "   \u00b7   ".join(facts), fontsize=9, color=figures.FAINT, ha="right")


def _path(axes: Axes, dataset: xr.Dataset) -> None:
    figures.plain(axes, "Path of the nose", "mm; dark to light from start to end")
    names = [str(name) for name in dataset["landmark"].values]
    if "limbs" in dataset.attrs:  # of an animal on legs only the midline is drawn
        names = [name for name in names if name.startswith("spine_")]
    bodies = dataset["landmarks"].sel(landmark=names, xyz=["x", "y"]).values.astype(float)
    seen = np.flatnonzero(np.isfinite(bodies).all(axis=(1, 2)))
    if not seen.size:
        axes.text(0.5, 0.5, "no samples", transform=axes.transAxes, ha="center", color=figures.FAINT)
        return
    peaks = trajectory.stimulus_peak(dataset)
    peak = None if peaks is None else peaks[np.isfinite(peaks).all(axis=1)][-1]
    places = np.concatenate([bodies[seen].reshape(-1, 2), *([] if peak is None else [peak[None]])])
    window = figures.view(places, margin=max(0.8, 0.07 * float(np.ptp(places, axis=0).max())), aspect=1.22)
    environment = recorded_environment(dataset.attrs)
    field = stimuli.shown_at(stimuli.through(environment), float(dataset["time"][-1]))
    if isinstance(field, stimuli.Field):
        x, y = np.meshgrid(np.linspace(*window[:2], 240), np.linspace(*window[2:], 200))
        figures.field(axes, window, field.value(x, y, float(dataset["time"][-1])), field.unit)
    if environment.plate is not None:
        figures.wall(axes, environment.plate.radius_mm)
    if peak is not None:
        figures.goal(axes, peak, trajectory.REACHED_MM)
    figures.path(axes, bodies[:, 0], {"start": bodies[seen[0]], "end": bodies[seen[-1]]})
    axes.set(xlim=window[:2], ylim=window[2:])
    axes.set_aspect("equal", adjustable="box")


def _stimulated(dataset: xr.Dataset) -> bool:
    """Return whether a pattern moved around a swimmer, or the water it swam in."""
    moved = (optomotor.pattern_velocity(dataset), optomotor.flow_velocity(dataset))
    return any(velocity is not None for velocity in moved)


def _row(
    name: str,
    value: float | str | None,
    norms: Mapping[str, Mapping[str, Any]],
    unit_of: Mapping[str, str],
    judged: bool,
) -> figures.Row:
    norm = norms.get(name) or {}
    unit = str(norm.get("unit", unit_of.get(name, "")))
    if isinstance(value, str):
        return figures.Row(LABELS.get(name, name.replace("_", " ")), None, value, None, "")
    text = "n/a" if value is None else f"{figures.number(value)} {SHORT_UNITS.get(unit, unit)}".strip()
    if name in ("reached_peak", "fell") and value is not None:
        text = "yes" if value else "no"
    normal = _normal(name, norms)
    return figures.Row(
        LABELS.get(name, name.replace("_", " ")), value, text, normal, str(norm.get("source", "")), judged
    )


def _normal(name: str, norms: Mapping[str, Mapping[str, Any]]) -> tuple[float, float] | None:
    """Return the animal's range of a metric, None without one."""
    edges = (norms.get(name) or {}).get("range")
    if edges is None:
        return None
    try:
        low, high = (float(edge) for edge in edges)
    except (TypeError, ValueError):
        raise InputError(f"norms.{name}.range should be [low, high], not {edges}") from None
    return low, high


def _quantiles(name: str, norms: Mapping[str, Mapping[str, Any]]) -> np.ndarray | None:
    """Return the recorded quantiles of a metric, None without them."""
    given = (norms.get(name) or {}).get("quantiles")
    if given is None:
        return None
    found = np.asarray(given, float) if np.ndim(given) == 1 else np.zeros(0)
    if len(found) != len(figures.QUANTILES) or not np.isfinite(found).all() or (np.diff(found) <= 0).any():
        raise InputError(
            f"norms.{name}.quantiles should be {len(figures.QUANTILES)} rising numbers, not {given}"
        )
    return found


def _panels(dataset: xr.Dataset, norms: Mapping[str, Mapping[str, Any]]) -> list[Panel]:
    """Return the panels along time, top to bottom."""
    times = dataset["time"].values.astype(float)
    landmarks = dataset["landmarks"].values
    if len(times) < 2 or not np.isfinite(landmarks).any():
        return []
    panels: list[Panel] = []
    peak = trajectory.stimulus_peak(dataset)
    if peak is not None:
        distance = np.linalg.norm(landmarks[:, 0, :2] - peak, axis=1)[:, None]
        panels.append(
            (0.6, lambda axes: _lines(axes, times, distance, ["distance"], "Nose to peak", "mm", 0.0))
        )
    for name, variable in dataset.data_vars.items():
        if str(name).startswith("sense_") and variable.sizes[variable.dims[-1]] <= FEW_CHANNELS:
            panels += _sense(str(name).removeprefix("sense_"), times, variable)
    of_tracker = TRACKER_PANELS.get(str(dataset.attrs.get("tracker")))
    if of_tracker is not None:
        panels += of_tracker(dataset, norms)
    if "activity" in dataset:
        panels.append((3.2, lambda axes: _raster(axes, times, dataset)))
    return panels


def _lines(
    axes: Axes,
    times: np.ndarray,
    values: np.ndarray,
    names: list[str],
    title: str,
    unit: str,
    low: float | None,
) -> None:
    figures.plain(axes, title, "" if unit == "1" else unit)
    figures.traces(axes, times, values, names, low)


def _sense(name: str, times: np.ndarray, variable: xr.DataArray) -> list[Panel]:
    """Return the panel of one sense, none if it never felt anything."""
    values = variable.values
    if not np.isfinite(values).any() or np.nanmax(values) == np.nanmin(values):
        return []
    names = [str(channel) for channel in _channels(variable)]
    unit = str(variable.attrs.get("units", ""))
    return [(0.6, lambda axes: _lines(axes, times, values, names, f"Sense: {name}", unit, None))]


def _channels(variable: xr.DataArray) -> list[str]:
    """Return the names along the last axis of a variable, their numbers if they have none."""
    axis = variable.dims[-1]
    return [
        str(name)
        for name in (variable[axis].values if axis in variable.coords else range(variable.shape[-1]))
    ]


def _undulation(dataset: xr.Dataset, norms: Mapping[str, Mapping[str, Any]]) -> list[Panel]:
    seen = undulation.analyse(dataset)
    unit = str(dataset["landmarks"].attrs.get("units", "mm"))
    return [
        (0.7, lambda axes: _speed(axes, seen)),
        (1.25, lambda axes: _kymograph(axes, seen, unit)),
    ]


def _bouts(dataset: xr.Dataset, norms: Mapping[str, Mapping[str, Any]]) -> list[Panel]:
    seen = tail.read(dataset)
    found = bouts.detect(seen)
    return [
        (0.8, lambda axes: _tail(axes, seen, found)),
        (1.5, lambda axes: _distributions(axes, found, norms)),
    ]


def _gait(dataset: xr.Dataset, norms: Mapping[str, Mapping[str, Any]]) -> list[Panel]:
    walk = gait.analyse(dataset)
    speed = legs.trunk_speed(walk.legs)[:, None]
    times, angle = gait.head_direction(dataset)
    turned = np.degrees(angle - angle[np.isfinite(angle)][:1].sum())[:, None]
    panels: list[Panel] = [
        (0.6, lambda axes: _lines(axes, walk.legs.times, speed, [""], "Speed of the trunk", "mm/s", 0.0)),
        (0.6, lambda axes: _lines(axes, times, turned, [""], "Head, left positive", "deg", None)),
        (0.9, lambda axes: _feet(axes, walk)),
    ]
    return [*panels, *_appendages(dataset)]


def _appendages(dataset: xr.Dataset) -> list[Panel]:
    """Return panels of mouthparts and front feet, where the recording says where they are."""
    looks, times = legs.tracked_parts(dataset), dataset["time"].values
    panels: list[Panel] = []
    if "proboscis" in looks:
        reach = appendages.proboscis(dataset, looks["proboscis"])[:, None]
        panels.append((0.6, lambda axes: _lines(axes, times, reach, [""], "Proboscis from head", "mm", 0.0)))
    if "grooming" in looks:
        sides = ["left", "right"]
        far = [np.linalg.norm(appendages.foot(dataset, looks["grooming"][side]), axis=1) for side in sides]
        title = "Front foot from antenna"
        panels.append((0.6, lambda axes: _lines(axes, times, np.column_stack(far), sides, title, "mm", 0.0)))
    return panels


TRACKER_PANELS: dict[str, Callable[[xr.Dataset, Mapping[str, Mapping[str, Any]]], list[Panel]]] = {
    "undulation": _undulation,
    "bouts": _bouts,
    "gait": _gait,
}
"""The panels that each tracker adds to the report, by its name."""


def _tail(axes: Axes, seen: tail.Tail, found: Sequence[bouts.Bout]) -> None:
    times = seen.times
    middle = 0.5 * (times[0] + times[-1])
    part = abs(times - middle) <= TAIL_EXCERPT_S / 2
    figures.plain(axes, "Angle of the tail's end and bouts, degrees", "left turns green, right turns red")
    figures.traces(axes, times[part], np.degrees(seen.tip[part])[:, None], [""])
    for bout in found:
        side = 0 if abs(bout.turn_deg) <= bouts.TURNING_DEG else int(np.sign(bout.turn_deg))
        figures.span(axes, bout.start_s, bout.start_s + 1e-3 * bout.duration_ms, side)


def _distributions(axes: Axes, found: Sequence[bouts.Bout], norms: Mapping[str, Mapping[str, Any]]) -> None:
    whole = [bout for bout in found if bout.complete]
    figures.plain(
        axes, f"{len(whole)} bouts over recorded ones", "black: median; green: spontaneous, recorded"
    )
    axes.set_axis_off()
    for index, (name, field) in enumerate(bouts.EACH.items()):
        inner = axes.inset_axes((index / len(bouts.EACH) + 0.01, 0.2, 1 / len(bouts.EACH) - 0.02, 0.8))
        values = [value for bout in whole if (value := getattr(bout, field)) is not None]
        label = f"{LABELS.get(name, name)}\n{SHORT_UNITS.get(bouts.UNITS[name], bouts.UNITS[name])}"
        recorded = _quantiles(name, norms)
        figures.distribution(inner, np.array(values, float), _normal(name, norms), label, recorded=recorded)


def _feet(axes: Axes, walk: gait.Walk) -> None:
    if not len(walk.times):
        return
    middle = 0.5 * (walk.times[0] + walk.times[-1])
    part = abs(walk.times - middle) <= FOOT_EXCERPT_S / 2
    counts = {name: walk.named.count(name) for name in dict.fromkeys(walk.named)}
    note = ", ".join(f"{count} {name}" for name, count in counts.items())
    figures.plain(axes, "Feet on the ground", f"strides: {note}" if note else "no strides")
    figures.footfalls(axes, walk.times[part], ~walk.off[part], walk.legs.names)


def _speed(axes: Axes, seen: undulation.Undulation) -> None:
    figures.plain(axes, "Speed along the body axis, mm/s")
    figures.traces(axes, seen.times, seen.axial_speed[:, None], [""])
    axes.axhline(0, color=figures.GRID, lw=0.8, zorder=0)
    low, high = np.nanmin([*axes.get_ylim(), 0.0]), np.nanmax([*axes.get_ylim(), 0.05])
    # Room for the band of states below the curve.
    axes.set_ylim(low - 0.25 * (high - low), high + 0.1 * (high - low))
    figures.states(axes, seen.times, seen.states, undulation.STATES, STATE_COLOURS)


def _kymograph(axes: Axes, seen: undulation.Undulation, unit: str) -> None:
    times = seen.times
    middle = 0.5 * (times[0] + times[-1])
    part = abs(times - middle) <= EXCERPT_S / 2
    whole = bool(part.all())
    note = "" if whole else f"{times[part][0]:.0f} to {times[part][-1]:.0f} s of the episode"
    figures.plain(axes, "Curvature along the body", note)
    figures.kymograph(axes, times[part], seen.kymograph[part], f"1/{unit}")


def _raster(axes: Axes, times: np.ndarray, dataset: xr.Dataset) -> None:
    activity = dataset["activity"]
    names = [str(name) for name in activity["neuron"].values]
    groups = raster.lay_out(json.loads(dataset.attrs.get("neuron_groups", "{}")), names)
    unit = activity.attrs.get("units", "mV")
    figures.plain(axes, f"{len(names)} neurons", f"{unit}, each from its rest to its peak; time in s")
    figures.raster(axes, times, activity.values, groups)
