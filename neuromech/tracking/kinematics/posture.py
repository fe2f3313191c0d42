"""The shape of a slender animal: midline, tangent angles, curvature, eigenworms.

Every function takes midlines seen from above, nose first, and works on a simulated and on a recorded animal
alike; a frame with a missing point gives NaN. Curvature is positive where the body bends to the animal's
left, dorsal for a worm lying on its left side.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import xarray as xr
from jaxtyping import Float

from neuromech._lib.errors import InputError
from neuromech._lib.types import Curvatures, Midline, Signal

SMOOTHING_BODY_LENGTHS = 0.03
"""The standard deviation of the Gaussian that smooths curvature along the body, body lengths."""


def spine(names: Iterable[object], prefix: str = "spine_") -> list[str]:
    """Return the names that are `prefix` and a number, in the order of their numbers."""
    found = [str(name) for name in names if re.fullmatch(rf"{prefix}\d+", str(name))]
    return sorted(found, key=lambda name: int(name.removeprefix(prefix)))


def midline(dataset: xr.Dataset, prefix: str = "spine_") -> Midline:
    """Return the landmarks named `prefix`NN from nose to tail, x and y, in the dataset's length unit.

    Raises
    ------
    InputError: there are fewer than four of them.
    """
    names = spine(dataset["landmark"].values, prefix)
    if len(names) < 4:
        raise InputError(f"the tracker needs landmarks {prefix}00, {prefix}01 ...; found {len(names)}")
    return dataset["landmarks"].sel(landmark=names, xyz=["x", "y"]).values.astype(float)


def arc_lengths(points: Midline) -> Float[np.ndarray, "time segment"]:
    """Return the length of each segment between successive points."""
    return np.linalg.norm(np.diff(points, axis=1), axis=-1)


def body_length(points: Midline) -> float:
    """Return the median arc length of the midline, NaN if no frame is complete."""
    lengths = arc_lengths(points).sum(axis=1)
    whole = lengths[np.isfinite(lengths)]
    return float(np.median(whole)) if whole.size else float("nan")


def resample(points: Midline, count: int) -> Float[np.ndarray, "time resampled 2"]:
    """Return `count` points equally spaced along each midline's arc; frames with gaps stay NaN."""
    out = np.full((len(points), count, 2), np.nan)
    whole = np.flatnonzero(np.isfinite(points).all(axis=(1, 2)))
    segments = arc_lengths(points[whole])
    travelled = np.concatenate([np.zeros((len(whole), 1)), np.cumsum(segments, axis=1)], axis=1)
    proper = travelled[:, -1] > 0
    whole, travelled = whole[proper], travelled[proper]
    if not whole.size:
        return out
    # All frames are laid end to end on one axis, two units per frame, so that a single interpolation serves.
    frame = 2.0 * np.arange(len(whole))[:, None]
    known = (frame + travelled / travelled[:, -1:]).ravel()
    wanted = (frame + np.linspace(0, 1, count)).ravel()
    for axis in (0, 1):
        out[whole, :, axis] = np.interp(wanted, known, points[whole, :, axis].ravel()).reshape(-1, count)
    return out


def tangent_angles(points: Midline) -> Float[np.ndarray, "time segment"]:
    """Return the direction of each segment from nose to tail, rad, continuous along the body."""
    step = np.diff(points, axis=1)
    return np.unwrap(np.arctan2(step[..., 1], step[..., 0]), axis=1)


def curvature(points: Midline, smoothing: float = SMOOTHING_BODY_LENGTHS) -> Curvatures:
    """Return the curvature kymograph, nose to tail, at the inner points: (time, point - 2), 1/length.

    `smoothing` is the standard deviation of a Gaussian along the body, in body lengths: bodies made of
    hinges, and skeletons drawn from pixels, have their bends in single points.
    """
    segments = arc_lengths(points)
    with np.errstate(invalid="ignore", divide="ignore"):
        bend = np.diff(tangent_angles(points), axis=1)
        # Angles run from nose to tail, against the animal's heading, hence the sign.
        raw = -bend / (0.5 * (segments[:, 1:] + segments[:, :-1]))
    if smoothing <= 0 or not len(points):
        return raw
    return _smoothed(raw, smoothing * segments.shape[1])


def _smoothed(values: Curvatures, spread: float) -> Curvatures:
    """Smooth each row with a Gaussian of a standard deviation of `spread` columns; its ends are held.

    The numbers are to the bit those of `scipy.ndimage.gaussian_filter1d`, whose import takes longer than all
    else that the tracker does.
    """
    reach, columns = int(4 * spread + 0.5), values.shape[1]
    weights = np.exp(-0.5 / (spread * spread) * np.arange(-reach, reach + 1) ** 2)
    weights /= weights.sum()
    padded = np.pad(values, ((0, 0), (reach, reach)), mode="edge")
    out = padded[:, reach : reach + columns] * weights[reach]
    for k in range(reach):
        pair = padded[:, k : k + columns] + padded[:, 2 * reach - k : 2 * reach - k + columns]
        out += pair * weights[k]
    return out


def positions(count: int) -> Float[np.ndarray, " position"]:
    """Return where along the body the columns of a kymograph lie, 0 nose to 1 tail."""
    return np.arange(1, count + 1) / (count + 1)


def eigenworms(
    angles: Float[np.ndarray, "time segment"], basis: Float[np.ndarray, "angle mode"]
) -> Float[np.ndarray, "time mode"]:
    """Return the amplitude of each eigenworm in each frame, rad.

    `angles` are tangent angles (48 for the published basis: resample the midline to 49 points first); their
    mean is removed, so that the result does not depend on which way the animal points. The columns of `basis`
    are orthonormal. Source: Stephens et al. 2008, doi:10.1371/journal.pcbi.1000028.

    Raises
    ------
    InputError: the basis has another number of angles, or its columns are not orthonormal.
    """
    if basis.shape[0] != angles.shape[1]:
        raise InputError(f"the eigenworm basis has {basis.shape[0]} angles, the midline {angles.shape[1]}")
    if not np.allclose(basis.T @ basis, np.eye(basis.shape[1]), atol=1e-3):
        raise InputError("the eigenworm basis is not orthonormal")
    return (angles - angles.mean(axis=1, keepdims=True)) @ basis


def variance_explained(
    angles: Float[np.ndarray, "time segment"], basis: Float[np.ndarray, "angle mode"]
) -> Float[np.ndarray, " mode"]:
    """Return the share of postural variance that the first 1, 2, ... eigenworms explain, over complete
    frames.

    Variance is taken around the straight body, the mean of each frame removed.
    """
    angles = angles[np.isfinite(angles).all(axis=1)]
    amplitudes = eigenworms(angles, basis)
    total = ((angles - angles.mean(axis=1, keepdims=True)) ** 2).sum()
    return np.cumsum((amplitudes**2).sum(axis=0)) / total


def amplitude(points: Midline) -> Signal:
    """Return half of the body's extent across its own long axis, in the unit of `points`.

    The long axis is the first principal axis of the midline's points.
    """
    out = np.full(len(points), np.nan)
    whole = np.isfinite(points).all(axis=(1, 2))
    centred = points[whole] - points[whole].mean(axis=1, keepdims=True)
    _, axes = np.linalg.eigh(centred.transpose(0, 2, 1) @ centred)
    across = np.einsum("tpi,ti->tp", centred, axes[:, :, 0])
    out[whole] = 0.5 * np.ptp(across, axis=1)
    return out


def end_to_end(points: Midline) -> Signal:
    """Return the straight distance from nose to tail as a share of the arc length."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.linalg.norm(points[:, 0] - points[:, -1], axis=-1) / arc_lengths(points).sum(axis=1)
