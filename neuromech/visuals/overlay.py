"""The finished frame: the animal in its world, its readings, its path on the map, and its neurons below."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr

from neuromech._lib.errors import InputError
from neuromech._lib.types import Image
from neuromech.senses.eye.eye import Eye
from neuromech.visuals.canvas import Stamps, Text, blend, put_text, rectangle, text_layer
from neuromech.visuals.eye_view import Retinae
from neuromech.visuals.ground import Ground
from neuromech.visuals.minimap import MiniMap
from neuromech.visuals.raster import choose_traces, lay_out, make_raster, make_traces, static_panel
from neuromech.visuals.scale import nice

_PANEL = 0.345  # share of the height that the neurons take
_SHADE = np.array([0, 0, 0, 105], np.uint8)

_PLACES = ("peak_", "pattern_", "other_")  # stimulus channels that say where something is


class Overlay:
    """Draws everything over and below the camera's picture.

    `size` (width, height) of the finished frame; the camera's picture must be `view_size`. `times` (frames,)
    s; `path` (frames, 2) mm; `mm_per_pixel` of the view at the animal, for the scale bar. `traces` names
    neurons to draw as lines; without them the most variable ones of each group are taken. `eyes` (by name)
    are drawn with what they saw.
    """

    def __init__(
        self, recording: xr.Dataset, size: tuple[int, int], times: np.ndarray, path: np.ndarray,
        ground: Ground, mm_per_pixel: float, *, speed: float, title: str = "",
        traces: Sequence[str] | None = None, eyes: Mapping[str, Eye] | None = None,
    ) -> None:  # fmt: skip
        self.size, self.times = size, times
        width, height = size
        has_neurons = "activity" in recording and recording.sizes.get("neuron", 0) > 0
        self.view_size = view_size(size, has_neurons)
        self._panel_top = self.view_size[1]
        self._panel = None
        if has_neurons:
            self._make_panel(recording, traces, speed)
        side = max(48, int(0.36 * self.view_size[1]))
        self._map = MiniMap(side, ground, path, _peak(recording, times), times)
        self._readings = _readings(recording, times)
        # Eyes that see one shade all the time are not drawn.
        shown = {
            name: eye
            for name, eye in (eyes or {}).items()
            if f"sense_{name}" in recording and np.ptp(recording[f"sense_{name}"].values) > 0
        }
        self._eyes = (
            Retinae(recording, shown, times, max(40, int(0.24 * self.view_size[1]))) if shown else None
        )
        self._head = self._make_head(title, speed, mm_per_pixel, ground, recording)
        self._head_shade = np.broadcast_to(_SHADE, (34 if width >= 640 else 24, width, 4))

    def compose(self, view: Image, frame: int) -> Image:
        """Return the finished frame (height, width, 3) uint8 around the camera's picture of frame `frame`."""
        width, height = self.size
        image = np.empty((height, width, 3), np.uint8)
        image[: self._panel_top] = view
        top = image[: self._panel_top]
        blend(top, self._head_shade)
        self._head.put(top)
        readings = [("t", self.times, "s"), *self._readings]
        text = "   ".join(_fixed(name, values, frame, unit) for name, values, unit in readings)
        small = width < 640
        put_text(
            top,
            int((0.40 if small else 0.30) * width),
            5 if small else 6,
            text,
            10 if small else 15,
            (235, 238, 242),
        )
        if width >= 400:
            self._map.put(top, width - self._map.size - 14, 30 if small else 46, frame)
        if self._eyes is not None and width >= 400:
            y = self.view_size[1] - self._eyes.size - 20
            self._eyes.put(top, width - self._eyes.width - 4, y, frame)
        if self._panel is not None:
            panel = image[self._panel_top :]
            panel[:] = self._panel
            self._raster.put(panel, float(self.times[frame]))
            self._lines.put(panel, float(self.times[frame]))
        return image

    def _make_panel(self, recording: xr.Dataset, traces: Sequence[str] | None, speed: float) -> None:
        width, height = self.size[0], self.size[1] - self._panel_top
        time = np.asarray(recording["time"], float)
        activity = np.asarray(recording["activity"], float)
        neurons = [str(name) for name in recording["neuron"].values]
        groups = lay_out(json.loads(recording.attrs.get("neuron_groups", "{}")), neurons)
        unit = str(recording["activity"].attrs.get("units", "mV"))
        # The strip of a short recording is stretched, so that it is full at the end.
        window = min(max(4.0 * speed, min(10.0 * speed, 10.0)), max(float(time[-1] - time[0]), 0.1))
        words = width >= 640  # a smaller preview shows the names of the lines only
        top, room = (30, height - 42) if words else (5, height - 10)
        left, right, lines_left = (
            int(s * width) for s in ((0.125, 0.65, 0.765) if words else (0.04, 0.62, 0.78))
        )
        box = (left, top, right - left, room)
        self._raster, texts, bars = make_raster(time, activity, groups, box, window)
        picked = choose_traces(traces, neurons, groups, activity)
        signals = [(neurons[i], activity[:, i], unit) for i in picked]
        lines_box = (lines_left, top, width - lines_left - 14, room)
        self._lines, more = make_traces(time, signals, lines_box, window, ranges=words)
        caption = f"{len(neurons)} neurons, the last {window:.3g} s"
        titles = [
            Text(left, 15, caption, 12, "#aab2bd"),
            Text(left + box[2], 15, "now", 12, "#aab2bd", "right"),
            Text(lines_left + lines_box[2], 15, "now", 12, "#aab2bd", "right"),
        ]
        self._panel = static_panel(width, height, texts + more + titles if words else more, bars, left - 8)

    def _make_head(
        self, title: str, speed: float, mm_per_pixel: float, ground: Ground, recording: xr.Dataset
    ) -> Stamps:
        width, height = self.view_size
        small = width < 640
        size = 10 if small else 15
        length = nice(0.16 * width * mm_per_pixel)
        pixels = int(round(length / mm_per_pixel))
        x, y = 22, height - 22
        texts = [
            Text(14, 12 if small else 17, title, size, "#ffffff", weight="bold"),
            Text(width - 14, 12 if small else 17, f"× {speed:g}", size, "#ffffff", "right", weight="bold"),
            Text(x + pixels / 2, y - 13, _length(length), 10 if small else 14, "#ffffff", "center"),
        ]
        layer_bar = ground.value is not None and not ground.picture and not small
        bar_x, bar_y, bar_h = width - 14 - 12, 46 + self._map.size + 14, int(0.22 * height)
        if layer_bar:
            low = 0.0 if abs(ground.low) < 1e-3 * abs(ground.high) else ground.low
            high = f"{ground.high:.3g} {_field_unit(recording)}"
            texts.append(Text(bar_x - 6, bar_y + 4, high, 11, "#ffffff", "right"))
            texts.append(Text(bar_x - 6, bar_y + bar_h - 4, f"{low:.3g}", 11, "#ffffff", "right"))
        layer = text_layer(width, height, texts)
        layer[y - 1 : y + 5, x - 1 : x + pixels + 1] = (0, 0, 0, 130)
        layer[y : y + 4, x : x + pixels] = 255
        if layer_bar:
            rows = np.linspace(1023, 0, bar_h).astype(int)
            layer[bar_y : bar_y + bar_h, bar_x : bar_x + 12, :3] = ground.lut[rows][:, None].astype(np.uint8)
            layer[bar_y : bar_y + bar_h, bar_x : bar_x + 12, 3] = 255
            rectangle(layer, bar_x, bar_y, bar_x + 12, bar_y + bar_h, (235, 235, 235, 255))
        return Stamps(layer)


def view_size(size: tuple[int, int], has_neurons: bool) -> tuple[int, int]:
    """Return the (width, height) that is left for the camera's picture in a frame of `size`."""
    width, height = size
    if width < 160 or height < 120:
        raise InputError(f"a video must be at least 160 x 120 pixels, not {width} x {height}")
    return width, height - (int(_PANEL * height) if has_neurons else 0)


def _fixed(name: str, values: np.ndarray, frame: int, unit: str) -> str:
    """Return a reading whose width is the same in every frame."""
    widest = max(len(f"{v:.2f}") for v in (values.min(), values.max()))
    number = f"{values[frame]:.2f}".rjust(widest, "\u2007")  # a space as wide as a figure
    return f"{name} {number} {unit}"


def _length(mm: float) -> str:
    return f"{mm:g} mm" if mm >= 0.1 else f"{mm * 1000:g} µm"


def _channels(recording: xr.Dataset) -> list[str]:
    return [str(name) for name in recording["stimulus_channel"].values] if "stimulus" in recording else []


def _field_unit(recording: xr.Dataset) -> str:
    names = [name for name in _channels(recording) if not name.startswith(_PLACES)]
    return names[0].rpartition("_")[2] if names else ""


def _peak(recording: xr.Dataset, times: np.ndarray) -> np.ndarray | None:
    """Return the goal (frames, 2), mm, where the recording has one."""
    if not {"peak_x_mm", "peak_y_mm"} <= set(_channels(recording)):
        return None
    peak = recording["stimulus"].sel(stimulus_channel=["peak_x_mm", "peak_y_mm"])
    values, time = np.asarray(peak, float), np.asarray(recording["time"], float)
    if not np.isfinite(values).all():
        return None
    return np.stack([np.interp(times, time, values[:, k]) for k in range(2)], axis=1)


def _readings(recording: xr.Dataset, times: np.ndarray) -> list[tuple[str, np.ndarray, str]]:
    """Return what to print beside the clock: the first stimulus channel that is no place."""
    for name in _channels(recording):
        if not name.startswith(_PLACES):
            values = np.asarray(recording["stimulus"].sel(stimulus_channel=name), float)
            label, _, unit = name.rpartition("_")
            if np.isfinite(values).all():
                return [(label, np.interp(times, np.asarray(recording["time"], float), values), unit)]
    return []
