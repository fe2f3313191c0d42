"""How an undulating animal searches: reversals, omega turns, pirouettes, and how long it dwells.

Windows and thresholds are the constants below; lengths in them are body lengths.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from jaxtyping import Int

from neuromech._lib.types import Flags, Signal
from neuromech.tracking.kinematics import posture, trajectory
from neuromech.tracking.trackers import undulation
from neuromech.tracking.trackers.undulation import REVERSAL, TURN, Undulation

JOINED_S = 6.0
"""Reversals and turns that follow each other within this time are one pirouette, s: runs and pirouettes of
Pierce-Shimomura et al. 1999 (doi:10.1523/JNEUROSCI.19-21-09557.1999) part at about this interval."""
DWELLING_S, DWELLING_LENGTHS = 10.0, 0.5
"""An animal that within this time, s, gets no further than so many body lengths dwells. Ten seconds are the
window of Ben Arous et al. 2009 (doi:10.1371/journal.pone.0007584); the distance is a choice of ours."""
AFTER_S = 2.0
"""How long after a reversal its bend counts, s."""
UNITS = {
    "turn_rate_hz": "Hz",
    "omega_rate_hz": "Hz",
    "reversal_s": "s",
    "bend_after_reversal_per_mm": "1/mm",
    "pirouette_rate_hz": "Hz",
    "pirouette_rate_up_hz": "Hz",
    "pirouette_rate_down_hz": "Hz",
    "pirouette_rate_drop_hz": "Hz",
    "dwelling_share": "1",
    "farthest_mm": "mm",
}


def measure(dataset: xr.Dataset, seen: Undulation) -> dict[str, float | None]:
    """Return how an animal searches; None where the recording does not determine a measure.

    turn_rate_hz: turns begun per second, of any kind. omega_rate_hz: times per second that the nose comes as
    near to the tail as in an omega. reversal_s: mean duration of reversals. bend_after_reversal_per_mm: mean
    curvature of the body after reversals, left positive. pirouette_rate_hz: pirouettes begun per second of
    running; pirouette_rate_up_hz and pirouette_rate_down_hz: of running towards the peak, and away from it;
    pirouette_rate_drop_hz: by how much the first is below the second.
    dwelling_share: share of the time in which the animal hardly gets anywhere. farthest_mm: how far from the
    peak of the stimulus its middle came at most.

    Parameters
    ----------
    dataset : the recording.
    seen : what the tracker of undulation sees of it.
    """
    found: dict[str, float | None] = dict.fromkeys(UNITS)
    points, known = posture.midline(dataset), seen.states >= 0
    step_s = float(np.median(np.diff(seen.times)))
    observed_s = float(known.sum()) * step_s
    if not observed_s:
        return found
    coiled = (posture.end_to_end(points) < undulation.COILED) & known
    found["turn_rate_hz"] = _count(seen.states == TURN) / observed_s
    found["omega_rate_hz"] = _count(coiled) / observed_s
    reversals = list(undulation.runs(seen.states == REVERSAL))
    if reversals:
        found["reversal_s"] = float(np.mean([stop - start for start, stop in reversals])) * step_s
    bends = np.nanmean(seen.kymograph, axis=1)
    late = round(AFTER_S / step_s)
    after = [bends[stop : stop + late] for _, stop in reversals if stop + late <= len(bends)]
    if after:
        found["bend_after_reversal_per_mm"] = float(np.mean(np.concatenate(after)))
    found["dwelling_share"] = _dwelling(points, seen, step_s)
    peak = trajectory.stimulus_peak(dataset)
    if peak is not None:
        far = np.linalg.norm(trajectory.centroid(points) - peak, axis=1)
        found["farthest_mm"] = float(np.nanmax(far)) if np.isfinite(far).any() else None
    return found | _pirouettes(points, peak, seen, step_s)


def _pirouettes(
    points: np.ndarray, peak: np.ndarray | None, seen: Undulation, step_s: float
) -> dict[str, float | None]:
    states = _joined(seen.states, round(JOINED_S / step_s))
    begun = np.zeros(len(states), bool)
    for start, _ in undulation.runs(states):
        begun[start] = start > 0
    running = ~states & (seen.states >= 0)
    found: dict[str, float | None] = {"pirouette_rate_hz": _rate(begun, running, step_s)}
    if peak is None:
        return found
    distance = trajectory.smooth(seen.times, np.linalg.norm(points[:, 0] - peak, axis=1), seen.cycle_s)
    climbing = np.gradient(distance, seen.times)
    # A pirouette belongs to the run that it ends, seen a cycle before: speeds are means over a cycle.
    late = max(1, round(seen.cycle_s / step_s))
    before = np.concatenate([np.full(late, np.nan), climbing[:-late]])[: len(climbing)]
    up = _rate(begun & (before < 0), running & (climbing < 0), step_s)
    down = _rate(begun & (before > 0), running & (climbing > 0), step_s)
    found |= {"pirouette_rate_up_hz": up, "pirouette_rate_down_hz": down}
    found["pirouette_rate_drop_hz"] = None if up is None or down is None else down - up
    return found


def _joined(states: Int[np.ndarray, " time"], gap: int) -> Flags:
    """Return where there is a pirouette: a reversal or a turn, or a short time between two of them."""
    flags = np.asarray((states == REVERSAL) | (states == TURN))
    for start, stop in list(undulation.runs(~flags)):
        if start > 0 and stop < len(flags) and stop - start < gap:
            flags[start:stop] = True
    return flags


def _rate(begun: Flags, running: Flags, step_s: float) -> float | None:
    ran_s = float(running.sum()) * step_s
    return float(begun.sum()) / ran_s if ran_s >= DWELLING_S else None


def _dwelling(points: np.ndarray, seen: Undulation, step_s: float) -> float | None:
    centre: Signal = trajectory.centroid(points)
    window = round(DWELLING_S / step_s)
    if len(centre) <= window:
        return None
    moved = np.linalg.norm(centre[window:] - centre[:-window], axis=1) / seen.length
    return float(np.nanmean(moved < DWELLING_LENGTHS)) if np.isfinite(moved).any() else None


def _count(flags: Flags) -> int:
    return sum(1 for _ in undulation.runs(np.asarray(flags)))
