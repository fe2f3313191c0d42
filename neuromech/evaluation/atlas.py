"""The functional atlas as a row: each neuron driven in turn, beside a measured matrix of who answers whom.

The measured one is that of Randi et al. 2023 (doi:10.1038/s41586-023-06683-4), or one in the same format:
`comparison.measured_atlas` says which.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from scipy import stats

from neuromech import batch
from neuromech._lib.errors import InputError, unknown
from neuromech.brain.compiled import WIDTH
from neuromech.brain.connectome import Connectome
from neuromech.comparison.measured_atlas import SIGNIFICANT, Matrix, MeasuredAtlas
from neuromech.evaluation.episode_values import Values
from neuromech.evaluation.insilico_atlas import MOVES, IsolatedBrain, half_times
from neuromech.evaluation.questions import Question
from neuromech.loop import Loop
from neuromech.specs import content, datasets
from neuromech.specs.evaluation_parts import AtlasSpec, HeldOut
from neuromech.specs.perturb import Window
from neuromech.specs.run import Run

SPREAD, GAP_WEIGHT = 0.5, 2.0
"""Plain anatomy: activity spreads along (I - 0.5 A)^-1, A being the row-normalised counts of chemical
contacts and twice those of gap junctions."""


def answer(question: Question, seed: int) -> Values:
    """Return what the atlas of one seed comes to; the seed is that of the shuffle, if there is one.

    Raises
    ------
    InputError
        The controller has no network of neurons, or the measured atlas is not there.
    """
    spec = question.row.atlas
    assert spec is not None
    if question.own is not None:
        raise InputError("an atlas needs a controller of neurons on a wiring, and this one is your own")
    run = question.run(seed)
    brain = IsolatedBrain.of(run, None if spec.held_out is None else _fitted_without(run, spec.held_out))
    measured = MeasuredAtlas.read(datasets.locate(spec.measured), spec.strain).among(brain.neurons)
    if spec.held_out is not None:
        part = measured.fold(brain.circuit.connectome.classes, run.seed, spec.held_out.folds)
        measured = measured.of_driven(part)
    driven = np.flatnonzero(measured.pairs.any(axis=0))
    names = [brain.neurons[k] for k in driven]
    responses, latency = np.full(measured.q.shape, np.nan), np.full(measured.q.shape, np.nan)
    if spec.embodied:
        responses[:, driven], latency[:, driven] = embodied(run, brain.neurons, names, spec)
    elif measured.latency_s is None:
        rest = brain.rested(spec.settle_s)
        responses[:, driven] = brain.driven(names, spec.current_pA, rest, spec.drive_s)
    else:
        rest = brain.rested(spec.settle_s)
        both = brain.answers(names, spec.current_pA, rest, spec.drive_s)
        responses[:, driven], latency[:, driven] = both
    found = score(responses, measured) | order(latency, measured)
    found |= anatomy(brain.circuit.connectome, measured) | ceiling(measured)
    own, plain = found["auroc"], found["anatomy_auroc"]
    return found | {"auroc_over_anatomy": None if own is None or plain is None else own - plain}


def _fitted_without(run: Run, held_out: HeldOut) -> dict[str, Any] | None:
    """Return the parameters that were fitted without the part of the run's seed, None for those there are."""
    if not run.seed < held_out.folds:
        raise InputError(
            f"atlas.held_out: seed {run.seed} of {held_out.folds} parts; seeds: {held_out.folds}"
        )
    if held_out.file is None:
        return None
    folders = run.controller.folders
    path = next((each / held_out.file for each in folders if (each / held_out.file).is_file()), None)
    if path is None:
        raise InputError(f"atlas.held_out: there is no {held_out.file} in {folders[-1]}")
    given = content.read_yaml(path)
    if held_out.fits not in given:
        raise unknown("list of fits", held_out.fits, given)
    parameters = content.parameters(folders)
    for section, values in given[held_out.fits][run.seed].items():
        parameters[section] = {**parameters[section], **values}
    return parameters


def score(responses: Matrix, measured: MeasuredAtlas) -> dict[str, float | None]:
    """Return how like a measured atlas responses (responding, driven) are.

    auroc: how well the size of a response tells functional pairs from the others. amplitude_rank_correlation,
    sign_agreement: over functional pairs, with the measured response; of the sign only where there is a
    response. moved_share: pairs with any response.
    """
    pairs = measured.pairs & np.isfinite(responses)
    functional = pairs & (measured.q < SIGNIFICANT)
    sizes, truth = np.abs(responses[pairs]), measured.q[pairs] < SIGNIFICANT
    moved = functional & (np.abs(responses) > MOVES)
    signs = np.sign(responses[moved]) == np.sign(measured.amplitude[moved])
    return {
        "auroc": auroc(sizes, truth),
        "amplitude_rank_correlation": rank_correlation(responses[functional], measured.amplitude[functional]),
        "sign_agreement": float(signs.mean()) if len(signs) else None,
        "moved_share": float((sizes > MOVES).mean()) if len(sizes) else None,
        "pairs": float(pairs.sum()),
        "functional_pairs": float(functional.sum()),
    }


def order(latency_s: Matrix, measured: MeasuredAtlas) -> dict[str, float | None]:
    """Return how alike the order of answers is: latency_rank_correlation over latency_pairs pairs.

    These are functional pairs whose latency (responding, driven), s, is known of both.
    """
    if measured.latency_s is None:
        return {"latency_rank_correlation": None, "latency_pairs": 0.0}
    known = measured.pairs & (measured.q < SIGNIFICANT) & np.isfinite(latency_s)
    known &= np.isfinite(measured.latency_s)
    found = rank_correlation(latency_s[known], measured.latency_s[known])
    return {"latency_rank_correlation": found, "latency_pairs": float(known.sum())}


def embodied(
    run: Run, neurons: Sequence[str], driven: Sequence[str], spec: AtlasSpec
) -> tuple[Float[np.ndarray, "neuron driven"], Float[np.ndarray, "neuron driven"]]:
    """Return changes of activity (neuron, driven) and latencies, s, in the body of a run.

    An episode with a neuron driven is held against the same episode without that: what the body does comes
    back through the senses.
    """
    start, stop = spec.settle_s, spec.settle_s + spec.drive_s
    run = dataclasses.replace(run, duration_s=stop + run.clock.record_s)
    windows = [Window((name,), start, stop, spec.current_pA) for name in driven]
    runs = [run, *(_stimulated(run, each) for each in windows)]
    courses = []
    for k in range(0, len(runs), WIDTH):
        seen = batch.watch([Loop.of(each) for each in runs[k : k + WIDTH]], activity=True)
        courses += [each.sel(time=slice(start, stop))["activity"].sel(neuron=list(neurons)) for each in seen]
    plain = courses[0].values
    changes = np.stack([each.values - plain for each in courses[1:]], axis=2)
    return changes[-1], half_times(changes, spec.drive_s)


def _stimulated(run: Run, window: Window) -> Run:
    perturb = dataclasses.replace(run.perturb, stimulate=(*run.perturb.stimulate, window))
    return dataclasses.replace(run, perturb=perturb)


def anatomy(connectome: Connectome, measured: MeasuredAtlas) -> dict[str, float | None]:
    """Return how well counts of contacts tell functional pairs: as they are, and spread by diffusion."""
    chemical, gap = (np.abs(connectome.adjacency(kind).values) for kind in ("chemical", "gap_junction"))
    # Adjacency is (pre, post); atlases are (responding, driven).
    counts = (chemical + GAP_WEIGHT * gap).T.astype(float)
    whole = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, whole, out=np.zeros_like(counts), where=whole > 0)
    spread = np.linalg.inv(np.eye(len(shares)) - SPREAD * shares)
    pairs = measured.pairs
    truth = measured.q[pairs] < SIGNIFICANT
    return {"anatomy_auroc": auroc(spread[pairs], truth), "counts_auroc": auroc(counts[pairs], truth)}


def ceiling(measured: MeasuredAtlas) -> dict[str, float | None]:
    """Return what half of the trials say of all: the mean of the two halves; None where a file has none."""
    if not measured.halves:
        return {"ceiling_auroc": None, "ceiling_rank_correlation": None}
    found = []
    for half in measured.halves:
        pairs = measured.pairs & np.isfinite(half)
        found.append(auroc(np.abs(half[pairs]), measured.q[pairs] < SIGNIFICANT))
    known = [each for each in found if each is not None]
    functional = measured.pairs & (measured.q < SIGNIFICANT)
    both = functional & np.isfinite(measured.halves[0]) & np.isfinite(measured.halves[-1])
    correlation = rank_correlation(measured.halves[0][both], measured.halves[-1][both])
    return {
        "ceiling_auroc": float(np.mean(known)) if known else None,
        "ceiling_rank_correlation": correlation,
    }


def auroc(values: Float[np.ndarray, " pair"], truth: Bool[np.ndarray, " pair"]) -> float | None:
    """Return the chance that a value of the true ones is above one of the others, ties counting half."""
    true, false = int(truth.sum()), int((~truth).sum())
    if not true or not false:
        return None
    ranks = stats.rankdata(values)
    return float((ranks[truth].sum() - true * (true + 1) / 2) / (true * false))


def rank_correlation(one: Float[np.ndarray, " pair"], other: Float[np.ndarray, " pair"]) -> float | None:
    """Return Spearman's rank correlation; None with fewer than three pairs, or if one never changes."""
    if len(one) < 3 or not np.ptp(one) or not np.ptp(other):
        return None
    return float(np.corrcoef(stats.rankdata(one), stats.rankdata(other))[0, 1])
