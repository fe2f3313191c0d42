"""The functional atlas: scores with known answers, and the worm's brain beside the measured matrix."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from neuromech import InputError
from neuromech.comparison.measured_atlas import MeasuredAtlas
from neuromech.evaluation import atlas
from neuromech.evaluation.insilico_atlas import IsolatedBrain, half_times
from neuromech.evaluation.insilico_atlas import atlas as insilico
from neuromech.evaluation.questions import Contender, ask
from neuromech.specs import evaluation as specs
from neuromech.specs.compose import load_run
from neuromech.specs.evaluation_parts import AtlasSpec

NAMES = ("ADAL", "ADAR", "AVAL", "AVAR", "AVBL", "AVBR")


def measured(**changed: Any) -> MeasuredAtlas:
    """Return an atlas of six neurons, in which a third of the pairs is functional."""
    rng = np.random.default_rng(0)
    amplitude = rng.normal(size=(6, 6))
    q = np.where(np.abs(amplitude) > 1.0, 0.01, 0.5)
    values = {"neurons": NAMES, "q": q, "observed": np.full((6, 6), 5.0), "amplitude": amplitude,
              "halves": (amplitude, amplitude)}  # fmt: skip
    return MeasuredAtlas(**{**values, **changed})


def test_a_brain_like_the_measured_one_has_all_points() -> None:
    found = measured()
    score = atlas.score(3.0 * found.amplitude, found)
    assert score["auroc"] == score["sign_agreement"] == 1.0
    assert score["amplitude_rank_correlation"] == pytest.approx(1.0) and score["pairs"] == 30
    assert atlas.ceiling(found) == {"ceiling_auroc": 1.0, "ceiling_rank_correlation": pytest.approx(1.0)}


def test_a_brain_of_the_opposite_sign_agrees_in_size_alone() -> None:
    found = measured()
    score = atlas.score(-found.amplitude, found)
    assert score["auroc"] == 1.0 and score["sign_agreement"] == 0.0
    assert score["amplitude_rank_correlation"] == pytest.approx(-1.0)


def test_a_brain_in_which_nothing_moves_is_chance() -> None:
    score = atlas.score(np.zeros((6, 6)), measured())
    assert score["auroc"] == 0.5 and score["moved_share"] == 0.0 and score["sign_agreement"] is None


def test_pairs_that_were_seen_too_rarely_and_a_neuron_itself_do_not_count() -> None:
    observed = np.full((6, 6), 5.0)
    observed[:, 0] = 2
    assert measured(observed=observed).pairs.sum() == 25
    q = measured().q.copy()
    q[2] = np.nan
    assert measured(q=q).pairs.sum() == 25


def test_the_measured_one_is_put_into_the_order_of_a_brain() -> None:
    found = measured().among(("AVBR", "XYZ", "ADAL"))
    assert found.amplitude[0, 2] == measured().amplitude[5, 0] and np.isnan(found.amplitude[1]).all()
    assert found.pairs.sum() == 2


def test_auroc_is_that_of_its_definition() -> None:
    rng = np.random.default_rng(1)
    values, truth = rng.integers(0, 5, 60).astype(float), rng.random(60) < 0.3
    pairs = [(a > b) + 0.5 * (a == b) for a in values[truth] for b in values[~truth]]
    assert atlas.auroc(values, truth) == pytest.approx(np.mean(pairs))
    assert atlas.auroc(values, np.zeros(60, bool)) is None


@pytest.mark.parametrize(("kept", "said"), [(["wt_q"], "lacks neuron_ids, wt_occ1, wt_dFF"), ([], "lacks")])
def test_a_file_that_is_no_atlas_is_one_line(kept: list[str], said: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", **{name: np.zeros((2, 2)) for name in kept})
    with pytest.raises(InputError, match=said):
        MeasuredAtlas.read(tmp_path / "a.npz", "wt")


def test_a_file_that_is_no_npz_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_text("hello")
    with pytest.raises(InputError, match="no measured atlas"):
        MeasuredAtlas.read(tmp_path / "a.npz", "wt")


def test_matrices_of_another_size_are_refused(tmp_path: Path) -> None:
    there = {f"wt_{part}": np.zeros((2, 3)) for part in ("q", "occ1", "dFF")}
    np.savez(tmp_path / "a.npz", neuron_ids=np.array(["a", "b"]), **there)
    with pytest.raises(InputError, match="matrices must be 2 x 2"):
        MeasuredAtlas.read(tmp_path / "a.npz", "wt")


@pytest.fixture(scope="module")
def brain() -> IsolatedBrain:
    return IsolatedBrain.of(load_run(["experiment=worm_crawl"]))


def test_who_is_driven_moves_most_and_who_is_ablated_is_silent(brain: IsolatedBrain) -> None:
    place = {name: k for k, name in enumerate(brain.neurons)}
    change = brain.driven(["AVAL", "ASEL"], 20.0, brain.rested(2.0), 0.5)
    assert change.shape == (302, 2)
    assert change[place["AVAL"], 0] > 0 and np.abs(change[:, 0]).argmax() == place["AVAL"]
    assert change[place["AVAR"], 0] > 0.1  # a gap junction couples the two sides
    gone = brain.ablated(["AVBL"], brain.rested(2.0), 0.5)
    assert gone[place["AVBL"], 0] < 0 and np.abs(gone[:, 0]).argmax() == place["AVBL"]


def test_a_controller_without_neurons_is_refused() -> None:
    with pytest.raises(InputError, match="random .* has no network of neurons to drive"):
        insilico(load_run(["experiment=worm_crawl", "controller=random"]))


def test_the_worm_beside_the_measured_atlas_is_scored_as_scipy_scores_it_and_anatomy_as_elsewhere(
    brain: IsolatedBrain, data: Path
) -> None:
    """Plain anatomy 0.67 and the ceiling 0.82 were measured by another program."""
    found = MeasuredAtlas.read(data / "worm" / "randi2023_atlas_part1.npz", "wt").among(brain.neurons)
    driven = np.flatnonzero(found.pairs.any(axis=0))
    responses = np.full(found.q.shape, np.nan)
    responses[:, driven] = brain.driven([brain.neurons[k] for k in driven], 20.0, brain.rested(20.0), 2.0)
    seen = found.pairs & np.isfinite(responses)
    yes, no = (np.abs(responses[seen & each]) for each in (found.q < 0.05, found.q >= 0.05))
    auroc = atlas.score(responses, found)["auroc"]
    assert auroc == pytest.approx(mannwhitneyu(yes, no).statistic / (len(yes) * len(no)), abs=0.005)
    assert auroc is not None and auroc > 0.7  # it was fitted to this atlas
    plain = atlas.anatomy(brain.circuit.connectome, found)
    assert plain["anatomy_auroc"] == pytest.approx(0.67, abs=0.01)
    assert atlas.ceiling(found)["ceiling_auroc"] == pytest.approx(0.82, abs=0.01)


def test_answers_come_in_an_order_that_is_compared_where_it_is_known(brain: IsolatedBrain) -> None:
    late = np.abs(np.random.default_rng(2).normal(size=(6, 6)))
    found = measured(latency_s=late)
    score = atlas.order(3.0 * late + 1.0, found)
    assert score["latency_rank_correlation"] == pytest.approx(1.0)
    assert score["latency_pairs"] == (found.pairs & (found.q < 0.05)).sum() >= 5
    assert atlas.order(-late, found)["latency_rank_correlation"] == pytest.approx(-1.0)
    assert atlas.order(late, measured())["latency_rank_correlation"] is None
    assert found.among(NAMES[::-1]).latency_s is not None
    change, when = brain.answers(["AVAL"], 20.0, brain.rested(1.0), 0.4)
    place = {name: k for k, name in enumerate(brain.neurons)}
    assert change[place["AVAL"], 0] > 0 and 0 < when[place["AVAL"], 0] < when[place["AVAR"], 0] <= 0.4


def test_half_of_a_change_is_found_between_samples() -> None:
    course = np.array([0.2, 0.4, 0.8, 1.0])[:, None, None] * np.array([[1.0, -2.0, 0.0]]).T[None]
    assert half_times(course, 4.0)[:, 0] == pytest.approx([2.25, 2.25, np.nan], nan_ok=True)


def test_an_atlas_in_the_body_is_one_of_episodes() -> None:
    run = load_run(["experiment=worm_crawl"])
    spec = AtlasSpec(measured="x", settle_s=0.2, drive_s=0.2, embodied=True)
    change, when = atlas.embodied(run, ("AVAL", "AVAR", "ASEL"), ("AVAL",), spec)
    assert change.shape == when.shape == (3, 1)
    assert np.abs(change[:, 0]).argmax() == 0 and change[0, 0] > 1.0


def test_results_of_atlases_are_found_as_before_they_could_be_embodied() -> None:
    (first, *_) = ask(specs.load("worm_atlas"), Contender())
    assert "embodied" not in first.asked["atlas"] and first.address == "4e8c030d2ef4426f"
