"""Limbs as a row: in an episode, joints and pools of neurons beside the rhythm of a neuron of each limb."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import xarray as xr

from neuromech import recording
from neuromech._lib.errors import InputError, unknown
from neuromech.comparison import baselines
from neuromech.evaluation import rhythms
from neuromech.evaluation.questions import Question
from neuromech.evaluation.told import Told
from neuromech.experiment.episodes import run_experiment
from neuromech.specs.evaluation_parts import LimbsSpec

EXCURSION = (2, 98)
"""The excursion of a joint is from this percentile of its angle to that."""


def answer(question: Question, seed: int) -> Told:
    """Return how the limbs of an episode move.

    LIMB.hz: the rhythm of the limb's neuron. LIMB.JOINT.deg, LIMB.JOINT.hz: excursion and rhythm of the joint
    that moves most; JOINT.moves: limbs in which it moves far enough, at the limb's rhythm.
    LIMB.pools_correlation, LIMB.pools_lag: correlation of two pools' mean rates, and how much later the first
    peaks, in cycles; alternating: limbs whose pools alternate.

    Raises
    ------
    InputError
        The controller tells no activity, or there is no such neuron, joint or sense.
    """
    spec = question.row.limbs
    assert spec is not None
    with tempfile.TemporaryDirectory() as folder:
        made = dataclasses.replace(question.run(seed), output=Path(folder) / "run", video=False, episodes=1)
        run_experiment(made, progress=False, controller=question.own)
        (file,) = baselines.episodes(made.output)
        episode = recording.load(file)
    return measure(question.stretch(made).of(episode), spec)


def measure(episode: xr.Dataset, spec: LimbsSpec) -> Told:
    """Return the values of a recording, and a table with a row per limb."""
    if "activity" not in episode:
        raise InputError("this controller tells no activity of neurons")
    step_s = float(np.median(np.diff(episode["time"].values)))
    values: dict[str, float | None] = {}
    moves = dict.fromkeys(spec.joints, 0)
    alternating, rows = 0, []
    for limb, neuron in spec.rhythm.items():
        hz = rhythms.strongest_hz(_rate(episode, [neuron]), step_s, spec.band_hz)
        values[f"{limb}.hz"], cells = hz, [f"{hz:.1f}"]
        for name, joints in spec.joints.items():
            far, own, most = _joint(episode, limb, joints, step_s, spec)
            values |= {f"{limb}.{name}.deg": far, f"{limb}.{name}.hz": own}
            moves[name] += far >= spec.least_deg and abs(own / hz - 1) <= spec.agrees
            cells.append(f"{far:.0f} at {own:.1f} Hz" + (f" ({most})" if len(joints) > 1 else ""))
        if spec.pools:
            one, other = (_pool(episode, limb, each) for each in spec.pools.values())
            flat = min(np.std(one), np.std(other)) == 0
            together = 0.0 if flat else float(np.corrcoef(one, other)[0, 1])
            lag = rhythms.later(one, other, hz, step_s)
            values |= {f"{limb}.pools_correlation": together, f"{limb}.pools_lag": lag}
            alternating += together <= spec.alternates
            cells += [f"{together:.2f}", f"{lag:.2f}"]
        rows.append(f"| {limb} | {' | '.join(cells)} |")
    values |= {f"{name}.moves": float(count) for name, count in moves.items()}
    heads = ["limb", "Hz", *(f"{name}, deg" for name in spec.joints)]
    if spec.pools:
        first, second = spec.pools
        values["alternating"] = float(alternating)
        heads += [f"{first} against {second}, r", f"{first} after {second}, cycles"]
    return Told(values, "\n".join([f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *rows]))


def _joint(
    episode: xr.Dataset, limb: str, joints: Sequence[str], step_s: float, spec: LimbsSpec
) -> tuple[float, float, str]:
    """Return the excursion (deg) and the rhythm (Hz) of the joint that moves most, and its name."""
    sense, channel = f"sense_{spec.sense}", f"{spec.sense}_channel"
    if sense not in episode:
        raise unknown(
            "sense", spec.sense, [str(each)[6:] for each in episode if str(each).startswith("sense_")]
        )
    there = [str(each) for each in episode[channel].values]
    angles = {}
    for joint in joints:
        if f"{limb}_{joint}" not in there:
            raise unknown("joint", f"{limb}_{joint}", there)
        angles[joint] = np.degrees(episode[sense].values[:, there.index(f"{limb}_{joint}")])
    reach = {joint: float(np.diff(np.percentile(angle, EXCURSION))[0]) for joint, angle in angles.items()}
    most = max(reach, key=lambda joint: reach[joint])
    return reach[most], rhythms.strongest_hz(angles[most], step_s, spec.band_hz), most


def _pool(episode: xr.Dataset, limb: str, beginnings: Sequence[str]) -> np.ndarray:
    """Return the mean rate of the neurons of a limb whose names begin so, through time."""
    starts = tuple(each.replace("{limb}", limb) for each in beginnings)
    names = [str(name) for name in episode["neuron"].values if str(name).startswith(starts)]
    if not names:
        raise InputError(f"no neuron's name begins with {' or '.join(starts)}")
    return _rate(episode, names)


def _rate(episode: xr.Dataset, neurons: Sequence[str]) -> np.ndarray:
    there = [str(name) for name in episode["neuron"].values]
    for name in neurons:
        if name not in there:
            raise unknown("neuron", name, there)
    return episode["activity"].values[:, [there.index(name) for name in neurons]].mean(axis=1)
