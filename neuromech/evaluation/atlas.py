"""The functional atlas as a row: each neuron driven in turn, beside a measured matrix of who answers whom.

The measured one is that of Randi et al. 2023 (doi:10.1038/s41586-023-06683-4), or one in the same format: an
npz file with `neuron_ids` (neuron,) and, for each strain, `STRAIN_q`, `STRAIN_occ1` and `STRAIN_dFF`
(responding, driven): significance, observations and mean response; `STRAIN_half_a` and `STRAIN_half_b`, the
mean responses over two halves of the trials, give the ceiling.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float
from scipy import stats

from neuromech._lib.errors import InputError
from neuromech.brain.connectome import Connectome
from neuromech.evaluation.episode_values import Values
from neuromech.evaluation.insilico_atlas import IsolatedBrain
from neuromech.evaluation.questions import Question
from neuromech.specs import datasets
from neuromech.tracking.io.tables import BROKEN_ARCHIVE, first_line

SIGNIFICANT = 0.05
"""A pair with a q below this is functionally connected (Randi et al. 2023)."""
FEWEST = 3
"""Pairs that were observed less often are left out."""
SPREAD, GAP_WEIGHT = 0.5, 2.0
"""Plain anatomy: activity spreads along (I - 0.5 A)^-1, A being the row-normalised counts of chemical
contacts and twice those of gap junctions."""
MOVES = 1e-3
"""A response that is smaller than this, in the unit of the model's activity, is none."""
Matrix = Float[np.ndarray, "responding driven"]


@dataclass(frozen=True)
class MeasuredAtlas:
    """A measured atlas: names of neurons, and matrices (responding, driven), NaN where nothing is known.

    q: significance. observed: how often a pair was seen. amplitude: mean response. halves: mean responses
    over two halves of the trials; empty where the file has none.
    """

    neurons: tuple[str, ...]
    q: Matrix
    observed: Matrix
    amplitude: Matrix
    halves: tuple[Matrix, ...]

    @staticmethod
    def read(path: Path, strain: str) -> MeasuredAtlas:
        """Read a strain's matrices.

        Raises
        ------
        InputError
            The file cannot be read, or lacks a matrix.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                there = set(file.files)
                wanted = ("neuron_ids", *(f"{strain}_{part}" for part in ("q", "occ1", "dFF")))
                if missing := [name for name in wanted if name not in there]:
                    raise InputError(f"{path}: no measured atlas, it lacks {', '.join(missing)}")
                names, *matrices = (file[name] for name in wanted)
                halves = [f"{strain}_half_{part}" for part in "ab"]
                both = tuple(np.asarray(file[each], float) for each in halves if each in there)
        except InputError:
            raise
        except BROKEN_ARCHIVE as error:
            raise InputError(f"{path}: no measured atlas: {first_line(error)}") from None
        size = (len(names), len(names))
        if any(each.shape != size for each in (*matrices, *both)):
            raise InputError(f"{path}: matrices must be {size[0]} x {size[1]}, as there are neuron_ids")
        q, observed, amplitude = (np.asarray(each, float) for each in matrices)
        return MeasuredAtlas(tuple(map(str, names)), q, observed, amplitude, both)

    def among(self, neurons: tuple[str, ...]) -> MeasuredAtlas:
        """Return the part of some neurons, in their order; those that it does not have are NaN."""
        place = {name: k for k, name in enumerate(self.neurons)}
        at = np.array([place.get(name, -1) for name in neurons])
        known = at >= 0

        def part(matrix: Matrix) -> Float[np.ndarray, "kept kept"]:
            found = np.full((len(at), len(at)), np.nan)
            found[np.ix_(known, known)] = matrix[np.ix_(at[known], at[known])]
            return found

        halves = tuple(part(each) for each in self.halves)
        return MeasuredAtlas(neurons, part(self.q), part(self.observed), part(self.amplitude), halves)

    @property
    def pairs(self) -> Bool[np.ndarray, "responding driven"]:
        """Which pairs of different neurons were seen often enough."""
        seen = np.isfinite(self.q) & np.isfinite(self.amplitude) & (np.nan_to_num(self.observed) >= FEWEST)
        return seen & ~np.eye(len(self.neurons), dtype=bool)


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
    brain = IsolatedBrain.of(question.run(seed))
    measured = MeasuredAtlas.read(datasets.locate(spec.measured), spec.strain).among(brain.neurons)
    driven = np.flatnonzero(measured.pairs.any(axis=0))
    names = [brain.neurons[k] for k in driven]
    responses = np.full(measured.q.shape, np.nan)
    responses[:, driven] = brain.driven(names, spec.current_pA, brain.rested(spec.settle_s), spec.drive_s)
    found = score(responses, measured) | anatomy(brain.circuit.connectome, measured) | ceiling(measured)
    own, plain = found["auroc"], found["anatomy_auroc"]
    return found | {"auroc_over_anatomy": None if own is None or plain is None else own - plain}


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
