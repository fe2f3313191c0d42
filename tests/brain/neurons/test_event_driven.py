"""Spiking neurons event by event: against the same steps in numpy, and against pencil and paper."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.brain.neurons.event_driven import EventNetwork
from neuromech.brain.neurons.lif import Membrane
from neuromech.brain.neurons.synapses import Synapses
from tests.brain.neurons.spiking_graphs import case, slowly

M = Membrane()
NOTHING = np.zeros(0, int)


def chain(contacts: int, membrane: Membrane = M) -> EventNetwork:
    """Neuron 0 reaches neuron 1; 0 is kicked and never refractory."""
    network = EventNetwork(Synapses.of(2, np.array([0]), np.array([1]), np.array([contacts])), membrane)
    network.unrefract(np.array([0]))
    return network


def kicked(network: EventNetwork, steps: list[int], until: int) -> dict[int, list[int]]:
    """Spike steps of each neuron when neuron 0 is kicked in some steps."""
    spikes = network.advance(until, np.array(steps), np.zeros(len(steps), int))
    return {cell: spikes.step[spikes.cell == cell].tolist() for cell in range(network.size)}


@settings(max_examples=12)
@given(st.integers(0, 10_000), st.booleans(), st.sampled_from([4.0, 2.5]))
def test_the_same_spikes_as_every_neuron_in_every_step(seed: int, electrodes: bool, ratio: float) -> None:
    given_case = case(120, 12, 1500, seed, electrodes)
    membrane = Membrane(membrane_ms=5.0 * ratio)
    given_case = type(given_case)(**{**vars(given_case), "membrane": membrane})
    found = given_case.play(EventNetwork(given_case.synapses, membrane))
    wanted = slowly(given_case)
    assert len(wanted) > 50
    np.testing.assert_array_equal(found, wanted)


def test_periods_of_any_length_and_a_reset_change_nothing() -> None:
    given_case = case(200, 12, 1000, 7, electrodes=True)
    network = EventNetwork(given_case.synapses, M)
    wanted = given_case.play(network)
    for at_once in (1, 20, 250):
        network.reset()
        np.testing.assert_array_equal(given_case.play(network, at_once), wanted)


def test_more_spikes_than_a_page_holds() -> None:
    n, steps = 3000, 40
    quiet = EventNetwork(Synapses.of(n, NOTHING, NOTHING, NOTHING), M)
    quiet.unrefract(np.arange(n))
    step, cell = (each.ravel() for each in np.mgrid[:steps:2, :n])
    spikes = quiet.advance(steps, step, cell)
    assert len(spikes.step) == n * steps // 2 > 1 << 14
    assert (np.diff(spikes.step) >= 0).all()
    assert (np.bincount(spikes.cell) == steps // 2).all()


@pytest.mark.parametrize("contacts", [5, -20, 60])
def test_a_potential_between_events_is_that_of_the_equations(contacts: int) -> None:
    network = chain(contacts)
    kicked(network, [0], 1)  # fires at step 1, arrives at step 19
    rows = []
    for _ in range(400):
        network.advance(1, NOTHING, NOTHING)
        rows.append(network.potential()[1])
    t_ms = (np.arange(1, 401) - 19).clip(0) * M.step_ms
    g = contacts * M.weight_mV
    wanted = -52.0 + g / 3.0 * (np.exp(-t_ms / 20.0) - np.exp(-t_ms / 5.0))
    np.testing.assert_allclose(rows, wanted, atol=1e-12)


def test_a_lone_synapse_fires_only_beyond_what_the_maximum_allows() -> None:
    # The highest point of x y - g/3 y^4 with x = g/3 is g/4 (1/4)^(1/3).
    needed = 7.0 / (0.25 * 0.25 ** (1 / 3)) / M.weight_mV
    below, above = int(np.floor(needed)), int(np.ceil(needed)) + 1
    assert kicked(chain(below), [0], 2000)[1] == []
    fired = kicked(chain(above), [0], 2000)[1]
    assert len(fired) == 1
    # It crosses on the way up, before the maximum at 20 ms ln(4) / 3 after the arrival.
    assert 19 < fired[0] < 19 + 200 * np.log(4) / 3 + 1


def test_a_steady_current_fires_when_the_exponential_says() -> None:
    network = EventNetwork(Synapses.of(1, NOTHING, NOTHING, NOTHING), M)
    network.drive(np.array([10.0]))
    found = network.advance(2000, NOTHING, NOTHING).step
    first = int(np.ceil(200 * np.log(10 / 3))) - 1  # the first step that ends above the threshold
    assert found[0] == first
    assert (np.diff(found) == first + M.refractory_steps).all() and len(found) > 3
    network.drive(np.array([0.0]))
    assert not len(network.advance(5000, NOTHING, NOTHING).step)
    assert network.potential()[0] == pytest.approx(-52.0, abs=1e-9)


def test_what_arrives_while_refractory_is_lost() -> None:
    fired = kicked(chain(200), [0, 21, 40, 41, 60], 400)
    assert fired[0] == [each + 1 for each in (0, 21, 40, 60)]  # 41 comes while it fires
    first = kicked(chain(200), [0], 200)[1][0]
    arriving = M.delay_steps + 1  # steps from a kick to what it brings about
    for late, lost in ((0, True), (M.refractory_steps - 1, True), (M.refractory_steps, False)):
        network = chain(200)
        assert kicked(network, [0, first + late - arriving], first + late + 1)[1] == [first]
        left = network.advance(1, NOTHING, NOTHING), network.potential()[1]
        assert bool(left[1] == -52.0) is lost
    free = chain(200)
    free.unrefract(np.array([1]))
    assert len(kicked(free, [0, first + 1 - arriving], 300)[1]) > 1


def test_a_muted_neuron_fires_in_vain_and_an_ablated_one_not_at_all() -> None:
    network = chain(200)
    network.mute(np.array([True, False]))
    assert kicked(network, [0, 100], 300) == {0: [1, 101], 1: []}
    network.mute(np.array([False, False]))
    network.reset()
    assert kicked(network, [0], 300)[1]
    network.reset()
    network.ablate(np.array([1]))
    assert kicked(network, [0, 100], 300) == {0: [1, 101], 1: []}
    network.reset()
    network.ablate(np.array([0]))
    assert kicked(network, [0, 100], 300) == {0: [], 1: []}


def test_the_quiet_are_left_alone() -> None:
    network = chain(5)
    kicked(network, [0], 1)
    network.advance(100, NOTHING, NOTHING)
    assert network.at_risk == 0  # neuron 1 has a potential, but cannot reach the threshold
    assert network.potential()[1] > -52.0


@pytest.mark.parametrize(
    "changes", [{"membrane_ms": 5.0}, {"delay_ms": 0.0}, {"threshold_mV": -60.0}, {"step_ms": 0.0}]
)
def test_constants_without_a_closed_form_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(InputError, match="spiking neurons need"):
        Membrane(**changes)
