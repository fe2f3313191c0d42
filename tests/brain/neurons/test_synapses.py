"""A sparse table of synapses: what goes in comes out, and a shuffle keeps every degree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.brain.neurons import synapses
from neuromech.brain.neurons.synapses import Synapses


def edges(seed: int, neurons: int, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(neurons, size=count), rng.integers(neurons, size=count), rng.integers(-9, 10, count)


@settings(max_examples=30)
@given(st.integers(0, 1000), st.integers(1, 40), st.integers(0, 300))
def test_it_holds_the_sums_of_what_it_was_made_from(seed: int, neurons: int, count: int) -> None:
    pre, post, contacts = edges(seed, neurons, count)
    found = Synapses.of(neurons, pre, post, contacts)
    dense = np.zeros((neurons, neurons), int)
    np.add.at(dense, (pre, post), contacts)
    back = np.zeros_like(dense)
    back[found.pre, found.post] = found.count
    assert (back == dense).all() and found.size == neurons and found.count.dtype == np.int16
    for neuron in range(neurons):
        assert (np.diff(found.post[found.start[neuron] : found.start[neuron + 1]]) > 0).all()


def test_large_counts_get_room_and_nonsense_is_refused() -> None:
    one = np.zeros(1, int)
    assert Synapses.of(1, one, one, one + 40_000).count.tolist() == [40_000]
    with pytest.raises(InputError, match="neuron 0 or 5; there are 2"):
        Synapses.of(2, np.array([0, 5]), np.array([0, 1]), np.array([1, 1]))
    with pytest.raises(InputError, match="1 starts, 2 ends"):
        Synapses.of(2, one, np.array([0, 1]), one)


@settings(max_examples=20)
@given(st.integers(0, 1000))
def test_a_shuffle_keeps_degrees_and_the_presynaptic_side(seed: int) -> None:
    plain = Synapses.of(60, *edges(seed, 60, 400))
    mixed = plain.shuffled(seed)
    assert (mixed.start == plain.start).all()
    assert (np.bincount(mixed.post, minlength=60) == np.bincount(plain.post, minlength=60)).all()
    itself = plain.pre == plain.post
    assert (mixed.pre == mixed.post).sum() == itself.sum()
    for neuron in range(60):
        rows = slice(plain.start[neuron], plain.start[neuron + 1])
        assert sorted(mixed.count[rows]) == sorted(plain.count[rows])
        assert (np.diff(mixed.post[rows]) > 0).all()  # none doubled
    assert (mixed.post != plain.post).mean() > 0.5
    assert (plain.shuffled(seed).post == mixed.post).all()


def test_it_says_so_where_no_exchange_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synapses, "REPAIRS", 0)
    with pytest.raises(InputError, match="too few or too dense"):
        Synapses.of(60, *edges(3, 60, 600)).shuffled(1)


def test_what_has_but_one_shuffling_keeps_it() -> None:
    everyone = np.argwhere(~np.eye(3, dtype=bool)).T
    full = Synapses.of(3, everyone[0], everyone[1], np.ones(6, int))
    assert full.shuffled(1).post.tolist() == full.post.tolist()
