"""The score: bounded, not to be carried by one feature, and ordered as it should be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given as vary
from hypothesis import settings
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.tracking.similarity import features, score
from neuromech.tracking.similarity.features import Behaviour, Feature, FeatureSet
from tests import crawler

COUNT = 6
FEATURES = FeatureSet(
    {f"f{k}": Feature(f"f{k}", "1") for k in range(COUNT)}, lambda dataset: Behaviour(), False, 1.0
)
ANIMAL = Behaviour({f"f{k}": np.random.default_rng(k).normal(size=500) for k in range(COUNT)})


def shifted(shifts: list[float]) -> Behaviour:
    return Behaviour({f"f{k}": ANIMAL.samples[f"f{k}"] + shift for k, shift in enumerate(shifts)})


def score_of(simulated: Behaviour) -> float:
    return score.compare([simulated], [ANIMAL], FEATURES, intervals=False).score


def test_the_animal_against_itself_has_one() -> None:
    found = score.compare([ANIMAL], [ANIMAL], FEATURES)
    assert found.score == pytest.approx(1.0) and found.interval is None
    assert all(each.percentile == pytest.approx(50.0, abs=0.2) for each in found.features)


@settings(max_examples=30)
@vary(st.lists(st.floats(0, 50), min_size=COUNT, max_size=COUNT))
def test_the_score_is_bounded_and_no_feature_is_worth_more_than_its_share(shifts: list[float]) -> None:
    before = score_of(shifted(shifts))
    assert 0.0 <= before <= 1.0
    perfect = score_of(shifted([0.0, *shifts[1:]]))
    assert before - 1e-9 <= perfect <= before + 1 / COUNT + 1e-9
    lost = Behaviour({name: values for name, values in shifted(shifts).samples.items() if name != "f0"})
    assert score_of(lost) <= before + 1e-9


def test_a_feature_the_animal_does_not_show_does_not_count() -> None:
    animal = Behaviour({name: values for name, values in ANIMAL.samples.items() if name != "f5"})
    found = score.compare([shifted([0, 0, 0, 0, 0, 99.0])], [animal], FEATURES)
    assert found.score == pytest.approx(1.0) and found.unseen == ("f5",)


def test_an_animal_that_shows_nothing() -> None:
    with pytest.raises(InputError, match="no feature that can be compared"):
        score.compare([ANIMAL], [Behaviour({"f0": np.zeros(3)})], FEATURES)


def test_the_interval_is_over_episodes() -> None:
    episodes = [shifted([shift] * COUNT) for shift in (0.0, 0.5, 1.0, 1.5, 2.0)]
    found = score.compare(episodes, [ANIMAL], FEATURES)
    assert found.interval is not None and found.interval[0] < found.score < found.interval[1]
    assert found.interval[1] - found.interval[0] > 0.1


def test_episodes_without_a_feature_are_no_perfect_ones() -> None:
    """A resample of nothing but those counted as distance 0, and the interval began there."""
    without = Behaviour({name: values for name, values in ANIMAL.samples.items() if name != "f0"})
    episodes = [shifted([2.0] * COUNT), without, without, without]
    (first, *_) = score.compare(episodes, [ANIMAL], FEATURES).features
    assert first.name == "f0" and first.interval == pytest.approx((2.0, 2.0), abs=0.1)


def test_worms_are_ranked_by_how_they_crawl() -> None:
    feature_set = features.FEATURE_SETS["undulation"]

    def worm(**gait: float) -> Behaviour:
        return feature_set.extract(crawler.crawl(40.0, **gait))

    animal = worm()
    near, far = worm(hertz=0.5, swing=0.95), worm(hertz=1.2, swing=0.4, wavelength=1.3)
    still = feature_set.extract(crawler.dataset(np.arange(0, 40, 0.05), crawler.midlines(np.zeros(800))))
    scores = [
        score.compare([each], [animal], feature_set, False).score for each in (animal, near, far, still)
    ]
    assert scores[0] == pytest.approx(1.0)
    assert scores[0] > scores[1] > scores[2] + 0.1 and scores[1] > scores[3] + 0.2
    mirrored = feature_set.extract(crawler.dataset(np.arange(0, 40, 0.05), _mirrored()))
    assert score.compare([mirrored], [animal], feature_set, False).score > 0.97


def _mirrored() -> np.ndarray:
    return crawler.midlines(0.45 * 0.65 * np.arange(0, 40, 0.05)) * [1, -1]
