"""The tracker of an animal that undulates: rhythm, travelling wave, states and the worm's metrics.

Everything comes from the midline of the body, never from the controller, so that a simulated and a recorded
animal are measured alike. Windows and thresholds are the constants below; lengths in them are body lengths.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr
from jaxtyping import Complex, Float, Int

from neuromech._lib.types import Curvatures, Flags, Midline, Signal, Times
from neuromech.tracking.kinematics import posture, trajectory
from neuromech.tracking.trackers.base import measures

STATES = ("forward", "reversal", "turn", "pause")
"""Names of the states; a sample's state is an index into them, -1 where the animal was not seen."""
FORWARD, REVERSAL, TURN, PAUSE = range(4)

BODY_PART = (0.15, 0.85)
"""The part of the body, nose 0 to tail 1, whose curvature carries the rhythm: the very ends are noisy."""
SEGMENT_S = 40.0
"""The length of the longest stretch of the averaged spectra, s."""
MIN_CYCLES = 2.0
"""The lowest frequency that is looked for has this many cycles in a stretch."""
SLOWEST_HZ = 0.05
"""The lowest frequency that is looked for in any recording, Hz; the highest is a quarter of the sampling
rate."""
MIN_CONTRAST = 2.0
"""A rhythm counts if the octave around its peak holds this many times the power of each neighbouring
octave."""
MIN_BEND = 0.5
"""The smallest root-mean-square bending of a rhythm, rad per body length; a crawling worm's is about 5."""
PAUSE_SPEED = 0.025
"""An animal that is slower than this along its axis pauses, body lengths per second."""
TURN_RATE = np.deg2rad(50.0)
"""A heading that changes faster than this over a cycle (at least 1 s) is a turn, rad/s."""
COILED = 0.35
"""A nose nearer to the tail than this, body lengths, is a turn too: an omega or a coil."""
MIN_REVERSAL_S = 0.5
"""A backward movement shorter than this is a pause."""
DEFAULT_CYCLE_S = 2.0
"""The window for speeds where the body has no rhythm, s."""
UNITS = {
    "chemotaxis_index": "1",
    "reached_peak": "1",
    "undulation_hz": "Hz",
    "wavelength_body_lengths": "body lengths",
    "speed_mm_s": "mm/s",
    "forward_fraction": "1",
    "reversal_rate_hz": "Hz",
}
"""The unit of every metric."""


@dataclass(frozen=True)
class Undulation:
    """Rhythm, wave and states of an undulating animal, sample by sample.

    times: s. length: body length in the landmarks' unit. kymograph: curvature (time, position), 1/length.
    frequency_hz: frequency of the body's rhythm, None if there is none. waves: number of waves on the body,
    positive when they run from head to tail. axial_speed: length/s, positive forwards. heading: rad. states:
    indices into `STATES`.
    """

    times: Times
    length: float
    kymograph: Curvatures
    frequency_hz: float | None
    waves: Signal
    axial_speed: Signal
    heading: Signal
    states: Int[np.ndarray, " time"]

    @property
    def cycle_s(self) -> float:
        """The window over which speeds are taken: one cycle of the rhythm, s."""
        return _cycle(self.times, self.frequency_hz)


def analyse(dataset: xr.Dataset) -> Undulation:
    """Return rhythm, wave and states of a recording of at least two samples."""
    times = dataset["time"].values.astype(float)
    points = posture.midline(dataset)
    length = posture.body_length(points)
    kymograph = posture.curvature(points)
    hertz = frequency(times, kymograph * length)
    cycle = _cycle(times, hertz)
    axial = trajectory.axial_speed(times, points, cycle)
    return Undulation(
        times=times,
        length=length,
        kymograph=kymograph,
        frequency_hz=hertz,
        waves=waves_on_body(times, kymograph, hertz) if hertz else np.full(len(times), np.nan),
        axial_speed=axial,
        heading=trajectory.heading(points),
        states=classify(times, points, axial / length, cycle),
    )


@measures(UNITS)
def metrics(dataset: xr.Dataset) -> dict[str, float | None]:
    """Return the worm's metrics; None where the recording does not determine one.

    chemotaxis_index: 1 - mean distance of the nose to the peak / its distance at the start, over the whole
    episode. reached_peak: 1 if the nose came within 1 mm of the peak, else 0. undulation_hz: peak of the
    curvature spectrum; None without a significant rhythm. wavelength_body_lengths: 1 / median number of waves
    on the body. speed_mm_s: mean speed of the centroid along its path, displacement over one undulation
    cycle. forward_fraction: share of the samples in the state forward. reversal_rate_hz: reversals begun per
    second.

    A recording whose frames were cropped around the animal (attribute `frame` = "crop") has posture only.
    """
    points = posture.midline(dataset)
    if len(points) < 2 or not np.isfinite(points).any():
        return dict.fromkeys(UNITS)
    return of(dataset, analyse(dataset))


def of(dataset: xr.Dataset, seen: Undulation) -> dict[str, float | None]:
    """Return the metrics of a recording from what `analyse` has returned of it; see `metrics`."""
    found: dict[str, float | None] = dict.fromkeys(UNITS)
    points = posture.midline(dataset)
    found["undulation_hz"] = seen.frequency_hz
    found["wavelength_body_lengths"] = wavelength(seen.waves)
    if dataset.attrs.get("frame") == "crop":
        return found
    peak = trajectory.stimulus_peak(dataset)
    if peak is not None:
        found["chemotaxis_index"] = trajectory.chemotaxis_index(points[:, 0], peak)
        found["reached_peak"] = trajectory.reached_peak(points[:, 0], peak)
    found["speed_mm_s"] = trajectory.path_speed(seen.times, points, seen.cycle_s)
    known = seen.states >= 0
    if known.any():
        found["forward_fraction"] = float((seen.states[known] == FORWARD).mean())
        begun = sum(1 for _ in runs(seen.states == REVERSAL))
        observed_s = known.sum() * float(np.median(np.diff(seen.times)))
        found["reversal_rate_hz"] = float(begun / observed_s)
    return found


def frequency(times: Times, bending: Curvatures) -> float | None:
    """Return the frequency of the body's rhythm, Hz, or None if none stands out.

    `bending` is curvature times body length (time, position), rad. Welch spectra of all positions in the
    middle of the body are added up, and the peak of frequency x power is refined by a parabola. It counts if
    the octave around it stands out from both neighbouring octaves and bends the body enough (`MIN_CONTRAST`,
    `MIN_BEND`).
    """
    bending = _middle(bending)
    pieces = [bending[start:stop] for start, stop in runs(_complete(bending))]
    sampling = 1.0 / float(np.median(np.diff(times)))
    longest = max((len(piece) for piece in pieces), default=0)
    size = min(longest, round(SEGMENT_S * sampling))
    if size < 8:
        return None
    from scipy.signal import welch  # late: it takes longer to import than a short run lasts

    padded = 1 << (4 * size - 1).bit_length()
    power, weight, hertz = np.zeros(padded // 2 + 1), 0, np.zeros(0)
    for piece in pieces:
        if len(piece) >= size:
            hertz, each = welch(piece, sampling, nperseg=size, nfft=padded, detrend="linear", axis=0)
            power, weight = power + len(piece) * each.mean(axis=1), weight + len(piece)
    power /= weight
    slowest = max(SLOWEST_HZ, MIN_CYCLES * sampling / size)
    allowed = np.flatnonzero((hertz >= slowest) & (hertz <= 0.25 * sampling))
    if len(allowed) < 3:
        return None
    top = int(allowed[np.argmax((hertz * power)[allowed])])
    while allowed[0] < top < allowed[-1] and power[top] < max(power[top - 1], power[top + 1]):
        top += 1 if power[top + 1] > power[top - 1] else -1
    if not allowed[0] < top < allowed[-1]:
        return None
    octave = np.searchsorted(hertz, hertz[top] * 2.0 ** np.array([-1.5, -0.5, 0.5, 1.5]))
    below, own, above = (power[a:b].sum() * hertz[1] for a, b in zip(octave[:-1], octave[1:], strict=True))
    if own < MIN_CONTRAST * max(below, above) or own < MIN_BEND**2:
        return None
    left, centre, right = np.log(power[top - 1 : top + 2])
    return float((top + 0.5 * (left - right) / (left - 2 * centre + right)) * hertz[1])


def waves_on_body(times: Times, kymograph: Curvatures, hertz: float) -> Signal:
    """Return the number of waves on the body at each sample, positive when they run from head to tail.

    From the phase difference between places an eighth of the body apart, weighted by amplitude and averaged
    over half a cycle; NaN where the rhythm is faint or a gap is near. Waves shorter than a quarter of the
    body would alias.
    """
    part = _middle(kymograph)
    lag = max(1, round((kymograph.shape[1] + 1) / 8))
    out = np.full(len(times), np.nan)
    if lag >= part.shape[1]:
        return out
    step = float(np.median(np.diff(times)))
    window = max(1, round(0.5 / hertz / step))
    for start, stop in runs(_complete(part)):
        if (stop - start) * step * hertz < 1.5:
            continue
        signal = _analytic(part[start:stop], hertz * step)
        product = (signal[:, lag:] * signal[:, :-lag].conj()).mean(axis=1)
        product = np.convolve(product, np.ones(window) / window, mode="same")
        turns = -np.angle(product) / (2 * np.pi) * (kymograph.shape[1] + 1) / lag
        out[start:stop] = np.where(abs(product) > 0.25 * np.median(abs(product)), turns, np.nan)
    return out


def wavelength(waves: Signal) -> float | None:
    """Return the wavelength in body lengths: 1 / median number of waves, either way; None without waves.

    A standing bend, fewer than a tenth of a wave, has no wavelength.
    """
    known = abs(waves[np.isfinite(waves)])
    return float(1.0 / np.median(known)) if known.size and np.median(known) > 0.1 else None


def classify(times: Times, points: Midline, axial: Signal, cycle_s: float) -> Int[np.ndarray, " time"]:
    """Return the state of each sample as an index into `STATES`.

    `axial` is the axial speed in body lengths per second. In this order: reversal, moving backwards faster
    than `PAUSE_SPEED` for at least `MIN_REVERSAL_S`; turn, a fast change of heading or a coiled body; pause,
    slower than `PAUSE_SPEED`; otherwise forward. Within half a cycle of either end the nearest known speed is
    used.
    """
    seen = np.isfinite(points).all(axis=(1, 2))
    turning = trajectory.rate(times, trajectory.heading(points), max(cycle_s, 1.0))
    axial, turning = _extended(times, axial), _extended(times, turning)
    backwards = axial < -PAUSE_SPEED
    for start, stop in runs(backwards):
        if times[stop - 1] - times[start] < MIN_REVERSAL_S:
            backwards[start:stop] = False
    turns = (abs(turning) > TURN_RATE) | (posture.end_to_end(points) < COILED)
    states = np.where(axial > PAUSE_SPEED, FORWARD, PAUSE)
    states = np.where(turns, TURN, states)
    states = np.where(backwards, REVERSAL, states)
    return np.where(seen & np.isfinite(axial), states, -1)


def runs(flags: Flags) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of every stretch of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    for start, stop in edges.reshape(-1, 2):
        yield int(start), int(stop)


def _cycle(times: Times, hertz: float | None) -> float:
    """Return one cycle, s, never more than half the recording."""
    cycle = 1.0 / hertz if hertz else DEFAULT_CYCLE_S
    return min(cycle, 0.5 * float(times[-1] - times[0]))


def _complete(kymograph: Curvatures) -> Flags:
    """Return which samples have a curvature everywhere."""
    return np.asarray(np.isfinite(kymograph).all(axis=1))


def _middle(kymograph: Curvatures) -> Float[np.ndarray, "time inner"]:
    """Return the columns of the kymograph that lie in `BODY_PART`."""
    where = posture.positions(kymograph.shape[1])
    return kymograph[:, (where >= BODY_PART[0]) & (where <= BODY_PART[1])]


def _extended(times: Times, values: Signal) -> Signal:
    """Return `values` with its ends filled by the nearest known value; gaps inside stay."""
    known = np.flatnonzero(np.isfinite(values))
    out = values.copy()
    if known.size:
        out[: known[0]] = values[known[0]]
        out[known[-1] + 1 :] = values[known[-1]]
    return out


def _analytic(values: Curvatures, cycles_per_sample: float) -> Complex[np.ndarray, "time position"]:
    """Return the analytic signal of each column, kept to about an octave on either side of the rhythm.

    The ends are mirrored first, so that the filter does not wrap them round.
    """
    pad = min(len(values) - 1, round(2 / cycles_per_sample))
    padded = np.pad(values, ((pad, pad), (0, 0)), mode="reflect")
    octaves = np.log2(np.maximum(np.fft.fftfreq(len(padded)), 1e-12) / cycles_per_sample)
    # A raised cosine: one at the rhythm, a half at half an octave away, zero from one octave on.
    gain = np.where(abs(octaves) < 1, 1 + np.cos(np.pi * octaves), 0.0)
    return np.fft.ifft(np.fft.fft(padded, axis=0) * gain[:, None], axis=0)[pad : pad + len(values)]
