"""Activity as a row: named neurons of the simulated animal beside recorded ones.

Neurons that only one of both has are left out: what is missing stays missing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from jaxtyping import Float

from neuromech import batch
from neuromech._lib.errors import InputError
from neuromech.evaluation import activity_files
from neuromech.evaluation.activity_files import SPEED, TURNING, Traces
from neuromech.evaluation.episode_values import Values
from neuromech.evaluation.questions import Question
from neuromech.loop import Loop
from neuromech.specs import datasets

FEWEST_NEURONS = 3
"""With fewer neurons in common nothing is compared."""
LEAST_SEEN = 0.5
"""A neuron that was seen for a smaller share of the time is left out."""

Correlations = Float[np.ndarray, "neuron neuron"]


def answer(question: Question, seed: int) -> Values:
    """Return what the activity of one episode comes to.

    Raises
    ------
    InputError
        The recording cannot be read, or has too few neurons in common with the controller.
    """
    spec = question.row.activity
    assert spec is not None
    recorded = activity_files.read(datasets.locate(spec.measured))
    loop = Loop.of(question.run(seed), controller=question.own)
    (episode,) = batch.watch([loop], activity=True)
    stretch = question.stretch(loop.run)
    return compare(simulated(stretch.of(episode), spec.decay_s), recorded, spec.components)


def simulated(episode: xr.Dataset, decay_s: float = 0.0) -> Traces:
    """Return the activity of an episode, smoothed as an indicator does that decays over `decay_s`.

    Raises
    ------
    InputError
        The controller tells no activity.
    """
    if "activity" not in episode:
        raise InputError("this controller tells no activity of neurons")
    times, values = episode["time"].values.astype(float), episode["activity"].values.astype(float)
    if decay_s > 0:
        keep = float(np.exp(-(times[1] - times[0]) / decay_s))
        smooth = np.empty_like(values)
        smooth[0] = values[0]
        for k in range(1, len(values)):
            smooth[k] = keep * smooth[k - 1] + (1 - keep) * values[k]
        values = smooth
    return Traces(tuple(map(str, episode["neuron"].values)), times, values, _behaviour(episode))


def _behaviour(episode: xr.Dataset) -> dict[str, Float[np.ndarray, " time"]]:
    """Return speed along the axis and turning of an animal that undulates; nothing of others."""
    if episode.attrs.get("tracker") != "undulation":
        return {}
    from neuromech.tracking.trackers.undulation import analyse

    seen = analyse(episode)
    turning = np.degrees(np.gradient(seen.heading, seen.times))
    return {SPEED: np.asarray(seen.axial_speed, float), TURNING: turning}


def compare(own: Traces, recorded: Traces, components: int) -> dict[str, float | None]:
    """Return how like recorded activity simulated activity is.

    correlation_mse: mean squared difference of the correlations of all pairs. shared_variance: share of the
    recorded variance inside the first components of the simulated one; own_variance: inside those of the
    recording itself, its ceiling. velocity_tuning_correlation, turning_tuning_correlation: correlation, over
    neurons, of how each goes with speed and turning; None where either does not know them. shared_neurons:
    how many both have.

    Raises
    ------
    InputError
        They have fewer than three neurons in common.
    """
    names = _common(own, recorded)
    if len(names) < FEWEST_NEURONS:
        raise InputError(
            f"the recording has {len(names)} neurons in common with the controller, "
            f"and needs {FEWEST_NEURONS}"
        )
    mine, theirs = _columns(own, names), _columns(recorded, names)
    both = correlations(mine), correlations(theirs)
    pairs = np.triu_indices(len(names), 1)
    squares = (both[0][pairs] - both[1][pairs]) ** 2
    first = min(components, len(names))
    return {
        "correlation_mse": float(np.nanmean(squares)) if np.isfinite(squares).any() else None,
        "shared_variance": _inside(both[1], _axes(both[0], first)),
        "own_variance": _inside(both[1], _axes(both[1], first)),
        "velocity_tuning_correlation": _tuning(own, recorded, mine, theirs, SPEED),
        "turning_tuning_correlation": _tuning(own, recorded, mine, theirs, TURNING),
        "shared_neurons": float(len(names)),
    }


def correlations(values: Float[np.ndarray, "time neuron"]) -> Correlations:
    """Return the correlation of every pair over the times that both have; NaN if one never changes."""
    return pd.DataFrame(values).corr(min_periods=3).to_numpy()


def _common(own: Traces, recorded: Traces) -> list[str]:
    seen = np.isfinite(recorded.values).mean(axis=0) >= LEAST_SEEN
    there = set(own.neurons)
    return [name for name, enough in zip(recorded.neurons, seen, strict=True) if enough and name in there]


def _columns(traces: Traces, names: list[str]) -> Float[np.ndarray, "time neuron"]:
    place = {name: k for k, name in enumerate(traces.neurons)}
    return traces.values[:, [place[name] for name in names]]


def _filled(matrix: Correlations) -> Correlations:
    """Return correlations with 0 where one is not known, and 1 of each neuron with itself."""
    filled = np.nan_to_num(matrix)
    np.fill_diagonal(filled, 1.0)
    return filled


def _axes(matrix: Correlations, count: int) -> Float[np.ndarray, "neuron component"]:
    _, vectors = np.linalg.eigh(_filled(matrix))
    return vectors[:, ::-1][:, :count]


def _inside(matrix: Correlations, axes: Float[np.ndarray, "neuron component"]) -> float:
    """Return the share of the variance of standardised traces that lies along some axes."""
    whole = _filled(matrix)
    return float(np.trace(axes.T @ whole @ axes) / np.trace(whole))


def _tuning(own: Traces, recorded: Traces, mine: np.ndarray, theirs: np.ndarray, what: str) -> float | None:
    if what not in own.behaviour or what not in recorded.behaviour:
        return None
    tuned = [
        np.array([_correlation(column, behaviour) for column in values.T])
        for values, behaviour in ((mine, own.behaviour[what]), (theirs, recorded.behaviour[what]))
    ]
    value = _correlation(*tuned)
    return value if np.isfinite(value) else None


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    known = np.isfinite(one) & np.isfinite(other)
    if known.sum() < FEWEST_NEURONS or not np.ptp(one[known]) or not np.ptp(other[known]):
        return float("nan")
    return float(np.corrcoef(one[known], other[known])[0, 1])
