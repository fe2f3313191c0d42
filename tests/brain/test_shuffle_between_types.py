"""Edges from one type of neuron to another, shuffled among themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.brain.connectome import load

FOLDER = Path(__file__).parents[2] / "controllers" / "fly_manc"


def test_edges_between_two_types_are_shuffled_and_no_other_is_touched() -> None:
    fly = load(FOLDER, None)
    shuffled = fly.shuffle(3, ["premotor>motor"])
    of = np.array(fly.types)
    block = np.ix_(of == "premotor", of == "motor")
    old, new = fly.chemical, shuffled.chemical
    assert np.array_equal((old > 0).sum(axis=1), (new > 0).sum(axis=1))
    assert np.array_equal((old > 0).sum(axis=0), (new > 0).sum(axis=0))
    assert ((old[block] > 0) & (new[block] > 0)).sum() < 0.5 * (old[block] > 0).sum()
    outside = np.ones(old.shape, bool)
    outside[block] = False
    assert np.array_equal(old[outside], new[outside])
    assert np.allclose(old.sum(axis=1), new.sum(axis=1))


def test_several_blocks_keep_to_themselves() -> None:
    fly = load(FOLDER, None)
    shuffled = fly.shuffle(3, ["premotor>motor", "premotor>premotor"])
    of = np.array(fly.types)
    for post in ("motor", "premotor"):
        block = np.ix_(of == "premotor", of == post)
        assert np.count_nonzero(fly.chemical[block]) == np.count_nonzero(shuffled.chemical[block])
        assert not np.array_equal(fly.chemical[block], shuffled.chemical[block])


@pytest.mark.parametrize("scope", ["premotor>mtor", "premotor>", "a>b>c"])
def test_ends_that_are_no_types_are_refused(scope: str) -> None:
    with pytest.raises(InputError, match="kind or neuron type in shuffle_wiring"):
        load(FOLDER, None).shuffle(1, [scope])
