"""A worm whose gait is known exactly, for tests of trackers and figures."""

from __future__ import annotations

import json

import numpy as np
import xarray as xr
from scipy.special import j0

FIELD = {"kind": "gaussian", "peak_mM": 25.0, "background_mM": 0.0, "width_mm": 3.0, "centre_mm": [0.0, 0.0]}


def midlines(
    travelled: np.ndarray,
    wavelength: float = 0.65,
    swing: float = 0.9,
    heading: float = 0.0,
    bend: float = 0.0,
) -> np.ndarray:
    """Return midlines (time, 49, 2), nose first, 1 mm long, of a worm that slides without slip along a
    sine-like track.

    The track's direction at arc length u is heading + bend u + swing cos(2 pi u / wavelength); `travelled`
    (mm) is where the nose is on it. Undulation frequency is then the speed of `travelled` over the
    wavelength.
    """
    margin = 1.2
    u = np.arange(travelled.min() - margin, travelled.max() + 0.1, 0.001)
    angle = heading + bend * u + swing * np.cos(2 * np.pi * u / wavelength)
    track = np.cumsum(np.exp(1j * angle)) * 0.001
    track -= np.interp(travelled[0], u, track)
    places = travelled[:, None] - np.linspace(0, 1, 49)
    found = np.interp(places, u, track.real) + 1j * np.interp(places, u, track.imag)
    return np.stack([found.real, found.imag], axis=-1)


def centroid_speed(hertz: float, wavelength: float, swing: float) -> float:
    """Return the speed (mm/s) at which such a worm gets ahead: the mean cosine of its track's direction is
    J0(swing).
    """
    return float(hertz * wavelength * j0(swing))


def dataset(times: np.ndarray, points: np.ndarray, peak: tuple[float, float] | None = None) -> xr.Dataset:
    """Return midlines as a recording, with the nose's concentration and the peak's position if there is a
    peak.
    """
    landmarks = np.concatenate([points, np.full((*points.shape[:2], 1), 0.04)], axis=-1).astype(np.float32)
    names = [f"spine_{index:02d}" for index in range(points.shape[1])]
    found = xr.Dataset(
        {"landmarks": (("time", "landmark", "xyz"), landmarks, {"units": "mm"})},
        {"time": ("time", times), "landmark": names, "xyz": ["x", "y", "z"]},
        {"animal": "worm", "tracker": "undulation", "body_length_mm": 1.0, "record_s": 0.05, "seed": 0},
    )
    if peak is not None:
        distance = np.linalg.norm(points[:, 0] - peak, axis=-1)
        salt = 25.0 * np.exp(-(distance**2) / (2 * 3.0**2))
        rows = np.stack([salt, *(np.full(len(times), value) for value in peak)], axis=-1).astype(np.float32)
        found["stimulus"] = ("time", "stimulus_channel"), rows
        found["stimulus_channel"] = ["concentration_mM", "peak_x_mm", "peak_y_mm"]
        field = FIELD | {"centre_mm": list(peak)}
        found.attrs["environment"] = json.dumps(
            {"name": "agar_salt", "plate_diameter_mm": 60.0, "stimulus": field}
        )
    return found


def crawl(
    duration_s: float = 60.0,
    hertz: float = 0.45,
    wavelength: float = 0.65,
    swing: float = 0.9,
    heading: float = 0.0,
    bend: float = 0.0,
    step_s: float = 0.05,
    peak: tuple[float, float] | None = None,
) -> xr.Dataset:
    """Return a recording of a worm that crawls steadily, starting with its nose at the origin."""
    times = np.arange(0.0, duration_s, step_s)
    points = midlines(hertz * wavelength * times, wavelength, swing, heading, bend)
    return dataset(times, points, peak)
